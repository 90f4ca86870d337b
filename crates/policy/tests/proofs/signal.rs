//! The browser's signal, written down.

use domain::{Answer, Choice, ChoiceRecordId, SeededRandom, Timestamp, Version};
use policy::cookie::{ChoicesPart, CookieParts, CookieState, SigningKeys, read_back, refusable, write_choices, write_visit};
use policy::{Person, Revocations};
use policy::{Policy, VisitFacts, opted_out_by_gpc, plan_visit, signalled};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Place;

use crate::support::any::{any_policy, region};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fn held(policy: &Policy, parts: &CookieParts) -> Option<CookieState> {
    let mut records = Vec::new();
    SigningKeys::rotated(&mut records, now(), &SeededRandom::new(7));
    let keys = SigningKeys::from_records(records).expect("a key");
    let written = [write_choices, write_visit].map(|write| write(policy, &keys, parts, now(), true));
    let written: Vec<String> = written.into_iter().collect::<Option<_>>()?;
    Some(read_back(policy, &keys, now(), &CookieState::Absent, &written))
}

/// A cookie with these answers about purposes of the policy.
fn answered(policy: &Policy, answers: &[(Place, bool, bool)]) -> CookieParts {
    let mut choices: Vec<Choice> = Vec::new();
    for (place, yes, gpc) in answers {
        let purpose = policy.purposes[place.index(policy.purposes.len())].id.clone();
        let answer = if *yes { Answer::Yes } else { Answer::No };
        if choices.iter().all(|known| known.purpose != purpose) {
            choices.push(Choice { purpose, answer, at: now(), version: Version(1), gpc: *gpc, opted_out: false });
        }
    }
    let part = ChoicesPart { record: ChoiceRecordId([9; 16]), made: now(), choices };
    CookieParts { choices: Some(part), ..CookieParts::default() }
}

proptest! {
    #[test]
    fn what_the_signal_ended_stays_ended_without_it(
        policy in any_policy(),
        answers in vec((any::<Place>(), any::<bool>(), any::<bool>()), 0..5),
        place in proptest::sample::select(vec!["us-ca", "de", "*"]),
    ) {
        let region = region(place);
        let before = answered(&policy, &answers);
        let Some(cookie) = held(&policy, &before) else { return Ok(()) };
        let plan = |cookie: &CookieState, gpc| {
            let standing = cookie.standing(&policy);
            let person = Person { consents: &standing.consents, refusals: standing.refusals, ..Person::default() };
            plan_visit(&policy, &Revocations::default(), &VisitFacts { person, gpc, region, at: now() }).purposes
        };
        let Some(signal) = signalled(&policy, &cookie, now(), &SeededRandom::new(1)) else { return Ok(()) };
        let Some(after) = held(&policy, &signal.parts) else { return Ok(()) };
        let (with, without) = (plan(&cookie, true), plan(&after, false));
        for purpose in opted_out_by_gpc(&policy).iter().filter(|purpose| refusable(&policy).contains(*purpose)) {
            prop_assert!(with.contains(purpose) || !without.contains(purpose), "{}", policy.purpose(purpose).id);
        }
        prop_assert_eq!(signalled(&policy, &after, now(), &SeededRandom::new(2)), None, "once is enough");
        prop_assert_eq!(&before.choices, &signal.parts.choices, "what somebody answered is theirs to change");
        for choice in &before.choices.expect("choices").choices {
            let kept = signal.parts.answer(&choice.purpose).expect("no answer is lost");
            let changed = policy.purpose_named(choice.purpose.as_str()).is_some_and(|purpose| signal.purposes.contains(purpose));
            prop_assert_eq!(kept.answer == choice.answer, !changed, "a yes became a no, or nothing changed");
            prop_assert_eq!(kept == choice, !changed);
        }
    }
}
