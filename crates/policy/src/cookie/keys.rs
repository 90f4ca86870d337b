use std::fmt;

use domain::{Random, Span, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

pub(super) const ID_BYTES: usize = 4;
pub(super) const TAG_BYTES: usize = 32;

/// The keys that sign our cookies and forms (HMAC-SHA-256). The newest signs; the older ones still verify until nothing they signed can live.
#[derive(Clone)]
pub struct SigningKeys {
    /// The newest first; never empty.
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    record: KeyRecord,
    mac: hmac::Key,
}

/// A key as it is kept on disk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    pub id: [u8; ID_BYTES],
    pub secret: [u8; 32],
    pub made: Timestamp,
}

impl fmt::Debug for KeyRecord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyRecord").field("made", &self.made).finish_non_exhaustive()
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.keys.iter().map(|key| &key.record)).finish()
    }
}

impl SigningKeys {
    /// A new key signs for this long.
    pub const SIGNS_FOR: Span = Span::days(90);
    /// A key verifies for this long after the next one took over: as long as a cookie can live.
    pub const VERIFIES_FOR: Span = Span::days(400);

    /// The keys of these records; none where there is no record.
    pub fn from_records(mut records: Vec<KeyRecord>) -> Option<Self> {
        records.sort_by_key(|record| std::cmp::Reverse(record.made));
        let keys: Vec<Key> =
            records.into_iter().map(|record| Key { mac: hmac::Key::new(hmac::HMAC_SHA256, &record.secret), record }).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Adds a key if the newest has signed for long enough, and forgets those that no living cookie was signed with. Says whether anything changed.
    pub fn rotated(records: &mut Vec<KeyRecord>, now: Timestamp, random: &dyn Random) -> bool {
        let before = records.len();
        records.sort_by_key(|record| record.made);
        let due = records.last().is_none_or(|newest| Self::SIGNS_FOR.after(newest.made) <= now);
        if due {
            let (mut id, mut secret) = ([0; ID_BYTES], [0; 32]);
            random.fill(&mut id);
            random.fill(&mut secret);
            records.push(KeyRecord { id, secret, made: now });
        }
        // A key signs until its successor is made, however late that is, so its time is counted from there.
        let relieved: Vec<Timestamp> = records.iter().skip(1).map(|successor| successor.made).collect();
        let forgotten = relieved.iter().take_while(|relieved| Self::VERIFIES_FOR.after(**relieved) <= now).count();
        records.drain(..forgotten);
        due || records.len() != before
    }

    /// Signs a message for one use of the keys. Returns the key's id and the tag.
    pub fn sign(&self, context: &[u8], message: &[u8]) -> ([u8; ID_BYTES], [u8; TAG_BYTES]) {
        let key = &self.keys[0];
        let tag = tagged(key, context, message).sign();
        let mut bytes = [0; TAG_BYTES];
        bytes.copy_from_slice(tag.as_ref());
        (key.record.id, bytes)
    }

    /// Whether some key of ours signed it; compares in constant time.
    pub fn verify(&self, context: &[u8], id: &[u8], message: &[u8], tag: &[u8]) -> bool {
        let Some(key) = self.keys.iter().find(|key| key.record.id == *id) else {
            return false;
        };
        let expected = tagged(key, context, message).sign();
        expected.as_ref().ct_eq(tag).into()
    }
}

/// The context comes first with its length, so that no message of one use reads as a message of another.
fn tagged(key: &Key, context: &[u8], message: &[u8]) -> hmac::Context {
    let mut mac = hmac::Context::with_key(&key.mac);
    mac.update(&(context.len() as u64).to_le_bytes());
    mac.update(context);
    mac.update(&key.record.id);
    mac.update(message);
    mac
}
