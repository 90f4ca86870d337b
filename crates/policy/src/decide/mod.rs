//! One decision: may this use happen, for this person, now? Total, deterministic, free of allocation, and it explains itself.

mod decision;
mod document;
mod facts;
mod permit;
mod revocations;
#[cfg(test)]
mod tests;

pub use decision::{Code, Decision, Obligation, Obligations, Reason, Verdict};
pub use document::{FactsDocument, FactsError, read_facts};
pub use facts::{Ask, Consent, Facts, Person};
pub use permit::{Permit, recorded_permit, subject_permit};
pub use revocations::Revocations;

use domain::{Act, Age, Basis, RecipientKind};

use crate::model::{ChoiceDefault, DataField, Never, Policy, Purpose, Recipient, Use};
use crate::{Index, Set};

/// Answers for one use. The first of the eight rules that matches wins; only the last permits.
pub fn decide<'p>(policy: &'p Policy, revocations: &Revocations, facts: &Facts<'_>) -> Decision<'p> {
    let asked = match Asked::resolve(policy, &facts.ask) {
        Ok(asked) => asked,
        Err(never) => return Decision::refuse(policy, Code::NoSuchUse, None, never),
    };
    match first_refusal(policy, revocations, facts, &asked) {
        Some((code, never)) => Decision::refuse(policy, code, Some(asked.index), never),
        None => Decision::permit(policy, asked.index, asked.data, obligations(policy, &asked)),
    }
}

/// What is asked, once the use that would carry it is known.
struct Asked<'p> {
    index: Index<Use>,
    rule: &'p Use,
    data: Set<DataField>,
    to: Recipients,
    act: Act,
}

#[derive(Clone, Copy)]
struct Recipients {
    us: bool,
    others: Set<Recipient>,
}

impl<'p> Asked<'p> {
    /// Rule 1: without a declared use there is nothing to permit. The `never` that would forbid it too is handed back for the explanation.
    fn resolve(policy: &'p Policy, ask: &Ask) -> Result<Self, Option<&'p Never>> {
        match *ask {
            Ask::Unknown => Err(None),
            Ask::Use(index) => {
                let rule = policy.the_use(index);
                let to = Recipients { us: rule.for_us, others: rule.recipients };
                Ok(Self { index, rule, data: rule.data, to, act: rule.act })
            }
            Ask::Terms { data, purpose, recipient, act } => {
                let to = match recipient {
                    None => Recipients { us: true, others: Set::EMPTY },
                    Some(other) => Recipients { us: false, others: Set::from_iter([other]) },
                };
                let covers = |rule: &Use| {
                    Some(rule.purpose) == purpose
                        && rule.act == act
                        && (rule.for_us || !to.us)
                        && to.others.is_subset(rule.recipients)
                        && !data.is_empty()
                        && data.is_subset(rule.data)
                };
                match policy.uses.iter().position(covers) {
                    Some(at) => Ok(Self { index: Index::new(at), rule: &policy.uses[at], data, to, act }),
                    None => Err(policy.nevers.iter().find(|never| forbids(policy, never, data, to, act))),
                }
            }
        }
    }
}

fn first_refusal<'p>(
    policy: &'p Policy,
    revocations: &Revocations,
    facts: &Facts<'_>,
    asked: &Asked<'p>,
) -> Option<(Code, Option<&'p Never>)> {
    let person = &facts.person;
    let purpose = policy.purpose(asked.rule.purpose);
    if let Some(never) = policy.nevers.iter().find(|never| forbids(policy, never, asked.data, asked.to, asked.act)) {
        return Some((Code::Never, Some(never)));
    }
    let refusal = if person.restricted && !purpose.legal {
        Some(Code::Restricted)
    } else if is_minor(person) && (purpose.marketing || purpose.personalises) {
        Some(Code::Minor)
    } else if facts.gpc && is_opted_out_by_gpc(policy, revocations, facts, asked) {
        Some(Code::GlobalPrivacyControl)
    } else {
        basis_refusal(policy, revocations, facts, asked).or_else(|| reaches_back(policy, revocations, facts, asked))
    };
    refusal.map(|code| (code, None))
}

/// Rule 2: a `never` covers it when it shares any data with it, names the act, and names any of those who would receive it.
fn forbids(policy: &Policy, never: &Never, data: Set<DataField>, to: Recipients, act: Act) -> bool {
    let reaches_us = to.us && never.kinds.contains(&RecipientKind::Us);
    let reaches_others =
        to.others.iter().any(|other| never.recipients.contains(other) || never.kinds.contains(&policy.recipient(other).kind));
    never.data.intersects(data) && never.acts.contains(&act) && (reaches_us || reaches_others)
}

/// Rule 4: somebody of unknown age counts as a minor where anything says they may be one.
fn is_minor(person: &Person<'_>) -> bool {
    match person.age {
        Age::Minor => true,
        Age::Unknown => person.minor_signal,
        Age::Adult => false,
    }
}

/// Rule 5: `Sec-GPC: 1` opts out of marketing and of passing data on, unless the person said yes to this purpose while sending it.
fn is_opted_out_by_gpc(policy: &Policy, revocations: &Revocations, facts: &Facts<'_>, asked: &Asked<'_>) -> bool {
    let passes_on = asked.act != Act::Process
        && asked.to.others.iter().any(|other| matches!(policy.recipient(other).kind, RecipientKind::Affiliate | RecipientKind::ThirdParty));
    let covered = policy.purpose(asked.rule.purpose).marketing || passes_on;
    covered && !consent(policy, revocations, facts, asked.rule.purpose, |consent| consent.gpc)
}

/// Rule 6: the basis must be in force.
fn basis_refusal(policy: &Policy, revocations: &Revocations, facts: &Facts<'_>, asked: &Asked<'_>) -> Option<Code> {
    let (person, index) = (&facts.person, asked.rule.purpose);
    let closed = person.closed || person.account.is_some_and(|account| revocations.is_closed(account));
    match asked.rule.basis {
        Basis::Consent => {
            if person.opted_out.contains(index) {
                Some(Code::OptedOut)
            } else if is_refused(revocations, person, index) {
                Some(Code::ConsentRefused)
            } else if consent(policy, revocations, facts, index, |_| true) {
                None
            } else if person.consents.iter().any(|consent| consent.purpose == index) {
                Some(Code::ConsentOutdated)
            } else {
                Some(Code::ConsentMissing)
            }
        }
        Basis::LegitimateInterests => {
            let purpose = policy.purpose(index);
            let compelling = purpose.compelling.is_some() && !purpose.marketing;
            let unmade = !consent(policy, revocations, facts, index, |_| true);
            if person.opted_out.contains(index) {
                Some(Code::OptedOut)
            } else if compelling {
                None
            } else if is_refused(revocations, person, index) {
                Some(Code::Objected)
            } else if unmade && policy.choice_defaults.in_region(facts.region) == ChoiceDefault::Ask {
                Some(Code::ChoiceUnmade)
            } else {
                None
            }
        }
        Basis::Contract if closed => Some(Code::AccountClosed),
        Basis::Contract => match asked.rule.agreement {
            None => (!person.registered).then_some(Code::NotRegistered),
            Some(agreement) => (!person.agreements.contains(agreement)).then_some(Code::AgreementMissing),
        },
        Basis::LegalObligation | Basis::VitalInterests => (!facts.case).then_some(Code::CaseMissing),
    }
}

/// Rule 7: data collected before this purpose or recipient was brought to it needs a consent given since.
fn reaches_back(policy: &Policy, revocations: &Revocations, facts: &Facts<'_>, asked: &Asked<'_>) -> Option<Code> {
    let collected_under = facts.collected_under.unwrap_or(policy.version);
    let since = asked.rule.since;
    let older = collected_under < since;
    (older && !consent(policy, revocations, facts, asked.rule.purpose, |consent| consent.version >= since)).then_some(Code::OlderData)
}

fn is_refused(revocations: &Revocations, person: &Person<'_>, purpose: Index<Purpose>) -> bool {
    person.refusals.contains(purpose)
        || person.objections.contains(purpose)
        || person.account.is_some_and(|account| revocations.withdrawn_by(account).contains(purpose))
}

/// A consent that still counts: not refused since, for words no older than the purpose's last material change, and not for words yet to come.
fn consent(
    policy: &Policy,
    revocations: &Revocations,
    facts: &Facts<'_>,
    purpose: Index<Purpose>,
    also: impl Fn(&Consent) -> bool,
) -> bool {
    let since = policy.purpose(purpose).material_since;
    let refused = is_refused(revocations, &facts.person, purpose) || facts.person.opted_out.contains(purpose);
    !refused
        && facts
            .person
            .consents
            .iter()
            .any(|consent| consent.purpose == purpose && (since..=policy.version).contains(&consent.version) && also(consent))
}

/// Rule 8: what a permit obliges to.
fn obligations(policy: &Policy, asked: &Asked<'_>) -> Obligations {
    let purpose = policy.purpose(asked.rule.purpose);
    let mut obligations = Obligations::NONE;
    if asked.act != Act::Process || !asked.to.others.is_empty() {
        obligations.insert(Obligation::RecordDisclosure);
    }
    if purpose.marketing {
        obligations.insert(Obligation::OfferOptOut);
    }
    if purpose.personalises {
        obligations.insert(Obligation::ExplainWhy);
    }
    if asked.rule.basis.needs_case() {
        obligations.insert(Obligation::NameTheCase);
    }
    obligations
}
