//! Requests that nobody should guess the meaning of go no further.

use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode, Version};

use super::names::Seen;

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) says: &'static str,
    /// The connection ends with the answer, because where the next request begins is as doubtful.
    pub(crate) close: bool,
}

impl Refusal {
    /// The request was sent on from here already.
    pub(crate) const LOOP: Self =
        Self { status: StatusCode::LOOP_DETECTED, says: "This request came back to the server that had sent it on.", close: true };

    const fn bad(says: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, says, close: true }
    }
}

/// Holds a request to the rules of RFC 9110 and 9112 that a lenient reader could take either way.
pub(crate) fn admit(parts: &Parts, seen: Seen, ambiguous: bool, uri_bytes_max: usize) -> Result<(), Refusal> {
    if ambiguous {
        return Err(Refusal::bad("The request can be read in more than one way."));
    }
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        let says = "This site does not answer requests of this kind.";
        return Err(Refusal { status: StatusCode::METHOD_NOT_ALLOWED, says, close: false });
    }
    if seen.has(Seen::TRANSFER_ENCODING) && !is_chunked(&parts.headers) {
        return Err(Refusal::bad("The request's body comes in an encoding that is not understood."));
    }
    if seen.has(Seen::CONTENT_LENGTH) && !is_one_length(&parts.headers) {
        return Err(Refusal::bad("The request does not say how long its body is."));
    }
    admit_host(parts)?;
    admit_target(parts, uri_bytes_max)
}

/// Whether the body is chunked and nothing else.
fn is_chunked(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::TRANSFER_ENCODING).iter();
    let only = values.next().filter(|_| values.next().is_none());
    only.is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

/// Whether there is one length, in digits. HTTP/2 lets an empty one and several of the same through, which the site would get as they are.
fn is_one_length(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let only = lengths.next().filter(|_| lengths.next().is_none());
    only.is_some_and(|length| !length.is_empty() && length.as_bytes().iter().all(u8::is_ascii_digit))
}

fn admit_host(parts: &Parts) -> Result<(), Refusal> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => return Err(Refusal::bad("The request names several hosts.")),
        (host, _) => host.map(HeaderValue::as_bytes),
    };
    let target = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let named = match (host, target) {
        (Some(host), Some(target)) if !host.eq_ignore_ascii_case(target) => {
            return Err(Refusal::bad("The request names two different hosts."));
        }
        (Some(host), _) => host,
        (None, Some(target)) if parts.version != Version::HTTP_11 => target,
        (None, None) if parts.version == Version::HTTP_10 => return Ok(()),
        (None, _) => return Err(Refusal::bad("The request does not name a host.")),
    };
    if is_authority(named) { Ok(()) } else { Err(Refusal::bad("The request's host is no host name.")) }
}

/// A name or an address, perhaps with a port, and nothing else that an authority may hold.
pub(crate) fn is_authority(text: &[u8]) -> bool {
    let (host, port) = match text.strip_prefix(b"[").map(|rest| rest.iter().position(|byte| *byte == b']')) {
        Some(Some(end)) => (&text[1..=end], &text[end + 2..]),
        Some(None) => return false,
        None => text.split_at(text.iter().position(|byte| *byte == b':').unwrap_or(text.len())),
    };
    let is_literal = text.first() == Some(&b'[');
    let in_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~') || (is_literal && *byte == b':');
    let port_fits = match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    !host.is_empty() && host.len() <= 255 && host.iter().all(in_host) && port_fits
}

fn admit_target(parts: &Parts, uri_bytes_max: usize) -> Result<(), Refusal> {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if target.len() > uri_bytes_max {
        return Err(Refusal { status: StatusCode::URI_TOO_LONG, says: "The address is too long.", close: true });
    }
    let with_scheme = parts.uri.scheme_str().is_none_or(|scheme| scheme == "http" || scheme == "https");
    let form = target.starts_with('/') || (target == "*" && parts.method == Method::OPTIONS);
    let clean = |byte: u8| byte > b' ' && byte != 0x7f;
    let path = parts.uri.path();
    if with_scheme && form && target.bytes().all(clean) && !path.contains('\\') {
        Ok(())
    } else {
        Err(Refusal::bad("The address cannot be read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for text in ["a", "shop.example", "shop.example:8080", "127.0.0.1:80", "[::1]", "[::1]:80", "my_host", "a:"] {
            assert!(is_authority(text.as_bytes()), "{text}");
        }
        for text in ["", ":80", "a b", "a/b", "user@a", "a:b", "a:123456", "[::1", "[::1]x", "a,b", "a?b", "é", "[]", "a:1:2", "%61"] {
            assert!(!is_authority(text.as_bytes()), "{text}");
        }
    }
}
