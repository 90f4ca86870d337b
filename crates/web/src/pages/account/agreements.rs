//! What was agreed with somebody and is in force, as pages show it.

use app::people::Agreement;
use domain::Timestamp;
use policy::Policy;

use crate::phrases::{Moment, Phrases};

/// One agreement.
pub(in crate::pages) struct AgreementLine {
    pub(in crate::pages) name: String,
    /// The uses of the policy that rest on it.
    pub(in crate::pages) uses: String,
    pub(in crate::pages) since: Moment,
    pub(in crate::pages) until: Option<Moment>,
}

pub(in crate::pages) fn lines(agreements: &[Agreement], policy: &Policy, phrases: &Phrases, language: &str) -> Vec<AgreementLine> {
    agreements
        .iter()
        .map(|agreement| line(agreement.name.as_str(), (agreement.since, agreement.until), policy, phrases, language))
        .collect()
}

pub(in crate::pages) fn line(
    name: &str,
    (since, until): (Timestamp, Option<Timestamp>),
    policy: &Policy,
    phrases: &Phrases,
    language: &str,
) -> AgreementLine {
    let zone = &policy.time_zone;
    let rests = |index| policy.uses.iter().filter(move |rule| rule.agreement == Some(index));
    let uses: Vec<&str> = policy.agreement_named(name).into_iter().flat_map(rests).map(|rule| rule.title.in_language(language)).collect();
    AgreementLine {
        name: name.to_owned(),
        uses: uses.join(phrases.semicolon),
        since: phrases.moment(since, zone),
        until: until.map(|until| phrases.moment(until, zone)),
    }
}
