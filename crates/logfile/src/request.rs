//! The first line of a request, as servers write it down whole.

use std::borrow::Cow;

use memchr::{memchr, memmem, memrchr};

use crate::text::without_query;

/// Longer words at the beginning of a line are no methods.
const METHOD_BYTES_MAX: usize = 32;

/// How a server's escapes are undone.
pub(crate) type Undo = for<'l> fn(&'l [u8]) -> Cow<'l, str>;

/// What the line asks for. Whoever sends garbage asks for nothing, and what they sent is not kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request<'l> {
    pub(crate) method: Option<Cow<'l, str>>,
    pub(crate) path: Option<Cow<'l, str>>,
}

impl<'l> Request<'l> {
    pub(crate) fn read(line: &'l [u8], undo: Undo) -> Self {
        let Some((method, rest)) = memchr(b' ', line).map(|at| (&line[..at], &line[at + 1..])) else { return Self::default() };
        let Some(method) = method_of(method) else { return Self::default() };
        let end = memrchr(b' ', rest).filter(|at| rest[at + 1..].starts_with(b"HTTP/"));
        // HTTP/0.9 says no version. Then only what looks like the address of something is believed to be one.
        let is_request = end.is_some() || is_address(rest);
        if !is_request {
            return Self::default();
        }
        Self { method: Some(method), path: path_of(&rest[..end.unwrap_or(rest.len())], undo) }
    }
}

/// Methods are tokens (RFC 9110, 5.6.2).
pub(crate) fn method_of(word: &[u8]) -> Option<Cow<'_, str>> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_method = !word.is_empty() && word != b"-" && word.len() <= METHOD_BYTES_MAX && word.iter().all(is_token);
    is_method.then(|| str::from_utf8(word).ok().map(Cow::Borrowed)).flatten()
}

/// A request's target without the query. Of one that names scheme and host, as requests to a proxy do, the path is left.
pub(crate) fn path_of(target: &[u8], undo: Undo) -> Option<Cow<'_, str>> {
    let target = &target[..memchr(b'?', target).unwrap_or(target.len())];
    if target.first() == Some(&b'/') {
        return without_query(undo(target));
    }
    let Some(at) = memmem::find(target, b"://").filter(|at| target[..*at].iter().all(u8::is_ascii_alphanumeric)) else {
        return without_query(undo(target)).filter(|path| path != "-");
    };
    let behind = &target[at + 3..];
    match memchr(b'/', behind) {
        Some(start) => without_query(undo(&behind[start..])),
        None => Some(Cow::Borrowed("/")),
    }
}

fn is_address(target: &[u8]) -> bool {
    target.starts_with(b"/") || target.starts_with(b"http://") || target.starts_with(b"https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::unescaped;

    fn read(line: &str) -> (Option<String>, Option<String>) {
        let request = Request::read(line.as_bytes(), unescaped);
        (request.method.map(Cow::into_owned), request.path.map(Cow::into_owned))
    }

    fn asks(line: &str, method: &str, path: &str) {
        assert_eq!(read(line), (Some(method.to_owned()), Some(path.to_owned())), "{line}");
    }

    #[test]
    fn requests_have_a_method_and_a_path() {
        asks("GET / HTTP/1.1", "GET", "/");
        asks("POST /a/b?c=d HTTP/2.0", "POST", "/a/b");
        asks("GET /a?b?c HTTP/3", "GET", "/a");
        asks("OPTIONS * HTTP/1.1", "OPTIONS", "*");
        asks("M-SEARCH * HTTP/1.1", "M-SEARCH", "*");
        asks(r"GET /\x22quoted\x22 HTTP/1.1", "GET", "/\"quoted\"");
    }

    #[test]
    fn spaces_belong_to_the_path_and_the_version_may_be_missing() {
        asks("GET /with some spaces HTTP/1.0", "GET", "/with some spaces");
        asks("GET /old", "GET", "/old");
        asks("GET /old way", "GET", "/old way");
        asks("GET / HTTP/1.1 HTTP/1.1", "GET", "/ HTTP/1.1");
    }

    #[test]
    fn requests_to_a_proxy_keep_their_path() {
        asks("GET http://example.org/a?b HTTP/1.1", "GET", "/a");
        asks("GET https://user:word@example.org HTTP/1.1", "GET", "/");
        asks("GET http://example.org?b HTTP/1.1", "GET", "/");
        asks("CONNECT example.org:443 HTTP/1.1", "CONNECT", "example.org:443");
    }

    #[test]
    fn garbage_asks_for_nothing() {
        for line in ["", "-", " ", "- -", "GET", "GET ", r"\x16\x03\x01\x02", "hello my world", "<BADREQ>", "\"a\" /", "SSH-2.0-OpenSSH 9"]
        {
            assert_eq!(read(line), (None, None), "{line}");
        }
        assert_eq!(read("GET ?secret HTTP/1.1"), (Some("GET".to_owned()), None));
        assert_eq!(read(&format!("{} / HTTP/1.1", "A".repeat(33))), (None, None));
    }
}
