//! What reaches people's browsers: cookies, what they remember, and what pages load from others.

use super::Materiality::{LongerRetention, NewData, NewPurpose, NewRecipient};
use super::compare::{Found, Subject, list, pairs};
use super::reach::is_same_recipient;
use crate::model::{Cookie, CookieHolds, Policy, Preference, Resource};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(&old.cookies, &new.cookies, |rule| rule.id.as_str(), |before, after| cookie(old, before, new, after, found));
    pairs(&old.resources, &new.resources, |rule| rule.id.as_str(), |before, after| resource(old, before, new, after, found));
    pairs(&old.preferences, &new.preferences, |rule| rule.id.as_str(), |before, after| preference(before, after, found));
}

fn cookie(old: &Policy, before: Option<&Cookie>, new: &Policy, after: Option<&Cookie>, found: &mut Found) {
    /// What browsers call it tells more than an id; ours is known by what it holds, which only the id says.
    fn subject(rule: &Cookie) -> Subject<'_> {
        let title = match &rule.holds {
            CookieHolds::Site(name) => &name.0,
            CookieHolds::Choices | CookieHolds::Preferences | CookieHolds::Visitor | CookieHolds::Session => rule.id.as_str(),
        };
        Subject { kind: "cookie", id: rule.id.as_str(), title }
    }
    match (before, after) {
        (None, Some(rule)) => found.material(subject(rule), format!("a new cookie, kept for {}", rule.keep), NewData),
        (Some(rule), None) => found.minor(subject(rule), "no longer set"),
        (Some(before), Some(after)) => {
            if before.keep != after.keep {
                let longer = (after.keep.seconds_max() > before.keep.seconds_max()).then_some(LongerRetention);
                found.add(subject(after), format!("it now lives for {} (it was {})", after.keep, before.keep), longer);
            }
            if before.holds != after.holds {
                found.material(subject(after), "it holds something else", NewData);
            }
            let (was, is) = (old.purpose(before.purpose), new.purpose(after.purpose));
            if was.id != is.id {
                let what = format!("it is now for \u{201c}{}\u{201d} (it was for \u{201c}{}\u{201d})", is.title.default, was.title.default);
                found.material(subject(after), what, NewPurpose);
            }
            if before.needed_for != after.needed_for {
                found.minor(subject(after), "other features stop without it, or they are described in other words");
            }
        }
        (None, None) => {}
    }
}

fn resource(old: &Policy, before: Option<&Resource>, new: &Policy, after: Option<&Resource>, found: &mut Found) {
    fn subject<'p>(policy: &'p Policy, rule: &'p Resource) -> Subject<'p> {
        Subject { kind: "resource", id: rule.id.as_str(), title: &policy.recipient(rule.recipient).name }
    }
    match (before, after) {
        (None, Some(rule)) => found.material(subject(new, rule), format!("pages now load {}", rule.matches), NewRecipient),
        (Some(rule), None) => found.minor(subject(old, rule), format!("pages no longer load {}", rule.matches)),
        (Some(before), Some(after)) => {
            let of = subject(new, after);
            if before.matches != after.matches {
                found.material(of, format!("pages now load {} (it was {})", after.matches, before.matches), NewRecipient);
            }
            let (was, is) = (old.purpose(before.purpose), new.purpose(after.purpose));
            if was.id != is.id {
                let what =
                    format!("it is now loaded for \u{201c}{}\u{201d} (it was for \u{201c}{}\u{201d})", is.title.default, was.title.default);
                found.material(of, what, NewPurpose);
            }
            let (was, is) = (old.recipient(before.recipient), new.recipient(after.recipient));
            if !is_same_recipient(was, is) {
                found.material(of, format!("it is now loaded from {} (it was {})", is.name, was.name), NewRecipient);
            }
        }
        (None, None) => {}
    }
}

fn preference(before: Option<&Preference>, after: Option<&Preference>, found: &mut Found) {
    fn subject(rule: &Preference) -> Subject<'_> {
        Subject { kind: "preference", id: rule.id.as_str(), title: &rule.title.default }
    }
    match (before, after) {
        (None, Some(rule)) => found.material(subject(rule), "something new that may be remembered", NewData),
        (Some(rule), None) => found.minor(subject(rule), "no longer remembered"),
        (Some(before), Some(after)) => {
            if before.values != after.values {
                found.minor(subject(after), format!("its choices are now {}", list(after.values.clone())));
            }
            if before.title != after.title {
                found.minor(subject(after), "it is described in other words");
            }
        }
        (None, None) => {}
    }
}
