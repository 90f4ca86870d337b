//! What a change means for the consents already given and the data already held.

use domain::{Id, RecipientKind};

use super::compare::{Found, goes_further};
use super::data::is_kept_longer;
use super::general::purposes_of_another_controller;
use crate::model::{CookieHolds, DataField, Policy, Purpose, Recipient, Use};
use crate::{Index, Set};

/// A purpose changed materially when somebody who said yes to it would now be saying yes to more: when anything that belongs to it changed materially.
pub(super) fn purposes_changed_materially(old: &Policy, new: &Policy, found: &Found) -> Vec<Id> {
    let other_controller = purposes_of_another_controller(old, new);
    let mut changed: Set<Purpose> = new
        .purposes
        .iter()
        .enumerate()
        .filter(|(_, purpose)| other_controller.contains(&purpose.id))
        .map(|(at, _)| Index::new(at))
        .collect();
    for change in found.changes.iter().filter(|change| change.material.is_some()) {
        changed = changed.union(purposes_of(new, change.kind, &change.id));
    }
    for rule in &new.uses {
        let keeps_longer = |field: Index<DataField>| is_kept_longer(old, new, new.field(field));
        if rule.data.iter().any(keeps_longer) {
            changed.insert(rule.purpose);
        }
    }
    changed.iter().map(|purpose| new.purpose(purpose).id.clone()).collect()
}

/// The purposes that a rule belongs to. What the policy promises as a whole belongs to none, and data to those whose uses say so themselves.
fn purposes_of(policy: &Policy, kind: &str, id: &str) -> Set<Purpose> {
    match kind {
        "purpose" => policy.purpose_named(id).into_iter().collect(),
        "use" => policy.use_named(id).map(|index| policy.the_use(index).purpose).into_iter().collect(),
        "cookie" => policy.cookie_named(id).map(|index| policy.cookie(index).purpose).into_iter().collect(),
        "resource" => policy.resource_named(id).map(|index| policy.resource(index).purpose).into_iter().collect(),
        "preference" => {
            policy.cookies.iter().filter(|cookie| cookie.holds == CookieHolds::Preferences).map(|cookie| cookie.purpose).collect()
        }
        "recipient" => {
            let receives = |rule: &&Use| policy.recipient_named(id).is_some_and(|index| rule.recipients.contains(index));
            policy.uses.iter().filter(receives).map(|rule| rule.purpose).collect()
        }
        _ => Set::EMPTY,
    }
}

/// Uses that bring a purpose or a recipient to a field that was there before. A field that is new itself has no older data to reach.
pub(super) fn uses_reaching_further(old: &Policy, new: &Policy) -> Vec<Id> {
    let was_there = |field: &DataField| old.fields.iter().any(|known| is_same_field(known, field));
    let reaches = |rule: &&Use| {
        rule.data.iter().map(|index| new.field(index)).any(|field| was_there(field) && reaches_further(old, new, rule, field))
    };
    new.uses.iter().filter(reaches).map(|rule| rule.id.clone()).collect()
}

/// Whether no use of before did the same with this field for each of those who receive it now.
fn reaches_further(old: &Policy, new: &Policy, rule: &Use, field: &DataField) -> bool {
    let alike: Vec<&Use> = old
        .uses
        .iter()
        .filter(|known| is_same_purpose(old.purpose(known.purpose), new.purpose(rule.purpose)) && !goes_further(known.act, rule.act))
        .filter(|known| known.data.iter().any(|index| is_same_field(old.field(index), field)))
        .collect();
    let received = |recipient: &Recipient| {
        alike.iter().any(|known| known.recipients.iter().any(|index| is_same_recipient(old.recipient(index), recipient)))
    };
    alike.is_empty()
        || (rule.for_us && alike.iter().all(|known| !known.for_us))
        || rule.recipients.iter().any(|index| !received(new.recipient(index)))
}

pub(super) fn is_same_field(before: &DataField, after: &DataField) -> bool {
    before.data == after.data && before.name == after.name
}

/// A purpose that turned into marketing, or into one that personalises, is another one.
pub(super) fn is_same_purpose(before: &Purpose, after: &Purpose) -> bool {
    before.id == after.id && (before.marketing || !after.marketing) && (before.personalises || !after.personalises)
}

/// A name that now stands for somebody else, or for one who may do more with what they get, is another recipient.
pub(super) fn is_same_recipient(before: &Recipient, after: &Recipient) -> bool {
    let may_do_no_more = before.kind == after.kind || after.kind == RecipientKind::Processor;
    before.id == after.id && before.name == after.name && may_do_no_more && (before.direct_marketing || !after.direct_marketing)
}
