//! The rules, kind by kind.

use domain::Id;

use super::Materiality::{LongerRetention, NewBasis, NewData, NewPurpose, NewRecipient, WeakerRight};
use super::reach::{data_gained, is_for_another_purpose, recipients_gained};
use super::{Found, list, pairs};
use crate::Set;
use crate::model::{Cookie, DataField, EraseRule, Never, Policy, Purpose, Recipient, Resource, Use};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(&old.purposes, &new.purposes, |rule| rule.id.as_str(), |before, after| purpose(before, after, found));
    pairs(&old.uses, &new.uses, |rule| rule.id.as_str(), |before, after| a_use(old, before, new, after, found));
    pairs(&old.nevers, &new.nevers, |rule| rule.id.as_str(), |before, after| never(old, before, new, after, found));
    pairs(&old.recipients, &new.recipients, |rule| rule.id.as_str(), |before, after| recipient(before, after, found));
    pairs(&old.cookies, &new.cookies, |rule| rule.id.as_str(), |before, after| cookie(old, before, new, after, found));
    pairs(&old.resources, &new.resources, |rule| rule.id.as_str(), |before, after| resource(old, before, new, after, found));
    duties_and_promises(old, new, found);
    stores(old, new, found);
}

fn purpose(before: Option<&Purpose>, after: Option<&Purpose>, found: &mut Found) {
    let title = |rule: &Purpose| rule.title.default.clone();
    match (before, after) {
        (None, Some(rule)) => found.material("purpose", &rule.id, format!("a new purpose: {}", title(rule)), NewPurpose),
        (Some(rule), None) => found.minor("purpose", &rule.id, format!("no longer a purpose: {}", title(rule))),
        (Some(before), Some(after)) => {
            let flags = [
                (before.marketing, after.marketing, "marketing", NewPurpose),
                (before.personalises, after.personalises, "personalised", NewPurpose),
                (before.legal, after.legal, "a legal purpose, which goes on for restricted data", WeakerRight),
                (before.compelling.is_some(), after.compelling.is_some(), "compelling, so that objections do not stop it", WeakerRight),
            ];
            for (was, is, what, why) in flags {
                match (was, is) {
                    (false, true) => found.material("purpose", &after.id, format!("it is now {what}"), why),
                    (true, false) => found.minor("purpose", &after.id, format!("it is no longer {what}")),
                    _ => {}
                }
            }
            if before.title != after.title || before.describes != after.describes {
                found.minor("purpose", &after.id, "it is described in other words");
            }
        }
        (None, None) => {}
    }
}

fn a_use(old: &Policy, before: Option<&Use>, new: &Policy, after: Option<&Use>, found: &mut Found) {
    match (before, after) {
        (None, Some(rule)) => {
            let purpose = &new.purpose(rule.purpose).title.default;
            found.material("use", &rule.id, format!("a new use: {} ({purpose})", rule.title.default), NewPurpose);
        }
        (Some(rule), None) => found.minor("use", &rule.id, format!("no longer done: {}", rule.title.default)),
        (Some(before), Some(after)) => changed_use(old, before, new, after, found),
        (None, None) => {}
    }
}

fn changed_use(old: &Policy, before: &Use, new: &Policy, after: &Use, found: &mut Found) {
    let id = &after.id;
    let gained = data_gained(old, before, new, after);
    if !gained.is_empty() {
        found.material("use", id, format!("it now also uses {}", list(gained)), NewData);
    }
    let lost = data_gained(new, after, old, before);
    if !lost.is_empty() {
        found.minor("use", id, format!("it no longer uses {}", list(lost)));
    }
    if is_for_another_purpose(old, before, new, after) {
        let (was, is) = (&old.purpose(before.purpose).id, &new.purpose(after.purpose).id);
        found.material("use", id, format!("its purpose is now `{is}` (it was `{was}`)"), NewPurpose);
    }
    if before.basis != after.basis || before.reading != after.reading {
        found.material("use", id, format!("it now rests on {} (it was {})", after.basis.name(), before.basis.name()), NewBasis);
    }
    let mut gained = recipients_gained(old, before, new, after);
    gained.extend((after.for_us && !before.for_us).then(|| "we ourselves".to_owned()));
    if !gained.is_empty() {
        found.material("use", id, format!("now also received by {}", list(gained)), NewRecipient);
    }
    let lost = recipients_gained(new, after, old, before);
    if !lost.is_empty() {
        found.minor("use", id, format!("no longer received by {}", list(lost)));
    }
    if before.act != after.act {
        found.material("use", id, format!("data is now handled as `{}` (it was `{}`)", after.act.name(), before.act.name()), WeakerRight);
    }
    let agreement = |policy: &Policy, rule: &Use| rule.agreement.map(|index| policy.agreement(index).id.clone());
    if agreement(old, before) != agreement(new, after) {
        found.material("use", id, "it rests on another agreement", NewBasis);
    }
    if before.title != after.title || before.balancing != after.balancing {
        found.minor("use", id, "it is described in other words");
    }
}

fn never(old: &Policy, before: Option<&Never>, new: &Policy, after: Option<&Never>, found: &mut Found) {
    match (before, after) {
        (None, Some(rule)) => found.minor("never", &rule.id, "a new promise of what never happens"),
        (Some(rule), None) => found.material("never", &rule.id, "what was promised never to happen no longer is", WeakerRight),
        (Some(before), Some(after)) => {
            let covers_less = |all_before: bool, all_after: bool, missing: bool| !all_after && (all_before || missing);
            let data = |policy: &Policy, fields: Set<DataField>| names(policy, fields);
            let less = data(old, before.data).iter().any(|field| !data(new, after.data).contains(field))
                || covers_less(before.acts.is_empty(), after.acts.is_empty(), before.acts.iter().any(|act| !after.acts.contains(act)))
                || fewer_receivers(old, before, new, after);
            if less {
                found.material("never", &after.id, "it promises less than before", WeakerRight);
            } else if data(old, before.data) != data(new, after.data) || before.acts != after.acts || before.kinds != after.kinds {
                found.minor("never", &after.id, "it promises more than before");
            }
        }
        (None, None) => {}
    }
}

fn fewer_receivers(old: &Policy, before: &Never, new: &Policy, after: &Never) -> bool {
    let everybody = |rule: &Never| rule.kinds.is_empty() && rule.recipients.is_empty();
    if everybody(after) {
        return false;
    }
    let named: Vec<&Id> = after.recipients.iter().map(|index| &new.recipient(index).id).collect();
    everybody(before)
        || before.kinds.iter().any(|kind| !after.kinds.contains(kind))
        || before.recipients.iter().map(|index| old.recipient(index)).any(|known| !named.contains(&&known.id) && !after.kinds.contains(&known.kind))
}

fn names(policy: &Policy, fields: Set<DataField>) -> Vec<String> {
    fields.iter().map(|index| policy.field(index)).map(|field| format!("{}.{}", field.data, field.name)).collect()
}

fn recipient(before: Option<&Recipient>, after: Option<&Recipient>, found: &mut Found) {
    match (before, after) {
        (None, Some(rule)) => found.material("recipient", &rule.id, format!("a new recipient: {}", rule.name), NewRecipient),
        (Some(rule), None) => found.minor("recipient", &rule.id, format!("no longer a recipient: {}", rule.name)),
        (Some(before), Some(after)) => {
            if before.name != after.name {
                found.material("recipient", &after.id, format!("it is now {} (it was {})", after.name, before.name), NewRecipient);
            }
            if before.kind != after.kind {
                let what = format!("it is now a recipient of the kind {} (it was {})", after.kind.name(), before.kind.name());
                found.material("recipient", &after.id, what, NewRecipient);
            }
            if after.direct_marketing && !before.direct_marketing {
                found.material("recipient", &after.id, "it now uses data for its own direct marketing", NewPurpose);
            }
            if before.address != after.address {
                found.minor("recipient", &after.id, "it has another address");
            }
        }
        (None, None) => {}
    }
}

fn cookie(old: &Policy, before: Option<&Cookie>, new: &Policy, after: Option<&Cookie>, found: &mut Found) {
    match (before, after) {
        (None, Some(rule)) => found.material("cookie", &rule.id, format!("a new cookie, kept for {}", rule.keep), NewData),
        (Some(rule), None) => found.minor("cookie", &rule.id, "no longer set"),
        (Some(before), Some(after)) => {
            if before.keep != after.keep {
                let longer = (after.keep.seconds_max() > before.keep.seconds_max()).then_some(LongerRetention);
                found.add("cookie", &after.id, format!("it lives for {} (it was {})", after.keep, before.keep), longer);
            }
            if before.holds != after.holds {
                found.material("cookie", &after.id, "it holds something else", NewData);
            }
            if old.purpose(before.purpose).id != new.purpose(after.purpose).id {
                found.material("cookie", &after.id, format!("its purpose is now `{}`", new.purpose(after.purpose).id), NewPurpose);
            }
        }
        (None, None) => {}
    }
}

fn resource(old: &Policy, before: Option<&Resource>, new: &Policy, after: Option<&Resource>, found: &mut Found) {
    match (before, after) {
        (None, Some(rule)) => {
            let from = &new.recipient(rule.recipient).name;
            found.material("resource", &rule.id, format!("pages now load something from {from}"), NewRecipient);
        }
        (Some(rule), None) => found.minor("resource", &rule.id, "pages no longer load it"),
        (Some(before), Some(after)) => {
            if before.matches != after.matches {
                found.material("resource", &after.id, format!("it is now loaded from {} (it was {})", after.matches, before.matches), NewRecipient);
            }
            if old.purpose(before.purpose).id != new.purpose(after.purpose).id {
                found.material("resource", &after.id, format!("its purpose is now `{}`", new.purpose(after.purpose).id), NewPurpose);
            }
            if old.recipient(before.recipient).id != new.recipient(after.recipient).id {
                found.material("resource", &after.id, format!("{} now receives it", new.recipient(after.recipient).name), NewRecipient);
            }
        }
        (None, None) => {}
    }
}

fn duties_and_promises(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(&old.duties, &new.duties, |rule| rule.id.as_str(), |before, after| match (before, after) {
        (None, Some(rule)) => found.minor("duty", &rule.id, format!("a new duty: {}", rule.title.default)),
        (Some(rule), None) => found.material("duty", &rule.id, format!("no longer a duty: {}", rule.title.default), WeakerRight),
        (Some(before), Some(after)) if before.kind != after.kind => {
            found.material("duty", &after.id, format!("it is now `{}` (it was `{}`)", after.kind.name(), before.kind.name()), WeakerRight);
        }
        (Some(before), Some(after)) if before.title != after.title => found.minor("duty", &after.id, "it is described in other words"),
        _ => {}
    });
    pairs(&old.promises, &new.promises, |rule| rule.id.as_str(), |before, after| match (before, after) {
        (None, Some(rule)) => found.minor("promise", &rule.id, format!("a new promise: {}", rule.title.default)),
        (Some(rule), None) => found.material("promise", &rule.id, format!("no longer a promise: {}", rule.title.default), WeakerRight),
        (Some(before), Some(after)) if before.rules.iter().any(|rule| !after.rules.contains(rule)) => {
            found.material("promise", &after.id, "fewer rules keep it", WeakerRight);
        }
        (Some(before), Some(after)) if before.rules != after.rules => found.minor("promise", &after.id, "more rules keep it"),
        _ => {}
    });
}

/// Where data lives is our own affair; that it is kept when somebody asks for it to be erased is not.
fn stores(old: &Policy, new: &Policy, found: &mut Found) {
    let keeps = |policy: &Policy| -> Vec<(String, String)> {
        let tables = policy.stores.iter().flat_map(|store| store.tables.iter().map(move |table| (store, table)));
        let kept = tables.flat_map(|(store, table)| {
            table.people.iter().filter_map(move |owner| match &owner.erase {
                EraseRule::Keep { reason } => Some((format!("{}.{}", store.id, table.name), reason.clone())),
                _ => None,
            })
        });
        kept.collect()
    };
    let kept_before = keeps(old);
    for (place, reason) in keeps(new) {
        if !kept_before.iter().any(|(known, _)| *known == place) {
            found.material("store", place, format!("rows are now kept when a person is erased: {reason}"), WeakerRight);
        }
    }
}
