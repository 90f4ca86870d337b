//! The cookies a visitor sends: ours, those the site may see, and those it may not.

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

/// The name of a pair; empty where it has none.
fn name_of(pair: &[u8]) -> &[u8] {
    pair.iter().position(|byte| *byte == b'=').map_or(b"", |end| pair[..end].trim_ascii())
}

/// The names of the site's cookies on a request.
pub(super) fn names_of_site(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    names_in(headers.get_all(header::COOKIE).iter())
}

/// The names of the site's cookies in these fields.
pub(super) fn names_in<'h>(fields: impl Iterator<Item = &'h HeaderValue>) -> impl Iterator<Item = &'h [u8]> {
    fields.flat_map(in_one).filter(|pair| !is_our_cookie(pair)).map(name_of)
}

/// Leaves the site those cookies that are its own and that it may see. Those of HTTP/2 may come one a field and are put together again (RFC 9113,
/// section 8.2.3).
pub(super) fn leave(headers: &mut HeaderMap, join: bool, may_be_seen: impl Fn(&[u8]) -> bool) {
    let join = join && headers.get_all(header::COOKIE).iter().nth(1).is_some();
    let stays = |pair: &[u8]| !is_our_cookie(pair) && may_be_seen(name_of(pair));
    if !join && pairs(headers).all(stays) {
        return;
    }
    let header::Entry::Occupied(entry) = headers.entry(header::COOKIE) else {
        return;
    };
    let fields: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    if join {
        append(headers, fields.iter().flat_map(in_one).filter(|pair| stays(pair)));
    } else {
        for field in &fields {
            append(headers, in_one(field).filter(|pair| stays(pair)));
        }
    }
}

fn append<'h>(headers: &mut HeaderMap, pairs: impl Iterator<Item = &'h [u8]>) {
    let mut rest = BytesMut::new();
    for pair in pairs {
        if !rest.is_empty() {
            rest.put_slice(b"; ");
        }
        rest.put_slice(pair);
    }
    if let (false, Ok(value)) = (rest.is_empty(), HeaderValue::from_maybe_shared(rest.freeze())) {
        headers.append(header::COOKIE, value);
    }
}
