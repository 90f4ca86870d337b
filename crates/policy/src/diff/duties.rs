//! What the site does and lets people do, what it promises, and where else data lives.

use super::Materiality::WeakerRight;
use super::compare::{Found, Subject, pairs};
use crate::model::{Duty, EraseRule, Policy, Promise, Store, Table};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(&old.duties, &new.duties, |rule| rule.id.as_str(), |before, after| duty(before, after, found));
    pairs(&old.promises, &new.promises, |rule| rule.id.as_str(), |before, after| promise(before, after, found));
    pairs(&old.stores, &new.stores, |rule| rule.id.as_str(), |before, after| store(before, after, found));
}

fn duty(before: Option<&Duty>, after: Option<&Duty>, found: &mut Found) {
    fn subject(rule: &Duty) -> Subject<'_> {
        Subject { kind: "duty", id: rule.id.as_str(), title: &rule.title.default }
    }
    match (before, after) {
        (None, Some(rule)) => found.minor(subject(rule), "a new duty of ours"),
        (Some(rule), None) => found.material(subject(rule), "no longer a duty of ours", WeakerRight),
        (Some(before), Some(after)) => {
            if before.kind != after.kind {
                let what = format!("the duty is now \u{201c}{}\u{201d} (it was \u{201c}{}\u{201d})", after.kind.name(), before.kind.name());
                found.material(subject(after), what, WeakerRight);
            }
            if before.title != after.title {
                found.minor(subject(after), "it is described in other words");
            }
        }
        (None, None) => {}
    }
}

fn promise(before: Option<&Promise>, after: Option<&Promise>, found: &mut Found) {
    fn subject(rule: &Promise) -> Subject<'_> {
        Subject { kind: "promise", id: &rule.id, title: &rule.title.default }
    }
    match (before, after) {
        (None, Some(rule)) => found.minor(subject(rule), "a new promise"),
        (Some(rule), None) => found.material(subject(rule), "no longer a promise", WeakerRight),
        (Some(before), Some(after)) => {
            if before.rules.iter().any(|rule| !after.rules.contains(rule)) {
                found.material(subject(after), "a rule that kept it no longer does", WeakerRight);
            }
            if after.rules.iter().any(|rule| !before.rules.contains(rule)) {
                found.minor(subject(after), "another rule keeps it, too");
            }
            if before.title != after.title {
                found.minor(subject(after), "it is described in other words");
            }
        }
        (None, None) => {}
    }
}

/// Where data lives is our own affair; that it stays when somebody asks for it to be erased is not.
fn store(before: Option<&Store>, after: Option<&Store>, found: &mut Found) {
    fn subject(rule: &Store) -> Subject<'_> {
        Subject { kind: "store", id: rule.id.as_str(), title: rule.id.as_str() }
    }
    match (before, after) {
        (None, Some(rule)) => {
            found.minor(subject(rule), "another place where people's data is looked for");
            kept_rows(&[], rule, subject(rule), found);
        }
        (Some(rule), None) => found.material(subject(rule), "people's data is no longer looked for there", WeakerRight),
        (Some(before), Some(after)) => {
            pairs(
                &before.tables,
                &after.tables,
                |table| &table.name,
                |was, is| {
                    if let (Some(table), None) = (was, is) {
                        found.material(
                            subject(after),
                            format!("people's data is no longer looked for in \u{201c}{}\u{201d}", table.name),
                            WeakerRight,
                        );
                    }
                },
            );
            kept_rows(&before.tables, after, subject(after), found);
            if before != after {
                found.minor(subject(after), "how people's data is found there has changed");
            }
        }
        (None, None) => {}
    }
}

fn kept_rows(before: &[Table], after: &Store, of: Subject<'_>, found: &mut Found) {
    let keeps = |table: &Table| {
        table.people.iter().find_map(|owner| match &owner.erase {
            EraseRule::Keep { reason } => Some(reason.clone()),
            _ => None,
        })
    };
    for table in &after.tables {
        let known = before.iter().find(|known| known.name == table.name).and_then(keeps);
        if let (Some(reason), None) = (keeps(table), known) {
            found.material(of, format!("rows of \u{201c}{}\u{201d} stay when a person is erased: {reason}", table.name), WeakerRight);
        }
    }
}
