//! One decision: may this use happen, for this person, now? Total, deterministic, free of allocation, and it explains itself.

mod asked;
mod decision;
mod document;
mod facts;
mod permit;
mod revocations;
mod said;
mod tickets;

pub use decision::{Code, Decision, Obligation, Obligations, Reason, Verdict};
pub use document::{FactsDocument, FactsError, read_facts};
pub use facts::{AccountState, Ask, Consent, Facts, Person};
pub use permit::{Permit, account_permit, case_permit, letter_permit, recorded_permit, request_permit, subject_permit};
pub use revocations::Revocations;
pub use tickets::TicketStanding;

use asked::Asked;
use domain::{Act, Age, Basis, RecipientKind};
use said::Said;

use crate::Set;
use crate::model::{ChoiceDefault, Policy, Purpose, Recipient, Use};

/// Answers for one use. The first of the eight rules that matches wins; only the last permits.
pub fn decide<'p>(policy: &'p Policy, revocations: &Revocations, facts: &Facts<'_>) -> Decision<'p> {
    let asked = match Asked::resolve(policy, &facts.ask) {
        Ok(asked) => asked,
        Err(never) => return Decision::refuse(policy, Code::NoSuchUse, None, never),
    };
    if let Some(never) = policy.never_against(asked.data, asked.to, asked.act) {
        return Decision::refuse(policy, Code::Never, Some(asked.rule), Some(never));
    }
    let person = &facts.person;
    let said = Said::about(policy, revocations, person, asked.rule);
    let refusal = is_restricted(person, asked.purpose)
        .or_else(|| is_not_for_minors(person, asked.purpose))
        .or_else(|| is_opted_out_by_gpc(policy, facts, &asked, &said))
        .or_else(|| lacks_basis(policy, revocations, facts, &asked, &said))
        .or_else(|| reaches_back(policy, facts, asked.rule, &said));
    match refusal {
        Some(code) => Decision::refuse(policy, code, Some(asked.rule), None),
        None => Decision::permit(policy, asked.rule, asked.data, obligations(&asked)),
    }
}

/// Rule 3: restricted data is only stored, but for legal purposes.
fn is_restricted(person: &Person<'_>, purpose: &Purpose) -> Option<Code> {
    (person.restricted && !purpose.legal).then_some(Code::Restricted)
}

/// Rule 4: marketing and personalising are not for minors. Somebody of unknown age counts as one where anything says they may be one.
fn is_not_for_minors(person: &Person<'_>, purpose: &Purpose) -> Option<Code> {
    let minor = match person.age {
        Age::Minor => true,
        Age::Unknown => person.minor_signal,
        Age::Adult => false,
    };
    (minor && (purpose.marketing || purpose.personalises)).then_some(Code::Minor)
}

/// Rule 5: `Sec-GPC: 1` opts out of marketing and of passing data on, unless the person said yes to this purpose while sending it.
fn is_opted_out_by_gpc(policy: &Policy, facts: &Facts<'_>, asked: &Asked<'_>, said: &Said) -> Option<Code> {
    let refused = facts.gpc && !said.yes_under_gpc && is_subject_to_gpc(policy, asked.purpose, asked.act, asked.to.others);
    refused.then_some(Code::GlobalPrivacyControl)
}

fn is_subject_to_gpc(policy: &Policy, purpose: &Purpose, act: Act, others: Set<Recipient>) -> bool {
    let outside = |other| matches!(policy.recipient(other).kind, RecipientKind::Affiliate | RecipientKind::ThirdParty);
    purpose.marketing || (act != Act::Process && others.iter().any(outside))
}

/// The purposes that `Sec-GPC: 1` ends, wherever somebody is: those with a use that it refuses.
pub fn opted_out_by_gpc(policy: &Policy) -> Set<Purpose> {
    let subject =
        |rule: &&Use| is_subject_to_gpc(policy, policy.purpose(rule.purpose), rule.act, rule.recipients) && !rule.basis.needs_case();
    policy.uses.iter().filter(subject).map(|rule| rule.purpose).collect()
}

/// Rule 6: the basis must be in force.
fn lacks_basis(policy: &Policy, revocations: &Revocations, facts: &Facts<'_>, asked: &Asked<'_>, said: &Said) -> Option<Code> {
    match asked.rule.basis {
        Basis::Consent => lacks_consent(said),
        Basis::LegitimateInterests => {
            let asks_first = policy.choice_defaults.in_region(facts.region) == ChoiceDefault::Ask;
            lacks_legitimate_interests(asked.purpose, said, asks_first)
        }
        Basis::Contract => lacks_contract(AccountState::of(&facts.person, revocations), &facts.person, asked.rule),
        Basis::LegalObligation | Basis::VitalInterests => (!facts.case).then_some(Code::CaseMissing),
    }
}

fn lacks_consent(said: &Said) -> Option<Code> {
    match said {
        Said { opted_out: true, .. } => Some(Code::OptedOut),
        Said { no: true, .. } => Some(Code::ConsentRefused),
        Said { yes: true, .. } => None,
        Said { yes_to_older_words: true, .. } => Some(Code::ConsentOutdated),
        _ => Some(Code::ConsentMissing),
    }
}

/// Compelling grounds stand against an objection and need no answer, but never for marketing (GDPR Art. 21).
fn lacks_legitimate_interests(purpose: &Purpose, said: &Said, asks_first: bool) -> Option<Code> {
    let compelling = purpose.compelling.is_some() && !purpose.marketing;
    match said {
        Said { opted_out: true, .. } => Some(Code::OptedOut),
        _ if compelling => None,
        Said { no: true, .. } => Some(Code::Objected),
        Said { yes: false, .. } if asks_first => Some(Code::ChoiceUnmade),
        _ => None,
    }
}

fn lacks_contract(account: AccountState, person: &Person<'_>, rule: &Use) -> Option<Code> {
    match (account, rule.agreement) {
        (AccountState::Closed, _) => Some(Code::AccountClosed),
        (_, Some(agreement)) => (!person.agreements.contains(agreement)).then_some(Code::AgreementMissing),
        (AccountState::None, None) => Some(Code::NotRegistered),
        (AccountState::Open, None) => None,
    }
}

/// Rule 7: data collected before this purpose or recipient was brought to it needs a consent given since.
fn reaches_back(policy: &Policy, facts: &Facts<'_>, rule: &Use, said: &Said) -> Option<Code> {
    let older = facts.collected_under.unwrap_or(policy.version) < rule.since;
    (older && !said.yes_since_use).then_some(Code::OlderData)
}

/// Rule 8: what a permit obliges to.
fn obligations(asked: &Asked<'_>) -> Obligations {
    let mut obligations = Obligations::NONE;
    if asked.act != Act::Process || !asked.to.others.is_empty() {
        obligations.insert(Obligation::RecordDisclosure);
    }
    if asked.purpose.marketing {
        obligations.insert(Obligation::OfferOptOut);
    }
    if asked.purpose.personalises {
        obligations.insert(Obligation::ExplainWhy);
    }
    if asked.rule.basis.needs_case() {
        obligations.insert(Obligation::NameTheCase);
    }
    obligations
}
