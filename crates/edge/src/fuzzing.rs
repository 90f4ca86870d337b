//! What the programs in `fuzz/` reach, and nobody else.

use domain::{Span, Timestamp};

use http::{HeaderMap, HeaderValue};

use crate::rewrite::{SetCookie as Read, csp};

/// One `Set-Cookie` of a site's.
#[derive(Clone, Copy, Debug)]
pub struct SetCookie<'a>(Read<'a>);

impl<'a> SetCookie<'a> {
    pub fn read(value: &'a [u8]) -> Option<Self> {
        Read::read(value).map(Self)
    }

    pub const fn name(&self) -> &'a [u8] {
        self.0.name
    }

    pub fn is_deletion(&self, now: Timestamp) -> bool {
        self.0.is_deletion(now)
    }

    pub fn lifetime_seconds(&self, now: Timestamp) -> Option<i64> {
        self.0.lifetime_seconds(now)
    }

    pub fn shortened(&self, keep: Span, now: Timestamp) -> Option<Vec<u8>> {
        self.0.shortened(keep, now)
    }
}

/// A site's Content-Security-Policy with a style of ours let in; None where it stays as it is.
pub fn with_style(text: &str, style_source: &str) -> Option<String> {
    csp::amend_meta(text, style_source)
}

/// Whether a page under this Content-Security-Policy may send forms to a path of its own.
pub fn allows_forms(text: &str, origin: &str, path: &str) -> bool {
    let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else {
        return false;
    };
    let headers: HeaderMap = [(http::header::CONTENT_SECURITY_POLICY, value)].into_iter().collect();
    csp::Site::read(&headers).allows_forms_to_self(origin, path)
}
