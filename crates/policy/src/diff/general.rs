//! What the policy says as a whole.

use std::cmp::Ordering;

use domain::{Id, Region};

use super::Materiality::{NewPurpose, NewRecipient, WeakerRight};
use super::compare::{Found, Subject, list};
use crate::model::{ChoiceDefault, DoNotTrack, Guardians, Policy};

const POLICY: Subject<'static> = Subject { kind: "policy", id: "", title: "The policy as a whole" };
const NOTICE: Subject<'static> = Subject { kind: "notice", id: "", title: "How changes are announced" };
const CHOICES: Subject<'static> = Subject { kind: "choices", id: "", title: "What an unmade choice means" };

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    if old.controller != new.controller {
        found.material(POLICY, format!("{} now answers for it (it was {})", new.controller, old.controller), NewRecipient);
    }
    if old.contact != new.contact {
        found.minor(POLICY, format!("questions now go to {}, {}", new.contact.email, new.contact.address));
    }
    if old.minimum_age != new.minimum_age {
        let weaker = (new.minimum_age < old.minimum_age).then_some(WeakerRight);
        found.add(POLICY, format!("the minimum age is now {} (it was {})", new.minimum_age, old.minimum_age), weaker);
    }
    if old.guardians != new.guardians {
        let what = match new.guardians {
            Guardians::Refuse => "a guardian can no longer register a minor",
            Guardians::Register => "a guardian can now register a minor",
        };
        found.material(POLICY, what, WeakerRight);
    }
    let ignored = |policy: &Policy| policy.do_not_track == DoNotTrack::NotHonoured;
    let heeded = "the browser's Do Not Track is now honoured";
    found.switch(POLICY, (ignored(old), ignored(new)), "the browser's Do Not Track is no longer honoured", heeded, WeakerRight);
    let follow = (old.cross_site_tracking, new.cross_site_tracking);
    found.switch(
        POLICY,
        follow,
        "others may now follow people from site to site",
        "nobody may follow people from site to site any more",
        WeakerRight,
    );
    if old.time_zone != new.time_zone {
        let zone = |policy: &Policy| policy.time_zone.iana_name().unwrap_or("another time zone").to_owned();
        found.minor(POLICY, format!("days and deadlines now run by the clocks of {} (it was {})", zone(new), zone(old)));
    }
    compare_log(old, new, found);
    compare_places(old, new, found);
    compare_notice(old, new, found);
    compare_defaults(old, new, found);
}

/// The first use that keeps visits is the one they are logged for, so the order of the uses alone can change it.
fn compare_log(old: &Policy, new: &Policy, found: &mut Found) {
    let log = |policy: &'_ Policy| policy.access_log().map(|index| policy.purpose(policy.the_use(index).purpose).clone());
    match (log(old), log(new)) {
        (Some(was), Some(is)) if was.id != is.id => {
            let what = format!(
                "visits are now logged for \u{201c}{}\u{201d} (it was for \u{201c}{}\u{201d})",
                is.title.default, was.title.default
            );
            found.material(POLICY, what, NewPurpose);
        }
        (None, Some(_)) => found.material(POLICY, "visits are now logged", NewPurpose),
        (Some(_), None) => found.minor(POLICY, "visits are no longer logged with anything personal"),
        _ => {}
    }
}

fn compare_places(old: &Policy, new: &Policy, found: &mut Found) {
    let without = |these: &Policy, those: &Policy| {
        list(these.jurisdictions.iter().filter(|place| !those.jurisdictions.contains(place)).map(ToString::to_string))
    };
    let (gone, come) = (without(old, new), without(new, old));
    if !gone.is_empty() {
        found.material(POLICY, format!("the law of {gone} is no longer named"), WeakerRight);
    }
    if !come.is_empty() {
        found.minor(POLICY, format!("the law of {come} is now named"));
    }
    let readable = |these: &Policy, those: &Policy| {
        let languages = these.words.iter().map(|words| &words.language);
        list(languages.filter(|language| those.words.iter().all(|words| words.language != **language)).map(ToString::to_string))
    };
    let (gone, come) = (readable(old, new), readable(new, old));
    if !gone.is_empty() {
        found.minor(POLICY, format!("the words can no longer be read in the language \u{201c}{gone}\u{201d}"));
    }
    if !come.is_empty() {
        found.minor(POLICY, format!("the words can now be read in the language \u{201c}{come}\u{201d}"));
    }
    let first = |policy: &Policy| policy.languages.first().map(ToString::to_string).unwrap_or_default();
    if first(old) != first(new) {
        found.minor(POLICY, format!("its first language is now \u{201c}{}\u{201d} (it was \u{201c}{}\u{201d})", first(new), first(old)));
    }
}

fn compare_notice(old: &Policy, new: &Policy, found: &mut Found) {
    let less =
        old.notice.material.iter().any(|form| !new.notice.material.contains(form)) || new.notice.banner_days < old.notice.banner_days;
    let more =
        new.notice.material.iter().any(|form| !old.notice.material.contains(form)) || new.notice.banner_days > old.notice.banner_days;
    if less {
        found.material(NOTICE, "changes that matter are announced in fewer ways, or for a shorter time", WeakerRight);
    }
    if more {
        found.minor(NOTICE, "changes that matter are announced in more ways, or for a longer time");
    }
}

/// The default of every place that either version names, asked of both.
fn compare_defaults(old: &Policy, new: &Policy, found: &mut Found) {
    let named = old.choice_defaults.by_region.iter().chain(&new.choice_defaults.by_region).map(|(place, _)| *place);
    let mut places: Vec<Region> = named.chain([Region::UNKNOWN]).collect();
    places.sort_by_cached_key(ToString::to_string);
    places.dedup();
    for place in places {
        let opted_in = |policy: &Policy| policy.choice_defaults.in_region(place) == ChoiceDefault::OptOut;
        let id = place.to_string();
        let whose = if place.is_unknown() { "for everybody else".to_owned() } else { format!("in \u{201c}{id}\u{201d}") };
        let on = format!("{whose}, what was off until somebody said yes is now on until they say no");
        let off = format!("{whose}, what was on until somebody said no is now off until they say yes");
        found.switch(Subject { id: &id, ..CHOICES }, (opted_in(old), opted_in(new)), &on, &off, WeakerRight);
    }
    let silences =
        |policy: &Policy| [("a no", policy.choice_defaults.ask_again), ("an opt-out", policy.choice_defaults.ask_again_after_opt_out)];
    for ((after, was), (_, is)) in silences(old).into_iter().zip(silences(new)) {
        let what = format!("after {after} nobody is asked again for {is} (it was {was})");
        match is.seconds_max().cmp(&was.seconds_max()) {
            Ordering::Less => found.material(CHOICES, what, WeakerRight),
            Ordering::Greater => found.minor(CHOICES, what),
            Ordering::Equal => {}
        }
    }
}

/// The purposes of a policy whose controller is somebody else: a yes was said to the one before.
pub(super) fn purposes_of_another_controller(old: &Policy, new: &Policy) -> Vec<Id> {
    let all = new.purposes.iter().map(|purpose| purpose.id.clone());
    if old.controller == new.controller { Vec::new() } else { all.collect() }
}
