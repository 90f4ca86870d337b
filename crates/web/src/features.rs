use policy::Policy;
use policy::cookie::refusable;
use policy::model::{Cookie, CookieHolds};

use crate::phrases::Phrases;

/// What these cookies are needed for, each thing once.
pub(crate) fn features<'p>(cookies: impl Iterator<Item = &'p Cookie>, language: &str) -> Vec<&'p str> {
    let mut features = Vec::new();
    for feature in cookies.flat_map(|cookie| &cookie.needed_for).map(|feature| feature.in_language(language)) {
        if !features.contains(&feature) {
            features.push(feature);
        }
    }
    features
}

/// Told to somebody whose browser keeps no cookie: everything works but for what needs one. Purposes that are theirs to allow need one to stay allowed.
pub(crate) fn no_cookie(policy: &Policy, phrases: &Phrases, language: &str) -> String {
    let theirs = refusable(policy);
    let needs_cookie = |cookie: &&Cookie| !matches!(cookie.holds, CookieHolds::Site(_)) || theirs.contains(cookie.purpose);
    let features = features(policy.cookies.iter().filter(needs_cookie), language);
    if features.is_empty() {
        return phrases.asking.no_cookie.to_owned();
    }
    phrases.asking.no_cookie_but.with(&[("features", &features.join("; "))])
}
