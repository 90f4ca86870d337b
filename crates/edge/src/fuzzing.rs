//! What the programs in `fuzz/` reach, and nobody else.

use domain::{Span, Timestamp};

use crate::rewrite::SetCookie as Read;

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
