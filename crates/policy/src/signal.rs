//! What `Sec-GPC: 1` writes into a browser's cookie: the signal binds the browser, and its later absence is no consent.

use domain::{Answer, Choice, ChoiceRecordId, Random, Timestamp};

use crate::Set;
use crate::cookie::{ChoicesPart, CookieParts, CookieState, purpose_of, refusable};
use crate::decide::opted_out_by_gpc;
use crate::model::{CookieHolds, Policy, Purpose};

/// The signal, put into words that a cookie can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signalled {
    /// The cookie with it.
    pub parts: CookieParts,
    /// The pseudonym it is recorded under.
    pub record: ChoiceRecordId,
    /// What is opted out of that was not before.
    pub purposes: Set<Purpose>,
    /// Those of them that a yes, said without the signal, had been given to.
    pub withdrawn: Set<Purpose>,
}

/// What a page visit with `Sec-GPC: 1` adds to this cookie: a no to each purpose the signal opts out of, unless there is a no already, or a yes that
/// was said while sending it. None where that is nothing, where the policy keeps no choices, and where the cookie cannot be believed: such a cookie
/// refuses everything as it is.
pub fn signalled(policy: &Policy, cookie: &CookieState, now: Timestamp, random: &dyn Random) -> Option<Signalled> {
    purpose_of(policy, &CookieHolds::Choices)?;
    let parts = match cookie {
        CookieState::Unverified(_) => return None,
        CookieState::Absent => CookieParts::default(),
        CookieState::Verified(parts) => (**parts).clone(),
    };
    let earlier = |purpose| parts.choices.as_ref().and_then(|part| part.answer(&policy.purpose(purpose).id));
    let is_settled = |choice: &Choice| choice.answer == Answer::No || choice.gpc;
    let answerable = refusable(policy);
    let purposes: Set<Purpose> = opted_out_by_gpc(policy)
        .iter()
        .filter(|purpose| answerable.contains(*purpose) && !earlier(*purpose).is_some_and(is_settled))
        .collect();
    if purposes.is_empty() {
        return None;
    }
    let withdrawn = purposes.iter().filter(|purpose| earlier(*purpose).is_some()).collect();
    let made = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let (record, mut choices) = match parts.choices {
        Some(part) => (part.record, part.choices),
        None => (ChoiceRecordId::random(random), Vec::new()),
    };
    choices.retain(|choice| policy.purpose_named(choice.purpose.as_str()).is_none_or(|purpose| !purposes.contains(purpose)));
    choices.extend(purposes.iter().map(|purpose| Choice {
        purpose: policy.purpose(purpose).id.clone(),
        answer: Answer::No,
        at: made,
        version: policy.version,
        gpc: true,
        opted_out: true,
    }));
    let parts = CookieParts { choices: Some(ChoicesPart { record, made, choices }), ..parts };
    Some(Signalled { parts, record, purposes, withdrawn })
}
