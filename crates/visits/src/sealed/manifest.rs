//! Which sealed files count. There is one manifest, put in place of the one before in one step: a crash leaves the one or the other.

use disk::{DiskError, Objects};
use serde::{Deserialize, Serialize};

use super::file::Entry;
use crate::damage::Damage;
use crate::import::Marks;
use crate::visit::Gap;

/// The manifest's file, in the log's folder.
pub(crate) const NAME: &str = "manifest";

const MAGIC: &str = "candor-visits";
const FORMAT: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// What segments up to this one hold is in the files; the segments count no more.
    pub(crate) sealed_through: u64,
    /// The next file's number.
    pub(crate) next_file: u64,
    /// How often the log was opened where others could reach its files: whoever opened it before can put no manifest in place any more.
    #[serde(default)]
    pub(crate) opened: u64,
    pub(crate) files: Vec<Entry>,
    /// Visits that were never recorded, as the sealed segments say.
    pub(crate) gaps: Vec<Gap>,
    /// What could not be read when it was sealed or written anew.
    pub(crate) damage: Vec<Lost>,
    /// How far the logs of other servers were taken in.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub(crate) imported: Marks,
}

/// Damage that is told until whatever was there would have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lost {
    pub(crate) damage: Damage,
    /// The latest time that anything of it can have, in microseconds.
    pub(crate) to: i64,
}

/// Why the manifest cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    #[error("it was written by a newer version of this program; use that one")]
    Newer,
    #[error("it is damaged; put it back from a backup of the whole folder")]
    Damaged,
}

impl Manifest {
    /// The manifest of a folder; an empty one where there is none.
    pub(crate) fn read(objects: &dyn Objects, folder: &str) -> Result<Result<Self, BadManifest>, DiskError> {
        match objects.read(&format!("{folder}/{NAME}")) {
            Ok(bytes) => Ok(Self::decode(&bytes)),
            Err(error) if error.is_not_found() => Ok(Ok(Self { next_file: 1, ..Self::default() })),
            Err(error) => Err(error),
        }
    }

    /// Puts it in place. It is durable on return, and so are the names of the files it lists.
    pub(crate) fn write(&self, objects: &dyn Objects, folder: &str) -> Result<(), DiskError> {
        objects.replace(&format!("{folder}/{NAME}"), &self.encode())
    }

    fn encode(&self) -> Vec<u8> {
        // There is nothing in it that JSON has no form for.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut bytes = format!("{MAGIC} {FORMAT} {:08x}\n", crc32c::crc32c(&text)).into_bytes();
        bytes.extend_from_slice(&text);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        let at = bytes.iter().position(|byte| *byte == b'\n').ok_or(BadManifest::Damaged)?;
        let (head, text) = (std::str::from_utf8(&bytes[..at]).map_err(|_| BadManifest::Damaged)?, &bytes[at + 1..]);
        let mut words = head.split(' ');
        let (magic, format, sum) = (words.next(), words.next().and_then(|word| word.parse::<u32>().ok()), words.next());
        if magic != Some(MAGIC) {
            return Err(BadManifest::Damaged);
        }
        match format {
            Some(FORMAT) => {}
            Some(format) if format > FORMAT => return Err(BadManifest::Newer),
            _ => return Err(BadManifest::Damaged),
        }
        if sum.and_then(|sum| u32::from_str_radix(sum, 16).ok()) != Some(crc32c::crc32c(text)) {
            return Err(BadManifest::Damaged);
        }
        serde_json::from_slice(text).map_err(|_| BadManifest::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Manifest {
        let entry = Entry { number: 3, rows: 20, bytes: 4_000, from: 1, to: 2 };
        Manifest { sealed_through: 7, next_file: 4, files: vec![entry], ..Manifest::default() }
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(Manifest::decode(&some().encode()), Ok(some()));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let good = some().encode();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(Manifest::decode(&bad).is_err(), "byte {at}");
            assert!(Manifest::decode(&good[..at]).is_err(), "the first {at} bytes");
        }
    }

    #[test]
    fn a_newer_one_is_told_as_that() {
        let text = String::from_utf8(some().encode()).expect("text");
        assert_eq!(Manifest::decode(text.replacen(" 1 ", " 2 ", 1).as_bytes()), Err(BadManifest::Newer));
    }
}
