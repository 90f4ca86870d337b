use super::facts::{Consent, Person};
use super::revocations::Revocations;
use crate::model::{Policy, Use};

/// What somebody said about the purpose of a use, as far as it still counts. A no beats every yes.
#[derive(Default)]
pub(super) struct Said {
    pub(super) opted_out: bool,
    /// Refused, withdrawn or objected to.
    pub(super) no: bool,
    pub(super) yes: bool,
    pub(super) yes_under_gpc: bool,
    /// A yes to the version that brought the use, or to a later one.
    pub(super) yes_since_use: bool,
    /// A yes that no longer counts, or not yet.
    pub(super) yes_to_older_words: bool,
}

impl Said {
    pub(super) fn about(policy: &Policy, revocations: &Revocations, person: &Person<'_>, rule: &Use) -> Self {
        let mut said = Self {
            opted_out: person.opted_out.contains(rule.purpose),
            no: person.refused(revocations).contains(rule.purpose),
            ..Self::default()
        };
        if said.opted_out || said.no {
            return said;
        }
        for consent in person.consents.iter().filter(|consent| consent.purpose == rule.purpose) {
            let counts = consent.counts(policy);
            said.yes |= counts;
            said.yes_under_gpc |= counts && consent.gpc;
            said.yes_since_use |= counts && consent.version >= rule.since;
            said.yes_to_older_words |= !counts;
        }
        said
    }
}

impl Consent {
    /// It is for words no older than the purpose's last material change, and not for words yet to come.
    pub(crate) fn counts(&self, policy: &Policy) -> bool {
        policy.purposes.get(self.purpose.get()).is_some_and(|purpose| (purpose.material_since..=policy.version).contains(&self.version))
    }
}
