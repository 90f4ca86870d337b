//! What a change means for the consents already given and the data already held.

use domain::Id;

use crate::model::{Policy, Use};

/// A purpose changed materially when somebody who said yes to it would now be saying yes to more: its own flags, or what its uses do.
pub(super) fn purposes_changed_materially(old: &Policy, new: &Policy) -> Vec<Id> {
    new.purposes
        .iter()
        .filter(|after| {
            let Some(before) = old.purposes.iter().find(|before| before.id == after.id) else {
                return true;
            };
            let flags = (after.marketing && !before.marketing) || (after.personalises && !before.personalises);
            let uses = uses_of(new, &after.id).any(|rule| match old.uses.iter().find(|known| known.id == rule.id) {
                None => true,
                Some(known) => asks_more(old, known, new, rule),
            });
            flags || uses
        })
        .map(|purpose| purpose.id.clone())
        .collect()
}

/// Uses with a purpose or a recipient that their data did not know before.
pub(super) fn uses_reaching_further(old: &Policy, new: &Policy) -> Vec<Id> {
    new.uses
        .iter()
        .filter(|rule| match old.uses.iter().find(|known| known.id == rule.id) {
            None => true,
            Some(known) => is_for_another_purpose(old, known, new, rule) || gains_recipient(old, known, new, rule) || gains_data(old, known, new, rule),
        })
        .map(|rule| rule.id.clone())
        .collect()
}

fn asks_more(old: &Policy, before: &Use, new: &Policy, after: &Use) -> bool {
    is_for_another_purpose(old, before, new, after)
        || gains_recipient(old, before, new, after)
        || gains_data(old, before, new, after)
        || before.basis != after.basis
        || before.act != after.act
}

fn uses_of<'p>(policy: &'p Policy, purpose: &'p Id) -> impl Iterator<Item = &'p Use> {
    policy.uses.iter().filter(move |rule| policy.purpose(rule.purpose).id == *purpose)
}

pub(super) fn is_for_another_purpose(old: &Policy, before: &Use, new: &Policy, after: &Use) -> bool {
    old.purpose(before.purpose).id != new.purpose(after.purpose).id
}

fn gains_recipient(old: &Policy, before: &Use, new: &Policy, after: &Use) -> bool {
    (after.for_us && !before.for_us) || !recipients_gained(old, before, new, after).is_empty()
}

fn gains_data(old: &Policy, before: &Use, new: &Policy, after: &Use) -> bool {
    !data_gained(old, before, new, after).is_empty()
}

/// The names of those who receive data under this use and did not before. A recipient that is now somebody else is a new one.
pub(super) fn recipients_gained(old: &Policy, before: &Use, new: &Policy, after: &Use) -> Vec<String> {
    let knew = |name: &str, id: &Id| {
        before.recipients.iter().map(|known| old.recipient(known)).any(|known| known.id == *id && known.name == name)
    };
    let gained = after.recipients.iter().map(|index| new.recipient(index)).filter(|recipient| !knew(&recipient.name, &recipient.id));
    gained.map(|recipient| recipient.name.clone()).collect()
}

/// The fields this use covers and did not before, as `visit.ip`.
pub(super) fn data_gained(old: &Policy, before: &Use, new: &Policy, after: &Use) -> Vec<String> {
    let names = |policy: &Policy, rule: &Use| -> Vec<String> {
        rule.data.iter().map(|index| policy.field(index)).map(|field| format!("{}.{}", field.data, field.name)).collect()
    };
    let had = names(old, before);
    names(new, after).into_iter().filter(|field| !had.contains(field)).collect()
}
