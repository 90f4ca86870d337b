use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};

use crate::RequestBody;

/// Whether a request may be sent twice when nobody knows if it arrived: it changes nothing (RFC 9110, section 9.2.2), and there is no body to send again.
pub(super) fn may_repeat(method: &Method, body: &RequestBody) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) && body.is_empty()
}

/// Reads a request back from the bytes that hyper wrote of it. It is kept in this form because copying bytes costs a request next to nothing, and a map of
/// its fields costs more than all else the gate does.
pub(super) fn read(written: &[u8]) -> Option<Request<RequestBody>> {
    let head = written.strip_suffix(b"\r\n\r\n")?;
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next()?.split(|byte| *byte == b' ');
    let mut request = Request::new(RequestBody::empty());
    *request.method_mut() = Method::from_bytes(words.next()?).ok()?;
    *request.uri_mut() = Uri::try_from(words.next()?).ok()?;
    *request.headers_mut() =
        lines.map(field).collect::<Option<Vec<_>>>()?.into_iter().fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
    Some(request)
}

fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_back_as_it_was_written() {
        let written = b"GET /a?b=c HTTP/1.1\r\nhost: site.example\r\nx-empty: \r\ncookie: a=1\r\ncookie: b=2: 3\r\n\r\n";
        let request = read(written).expect("a request");
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.uri(), "/a?b=c");
        let fields: Vec<(&str, &str)> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
        assert_eq!(fields, [("host", "site.example"), ("x-empty", ""), ("cookie", "a=1"), ("cookie", "b=2: 3")]);
        assert!(read(b"").is_none());
        assert!(read(b"GET / HTTP/1.1\r\nhost: cut sho").is_none());
    }
}
