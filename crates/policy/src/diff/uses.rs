//! Which data, for what, why that is allowed, and who receives it.

use super::Materiality;
use super::Materiality::{NewBasis, NewData, NewPurpose, NewRecipient, WeakerRight};
use super::compare::{Found, Subject, basis_name, done, field_name, goes_further, list, pairs};
use super::reach::{is_same_field, is_same_purpose, is_same_recipient};
use crate::model::{DataField, Policy, Use};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(
        &old.uses,
        &new.uses,
        |rule| rule.id.as_str(),
        |before, after| match (before, after) {
            (None, Some(rule)) => {
                let purpose = &new.purpose(rule.purpose).title.default;
                let what = format!(
                    "a new use for \u{201c}{purpose}\u{201d}, of: {}",
                    list(rule.data.iter().map(|field| field_name(new.field(field))))
                );
                found.add(subject(rule), what, brings(old, new, rule));
            }
            (Some(rule), None) => found.minor(subject(rule), "no longer done"),
            (Some(before), Some(after)) => {
                compare_data(old, before, new, after, found);
                compare_grounds(old, before, new, after, found);
                compare_recipients(old, before, new, after, found);
                if before.title != after.title || before.balancing != after.balancing {
                    found.minor(subject(after), "it is described in other words");
                }
            }
            (None, None) => {}
        },
    );
}

fn subject(rule: &Use) -> Subject<'_> {
    Subject { kind: "use", id: rule.id.as_str(), title: &rule.title.default }
}

/// What a new use brings that no single use did before. One that only has another name brings nothing.
fn brings(old: &Policy, new: &Policy, rule: &Use) -> Option<Materiality> {
    let alike: Vec<&Use> = old.uses.iter().filter(|known| is_same_purpose(old.purpose(known.purpose), new.purpose(rule.purpose))).collect();
    if alike.is_empty() {
        return Some(NewPurpose);
    }
    let alike: Vec<&Use> = alike.into_iter().filter(|known| data_gained(old, known, new, rule).is_empty()).collect();
    if alike.is_empty() {
        return Some(NewData);
    }
    let alike: Vec<&Use> = alike.into_iter().filter(|known| recipients_gained(old, known, new, rule).is_empty()).collect();
    if alike.is_empty() {
        return Some(NewRecipient);
    }
    let alike: Vec<&Use> = alike.into_iter().filter(|known| !is_on_other_grounds(old, known, new, rule)).collect();
    if alike.is_empty() {
        return Some(NewBasis);
    }
    alike.into_iter().all(|known| goes_further(known.act, rule.act)).then_some(WeakerRight)
}

fn compare_data(old: &Policy, before: &Use, new: &Policy, after: &Use, found: &mut Found) {
    let (gained, lost) = (data_gained(old, before, new, after), data_gained(new, after, old, before));
    if !gained.is_empty() {
        found.material(subject(after), format!("it now also uses: {}", list(gained)), NewData);
    }
    if !lost.is_empty() {
        found.minor(subject(after), format!("it no longer uses: {}", list(lost)));
    }
}

fn compare_grounds(old: &Policy, before: &Use, new: &Policy, after: &Use, found: &mut Found) {
    let (was, is) = (old.purpose(before.purpose), new.purpose(after.purpose));
    if was.id != is.id {
        let what = format!("it is now done for \u{201c}{}\u{201d} (it was for \u{201c}{}\u{201d})", is.title.default, was.title.default);
        found.material(subject(after), what, NewPurpose);
    }
    if before.basis != after.basis {
        let what = format!("it now rests on {} (it was {})", basis_name(after.basis), basis_name(before.basis));
        found.material(subject(after), what, NewBasis);
    } else if before.reading != after.reading {
        found.material(subject(after), "the law is now read in another way to allow it", NewBasis);
    } else if is_on_other_grounds(old, before, new, after) {
        found.material(subject(after), "it now rests on another agreement", NewBasis);
    }
    if before.act != after.act {
        let weaker = goes_further(before.act, after.act).then_some(WeakerRight);
        found.add(subject(after), format!("data is now {} (it was {})", done(after.act), done(before.act)), weaker);
    }
}

fn is_on_other_grounds(old: &Policy, before: &Use, new: &Policy, after: &Use) -> bool {
    let agreement = |policy: &Policy, rule: &Use| rule.agreement.map(|index| policy.agreement(index).id.clone());
    before.basis != after.basis || before.reading != after.reading || agreement(old, before) != agreement(new, after)
}

fn compare_recipients(old: &Policy, before: &Use, new: &Policy, after: &Use, found: &mut Found) {
    let (gained, lost) = (recipients_gained(old, before, new, after), recipients_gained(new, after, old, before));
    if !gained.is_empty() {
        found.material(subject(after), format!("now also received by {}", list(gained)), NewRecipient);
    }
    if !lost.is_empty() {
        found.minor(subject(after), format!("no longer received by {}", list(lost)));
    }
}

/// The names of those who receive data under this use and did not under the other.
fn recipients_gained(old: &Policy, before: &Use, new: &Policy, after: &Use) -> Vec<String> {
    let knew = |recipient| before.recipients.iter().any(|known| is_same_recipient(old.recipient(known), recipient));
    let others = after.recipients.iter().map(|index| new.recipient(index)).filter(|recipient| !knew(recipient));
    let us = (after.for_us && !before.for_us).then(|| "ourselves".to_owned());
    us.into_iter().chain(others.map(|recipient| recipient.name.clone())).collect()
}

/// The fields this use covers and the other did not.
fn data_gained(old: &Policy, before: &Use, new: &Policy, after: &Use) -> Vec<String> {
    let had = |field: &DataField| before.data.iter().any(|known| is_same_field(old.field(known), field));
    after.data.iter().map(|index| new.field(index)).filter(|field| !had(field)).map(field_name).collect()
}
