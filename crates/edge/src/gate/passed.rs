//! Requests that come back to where they were sent from.

use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::{BufMut, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::names::tokens;

/// Names every server of ours that a request has passed.
const PASSED: HeaderName = HeaderName::from_static("candor-passed");

/// A name says nothing, but no other server has it.
const NAME_BYTES: usize = 16;

/// More than so many servers are behind each other nowhere.
const NAMES_MAX: usize = 8;

/// The name of this server, made anew at each start.
#[derive(Clone, Debug)]
pub(crate) struct OwnName(HeaderValue);

impl OwnName {
    pub(crate) fn new() -> Self {
        let number = RandomState::new().build_hasher().finish();
        Self(HeaderValue::try_from(format!("{number:016x}")).unwrap_or(HeaderValue::from_static("0000000000000000")))
    }

    /// Whether a request has passed here before.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        names(headers).any(|name| name == self.0.as_bytes())
    }

    /// The request has passed here, too. `before` is what it came with.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, before: Option<&HeaderValue>) {
        let mut value = BytesMut::new();
        let before = before.into_iter().flat_map(|value| tokens(value.as_bytes())).filter(|name| is_name(name));
        for name in before.take(NAMES_MAX - 1) {
            value.put_slice(name);
            value.put_slice(b", ");
        }
        let value = if value.is_empty() {
            self.0.clone()
        } else {
            value.put_slice(self.0.as_bytes());
            HeaderValue::from_maybe_shared(value.freeze()).unwrap_or_else(|_| self.0.clone())
        };
        headers.insert(PASSED, value);
    }

    /// The field that a request came with.
    pub(crate) fn before(headers: &HeaderMap) -> Option<&HeaderValue> {
        headers.get(PASSED)
    }
}

fn names(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(PASSED).iter().flat_map(|value| tokens(value.as_bytes()))
}

fn is_name(text: &[u8]) -> bool {
    text.len() == NAME_BYTES && text.iter().all(u8::is_ascii_hexdigit)
}
