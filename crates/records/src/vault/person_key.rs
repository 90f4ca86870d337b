use std::fmt;

use domain::{AccountId, Random};
use ring::aead::LessSafeKey;

use super::aead;
use super::master::KEY_BYTES;
use crate::RecordsError;

/// The key one person's data is sealed under.
pub struct PersonKey {
    person: AccountId,
    key: LessSafeKey,
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PersonKey").finish_non_exhaustive()
    }
}

impl PersonKey {
    pub(super) fn new(person: AccountId, secret: &[u8; KEY_BYTES]) -> Self {
        Self { person, key: aead::key(secret) }
    }

    pub const fn person(&self) -> AccountId {
        self.person
    }

    /// Seals bytes; they open only as what they were sealed as, and only for this person.
    pub(crate) fn seal(&self, what: &str, plain: &[u8], random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.key, &self.about(what), plain, random)
    }

    pub(crate) fn open(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, RecordsError> {
        aead::open(&self.key, &self.about(what), sealed)
    }

    fn about(&self, what: &str) -> Vec<u8> {
        [&self.person.0[..], what.as_bytes()].concat()
    }
}
