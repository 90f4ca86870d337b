//! What caches know a page by. A page that was made for one visitor's choices must not be shown under others.

use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::asked::Asked;

/// Stands between the site's tag and ours.
const MARK: &[u8] = b"~candor-";

/// Longer tags are not worth keeping.
const TAG_BYTES_MAX: usize = 512;

/// Digests of what is not sent as it was digested.
const DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("content-digest"),
];

/// A tag as we write it.
struct OurTag<'a> {
    /// The site's own, between its quotes.
    opaque: &'a [u8],
    fingerprint: &'a [u8],
    was_weak: bool,
}

impl<'a> OurTag<'a> {
    fn read(tag: &'a [u8]) -> Option<Self> {
        const DIGITS: usize = 8;
        let opaque = tag.strip_prefix(b"W/").unwrap_or(tag).strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let at = memchr::memmem::rfind(opaque, MARK)?;
        let (fingerprint, rest) = opaque[at + MARK.len()..].split_at_checked(DIGITS)?;
        let was_weak = rest == b"w";
        (was_weak || rest.is_empty()).then_some(Self { opaque: &opaque[..at], fingerprint, was_weak })
    }

    /// As the site gave it.
    fn of_site(&self) -> Vec<u8> {
        let weak: &[u8] = if self.was_weak { b"W/" } else { b"" };
        [weak, b"\"", self.opaque, b"\""].concat()
    }
}

/// The site's tag, marked with what the page was made under. It is weak where the bytes may be others than the site's.
fn marked(tag: &[u8], fingerprint: u32, changes: bool) -> Option<HeaderValue> {
    let was_weak = tag.starts_with(b"W/");
    let opaque = tag.strip_prefix(b"W/").unwrap_or(tag).strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if opaque.len() > TAG_BYTES_MAX {
        return None;
    }
    let weak: &[u8] = if was_weak || changes { b"W/" } else { b"" };
    let end: &[u8] = if was_weak { b"w\"" } else { b"\"" };
    let written = [weak, b"\"", opaque, MARK, format!("{fingerprint:08x}").as_bytes(), end].concat();
    HeaderValue::from_bytes(&written).ok()
}

/// Makes a page's answer one that is asked for again each time, under a tag that says what it was made under.
pub(super) fn mark(headers: &mut HeaderMap, fingerprint: u32, changes: bool) {
    crate::gate::visitor::keep_fresh(headers);
    headers.remove(header::LAST_MODIFIED);
    headers.remove(header::ACCEPT_RANGES);
    if let Some(tag) = headers.remove(header::ETAG)
        && let Some(tag) = marked(tag.as_bytes(), fingerprint, changes)
    {
        headers.insert(header::ETAG, tag);
    }
}

/// What is said of bytes that are not sent as they were.
pub(super) fn remove_lengths(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    remove_digests(headers);
}

pub(super) fn remove_digests(headers: &mut HeaderMap) {
    for name in DIGESTS {
        headers.remove(name);
    }
}

/// What becomes of a request's conditions: the site is asked about its own tags only where the visitor's copy was made under the obligations of now.
/// Returns whether it is.
pub(super) fn settle_conditions(headers: &mut HeaderMap, asked: &Asked, fingerprint: impl FnOnce() -> u32) -> bool {
    const CONDITIONS: [HeaderName; 4] = [header::IF_NONE_MATCH, header::IF_MATCH, header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE];
    if !CONDITIONS.iter().any(|name| headers.contains_key(name)) {
        return false;
    }
    let reads = matches!(asked.method, Method::GET | Method::HEAD);
    let fingerprint = if reads { Some(format!("{:08x}", fingerprint())) } else { None };
    let mut settled = Settled::default();
    for name in [header::IF_NONE_MATCH, header::IF_MATCH] {
        settle_tags(headers, name, asked.takes_what_runs(), fingerprint.as_deref(), &mut settled);
    }
    if asked.takes_what_runs() || (reads && settled.had_ours) {
        headers.remove(header::IF_MODIFIED_SINCE);
        headers.remove(header::IF_UNMODIFIED_SINCE);
    }
    settled.passed_ours
}

#[derive(Default)]
struct Settled {
    had_ours: bool,
    passed_ours: bool,
}

/// A request that changes something is about the site's own page, whatever visitors saw of it: any tag of ours is turned into the site's.
fn settle_tags(headers: &mut HeaderMap, name: HeaderName, takes_what_runs: bool, fingerprint: Option<&str>, settled: &mut Settled) {
    if !headers.contains_key(&name) {
        return;
    }
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for tag in headers.get_all(&name).iter().flat_map(|value| tags(value.as_bytes())) {
        match OurTag::read(tag) {
            Some(ours) => {
                settled.had_ours = true;
                if fingerprint.is_none_or(|now| now.as_bytes() == ours.fingerprint) {
                    settled.passed_ours = true;
                    kept.push(ours.of_site());
                }
            }
            None if !takes_what_runs => kept.push(tag.to_vec()),
            None => {}
        }
    }
    headers.remove(&name);
    if !kept.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(&kept.join(&b", "[..]))
    {
        headers.insert(name, value);
    }
}

/// The tags of a list. A comma inside quotes belongs to its tag.
fn tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let separates = move |byte: &u8| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    };
    list.split(separates).map(<[u8]>::trim_ascii).filter(|tag| !tag.is_empty())
}

/// Whether a tag is one of a page that we marked.
pub(super) fn is_ours(tag: &[u8]) -> bool {
    OurTag::read(tag).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark_of(tag: &str, changes: bool) -> Option<String> {
        marked(tag.as_bytes(), 0x12ab, changes).map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_tag_is_marked_and_read_back() {
        for (tag, changes, expected) in [
            ("\"x\"", false, "\"x~candor-000012ab\""),
            ("\"x\"", true, "W/\"x~candor-000012ab\""),
            ("W/\"x\"", false, "W/\"x~candor-000012abw\""),
            ("\"a,b~candor-0\"", true, "W/\"a,b~candor-0~candor-000012ab\""),
            ("\"\"", false, "\"~candor-000012ab\""),
        ] {
            let written = mark_of(tag, changes).expect("a tag");
            assert_eq!(written, expected);
            let ours = OurTag::read(written.as_bytes()).expect("ours");
            assert_eq!((ours.of_site().as_slice(), ours.fingerprint), (tag.as_bytes(), &b"000012ab"[..]));
        }
        for tag in ["x", "W/x", "", "\"", &format!("\"{}\"", "x".repeat(TAG_BYTES_MAX + 1))] {
            assert_eq!(mark_of(tag, false), None, "{tag}");
        }
        for tag in ["\"x\"", "\"x~candor-\"", "\"x~candor-123\"", "\"x~candor-000012abx\"", "*", "~candor-000012ab"] {
            assert!(OurTag::read(tag.as_bytes()).is_none(), "{tag}");
        }
    }

    #[test]
    fn a_comma_in_quotes_belongs_to_the_tag() {
        let list = b"\"a,b\", W/\"c\" ,, *";
        assert_eq!(tags(list).collect::<Vec<_>>(), [&b"\"a,b\""[..], b"W/\"c\"", b"*"]);
    }
}
