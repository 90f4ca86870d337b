//! What changed between two versions of a policy, rule by rule and in plain language, and whether it matters to anybody.
//!
//! A change is material when it brings new data, a new purpose, recipient or basis, keeps something longer, or weakens a right. Better words for the
//! same thing are not. Where it cannot be told whether a change is for the better, it counts as one that matters.

mod compare;
mod data;
mod duties;
mod general;
mod pages;
mod reach;
mod rules;
#[cfg(test)]
mod tests;
mod uses;
mod words;

pub use words::{WordsChange, WordsChangeKind};

use std::fmt;

use domain::Id;
use serde::Serialize;

use crate::model::Policy;
use compare::Found;

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    pub rules: Vec<Change>,
    pub words: Vec<WordsChange>,
    /// The purposes whose earlier consents no longer count.
    pub purposes_changed_materially: Vec<Id>,
    /// Of these, the ones that people could say yes to before and can now: an earlier yes ended for them.
    pub yes_ended: Vec<Id>,
    /// The uses that bring a purpose or a recipient to data that was there before: older data needs a fresh consent.
    pub uses_reaching_further: Vec<Id>,
}

/// One change of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The kind of the rule, as the policy writes it: `use`, `never`, `data`.
    pub kind: &'static str,
    /// The rule's id; empty for what belongs to the policy as a whole.
    pub id: String,
    /// What people call it, in the policy's default language.
    pub title: String,
    /// What changed, in one sentence.
    pub what: String,
    /// Why it is material; none where it is not.
    pub material: Option<Materiality>,
}

/// Why a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Materiality {
    NewData,
    NewPurpose,
    NewRecipient,
    NewBasis,
    LongerRetention,
    WeakerRight,
}

impl Materiality {
    /// As a program reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewData => "new-data",
            Self::NewPurpose => "new-purpose",
            Self::NewRecipient => "new-recipient",
            Self::NewBasis => "new-basis",
            Self::LongerRetention => "longer-retention",
            Self::WeakerRight => "weaker-right",
        }
    }
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

    /// Whether people must be told when it is published.
    pub fn is_material(&self) -> bool {
        self.material().next().is_some()
    }

    /// The changes that matter, and why.
    pub fn material(&self) -> impl Iterator<Item = (&Change, Materiality)> {
        self.rules.iter().filter_map(|change| change.material.map(|why| (change, why)))
    }

    /// One sentence for whoever reads no more.
    pub fn summary(&self) -> String {
        let many = |count: usize, one: &str, more: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {more}") };
        let material = self.material().count();
        match (self.rules.len(), self.words.len()) {
            (0, 0) => "Nothing changed.".to_owned(),
            (0, words) => {
                format!("Only the words changed: {} came or went. What is enforced is the same.", many(words, "sentence", "sentences"))
            }
            (rules, _) if material == 0 => format!("{}, none of them material.", many(rules, "change", "changes")),
            (rules, _) => format!(
                "{}, {} material.",
                many(rules, "change", "changes"),
                if material == rules { "all".to_owned() } else { material.to_string() }
            ),
        }
    }
}

/// Compares two versions.
pub fn diff(old: &Policy, new: &Policy) -> Changes {
    let mut found = Found::default();
    general::compare(old, new, &mut found);
    data::compare(old, new, &mut found);
    rules::compare(old, new, &mut found);
    uses::compare(old, new, &mut found);
    pages::compare(old, new, &mut found);
    duties::compare(old, new, &mut found);
    let words = words::compare(old, new, &mut found);
    let purposes_changed_materially = reach::purposes_changed_materially(old, new, &found);
    let is_answered = |policy: &Policy, id: &Id| {
        policy.purpose_named(id.as_str()).is_some_and(|purpose| crate::cookie::refusable(policy).contains(purpose))
    };
    Changes {
        yes_ended: purposes_changed_materially.iter().filter(|id| is_answered(old, id) && is_answered(new, id)).cloned().collect(),
        purposes_changed_materially,
        uses_reaching_further: reach::uses_reaching_further(old, new),
        rules: found.changes,
        words,
    }
}
