//! What every comparison needs.

use domain::{Act, Basis};

use super::{Change, Materiality};
use crate::model::DataField;

/// The changes found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
}

/// The rule that a change belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) kind: &'static str,
    pub(super) id: &'a str,
    pub(super) title: &'a str,
}

impl Found {
    /// A change that is material where there is a reason.
    pub(super) fn add(&mut self, of: Subject<'_>, what: impl Into<String>, material: Option<Materiality>) {
        self.changes.push(Change { kind: of.kind, id: of.id.to_owned(), title: of.title.to_owned(), what: what.into(), material });
    }

    pub(super) fn material(&mut self, of: Subject<'_>, what: impl Into<String>, why: Materiality) {
        self.add(of, what, Some(why));
    }

    pub(super) fn minor(&mut self, of: Subject<'_>, what: impl Into<String>) {
        self.add(of, what, None);
    }

    /// A switch that weakens something where it is on.
    pub(super) fn switch(&mut self, of: Subject<'_>, switch: (bool, bool), on: &str, off: &str, why: Materiality) {
        match switch {
            (false, true) => self.material(of, on, why),
            (true, false) => self.minor(of, off),
            _ => {}
        }
    }
}

/// Rules of one kind, paired by their id: those that went or stayed, then those that came.
pub(super) fn pairs<'p, T>(old: &'p [T], new: &'p [T], id: impl Fn(&T) -> &str, mut each: impl FnMut(Option<&'p T>, Option<&'p T>)) {
    for before in old {
        each(Some(before), new.iter().find(|after| id(after) == id(before)));
    }
    for after in new.iter().filter(|after| old.iter().all(|before| id(before) != id(after))) {
        each(None, Some(after));
    }
}

/// "a, b and c".
pub(super) fn list(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<String> = names.into_iter().collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// What people call a field, in the middle of a sentence.
pub(super) fn field_name(field: &DataField) -> String {
    match field.reserved {
        Some(reserved) => in_a_sentence(reserved.meaning()),
        None => field.name.replace(['_', '-'], " "),
    }
}

/// Without its capital letter, but for an abbreviation's.
fn in_a_sentence(name: &str) -> String {
    let mut characters = name.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(characters).collect(),
        _ => name.to_owned(),
    }
}

pub(super) fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "consent",
        Basis::LegitimateInterests => "legitimate interests",
        Basis::Contract => "a contract",
        Basis::LegalObligation => "a legal obligation",
        Basis::VitalInterests => "vital interests",
    }
}

pub(super) fn done(act: Act) -> &'static str {
    match act {
        Act::Process => "used and passed to nobody else",
        Act::Share => "shared",
        Act::Sell => "sold",
        Act::Rent => "rented out",
        Act::Lease => "leased out",
    }
}

/// Whether one act lets go of data further than another. Renting and leasing are alike far, but not the same.
pub(super) fn goes_further(before: Act, after: Act) -> bool {
    let distance = |act: Act| match act {
        Act::Process => 0,
        Act::Share => 1,
        Act::Rent | Act::Lease => 2,
        Act::Sell => 3,
    };
    before != after && distance(after) >= distance(before)
}
