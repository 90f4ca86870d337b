use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Random;

/// The id of a rule: kebab-case, as `access-log`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Arc<str>);

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    #[error("an id has at least one letter")]
    Empty,
    #[error("an id has 64 characters at most")]
    TooLong,
    #[error("an id is kebab-case: small letters, digits and single hyphens, a letter first, as in `access-log`")]
    NotKebabCase,
}

impl Id {
    pub const LENGTH_MAX: usize = 64;

    pub fn parse(text: &str) -> Result<Self, BadId> {
        if text.is_empty() {
            return Err(BadId::Empty);
        }
        if text.len() > Self::LENGTH_MAX {
            return Err(BadId::TooLong);
        }
        let kebab = text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if kebab { Ok(Self(text.into())) } else { Err(BadId::NotKebabCase) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The number of a published policy: 1, 2, 3 ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u32);

impl Version {
    pub const FIRST: Self = Self(1);
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

macro_rules! random_id {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            pub fn random(random: &dyn Random) -> Self {
                let mut bytes = [0; 16];
                random.fill(&mut bytes);
                Self(bytes)
            }

            /// 32 hexadecimal digits.
            pub fn parse(text: &str) -> Option<Self> {
                if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                let mut bytes = [0; 16];
                for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
                }
                Some(Self(bytes))
            }

            pub fn to_hex(self) -> String {
                use fmt::Write;
                self.0.iter().fold(String::with_capacity(32), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                })
            }
        }

        /// It names a person, so debug output does not show it.
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

random_id! {
    /// A browser that came back, and nothing more about it.
    VisitorId
}
random_id! {
    /// The pseudonym a choice is recorded under. It is not the visitor's id: refusing creates no visitor.
    ChoiceRecordId
}
random_id! {
    /// A registered account.
    AccountId
}

random_id! {
    /// A browser that somebody signed in with, until they sign out.
    SessionId
}
random_id! {
    /// A passkey of an account.
    PasskeyId
}
random_id! {
    /// Work that is still to be done.
    JobId
}
random_id! {
    /// Something that a person has to look into.
    CaseId
}
random_id! {
    /// What somebody reported.
    ReportId
}
random_id! {
    /// Somebody who runs the site.
    OperatorId
}
random_id! {
    /// What a program asks with, as operators name it. It opens nothing.
    TokenId
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn an_id_is_kebab_case() {
        for text in ["a", "access-log", "p2p", "a-1-b", &"a".repeat(64)] {
            assert_eq!(Id::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Id::parse(""), Err(BadId::Empty));
        assert_eq!(Id::parse(&"a".repeat(65)), Err(BadId::TooLong));
        for text in ["Access", "access_log", "-a", "a-", "a--b", "1a", "é", "a b", "a/b", "a\n"] {
            assert_eq!(Id::parse(text), Err(BadId::NotKebabCase), "{text:?}");
        }
    }

    #[test]
    fn a_random_id_reads_back_from_its_digits_and_from_nothing_else() {
        let id = VisitorId::random(&SeededRandom::new(1));
        assert_eq!(VisitorId::parse(&id.to_hex()), Some(id));
        assert_eq!(VisitorId::parse(&id.to_hex().to_uppercase()), Some(id));
        let (short, signs, letters) = ("0".repeat(31), "+1".repeat(16), "xy".repeat(16));
        for text in ["", &short, &"0".repeat(33), &signs, &letters, &"é".repeat(16)] {
            assert_eq!(VisitorId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn debug_output_names_nobody() {
        assert_eq!(format!("{:?} {:?}", VisitorId([1; 16]), AccountId([2; 16])), "VisitorId(…) AccountId(…)");
    }
}
