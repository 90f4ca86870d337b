use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::Random;
use ring::aead::LessSafeKey;
use ring::digest;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::aead;
use crate::RecordsError;
use crate::bytes::bytes;

pub(super) use aead::KEY_BYTES;

pub(super) const ID_BYTES: usize = 8;

/// The keys that wrap all others: the newest wraps, the older ones still unwrap until everything is wrapped anew.
pub struct MasterKeys {
    /// The newest first; never empty.
    keys: Vec<MasterKey>,
}

struct MasterKey {
    id: [u8; ID_BYTES],
    key: LessSafeKey,
}

/// A key under a master key.
#[derive(Clone)]
pub(super) struct Wrapped {
    pub(super) master: [u8; ID_BYTES],
    pub(super) bytes: Vec<u8>,
}

/// Why a text holds no master keys. It does not show the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMasterKeys {
    #[error("there is no master key in it; a key is 32 random bytes in Base64, one on a line, the newest first")]
    None,
    #[error("line {0} is no master key; a key is 32 random bytes in Base64, as `openssl rand -base64 32` makes them")]
    NotOne(usize),
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MasterKeys").field("keys", &self.keys.len()).finish()
    }
}

impl MasterKeys {
    /// Reads keys in Base64, one on a line, the newest first. Empty lines, and lines that begin with `#`, say nothing.
    pub fn parse(text: &str) -> Result<Self, BadMasterKeys> {
        let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|(number, line)| key_in(line).ok_or(BadMasterKeys::NotOne(number))).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(BadMasterKeys::None) } else { Ok(Self { keys }) }
    }

    /// A new key, as a line of the file that holds it.
    pub fn new_line(random: &dyn Random) -> String {
        let mut secret = [0; KEY_BYTES];
        random.fill(&mut secret);
        BASE64_STANDARD.encode(secret)
    }

    /// A text with a new key above those that are there; what else it says stays where it was.
    #[must_use]
    pub fn with_new_line(text: &str, line: &str) -> String {
        let is_key = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let above: String = text.split_inclusive('\n').take_while(|line| !is_key(line)).collect();
        let below = &text[above.len()..];
        format!("{above}{line}\n{below}")
    }

    /// Whether the newest of these is the newest of those.
    pub fn begin_as(&self, others: &Self) -> bool {
        self.newest() == others.newest()
    }

    pub(super) fn newest(&self) -> [u8; ID_BYTES] {
        self.keys[0].id
    }

    pub(super) fn has(&self, id: [u8; ID_BYTES]) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    pub(super) fn wrap(&self, about: &[u8], secret: &[u8; KEY_BYTES], random: &dyn Random) -> Wrapped {
        let newest = &self.keys[0];
        Wrapped { master: newest.id, bytes: aead::seal(&newest.key, about, secret, random) }
    }

    pub(super) fn unwrap(&self, about: &[u8], wrapped: &Wrapped) -> Result<[u8; KEY_BYTES], RecordsError> {
        let master = self.keys.iter().find(|key| key.id == wrapped.master).ok_or(RecordsError::MasterKeyMissing)?;
        aead::open(&master.key, about, &wrapped.bytes)?.try_into().map_err(|_| RecordsError::Unreadable("a key of another length"))
    }
}

fn key_in(line: &str) -> Option<MasterKey> {
    let secret: [u8; KEY_BYTES] = BASE64_STANDARD.decode(line).ok()?.try_into().ok()?;
    let mut id = [0; ID_BYTES];
    // Which key it is can be told without telling anything of it.
    id.copy_from_slice(&digest::digest(&digest::SHA256, &[b"candor master key".as_slice(), &secret].concat()).as_ref()[..ID_BYTES]);
    Some(MasterKey { id, key: aead::key(&secret) })
}

impl Wrapped {
    pub(super) fn read(row: &AnyRow) -> Result<Self, RecordsError> {
        Ok(Self { master: bytes(row, "master")?, bytes: row.try_get("wrapped")? })
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn keys_are_read_the_newest_first_and_bad_lines_are_named_and_not_shown() {
        let random = SeededRandom::new(1);
        let (new, old) = (MasterKeys::new_line(&random), MasterKeys::new_line(&random));
        let before = MasterKeys::parse(&old).expect("a key");
        let wrapped = before.wrap(b"anna", &[7; KEY_BYTES], &random);
        let both = MasterKeys::parse(&format!("# since November\n{new}\n\n{old}\n")).expect("two keys");
        assert_eq!(both.unwrap(b"anna", &wrapped).expect("the old one still opens"), [7; KEY_BYTES]);
        assert_ne!(both.newest(), before.newest());
        assert!(both.unwrap(b"bert", &wrapped).is_err(), "a key belongs to one person");
        let only_new = MasterKeys::parse(&new).expect("a key");
        assert!(matches!(only_new.unwrap(b"anna", &wrapped), Err(RecordsError::MasterKeyMissing)));

        let text = MasterKeys::with_new_line(&format!("# since November\n\n{old}\n# kept\n"), &new);
        assert_eq!(text, format!("# since November\n\n{new}\n{old}\n# kept\n"));

        assert_eq!(MasterKeys::parse("\n# nothing\n").err(), Some(BadMasterKeys::None));
        assert_eq!(MasterKeys::parse(&format!("{new}\nsecret\n")).err(), Some(BadMasterKeys::NotOne(2)));
        assert!(!format!("{both:?} {}", BadMasterKeys::NotOne(2)).contains(&new));
    }
}
