use policy::Policy;
use policy::model::Cookie;

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

/// Told to somebody whose browser keeps no cookie: everything works but for what needs one, whoever allows it.
pub(crate) fn no_cookie(policy: &Policy, phrases: &Phrases, language: &str) -> String {
    let features = features(policy.cookies.iter(), language);
    if features.is_empty() {
        return phrases.asking.no_cookie.to_owned();
    }
    phrases.asking.no_cookie_but.with(&[("features", &features.join(phrases.semicolon))])
}
