use encoding_rs::Encoding;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};

use super::charset::label_in;
use crate::gate::names::tokens;

/// What a browser may make of an answer, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    /// XML that browsers show as a document: XHTML, SVG and whatever else. What it may load is left to the Content-Security-Policy.
    Xml,
    /// No kind, or one that says nothing: browsers look at the first bytes.
    Unsaid,
    /// Several answers one after the other, each of which says for itself what it is.
    Parts,
    Script,
    Other,
}

impl Kind {
    /// Several types are what browsers take any of them for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut kind = Self::Unsaid;
        for essence in essences(headers) {
            match Self::of_essence(essence) {
                Self::Html => return Self::Html,
                Self::Xml => kind = Self::Xml,
                Self::Unsaid => {}
                own if kind == Self::Unsaid => kind = own,
                // One that may be a document counts more than one that may not.
                Self::Parts if kind != Self::Xml => kind = Self::Parts,
                Self::Script if kind == Self::Other => kind = Self::Script,
                Self::Parts | Self::Script | Self::Other => {}
            }
        }
        kind
    }

    fn of_essence(essence: &[u8]) -> Self {
        let is = |known: &str| essence.eq_ignore_ascii_case(known.as_bytes());
        if is("text/html") {
            Self::Html
        } else if is_xml(essence) {
            Self::Xml
        } else if is("multipart/x-mixed-replace") {
            Self::Parts
        } else if says_nothing(essence) {
            Self::Unsaid
        } else if is_script(essence) {
            Self::Script
        } else {
            Self::Other
        }
    }
}

/// Every type that an answer says it is of, without parameters.
fn essences(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::CONTENT_TYPE).iter().flat_map(|value| tokens(value.as_bytes())).map(essence)
}

/// Whether browsers look at the first bytes all the same, and may find a page there (MIME Sniffing, section 7).
fn says_nothing(essence: &[u8]) -> bool {
    let known = ["*/*", "unknown/unknown", "application/unknown"];
    !essence.contains(&b'/') || known.iter().any(|known| essence.eq_ignore_ascii_case(known.as_bytes()))
}

fn is_xml(essence: &[u8]) -> bool {
    let ends_so = || essence.len() > 4 && essence[essence.len() - 4..].eq_ignore_ascii_case(b"+xml");
    ["application/xml", "text/xml", "text/xsl"].iter().any(|known| essence.eq_ignore_ascii_case(known.as_bytes())) || ends_so()
}

/// Scripts have had many names.
fn is_script(essence: &[u8]) -> bool {
    let Some(slash) = essence.iter().position(|byte| *byte == b'/') else {
        return false;
    };
    let (family, name) = (essence[..slash].to_ascii_lowercase(), essence[slash + 1..].to_ascii_lowercase());
    let name = name.strip_prefix(b"x-").unwrap_or(&name);
    matches!(&*family, b"text" | b"application")
        && (name.starts_with(b"javascript") || name.starts_with(b"ecmascript") || matches!(name, b"jscript" | b"livescript"))
}

/// Several parts of one thing, which say each for itself what they are.
pub(super) fn is_several_parts(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_TYPE).iter().any(|value| essence(value.as_bytes()).eq_ignore_ascii_case(b"multipart/byteranges"))
}

/// Browsers read a type up to the first thing that cannot be in one, whatever follows.
fn essence(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii_start();
    let ends = |byte: &u8| *byte <= b' ' || matches!(byte, b';' | b'(' | b',');
    &value[..value.iter().position(ends).unwrap_or(value.len())]
}

/// Whether browsers go somewhere else instead of showing the answer. Of any other status they show what comes with it, whatever its head says.
pub(super) fn leads_elsewhere(status: StatusCode, headers: &HeaderMap) -> bool {
    const MOVED: [StatusCode; 5] = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    MOVED.contains(&status) && headers.get_all(header::LOCATION).iter().any(|location| !location.as_bytes().trim_ascii().is_empty())
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
            (&["text/html charset=utf-8"], Kind::Html),
            (&["text/html\tx"], Kind::Html),
            (&["text/html (x)"], Kind::Html),
            (&["text/html(x); charset=utf-8"], Kind::Html),
            (&["application/json", "text/html y"], Kind::Html),
            (&["image/png;x=\"a, text/html"], Kind::Html),
            (&["application/xhtml+xml"], Kind::Xml),
            (&["image/svg+xml x"], Kind::Xml),
            (&["text/xsl"], Kind::Xml),
            (&["Text/XML;charset=utf-8"], Kind::Xml),
            (&["text/javascript", "application/rss+xml"], Kind::Xml),
            (&["multipart/x-mixed-replace; boundary=a"], Kind::Parts),
            (&["application/json", "multipart/x-mixed-replace"], Kind::Parts),
            (&["text/javascript"], Kind::Script),
            (&["application/x-javascript; charset=utf-8"], Kind::Script),
            (&["text/javascript1.5"], Kind::Script),
            (&["application/ecmascript"], Kind::Script),
            (&["text/plain, text/javascript"], Kind::Script),
            (&["image/javascript"], Kind::Other),
            (&["application/json"], Kind::Other),
            (&["text/htmlx"], Kind::Other),
            (&["+xml/x"], Kind::Other),
            (&["(text/html"], Kind::Unsaid),
            (&["*/*"], Kind::Unsaid),
            (&["nonsense"], Kind::Unsaid),
            (&[], Kind::Unsaid),
        ] {
            assert_eq!(Kind::of(&headers(kinds)), kind, "{kinds:?}");
        }
    }

    #[test]
    fn only_what_browsers_follow_leads_elsewhere() {
        let leads = |status: u16, location: &'static str| {
            let headers = [(header::LOCATION, HeaderValue::from_static(location))].into_iter().collect();
            leads_elsewhere(StatusCode::from_u16(status).expect("a status"), &headers)
        };
        for status in [301, 302, 303, 307, 308] {
            assert!(leads(status, "/"), "{status}");
            assert!(!leads(status, " "), "{status}");
            assert!(!leads_elsewhere(StatusCode::from_u16(status).expect("a status"), &HeaderMap::new()), "{status}");
        }
        for status in [200, 201, 300, 304, 305, 306, 309, 399] {
            assert!(!leads(status, "/"), "{status}");
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
