use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use records::{OperatorName, RecordsError};

use super::Operators;
use crate::people::looks;

/// Why an operator cannot be called something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOperatorName {
    #[error("a name has at least one character and at most {}", OperatorName::CHARACTERS_MAX)]
    Length,
    #[error("a name is made of what can be seen: no controls, and no marks that turn the direction of writing")]
    Unseen,
}

/// Reads what an operator wants to be called. Names stand in the list of what was done, so each is to be read as it was written.
pub fn operator_name(text: &str) -> Result<OperatorName, BadOperatorName> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > OperatorName::CHARACTERS_MAX {
        return Err(BadOperatorName::Length);
    }
    // Controls and what cannot be seen are in no profile of PRECIS (RFC 8265, section 4.2).
    OpaqueString::prepare(name.as_str()).map_err(|_| BadOperatorName::Unseen)?;
    OperatorName::parse(&name).ok_or(BadOperatorName::Unseen)
}

impl Operators {
    /// Whether another operator has a name that looks like this one. Whoever was removed gave theirs back.
    pub(super) async fn is_taken(&self, name: &OperatorName) -> Result<bool, RecordsError> {
        let wanted = looks_of(name);
        let all = self.records.all().await?;
        Ok(all.iter().any(|one| one.removed.is_none() && looks_of(&one.name) == wanted))
    }
}

/// As usernames are compared: without case, and as they look.
fn looks_of(name: &OperatorName) -> String {
    looks(&name.as_str().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_can_be_seen_of_it() {
        for fine in ["Ada", " Ada  Lovelace ", "Zoë-Ann O’Neil", "山田 花子", "דנה", "Ёлка 🌲"] {
            assert!(operator_name(fine).is_ok(), "{fine}");
        }
        for text in ["", "  ", &"a".repeat(61)] {
            assert_eq!(operator_name(text), Err(BadOperatorName::Length), "{text}");
        }
        for mark in
            ['\u{202e}', '\u{200f}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{ad}', '\u{600}', '\u{7}', '\u{9b}', '\u{e0041}', '\u{e000}']
        {
            assert_eq!(operator_name(&format!("A{mark}da")), Err(BadOperatorName::Unseen), "{mark:?}");
        }
    }
}
