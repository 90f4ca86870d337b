//! What the policy says as a whole, and how long data is kept.

use domain::{Keep, Region};

use super::Materiality::{LongerRetention, NewData, NewRecipient, WeakerRight};
use super::{Found, list, pairs};
use crate::model::{Ageing, ChoiceDefault, Data, DoNotTrack, Policy};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    if old.controller != new.controller {
        found.material("policy", "", format!("the controller is now {} (it was {})", new.controller, old.controller), NewRecipient);
    }
    if old.contact.email != new.contact.email || old.contact.address != new.contact.address {
        found.minor("policy", "", format!("the contact is now {}, {}", new.contact.email, new.contact.address));
    }
    if new.minimum_age != old.minimum_age {
        let weaker = (new.minimum_age < old.minimum_age).then_some(WeakerRight);
        found.add("policy", "", format!("the minimum age is now {} (it was {})", new.minimum_age, old.minimum_age), weaker);
    }
    if old.guardians != new.guardians {
        found.material("policy", "", "what a guardian may do for a minor has changed", WeakerRight);
    }
    match (old.do_not_track, new.do_not_track) {
        (DoNotTrack::Honoured, DoNotTrack::NotHonoured) => {
            found.material("policy", "", "Do Not Track is no longer honoured", WeakerRight);
        }
        (DoNotTrack::NotHonoured, DoNotTrack::Honoured) => found.minor("policy", "", "Do Not Track is now honoured"),
        _ => {}
    }
    match (old.cross_site_tracking, new.cross_site_tracking) {
        (false, true) => found.material("policy", "", "others may now follow people across sites", WeakerRight),
        (true, false) => found.minor("policy", "", "nobody may follow people across sites any more"),
        _ => {}
    }
    compare_notice(old, new, found);
    compare_defaults(old, new, found);
    compare_places(old, new, found);
    compare_data(old, new, found);
}

fn compare_notice(old: &Policy, new: &Policy, found: &mut Found) {
    let weaker = old.notice.material.iter().any(|form| !new.notice.material.contains(form)) || new.notice.banner_days < old.notice.banner_days;
    if weaker {
        found.material("notice", "", "changes that matter are announced less than before", WeakerRight);
    } else if old.notice != new.notice {
        found.minor("notice", "", "changes that matter are announced more than before");
    }
}

/// The default of every place that either version names, asked of both.
fn compare_defaults(old: &Policy, new: &Policy, found: &mut Found) {
    let named = old.choice_defaults.by_region.iter().chain(&new.choice_defaults.by_region).map(|(place, _)| *place);
    let mut places: Vec<Region> = named.collect();
    places.sort_by_key(ToString::to_string);
    places.dedup();
    for place in places {
        match (old.choice_defaults.in_region(place), new.choice_defaults.in_region(place)) {
            (ChoiceDefault::Ask, ChoiceDefault::OptOut) => {
                found.material("choices", place, "what was off until somebody said yes is now on until they say no", WeakerRight);
            }
            (ChoiceDefault::OptOut, ChoiceDefault::Ask) => {
                found.minor("choices", place, "what was on until somebody said no is now off until they say yes");
            }
            _ => {}
        }
    }
}

fn compare_places(old: &Policy, new: &Policy, found: &mut Found) {
    let gone: Vec<String> = old.jurisdictions.iter().filter(|place| !new.jurisdictions.contains(place)).map(ToString::to_string).collect();
    if !gone.is_empty() {
        found.material("policy", "", format!("the law of {} is no longer named", list(gone)), WeakerRight);
    }
    let come: Vec<String> = new.jurisdictions.iter().filter(|place| !old.jurisdictions.contains(place)).map(ToString::to_string).collect();
    if !come.is_empty() {
        found.minor("policy", "", format!("the law of {} is now named", list(come)));
    }
    let languages = |from: &Policy, without: &Policy| {
        list(from.languages.iter().filter(|language| !without.languages.contains(language)).map(ToString::to_string))
    };
    let (lost, won) = (languages(old, new), languages(new, old));
    if !lost.is_empty() {
        found.minor("policy", "", format!("the policy can no longer be read in {lost}"));
    }
    if !won.is_empty() {
        found.minor("policy", "", format!("the policy can now be read in {won}"));
    }
}

fn compare_data(old: &Policy, new: &Policy, found: &mut Found) {
    let fields = |policy: &Policy, data: &Data| -> Vec<String> {
        policy.fields.iter().filter(|field| field.data == data.id).map(|field| field.name.clone()).collect()
    };
    pairs(&old.data, &new.data, |data| data.id.as_str(), |before, after| match (before, after) {
        (None, Some(data)) => {
            found.material("data", &data.id, format!("now also kept: {}, for {}", list(fields(new, data)), data.keep), NewData);
        }
        (Some(data), None) => found.minor("data", &data.id, "no longer kept"),
        (Some(before), Some(after)) => {
            let (had, has) = (fields(old, before), fields(new, after));
            let come = list(has.iter().filter(|field| !had.contains(field)).cloned());
            if !come.is_empty() {
                found.material("data", &after.id, format!("now also kept: {come}"), NewData);
            }
            let gone = list(had.iter().filter(|field| !has.contains(field)).cloned());
            if !gone.is_empty() {
                found.minor("data", &after.id, format!("no longer kept: {gone}"));
            }
            compare_keeping(before, after, found);
        }
        (None, None) => {}
    });
}

fn compare_keeping(before: &Data, after: &Data, found: &mut Found) {
    if before.keep != after.keep {
        let longer = is_longer(&before.keep, &after.keep).then_some(LongerRetention);
        found.add("data", &after.id, format!("kept for {} (it was {})", after.keep, before.keep), longer);
    }
    for ageing in &before.ageing {
        let kept_up = |now: &Ageing| now.field == ageing.field && now.become_ == ageing.become_ && now.after.seconds_max() <= ageing.after.seconds_max();
        if !after.ageing.iter().any(kept_up) {
            found.material("data", &after.id, format!("`{}` loses detail later than after {}, or not at all", ageing.field, ageing.after), LongerRetention);
        }
    }
    for ageing in after.ageing.iter().filter(|ageing| !before.ageing.contains(ageing)) {
        found.minor("data", &after.id, format!("`{}` loses detail after {}", ageing.field, ageing.after));
    }
}

/// As long as an account lives has no end that could be compared, so it is longer than any length of time, and any length of time may outlive it.
pub(super) fn is_longer(before: &Keep, after: &Keep) -> bool {
    match (before, after) {
        (Keep::For(before), Keep::For(after)) => after.seconds_max() > before.seconds_max(),
        (before, after) => before != after,
    }
}
