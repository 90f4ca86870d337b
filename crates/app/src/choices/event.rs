use domain::{Answer, Basis, Choice, ChoiceAction, ChoiceMethod, ChoiceRecordId, Random};
use policy::cookie::{CookieState, Standing};
use policy::model::Purpose;
use policy::{Index, Policy, Set, opted_out_by_gpc};
use records::{ChoiceRow, EventId};

use super::{Circumstances, purposes_in_force, words};

/// What one answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub purpose: Index<Purpose>,
    pub action: ChoiceAction,
    pub basis: Basis,
    /// It says again what was said and recorded a moment ago; no row is kept of it.
    pub is_repeated: bool,
}

/// An answer that is given again is the same one for so long. Later on it is somebody who means it still, and that is worth a row of its own.
const SAME_ANSWER_HOURS: i64 = 24;

/// Where somebody answered, and in which language they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    pub method: ChoiceMethod,
    pub language: &'a str,
}

/// The form that asks, with its version: it changes when what people see before they answer changes other than by the policy.
pub const fn interface(method: ChoiceMethod) -> &'static str {
    match method {
        ChoiceMethod::Page => "page/1",
        ChoiceMethod::Banner => "banner/1",
        ChoiceMethod::Placeholder => "placeholder/1",
        ChoiceMethod::Api => "api/1",
        ChoiceMethod::Signal => "sec-gpc/1",
        ChoiceMethod::Guardian => "guardian/1",
    }
}

/// What is kept of these events, all of one moment: a row for each that says something new.
pub fn rows(
    policy: &Policy,
    record: ChoiceRecordId,
    events: &[Event],
    asked: Asked<'_>,
    circumstances: Circumstances,
    random: &dyn Random,
) -> Vec<ChoiceRow> {
    let row = |event: &Event| {
        let words = words(policy, event.purpose, asked.language);
        ChoiceRow {
            id: EventId::random(random),
            record,
            account: None,
            purpose: policy.purpose(event.purpose).id.clone(),
            action: event.action,
            method: asked.method,
            basis: event.basis,
            interface: interface(asked.method).to_owned(),
            language: words.language,
            words_hash: words.hash,
            policy_version: policy.version,
            policy_hash: policy.hash,
            region: circumstances.region,
            gpc: circumstances.gpc,
            at: circumstances.now,
        }
    };
    events.iter().filter(|event| !event.is_repeated).map(row).collect()
}

/// What a browser's signal did: it takes back what had been said yes to, and opts out of everything else.
pub fn signalled(policy: &Policy, purposes: Set<Purpose>, withdrawn: Set<Purpose>) -> Vec<Event> {
    let event = |purpose| {
        let basis = basis(policy, purpose);
        let takes_back = basis == Basis::Consent && withdrawn.contains(purpose);
        Event { purpose, action: if takes_back { ChoiceAction::Withdrawn } else { ChoiceAction::OptedOut }, basis, is_repeated: false }
    };
    purposes.iter().map(event).collect()
}

/// What a purpose that people answer about rests on: consent, where any of its uses does.
pub fn basis(policy: &Policy, purpose: Index<Purpose>) -> Basis {
    let on_consent = policy.uses.iter().any(|rule| rule.purpose == purpose && rule.basis == Basis::Consent);
    if on_consent { Basis::Consent } else { Basis::LegitimateInterests }
}

pub(super) fn event(
    policy: &Policy,
    current: &CookieState,
    purpose: Index<Purpose>,
    answer: Answer,
    circumstances: Circumstances,
) -> Event {
    let basis = basis(policy, purpose);
    let action = match (answer, basis) {
        (Answer::Yes, _) => ChoiceAction::Given,
        (Answer::No, Basis::Consent) if yes_counts(policy, earlier(policy, current, purpose)) => ChoiceAction::Withdrawn,
        (Answer::No, Basis::Consent) => ChoiceAction::Refused,
        (Answer::No, _) if is_opt_out(policy, purpose, circumstances) => ChoiceAction::OptedOut,
        (Answer::No, _) => ChoiceAction::Objected,
    };
    let said = Choice {
        purpose: policy.purpose(purpose).id.clone(),
        answer,
        at: circumstances.now,
        version: policy.version,
        gpc: circumstances.gpc,
        opted_out: answer == Answer::No && is_opt_out(policy, purpose, circumstances),
    };
    Event { purpose, action, basis, is_repeated: repeated(policy, current, &said).is_some() }
}

/// What was answered before, where this says the same: the same answer to the same version, under the same circumstances, and not long after.
pub(super) fn repeated<'c>(policy: &Policy, current: &'c CookieState, said: &Choice) -> Option<&'c Choice> {
    let parts = current.parts()?;
    let earlier = parts.answer(&said.purpose).filter(|_| parts.signalled(&said.purpose).is_none())?;
    let age = said.at.duration_since(earlier.at).as_hours();
    let is_same =
        (earlier.answer, earlier.version, earlier.gpc, earlier.opted_out) == (said.answer, policy.version, said.gpc, said.opted_out);
    (is_same && (0..SAME_ANSWER_HOURS).contains(&age)).then_some(earlier)
}

/// Whether a yes to this takes a second step: it was opted out of, or the browser's signal opts out of it now.
pub(super) fn needs_confirming(policy: &Policy, current: &CookieState, purpose: Index<Purpose>, circumstances: Circumstances) -> bool {
    let earlier = earlier(policy, current, purpose);
    let was_opted_out = earlier.is_some_and(|choice| choice.answer == Answer::No && choice.opted_out);
    let yes_under_signal = earlier.is_some_and(|choice| choice.answer == Answer::Yes && choice.gpc);
    was_opted_out || (circumstances.gpc && !yes_under_signal && opted_out_by_gpc(policy).contains(purpose))
}

/// Whether a no to this ends what is otherwise on, or what the browser's signal already ended.
pub(crate) fn is_opt_out(policy: &Policy, purpose: Index<Purpose>, circumstances: Circumstances) -> bool {
    let on_by_default = || purposes_in_force(policy, &Standing::default(), Circumstances { gpc: false, ..circumstances });
    (circumstances.gpc && opted_out_by_gpc(policy).contains(purpose)) || on_by_default().contains(purpose)
}

/// What was on before these answers and is off after them.
pub(super) fn ended(policy: &Policy, before: &Standing, after: &Standing, circumstances: Circumstances) -> Set<Purpose> {
    let on_after = purposes_in_force(policy, after, circumstances);
    purposes_in_force(policy, before, circumstances).iter().filter(|purpose| !on_after.contains(*purpose)).collect()
}

fn earlier<'c>(policy: &Policy, current: &'c CookieState, purpose: Index<Purpose>) -> Option<&'c Choice> {
    current.answer(&policy.purpose(purpose).id)
}

/// A yes to older words counted for nothing any more.
fn yes_counts(policy: &Policy, earlier: Option<&Choice>) -> bool {
    earlier.is_some_and(|choice| {
        let purpose = policy.purpose_named(choice.purpose.as_str()).map(|index| policy.purpose(index));
        choice.answer == Answer::Yes && purpose.is_some_and(|purpose| choice.version >= purpose.material_since)
    })
}
