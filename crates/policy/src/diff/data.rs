//! What is kept, and for how long.

use domain::Keep;

use super::Materiality::{LongerRetention, NewData};
use super::compare::{Found, Subject, field_name, list, pairs};
use crate::model::{Ageing, AgeingForm, Data, DataField, Policy};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(
        &old.data,
        &new.data,
        |data| data.id.as_str(),
        |before, after| match (before, after) {
            (None, Some(data)) => {
                let what = format!("now also kept: {}, {}", list(fields(new, data).into_iter().map(field_name)), kept(&data.keep));
                found.material(subject(data), what, NewData);
            }
            (Some(data), None) => found.minor(subject(data), "no longer kept"),
            (Some(before), Some(after)) => {
                compare_fields(old, before, new, after, found);
                compare_keeping(before, after, found);
                compare_ageing(before, after, found);
            }
            (None, None) => {}
        },
    );
}

fn subject(data: &Data) -> Subject<'_> {
    Subject { kind: "data", id: data.id.as_str(), title: data.id.as_str() }
}

fn fields<'p>(policy: &'p Policy, data: &Data) -> Vec<&'p DataField> {
    policy.fields.iter().filter(|field| field.data == data.id).collect()
}

fn compare_fields(old: &Policy, before: &Data, new: &Policy, after: &Data, found: &mut Found) {
    let (had, has) = (fields(old, before), fields(new, after));
    let without = |these: &[&DataField], those: &[&DataField]| {
        list(these.iter().filter(|field| those.iter().all(|other| other.name != field.name)).map(|field| field_name(field)))
    };
    let (come, gone) = (without(&has, &had), without(&had, &has));
    if !come.is_empty() {
        found.material(subject(after), format!("now also kept: {come}"), NewData);
    }
    if !gone.is_empty() {
        found.minor(subject(after), format!("no longer kept: {gone}"));
    }
    let renamed = |field: &&&DataField| had.iter().any(|other| other.name == field.name && other.statutory != field.statutory);
    let categories = list(has.iter().filter(renamed).map(|field| field_name(field)));
    if !categories.is_empty() {
        found.minor(subject(after), format!("counted under another category of the law: {categories}"));
    }
}

fn compare_keeping(before: &Data, after: &Data, found: &mut Found) {
    if before.keep != after.keep {
        let longer = is_longer(&before.keep, &after.keep).then_some(LongerRetention);
        found.add(subject(after), format!("it is now {} (it was {})", kept(&after.keep), kept(&before.keep)), longer);
    }
}

fn kept(keep: &Keep) -> String {
    match keep {
        Keep::For(span) => format!("kept for {span}"),
        Keep::WhileRegistered => "kept as long as the account lives".to_owned(),
    }
}

fn compare_ageing(before: &Data, after: &Data, found: &mut Found) {
    for ageing in before.ageing.iter().filter(|ageing| !is_kept_up(ageing, after)) {
        let field = ageing.field.replace(['_', '-'], " ");
        let what = match after.ageing.iter().find(|now| now.field == ageing.field) {
            Some(now) => {
                format!("its {field} {} after {} (it {} after {})", becomes(now.become_), now.after, became(ageing.become_), ageing.after)
            }
            None => format!("its {field} no longer loses detail (it {} after {})", became(ageing.become_), ageing.after),
        };
        found.material(subject(after), what, LongerRetention);
    }
    for ageing in after.ageing.iter().filter(|ageing| !before.ageing.contains(ageing)) {
        let earlier = before.ageing.iter().find(|known| known.field == ageing.field);
        if earlier.is_none_or(|earlier| is_kept_up(earlier, after)) {
            let field = ageing.field.replace(['_', '-'], " ");
            found.minor(subject(after), format!("its {field} now {} after {}", becomes(ageing.become_), ageing.after));
        }
    }
}

/// Whether what a field lost is still lost, and no later.
fn is_kept_up(ageing: &Ageing, after: &Data) -> bool {
    let loses_as_much = |now: &Ageing| now.become_ == ageing.become_ || now.become_ == AgeingForm::Gone;
    after.ageing.iter().any(|now| now.field == ageing.field && loses_as_much(now) && now.after.seconds_max() <= ageing.after.seconds_max())
}

fn becomes(form: AgeingForm) -> &'static str {
    match form {
        AgeingForm::Truncated => "is cut down to its network",
        AgeingForm::Encrypted => "is encrypted",
        AgeingForm::Family => "is cut down to its family",
        AgeingForm::Origin => "is cut down to the site it is on",
        AgeingForm::Gone => "is deleted",
    }
}

fn became(form: AgeingForm) -> String {
    becomes(form).replacen("is ", "was ", 1)
}

/// As long as an account lives has no end that could be compared, so it is longer than any length of time, and any length of time may outlive it.
fn is_longer(before: &Keep, after: &Keep) -> bool {
    match (before, after) {
        (Keep::For(before), Keep::For(after)) => after.seconds_max() > before.seconds_max(),
        (before, after) => before != after,
    }
}

/// Whether a field that was there before is now kept longer, or keeps its detail longer.
pub(super) fn is_kept_longer(old: &Policy, new: &Policy, field: &DataField) -> bool {
    let named = |policy: &'_ Policy| policy.data.iter().find(|data| data.id == field.data).cloned();
    let (Some(before), Some(after)) = (named(old), named(new)) else {
        return false;
    };
    let keeps_detail = before.ageing.iter().any(|ageing| ageing.field == field.name && !is_kept_up(ageing, &after));
    is_longer(&before.keep, &after.keep) || keeps_detail
}
