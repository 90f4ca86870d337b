use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes of the log that cannot be read. They are never passed over in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// The number of the segment, or of the sealed file where it is about one.
    pub segment: u64,
    /// Where in the segment.
    pub offset: u64,
    /// How many bytes are unreadable; 0 where nobody can say.
    pub bytes: u64,
    pub what: DamageKind,
}

macro_rules! damage_kinds {
    ($($variant:ident = $code:literal, $says:literal;)+) => {
        /// What is wrong with a segment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum DamageKind { $(#[doc = $says] $variant),+ }

        impl DamageKind {
            const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),+ }
            }

            pub(crate) const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            pub(crate) const fn of_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

damage_kinds! {
    BadChecksum = 1, "a record does not match its checksum";
    BadRecord = 2, "a record is in no form that this version writes";
    BadHeader = 3, "the segment's header does not match its checksum";
    UnknownVersion = 4, "the segment was written by another version";
    Missing = 5, "the segment is missing";
    CutShort = 6, "the segment ends before its last record";
    NotReadable = 7, "the disk cannot read it";
    MissingFile = 8, "the sealed file is missing";
    BadFile = 9, "the sealed file is in no form that this version writes";
}

impl Damage {
    const fn is_of_file(&self) -> bool {
        matches!(self.what, DamageKind::MissingFile | DamageKind::BadFile)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_of_file() { "file" } else { "segment" };
        write!(out, "{kind} {}, byte {}: {} ({} bytes cannot be read)", self.segment, self.offset, self.what.says(), self.bytes)
    }
}
