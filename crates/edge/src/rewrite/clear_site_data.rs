//! `Clear-Site-Data` of the site: it clears what is the site's, and not the choice that a visitor made with us.

use bytes::{BufMut, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::asked::Asked;
use super::site_cookies::{Withdrawn, forget};
use crate::gate::names::tokens;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// All that a star stands for, but for the cookies.
const EVERYTHING_ELSE: &str = r#""cache", "clientHints", "executionContexts", "prefetchCache", "prerenderCache", "storage""#;

/// As many of the site's cookies as one answer makes a browser forget.
const COOKIES_MAX: usize = 64;

/// A browser that clears cookies clears ours too, and would forget a no. So it is told to forget each of the site's cookies by its name instead.
pub(super) fn settle(headers: &mut HeaderMap, asked: &Asked) {
    let clears_cookies = |value: &HeaderValue| tokens(value.as_bytes()).any(|token| is(token, "cookies") || is(token, "*"));
    if !headers.get_all(CLEAR_SITE_DATA).iter().any(clears_cookies) {
        return;
    }
    let header::Entry::Occupied(entry) = headers.entry(CLEAR_SITE_DATA) else {
        return;
    };
    let before: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    for value in before {
        if !clears_cookies(&value) {
            headers.append(CLEAR_SITE_DATA, value);
        } else if let Some(value) = without_cookies(&value) {
            headers.append(CLEAR_SITE_DATA, value);
        }
    }
    let host = asked.host().map(|authority| authority.host().to_owned()).unwrap_or_default();
    let cookies = Withdrawn { names: asked.cookies_of_site(COOKIES_MAX), host };
    if !cookies.names.is_empty() {
        forget(headers, &cookies);
    }
}

fn without_cookies(value: &HeaderValue) -> Option<HeaderValue> {
    let mut rest = BytesMut::new();
    for token in tokens(value.as_bytes()).filter(|token| !is(token, "cookies")) {
        if !rest.is_empty() {
            rest.put_slice(b", ");
        }
        rest.put_slice(if is(token, "*") { EVERYTHING_ELSE.as_bytes() } else { token });
    }
    HeaderValue::from_maybe_shared(rest.freeze()).ok().filter(|value| !value.is_empty())
}

/// Whether a member of the list says this, in quotes or without them.
fn is(token: &[u8], word: &str) -> bool {
    let bare = token.strip_prefix(b"\"").and_then(|token| token.strip_suffix(b"\"")).unwrap_or(token);
    bare.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

/// What was kept while more was permitted than now is forgotten.
pub(crate) fn clear_copies(headers: &mut HeaderMap) {
    headers.append(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
}

/// The storage of a site holds its service workers, which keep copies of pages that a cache does not know of.
pub(crate) fn clear_storage_too(headers: &mut HeaderMap) {
    let clears = |word| headers.get_all(CLEAR_SITE_DATA).iter().any(|value| tokens(value.as_bytes()).any(|token| is(token, word)));
    if clears("cache") && !clears("storage") && !clears("*") {
        headers.append(CLEAR_SITE_DATA, HeaderValue::from_static("\"storage\""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_of(value: &'static str) -> Option<String> {
        let value = without_cookies(&HeaderValue::from_static(value))?;
        Some(value.to_str().expect("text").to_owned())
    }

    #[test]
    fn everything_is_cleared_but_cookies() {
        assert_eq!(left_of(r#""cookies""#), None);
        assert_eq!(left_of(r#""cache","cookies" , "storage""#), Some(r#""cache", "storage""#.to_owned()));
        assert_eq!(left_of(r#""Cookies", "cache""#), Some(r#""cache""#.to_owned()));
        assert_eq!(left_of(r#""*""#), Some(EVERYTHING_ELSE.to_owned()));
    }

    #[test]
    fn storage_is_cleared_with_the_cache_and_not_by_itself() {
        let cleared = |values: &[&'static str]| {
            let mut headers: HeaderMap = values.iter().map(|value| (CLEAR_SITE_DATA, HeaderValue::from_static(value))).collect();
            clear_storage_too(&mut headers);
            headers.get_all(CLEAR_SITE_DATA).iter().map(|value| value.to_str().expect("text").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(cleared(&[r#""cache""#]), [r#""cache""#, r#""storage""#]);
        assert_eq!(cleared(&[r#""cache", "storage""#]), [r#""cache", "storage""#]);
        assert_eq!(cleared(&[]), Vec::<String>::new());
    }
}
