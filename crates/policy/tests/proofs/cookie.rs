//! Our signed cookie: what it carries comes back, and what is not ours counts as a no.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{AccountId, Age, Answer, Choice, ChoiceRecordId, Field, SeededRandom, SessionId, Span, Timestamp, Version, VisitorId};
use policy::cookie::{
    COOKIE_BYTES_MAX, COOKIE_SECONDS_MAX, ChoicesPart, CookieParts, CookieState, PreferencesPart, SessionPart, SignedIn, SigningKeys,
    Standing, Unverified, VisitorPart, read, refusable, write,
};
use policy::model::{CookieHolds, Policy};
use policy::{Revocations, Sealed, VisitFacts, account_permit, plan_visit, subject_permit};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Place;

use crate::support::any::{any_policy, region};
use crate::support::house::{house, named};
use crate::support::id;

const CONTEXT: &[u8] = b"candor cookie 1";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fn keys() -> SigningKeys {
    let mut records = Vec::new();
    SigningKeys::rotated(&mut records, now(), &SeededRandom::new(7));
    SigningKeys::from_records(records).expect("a key")
}

fn choice(purpose: &str, answer: Answer) -> Choice {
    Choice { purpose: id(purpose), answer, at: now(), version: Version(3), gpc: false, opted_out: false }
}

fn choices(choices: Vec<Choice>) -> CookieParts {
    CookieParts { choices: Some(ChoicesPart { record: ChoiceRecordId([9; 16]), made: now(), choices }), ..CookieParts::default() }
}

fn everything() -> CookieParts {
    CookieParts {
        visitor: Some(VisitorPart::new(VisitorId([5; 16]), now())),
        preferences: Some(PreferencesPart { made: now(), values: vec![(id("language"), "es".to_owned())] }),
        session: Some(annas_ticket()),
        ..choices(vec![choice("news", Answer::Yes), choice("statistics", Answer::No)])
    }
}

fn annas_ticket() -> SessionPart {
    SessionPart {
        session: SessionId([6; 16]),
        account: AccountId([7; 16]),
        username: Sealed::new(Field::AccountUsername, "anna".to_owned()),
        age: Age::Adult,
        started: now(),
        renewed: now(),
    }
}

/// The value that the browser sends back.
fn value(set_cookie: &str) -> &str {
    set_cookie.split_once('=').and_then(|(_, rest)| rest.split_once(';')).expect("a Set-Cookie").0
}

fn max_age(set_cookie: &str) -> u64 {
    let (_, rest) = set_cookie.split_once("Max-Age=").expect("a lifetime");
    rest.split(';').next().and_then(|seconds| seconds.parse().ok()).expect("a number of seconds")
}

fn written(policy: &Policy, parts: &CookieParts) -> String {
    value(&write(policy, &keys(), parts, now(), true).expect("it fits")).to_owned()
}

fn read_at(policy: &Policy, value: &str, at: Timestamp) -> CookieState {
    read(policy, &keys(), at, [value.as_bytes()].into_iter())
}

/// A payload of any kind under a signature that holds.
fn signed(payload: &[u8]) -> String {
    let (id, tag) = keys().sign(CONTEXT, payload);
    BASE64_URL_SAFE_NO_PAD.encode([&id[..], payload, &tag].concat())
}

fn refuses_all(policy: &Policy, state: &CookieState) -> bool {
    state.standing(policy) == Standing { consents: Vec::new(), refusals: refusable(policy) } && state.visitor().is_none()
}

#[test]
fn what_was_written_is_read() {
    let house = house();
    let state = read_at(&house, &written(&house, &everything()), now());
    assert_eq!(state.parts(), Some(&everything()));
    let standing = state.standing(&house);
    assert_eq!(standing.consents.iter().map(|consent| consent.purpose).collect::<Vec<_>>(), [named(&house, "news")]);
    assert_eq!(standing.refusals.iter().collect::<Vec<_>>(), [named(&house, "statistics")]);
}

#[test]
fn a_cookie_looks_like_this() {
    let house = house();
    let secure = write(&house, &keys(), &everything(), now(), true).expect("it fits");
    let plain = write(&house, &keys(), &everything(), now(), false).expect("it fits");
    let without_value = |cookie: &str| cookie.replace(value(cookie), "…");
    insta::assert_snapshot!([&secure, &plain].map(|cookie| without_value(cookie)).join("\n"), @"
    __Host-candor=…; Max-Age=34214400; Path=/; Secure; HttpOnly; SameSite=Lax
    candor=…; Max-Age=34214400; Path=/; HttpOnly; SameSite=Lax
    ");
    assert_eq!(value(&secure), value(&plain));
    insta::assert_snapshot!(write(&house, &keys(), &CookieParts::default(), now(), true).expect("it fits"), @"__Host-candor=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
}

#[test]
fn no_cookie_says_nothing() {
    let house = house();
    let state = read(&house, &keys(), now(), std::iter::empty());
    assert_eq!(state, CookieState::Absent);
    assert_eq!(state.standing(&house), Standing::default());
}

#[test]
fn only_a_cookie_that_was_read_proves_a_visitor() {
    let house = house();
    let visitor = read_at(&house, &written(&house, &everything()), now()).visitor().expect("a visitor");
    assert_eq!(visitor.since(), now());
    assert_eq!(visitor.id().open(&subject_permit(&visitor)), Ok(&VisitorId([5; 16])));
}

#[test]
fn a_ticket_says_who_is_signed_in_for_ten_minutes_and_is_renewed_after_five() {
    let house = house();
    let written = written(&house, &everything());
    let at = |minutes: i64| now() + jiff::SignedDuration::from_mins(minutes);
    let signed_in = |minutes| read_at(&house, &written, at(minutes)).signed_in(at(minutes));
    let SignedIn::As(anna) = signed_in(0) else { panic!("nobody is signed in") };
    assert_eq!((anna.account(), anna.session(), anna.age()), (AccountId([7; 16]), SessionId([6; 16]), Age::Adult));
    assert_eq!(anna.username().open(&account_permit(&anna)), Ok(&"anna".to_owned()));
    assert!(!anna.is_due(at(4)) && anna.is_due(at(5)));
    assert!(matches!(signed_in(9), SignedIn::As(_)));
    assert_eq!(signed_in(10), SignedIn::Unsure(SessionId([6; 16])));
    assert!(matches!(signed_in(-1), SignedIn::As(_)), "clocks differ a little");
    assert_eq!(signed_in(-2), SignedIn::Unsure(SessionId([6; 16])), "the clock was set back, so nobody knows how old it is");
    assert_eq!(read_at(&house, "nonsense", now()).signed_in(now()), SignedIn::Nobody);
}

#[test]
fn a_ticket_can_be_doubted_or_taken_out_and_the_rest_of_the_cookie_stays() {
    let house = house();
    let cookie = || read_at(&house, &written(&house, &everything()), now());
    let doubted = cookie().with_unsure_ticket();
    assert_eq!(doubted.signed_in(now()), SignedIn::Unsure(SessionId([6; 16])));
    let again = written(&house, doubted.parts().expect("parts"));
    assert_eq!(read_at(&house, &again, now()).signed_in(now()), SignedIn::Unsure(SessionId([6; 16])), "also when it was written anew");
    let without = cookie().without_ticket();
    assert_eq!(without.signed_in(now()), SignedIn::Nobody);
    let left = CookieParts { session: None, ..everything() };
    assert_eq!(without.parts(), Some(&left));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let house = house();
    let value = written(&house, &everything());
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&value).expect("base64");
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            let state = read_at(&house, &BASE64_URL_SAFE_NO_PAD.encode(&flipped), now());
            assert_eq!(state, CookieState::Unverified(Unverified::Forged), "bit {bit} of byte {place}");
            assert!(refuses_all(&house, &state));
        }
    }
    for place in 0..value.len() {
        let mut flipped = value.clone().into_bytes();
        flipped[place] ^= 1;
        let state = read(&house, &keys(), now(), [&flipped[..]].into_iter());
        assert!(matches!(state, CookieState::Unverified(_)), "character {place}");
    }
    for length in 0..value.len() {
        assert!(matches!(read_at(&house, &value[..length], now()), CookieState::Unverified(_)), "cut to {length}");
    }
}

#[test]
fn two_cookies_of_our_name_are_not_believed() {
    let house = house();
    let value = written(&house, &everything());
    let state = read(&house, &keys(), now(), [value.as_bytes(), value.as_bytes()].into_iter());
    assert_eq!(state, CookieState::Unverified(Unverified::Duplicate));
    assert!(refuses_all(&house, &state));
}

#[test]
fn a_cookie_too_long_is_not_even_looked_at() {
    let house = house();
    let state = read_at(&house, &"A".repeat(COOKIE_BYTES_MAX), now());
    assert_eq!(state, CookieState::Unverified(Unverified::Oversized));
    assert!(refuses_all(&house, &state));
}

#[test]
fn choices_that_outlived_their_time_count_as_none() {
    let house = house();
    let value = written(&house, &everything());
    let (last, end): (Timestamp, Timestamp) =
        ("2027-04-01T11:59:59Z".parse().expect("a time"), "2027-04-01T12:00:00Z".parse().expect("a time"));
    assert!(matches!(read_at(&house, &value, last), CookieState::Verified(_)), "13 months are not over");
    let state = read_at(&house, &value, end);
    assert_eq!(state, CookieState::Unverified(Unverified::Expired));
    assert!(refuses_all(&house, &state));
}

#[test]
fn each_part_lives_for_its_own_time() {
    let house = house();
    let value = written(&house, &everything());
    let seen = |months| {
        let state = read_at(&house, &value, Span::months(months).after(now()));
        state.parts().map(|parts| (parts.choices.is_some(), parts.visitor.is_some(), parts.preferences.is_some()))
    };
    assert_eq!(seen(5), Some((true, true, true)));
    assert_eq!(seen(6), Some((true, false, true)), "a visitor is remembered for six months");
    assert_eq!(seen(12), Some((true, false, false)));
    assert_eq!(seen(13), None);
}

#[test]
fn coming_back_does_not_make_a_visitor_live_longer() {
    let house = house();
    let alone = CookieParts { choices: None, preferences: None, ..everything() };
    let later = Span::months(5).after(now());
    let first = write(&house, &keys(), &alone, now(), true).expect("it fits");
    let read_back = read_at(&house, value(&first), later).parts().cloned().expect("it verifies");
    let second = write(&house, &keys(), &read_back, later, true).expect("it fits");
    let end = Span::months(6).after(now());
    assert_eq!(max_age(&second), end.duration_since(later).as_secs().unsigned_abs());
    assert!(read_at(&house, value(&second), end).visitor().is_none());
}

#[test]
fn what_the_policy_does_not_declare_is_not_written() {
    for undeclared in [CookieHolds::Choices, CookieHolds::Visitor, CookieHolds::Preferences] {
        let mut house = house();
        house.cookies.retain(|cookie| cookie.holds != undeclared);
        let state = read_at(&house, &written(&house, &everything()), now());
        let parts = state.parts().expect("it verifies");
        assert_eq!(parts.choices.is_none(), undeclared == CookieHolds::Choices);
        assert_eq!(parts.visitor.is_none(), undeclared == CookieHolds::Visitor);
        assert_eq!(parts.preferences.is_none(), undeclared == CookieHolds::Preferences);
    }
    let mut house = house();
    house.cookies.clear();
    assert_eq!(max_age(&write(&house, &keys(), &everything(), now(), true).expect("it fits")), 0);
}

#[test]
fn only_declared_preferences_travel() {
    let mut house = house();
    let preferring = |name: &str, value: &str| CookieParts {
        preferences: Some(PreferencesPart { made: now(), values: vec![(id(name), value.to_owned())] }),
        ..CookieParts::default()
    };
    for undeclared in [preferring("shoe-size", "es"), preferring("language", "klingon")] {
        assert_eq!(max_age(&write(&house, &keys(), &undeclared, now(), true).expect("it fits")), 0);
    }
    let spanish = written(&house, &preferring("language", "es"));
    house.preferences[0].values.retain(|value| value != "es");
    assert_eq!(read_at(&house, &spanish, now()).parts(), Some(&CookieParts::default()), "it was declared when it was written");
}

#[test]
fn a_purpose_the_policy_dropped_says_nothing() {
    let house = house();
    let old = choices(vec![choice("horoscopes", Answer::Yes), choice("lotteries", Answer::No)]);
    let standing = read_at(&house, &written(&house, &old), now()).standing(&house);
    assert_eq!(standing, Standing::default());
}

#[test]
fn what_does_not_fit_is_not_written() {
    let mut house = house();
    let long = "x".repeat(300);
    house.preferences[0].values.push(long.clone());
    let preferring =
        CookieParts { preferences: Some(PreferencesPart { made: now(), values: vec![(id("language"), long)] }), ..CookieParts::default() };
    assert_eq!(write(&house, &keys(), &preferring, now(), true), None, "a text of 300 bytes");

    let mut before_time = choices(vec![choice("news", Answer::No)]);
    before_time.choices.as_mut().expect("choices").choices[0].at = Timestamp::MIN;
    assert_eq!(write(&house, &keys(), &before_time, now(), true), None, "a choice before the clock began");

    let crowd = choices((0..256).map(|_| choice("news", Answer::No)).collect());
    assert_eq!(write(&house, &keys(), &crowd, now(), true), None, "more choices than can be counted");
}

#[test]
fn a_cookie_lives_no_longer_than_browsers_allow() {
    let mut house = house();
    house.cookies.iter_mut().for_each(|cookie| cookie.keep = Span::days(4_000));
    assert_eq!(max_age(&write(&house, &keys(), &everything(), now(), true).expect("it fits")), COOKIE_SECONDS_MAX);
}

#[test]
fn a_form_token_is_no_cookie() {
    let house = house();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(written(&house, &everything())).expect("base64");
    let payload = &payload[4..payload.len() - 32];
    let (id, tag) = keys().sign(b"candor form 1", payload);
    let state = read_at(&house, &BASE64_URL_SAFE_NO_PAD.encode([&id[..], payload, &tag].concat()), now());
    assert_eq!(state, CookieState::Unverified(Unverified::Forged));
}

fn any_choice() -> impl Strategy<Value = Choice> {
    ("[a-z]{1,60}", any::<[bool; 3]>(), 1..9_u32, 0..1_000_000_i64).prop_map(|(purpose, [yes, gpc, opted_out], version, before)| Choice {
        purpose: id(&purpose),
        answer: if yes { Answer::Yes } else { Answer::No },
        at: Timestamp::from_second(now().as_second() - before).expect("a second"),
        version: Version(version),
        gpc,
        opted_out,
    })
}

/// Something like a payload: our numbers, and anything between them.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    let structured = vec(prop_oneof![0..4_u8, any::<u8>()], 0..80).prop_map(|rest| [vec![1], rest].concat());
    prop_oneof![structured, vec(any::<u8>(), 0..80)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_choice_that_fits_comes_back(made in vec(any_choice(), 0..100), https in any::<bool>()) {
        let house = house();
        let parts = choices(made);
        let Some(set_cookie) = write(&house, &keys(), &parts, now(), https) else {
            let least: usize = parts.choices.iter().flat_map(|part| &part.choices).map(|choice| choice.purpose.as_str().len() + 10).sum();
            prop_assert!(least > 2_900, "{} bytes of choices fit into a cookie", least);
            return Ok(());
        };
        let (name, _) = set_cookie.split_once('=').expect("a name");
        prop_assert!(name.len() + value(&set_cookie).len() <= COOKIE_BYTES_MAX);
        prop_assert!(max_age(&set_cookie) <= COOKIE_SECONDS_MAX);
        let state = read_at(&house, value(&set_cookie), now());
        prop_assert_eq!(state.parts(), Some(&parts));
    }

    #[test]
    fn bytes_that_are_not_ours_are_never_believed(bytes in vec(any::<u8>(), 0..5_000)) {
        let state = read(&house(), &keys(), now(), [&bytes[..]].into_iter());
        prop_assert!(matches!(state, CookieState::Unverified(_)));
    }

    #[test]
    fn a_payload_of_any_kind_is_read_without_panic_and_says_what_it_holds(payload in any_payload()) {
        let mut house = house();
        house.cookies.iter_mut().for_each(|cookie| cookie.keep = Span::days(10_000));
        let at = Timestamp::UNIX_EPOCH;
        match read_at(&house, &signed(&payload), at) {
            CookieState::Absent => prop_assert!(false, "a cookie was there"),
            state @ CookieState::Unverified(_) => prop_assert!(refuses_all(&house, &state)),
            CookieState::Verified(parts) => {
                let again = value(&write(&house, &keys(), &parts, at, true).expect("it fitted")).to_owned();
                if !parts.is_empty() {
                    let state = read_at(&house, &again, at);
                    prop_assert_eq!(state.parts(), Some(&*parts));
                }
            }
        }
    }

    #[test]
    fn a_cookie_that_is_not_believed_permits_nothing_that_none_would_refuse(
        policy in any_policy(),
        (gpc, place) in (any::<bool>(), any::<Place>()),
        why in proptest::sample::select(vec![Unverified::Duplicate, Unverified::Forged, Unverified::Expired]),
    ) {
        let plan = |state: CookieState| {
            let standing = state.standing(&policy);
            let person = policy::Person { consents: &standing.consents, refusals: standing.refusals, ..policy::Person::default() };
            let region = region(["*", "de", "us-ca"][place.index(3)]);
            plan_visit(&policy, &Revocations::default(), &VisitFacts { person, gpc, region, at: now() })
        };
        let (unbelieved, absent) = (plan(CookieState::Unverified(why)), plan(CookieState::Absent));
        prop_assert!(unbelieved.uses().is_subset(absent.uses()));
        prop_assert!(unbelieved.purposes.is_subset(absent.purposes));
        for rule in unbelieved.uses().iter().map(|index| policy.the_use(index)) {
            prop_assert!(!refusable(&policy).contains(rule.purpose) || policy.purpose(rule.purpose).compelling.is_some());
        }
    }
}
