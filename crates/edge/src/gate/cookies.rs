//! Our cookies among the visitor's.

use bytes::{BufMut, BytesMut};
use http::header::{self, HeaderMap, HeaderValue};

use super::names::is_our_cookie;

/// The values of every cookie of this name.
pub(super) fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    pairs(headers).filter_map(move |pair| {
        let (own, value) = pair.split_at_checked(pair.iter().position(|byte| *byte == b'=')?)?;
        (own.trim_ascii() == name.as_bytes()).then(|| value[1..].trim_ascii())
    })
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::COOKIE).iter().flat_map(in_one)
}

fn in_one(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

/// Leaves the site its own cookies. Those of HTTP/2 may come one a field and are put together again (RFC 9113, section 8.2.3).
pub(super) fn remove_ours(headers: &mut HeaderMap, join: bool) {
    let join = join && headers.get_all(header::COOKIE).iter().nth(1).is_some();
    if !join && !pairs(headers).any(is_our_cookie) {
        return;
    }
    let header::Entry::Occupied(entry) = headers.entry(header::COOKIE) else {
        return;
    };
    let fields: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    if join {
        append(headers, fields.iter().flat_map(in_one));
    } else {
        for field in &fields {
            append(headers, in_one(field));
        }
    }
}

fn append<'h>(headers: &mut HeaderMap, pairs: impl Iterator<Item = &'h [u8]>) {
    let mut rest = BytesMut::new();
    for pair in pairs.filter(|pair| !is_our_cookie(pair)) {
        if !rest.is_empty() {
            rest.put_slice(b"; ");
        }
        rest.put_slice(pair);
    }
    if let (false, Ok(value)) = (rest.is_empty(), HeaderValue::from_maybe_shared(rest.freeze())) {
        headers.append(header::COOKIE, value);
    }
}
