//! A visitor's answers: what they change in the cookie, what is kept of them, and what every purpose stands at afterwards. Pure functions, but for the
//! keeping; the cookie is what counts, and the records show how it came to be.

mod event;
mod join;
mod keeping;
mod limits;
mod receipt;
mod refusals;
mod state;
mod submission;
#[cfg(test)]
mod tests;
mod words;

pub use event::{Asked, Event, basis, interface, rows, signalled};
pub(crate) use join::last_rows;
pub use join::{join, latest};
pub use keeping::{ChoiceRecords, KeepLater, KeptCounts, keep};
pub use limits::{RowLimits, TooMany};
pub use receipt::{Processing, Receipt, ReceiptEvent, receipt};
pub use refusals::RecentRefusals;
pub use state::{Because, PurposeState, purposes_in_force, states};
pub use submission::{Seen, Submission};
pub use words::{Words, words};

pub use policy::Circumstances;
pub use records::{ChoiceRow, RecordsError};

use domain::{Answer, Choice, ChoiceRecordId, Id, Random, Timestamp};
use policy::cookie::{ChoicesPart, CookieParts, CookieState, PreferencesPart, purpose_of, refusable};
use policy::model::{CookieHolds, Purpose};
use policy::{Index, Policy, Set};

pub(crate) use event::is_opt_out;

use event::{ended, event, needs_confirming, repeated};

/// Why answers were not taken. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoicesError {
    #[error("there is no purpose `{0}` in this site's policy")]
    UnknownPurpose(String),
    #[error("the answer about `{0}` is neither `yes` nor `no`")]
    NotYesOrNo(String),
    #[error("`{0}` is answered with both yes and no")]
    Contradiction(String),
    #[error("`{0}` is not a matter of choice: it does not rest on a yes or a no of yours")]
    NotRefusable(Id),
    #[error("`{0}` is none of the places where choices are made: `page`, `banner`, `placeholder` or `api`")]
    UnknownInterface(String),
    #[error("there is no preference `{0}` in this site's policy")]
    UnknownPreference(String),
    #[error("`{value}` is not a value of the preference `{preference}`")]
    UnknownPreferenceValue { preference: Id, value: String },
    #[error("this site's policy declares no cookie that could remember choices")]
    NoChoicesCookie,
    #[error("this site's policy declares no cookie that could remember preferences")]
    NoPreferencesCookie,
    #[error("the policy or your choices have changed since this form was shown")]
    Stale,
}

/// What answers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The cookie after them.
    pub parts: CookieParts,
    /// One for every answer that was taken, new or not.
    pub events: Vec<Event>,
    /// A yes to these was left out: they were opted out of, and it takes a second step to opt back in.
    pub unconfirmed: Vec<Index<Purpose>>,
    /// What was on and is off now.
    pub ended: Set<Purpose>,
}

/// What these answers do. A yes is taken only from a form that shows how things stand; a no from any. A purpose that is not answered stays as it is; a yes that needs confirming and is not confirmed is left out and named.
pub fn change(
    policy: &Policy,
    current: &CookieState,
    submission: &Submission,
    circumstances: Circumstances,
    random: &dyn Random,
) -> Result<Change, ChoicesError> {
    if submission.seen.is_stale(policy, current) && submission.says_yes() {
        return Err(ChoicesError::Stale);
    }
    let mut parts = current.parts().cloned().unwrap_or_default();
    let (answers, unconfirmed) = confirmed(policy, current, submission, circumstances)?;
    if !answers.is_empty() {
        parts.choices = Some(answered(policy, current, &answers, circumstances, random));
    }
    let events = answers.iter().map(|(purpose, answer)| event(policy, current, *purpose, *answer, circumstances)).collect();
    let wished = wished_preferences(policy, &submission.preferences)?;
    apply_preferences(policy, &mut parts, wished, circumstances);
    let parts = without_refused_parts(policy, parts, circumstances);
    Ok(Change { events, unconfirmed, ended: ended(policy, &current.standing(policy), &parts.standing(policy), circumstances), parts })
}

type Answers = Vec<(Index<Purpose>, Answer)>;

/// The answers that are taken now, and those that wait for a second step.
fn confirmed(
    policy: &Policy,
    current: &CookieState,
    submission: &Submission,
    circumstances: Circumstances,
) -> Result<(Answers, Vec<Index<Purpose>>), ChoicesError> {
    let answers = submission.answered(policy)?;
    if !answers.is_empty() && purpose_of(policy, &CookieHolds::Choices).is_none() {
        return Err(ChoicesError::NoChoicesCookie);
    }
    let waits = |(purpose, answer): &(Index<Purpose>, Answer)| {
        *answer == Answer::Yes && !submission.confirmed && needs_confirming(policy, current, *purpose, circumstances)
    };
    let (waiting, taken): (Answers, Answers) = answers.into_iter().partition(waits);
    Ok((taken, waiting.into_iter().map(|(purpose, _)| purpose).collect()))
}

/// When the last choice was made, as a form carries it.
pub fn last_choice(current: &CookieState) -> Option<Timestamp> {
    current.parts().and_then(|parts| parts.choices.as_ref()).map(|part| part.made)
}

fn answered(
    policy: &Policy,
    current: &CookieState,
    answers: &[(Index<Purpose>, Answer)],
    circumstances: Circumstances,
    random: &dyn Random,
) -> ChoicesPart {
    let made = to_the_second(circumstances.now);
    let new_choice = |purpose: Index<Purpose>, answer: Answer| Choice {
        purpose: policy.purpose(purpose).id.clone(),
        answer,
        at: made,
        version: policy.version,
        gpc: circumstances.gpc,
        opted_out: answer == Answer::No && is_opt_out(policy, purpose, circumstances),
    };
    // What was said already was said then: that is what the records show.
    let choice = |purpose, answer| {
        let new = new_choice(purpose, answer);
        repeated(policy, current, &new).cloned().unwrap_or(new)
    };
    let earlier = match current {
        CookieState::Verified(parts) => own_answers(parts, made),
        CookieState::Absent => None,
        // What cannot be believed counts as refusing everything; a first answer about one purpose must not switch the others on.
        CookieState::Unverified(_) => Some(ChoicesPart {
            record: ChoiceRecordId::random(random),
            made,
            choices: refusable(policy).iter().map(|purpose| choice(purpose, Answer::No)).collect(),
        }),
    };
    let (record, mut choices) = earlier.map_or_else(|| (ChoiceRecordId::random(random), Vec::new()), |part| (part.record, part.choices));
    choices.retain(|known| {
        let index = policy.purpose_named(known.purpose.as_str());
        index.is_some_and(|index| answers.iter().all(|(answered, _)| *answered != index))
    });
    choices.extend(answers.iter().map(|(purpose, answer)| choice(*purpose, *answer)));
    ChoicesPart { record, made, choices }
}

/// What was answered before, without what the browser's signal ended since: the signal says so for as long as it lives, and a yes that it ended must not
/// come back afterwards.
fn own_answers(parts: &CookieParts, made: Timestamp) -> Option<ChoicesPart> {
    let record = parts.record()?;
    let mut part = parts.choices.clone().unwrap_or(ChoicesPart { record, made, choices: Vec::new() });
    part.choices.retain(|choice| parts.signalled(&choice.purpose).is_none());
    Some(part)
}

/// The wished values, each declared by the policy; none forgets a preference.
fn wished_preferences(policy: &Policy, wishes: &[(String, String)]) -> Result<Vec<(Id, Option<String>)>, ChoicesError> {
    if !wishes.is_empty() && purpose_of(policy, &CookieHolds::Preferences).is_none() {
        return Err(ChoicesError::NoPreferencesCookie);
    }
    wishes
        .iter()
        .map(|(name, value)| {
            let preference = policy
                .preferences
                .iter()
                .find(|preference| preference.id == *name.as_str())
                .ok_or_else(|| ChoicesError::UnknownPreference(name.clone()))?;
            let id = preference.id.clone();
            if value.is_empty() {
                Ok((id, None))
            } else if preference.values.contains(value) {
                Ok((id, Some(value.clone())))
            } else {
                Err(ChoicesError::UnknownPreferenceValue { preference: id, value: value.clone() })
            }
        })
        .collect()
}

/// Sets, changes and forgets what was wished for. The part lives from the last change; saying the same again does not extend it.
fn apply_preferences(policy: &Policy, parts: &mut CookieParts, wished: Vec<(Id, Option<String>)>, circumstances: Circumstances) {
    let before = parts.preferences.take();
    let mut values = before.as_ref().map_or_else(Vec::new, |part| part.values.clone());
    values.retain(|(id, value)| policy.preferences.iter().any(|known| known.id == *id && known.values.contains(value)));
    for (id, value) in wished {
        values.retain(|(known, _)| *known != id);
        values.extend(value.map(|value| (id, value)));
    }
    values.sort();
    let made = match before {
        Some(part) if part.values == values => part.made,
        _ => to_the_second(circumstances.now),
    };
    parts.preferences = (!values.is_empty()).then_some(PreferencesPart { made, values });
}

/// A part of the cookie lives only while its purpose may: a no ends the visitor's id and the preferences kept for it.
pub fn without_refused_parts(policy: &Policy, mut parts: CookieParts, circumstances: Circumstances) -> CookieParts {
    let standing = parts.standing(policy);
    let refused = standing.refusals;
    let in_force = purposes_in_force(policy, &standing, circumstances);
    parts.visitor = parts.visitor.filter(|_| purpose_of(policy, &CookieHolds::Visitor).is_some_and(|purpose| !refused.contains(purpose)));
    parts.preferences =
        parts.preferences.filter(|_| purpose_of(policy, &CookieHolds::Preferences).is_some_and(|purpose| in_force.contains(purpose)));
    parts
}

/// The cookie carries whole seconds.
pub(crate) fn to_the_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
