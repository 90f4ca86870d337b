use encoding_rs::Encoding;
use http::header::{self, HeaderMap, HeaderValue};

use super::charset::label_in;
use crate::gate::names::tokens;

/// What kind of page an answer is, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    /// XML that browsers show as a page. What it may load is left to the Content-Security-Policy.
    Xhtml,
    /// No kind, or one that says nothing: browsers look at the first bytes.
    Unsaid,
    Other,
}

impl Kind {
    /// Several types are what browsers take any of them for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut kind = Self::Unsaid;
        for essence in essences(headers) {
            let is = |known: &str| essence.eq_ignore_ascii_case(known.as_bytes());
            if is("text/html") {
                return Self::Html;
            } else if is("application/xhtml+xml") {
                kind = Self::Xhtml;
            } else if !says_nothing(essence) && kind == Self::Unsaid {
                kind = Self::Other;
            }
        }
        kind
    }
}

/// Every type that an answer says it is of, without parameters.
pub(super) fn essences(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::CONTENT_TYPE).iter().flat_map(|value| tokens(value.as_bytes())).map(essence)
}

/// Whether browsers look at the first bytes all the same, and may find a page there (MIME Sniffing, section 7).
pub(super) fn says_nothing(essence: &[u8]) -> bool {
    let known = ["*/*", "unknown/unknown", "application/unknown"];
    !essence.contains(&b'/') || known.iter().any(|known| essence.eq_ignore_ascii_case(known.as_bytes()))
}

/// Several parts of one thing, which say each for itself what they are.
pub(super) fn is_several_parts(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_TYPE).iter().any(|value| essence(value.as_bytes()).eq_ignore_ascii_case(b"multipart/byteranges"))
}

fn essence(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// The encoding that the header names.
pub(super) fn charset(headers: &HeaderMap) -> Option<&'static Encoding> {
    let named = |value: &HeaderValue| {
        let parameters = value.as_bytes().splitn(2, |byte| *byte == b';').nth(1)?;
        Encoding::for_label(label_in(parameters)?)
    };
    headers.get_all(header::CONTENT_TYPE).iter().filter_map(named).next_back()
}

/// Whether browsers take bytes of no said kind for a page: any that begin like a tag.
pub(super) fn begins_like_page(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(b"<")
}

/// Whether browsers keep it as a file instead of showing it.
pub(super) fn is_download(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_DISPOSITION).is_some_and(|value| essence(value.as_bytes()).eq_ignore_ascii_case(b"attachment"))
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, UTF_8};

    use super::*;

    fn headers(kinds: &[&'static str]) -> HeaderMap {
        kinds.iter().map(|kind| (header::CONTENT_TYPE, HeaderValue::from_static(kind))).collect()
    }

    #[test]
    fn a_page_is_known_by_its_type() {
        for (kinds, kind) in [
            (&["text/html"][..], Kind::Html),
            (&["Text/HTML ; charset=utf-8"], Kind::Html),
            (&["text/plain, text/html"], Kind::Html),
            (&["application/json", "text/html"], Kind::Html),
            (&["application/xhtml+xml"], Kind::Xhtml),
            (&["application/json"], Kind::Other),
            (&["text/htmlx"], Kind::Other),
            (&["*/*"], Kind::Unsaid),
            (&["nonsense"], Kind::Unsaid),
            (&[], Kind::Unsaid),
        ] {
            assert_eq!(Kind::of(&headers(kinds)), kind, "{kinds:?}");
        }
    }

    #[test]
    fn an_encoding_is_named_beside_the_type() {
        assert_eq!(charset(&headers(&["text/html; charset=Shift_JIS"])), Some(SHIFT_JIS));
        assert_eq!(charset(&headers(&["text/html;charset=\"utf-8\""])), Some(UTF_8));
        assert_eq!(charset(&headers(&["text/html; charset=nothing"])), None);
        assert_eq!(charset(&headers(&["text/html"])), None);
    }
}
