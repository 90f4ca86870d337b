//! What changed between two versions of a policy, rule by rule and in plain language, and whether it matters to anybody.
//!
//! A change is material when it brings new data, a new purpose, recipient or basis, keeps something longer, or weakens a right. Better words for the
//! same thing are not.

mod general;
mod reach;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use words::WordsChange;

use std::fmt;

use domain::Id;
use serde::Serialize;

use crate::model::Policy;

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    pub rules: Vec<Change>,
    pub words: Vec<WordsChange>,
    /// The purposes whose earlier consents no longer count.
    pub purposes_changed_materially: Vec<Id>,
    /// The uses that reach data, or hand it to somebody, as they did not before: older data needs a fresh consent.
    pub uses_reaching_further: Vec<Id>,
}

/// One change of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The kind of the rule, as the policy writes it: `use`, `never`, `data`.
    pub kind: &'static str,
    /// The rule's id; empty for what belongs to the policy as a whole.
    pub id: String,
    /// What changed, in one sentence.
    pub what: String,
    /// Why it is material; none where it is not.
    pub material: Option<Materiality>,
}

/// Why a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Materiality {
    NewData,
    NewPurpose,
    NewRecipient,
    NewBasis,
    LongerRetention,
    WeakerRight,
}

impl fmt::Display for Materiality {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NewData => "it brings new data",
            Self::NewPurpose => "it brings a new purpose",
            Self::NewRecipient => "somebody new receives data",
            Self::NewBasis => "it rests on another legal basis",
            Self::LongerRetention => "data is kept longer",
            Self::WeakerRight => "it weakens a right or a promise",
        })
    }
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.words.is_empty()
    }

    /// Whether people must be told before it is published.
    pub fn is_material(&self) -> bool {
        self.rules.iter().any(|change| change.material.is_some())
    }
}

/// Compares two versions.
pub fn diff(old: &Policy, new: &Policy) -> Changes {
    let mut found = Found::default();
    general::compare(old, new, &mut found);
    rules::compare(old, new, &mut found);
    Changes {
        purposes_changed_materially: reach::purposes_changed_materially(old, new),
        uses_reaching_further: reach::uses_reaching_further(old, new),
        rules: found.changes,
        words: words::compare(old, new),
    }
}

/// The changes found so far.
#[derive(Debug, Default)]
struct Found {
    changes: Vec<Change>,
}

impl Found {
    fn add(&mut self, kind: &'static str, id: impl fmt::Display, what: impl Into<String>, material: Option<Materiality>) {
        self.changes.push(Change { kind, id: id.to_string(), what: what.into(), material });
    }

    fn material(&mut self, kind: &'static str, id: impl fmt::Display, what: impl Into<String>, why: Materiality) {
        self.add(kind, id, what, Some(why));
    }

    fn minor(&mut self, kind: &'static str, id: impl fmt::Display, what: impl Into<String>) {
        self.add(kind, id, what, None);
    }
}

/// Rules of one kind, paired by their id: those that went, came and stayed.
fn pairs<'p, T>(
    old: &'p [T],
    new: &'p [T],
    id: impl Fn(&T) -> &str,
    mut each: impl FnMut(Option<&'p T>, Option<&'p T>),
) {
    for before in old {
        each(Some(before), new.iter().find(|after| id(after) == id(before)));
    }
    for after in new.iter().filter(|after| old.iter().all(|before| id(before) != id(after))) {
        each(None, Some(after));
    }
}

/// "a, b and c".
fn list(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<String> = names.into_iter().collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
