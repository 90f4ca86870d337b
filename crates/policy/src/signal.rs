//! What `Sec-GPC: 1` writes into a browser's cookie of visits: the signal binds the browser, and its later absence is no consent.

use domain::{Answer, Choice, ChoiceRecordId, Random, Timestamp};

use crate::Set;
use crate::cookie::{CookieParts, CookieState, SignalPart, purpose_of, refusable};
use crate::decide::opted_out_by_gpc;
use crate::model::{CookieHolds, Policy, Purpose};

/// The signal, put into words that a cookie can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signalled {
    /// The cookies with it. The choices are as they were.
    pub parts: CookieParts,
    /// The pseudonym it is recorded under.
    pub record: ChoiceRecordId,
    /// What is opted out of that was not before.
    pub purposes: Set<Purpose>,
    /// Those of them that a yes, said without the signal, had been given to.
    pub withdrawn: Set<Purpose>,
}

/// What a page visit with `Sec-GPC: 1` adds to these cookies: a no to each purpose the signal opts out of, unless there is a no already, or a yes that
/// was said while sending it. None where that is nothing, where the policy keeps no choices, and where the cookie cannot be believed: such a cookie
/// refuses everything as it is.
pub fn signalled(policy: &Policy, cookie: &CookieState, now: Timestamp, random: &dyn Random) -> Option<Signalled> {
    purpose_of(policy, &CookieHolds::Choices)?;
    let parts = match cookie {
        CookieState::Unverified(_) => return None,
        CookieState::Absent => CookieParts::default(),
        CookieState::Verified(parts) => (**parts).clone(),
    };
    let earlier = |purpose| parts.answer(&policy.purpose(purpose).id);
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
    let record = parts.record().unwrap_or_else(|| ChoiceRecordId::random(random));
    let is_new = |choice: &Choice| policy.purpose_named(choice.purpose.as_str()).is_some_and(|purpose| purposes.contains(purpose));
    let known = parts.signal.iter().flat_map(|part| part.opted_out()).filter(|choice| !is_new(choice));
    let known = known.map(|choice| (choice.purpose.clone(), choice.at, choice.version));
    let new = purposes.iter().map(|purpose| (policy.purpose(purpose).id.clone(), made, policy.version));
    let signal = SignalPart::new(record, made, known.chain(new));
    let parts = CookieParts { signal: Some(signal), ..parts };
    Some(Signalled { parts, record, purposes, withdrawn })
}
