//! Our signed cookie: what it carries comes back, and what is not ours counts as a no.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{AccountId, Age, Answer, Choice, ChoiceRecordId, Field, SeededRandom, SessionId, Span, Timestamp, Version, VisitorId};
use policy::cookie::{
    COOKIE_BYTES_MAX, COOKIE_SECONDS_MAX, ChoicesPart, CookieParts, CookieState, Kind, PreferencesPart, SessionPart, SignalPart, SignedIn,
    SigningKeys, Standing, TicketAgreement, Unverified, VisitorPart, read, read_back, refusable, write_choices, write_visit,
};
use policy::model::{Agreement, CookieHolds, Policy};
use policy::{Revocations, Sealed, VisitFacts, account_permit, plan_visit, subject_permit};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Place;

use crate::support::any::{any_policy, region};
use crate::support::house::{house, named};
use crate::support::id;

/// What each of our cookies is signed for.
const fn context(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Choices => b"candor cookie 1",
        Kind::Visit => b"candor visit cookie 1",
    }
}

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
        signal: Some(SignalPart::new(ChoiceRecordId([9; 16]), now(), [(id("research"), now(), Version(3))])),
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
        agreements: Vec::new(),
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

/// What a browser sends of ours: the values of the cookie with the choices and of the one of visits, each empty where there is none.
type Values = [String; 2];

fn written(policy: &Policy, parts: &CookieParts) -> Values {
    [write_choices, write_visit].map(|write| value(&write(policy, &keys(), parts, now(), true).expect("it fits")).to_owned())
}

fn read_at(policy: &Policy, [choices, visit]: &Values, at: Timestamp) -> CookieState {
    let sent = |value| Some(String::as_bytes(value)).filter(|value| !value.is_empty()).into_iter();
    read(policy, &keys(), at, sent(choices), sent(visit))
}

/// A browser that sends one value as its cookie of this kind, and nothing else of ours.
fn read_alone(policy: &Policy, kind: Kind, value: &[u8], at: Timestamp) -> CookieState {
    match kind {
        Kind::Choices => read(policy, &keys(), at, [value].into_iter(), std::iter::empty()),
        Kind::Visit => read(policy, &keys(), at, std::iter::empty(), [value].into_iter()),
    }
}

/// A payload of any kind under a signature that holds.
fn signed(kind: Kind, payload: &[u8]) -> String {
    let (id, tag) = keys().sign(context(kind), payload);
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
    assert_eq!(standing.refusals, [named(&house, "statistics"), named(&house, "research")].into_iter().collect());
}

#[test]
fn our_cookies_look_like_this() {
    let house = house();
    let set = |https| [write_choices, write_visit].map(|write| write(&house, &keys(), &everything(), now(), https).expect("it fits"));
    let (secure, plain) = (set(true), set(false));
    let without_value = |cookie: &String| cookie.replace(value(cookie), "…");
    insta::assert_snapshot!(secure.iter().chain(&plain).map(without_value).collect::<Vec<_>>().join("\n"), @"
    __Host-candor=…; Max-Age=34214400; Path=/; Secure; HttpOnly; SameSite=Lax
    __Host-candor-visit=…; Max-Age=34214400; Path=/; Secure; HttpOnly; SameSite=Lax
    candor=…; Max-Age=34214400; Path=/; HttpOnly; SameSite=Lax
    candor-visit=…; Max-Age=34214400; Path=/; HttpOnly; SameSite=Lax
    ");
    assert_eq!(secure.each_ref().map(|set| value(set)), plain.each_ref().map(|set| value(set)));
    let ended = [write_choices, write_visit].map(|write| write(&house, &keys(), &CookieParts::default(), now(), true).expect("it fits"));
    insta::assert_snapshot!(ended.join("\n"), @"
    __Host-candor=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax
    __Host-candor-visit=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax
    ");
}

#[test]
fn what_pages_write_carries_no_answer_and_what_answers_write_no_visitor() {
    let house = house();
    let [choices, visit] = written(&house, &everything());
    let parts = |values: [&str; 2]| read_at(&house, &values.map(str::to_owned), now()).parts().cloned().expect("it verifies");
    let (by_answers, by_pages) = (parts([&choices, ""]), parts(["", &visit]));
    assert_eq!(by_answers, CookieParts { visitor: None, signal: None, session: None, ..everything() });
    assert_eq!(by_pages, CookieParts { choices: None, preferences: None, ..everything() });
    assert!(by_pages.standing(&house).consents.is_empty(), "no page brings a yes");
}

#[test]
fn neither_cookie_is_read_as_the_other() {
    let house = house();
    let [choices, visit] = written(&house, &everything());
    let state = read_at(&house, &[visit.clone(), choices.clone()], now());
    assert_eq!(state, CookieState::Unverified(Unverified::Forged));
    for (kind, other) in [(Kind::Choices, Kind::Visit), (Kind::Visit, Kind::Choices)] {
        let value = if kind == Kind::Choices { &choices } else { &visit };
        let payload = BASE64_URL_SAFE_NO_PAD.decode(value).expect("base64");
        let state = read_alone(&house, other, signed(other, &payload[4..payload.len() - 32]).as_bytes(), now());
        assert_eq!(state, CookieState::Unverified(Unverified::Malformed), "whoever signed it");
        assert!(refuses_all(&house, &state));
    }
}

#[test]
fn one_cookie_that_is_not_believed_is_enough_to_refuse_all() {
    let house = house();
    let [choices, visit] = written(&house, &everything());
    for values in [[choices, "AAAA".to_owned()], ["AAAA".to_owned(), visit]] {
        let state = read_at(&house, &values, now());
        assert!(matches!(state, CookieState::Unverified(_)));
        assert!(refuses_all(&house, &state));
    }
}

#[test]
fn a_page_that_was_on_its_way_brings_nothing_back() {
    let house = house();
    let before = everything();
    let refused = choices(vec![choice("news", Answer::No)]);
    let browser = read_at(&house, &written(&house, &refused), now());
    // It was asked for while the browser still had everything, and it comes last.
    let page = write_visit(&house, &keys(), &before, now(), true).expect("it fits");
    let after = read_back(&house, &keys(), now(), &browser, &[page]);
    let parts = after.parts().expect("it verifies");
    assert_eq!((&parts.choices, &parts.preferences), (&refused.choices, &refused.preferences));
    assert!(after.standing(&house).consents.is_empty());
}

#[test]
fn a_yes_counts_against_the_signal_if_it_was_said_after_it_or_under_it() {
    let house = house();
    let earlier = Timestamp::from_second(now().as_second() - 1).expect("a second");
    let said = |answer, at, gpc| Choice { at, gpc, ..choice("news", answer) };
    let signal = SignalPart::new(ChoiceRecordId([9; 16]), now(), [(id("news"), now(), Version(3))]);
    let later = Timestamp::from_second(now().as_second() + 1).expect("a second");
    for (own, counts) in [
        (said(Answer::Yes, earlier, false), false),
        (said(Answer::Yes, earlier, true), false),
        (said(Answer::Yes, now(), false), false),
        (said(Answer::Yes, now(), true), true),
        (said(Answer::Yes, later, false), true),
        (said(Answer::No, earlier, false), false),
        (said(Answer::No, later, true), false),
    ] {
        let parts = CookieParts { signal: Some(signal.clone()), ..choices(vec![own.clone()]) };
        let standing = parts.standing(&house);
        assert_eq!(standing.consents.len(), usize::from(counts), "{own:?}");
        assert_eq!(standing.refusals.contains(named(&house, "news")), !counts);
        assert_eq!(parts.signalled(&id("news")).is_some(), !counts && own.answer == Answer::Yes, "a no of theirs is theirs: {own:?}");
    }
}

#[test]
fn no_cookie_says_nothing() {
    let house = house();
    let state = read(&house, &keys(), now(), std::iter::empty(), std::iter::empty());
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
    assert_eq!(read_at(&house, &["nonsense".to_owned(), "nonsense".to_owned()], now()).signed_in(now()), SignedIn::Nobody);
}

#[test]
fn a_ticket_carries_what_was_agreed_and_each_agreement_ends_with_its_own_time() {
    let policy = house();
    let agreement = |name: &str, until: Option<Timestamp>| TicketAgreement { name: id(name), until };
    let until = Span::minutes(5).after(now());
    let agreements = vec![agreement("home-visits", None), agreement("loan", Some(until)), agreement("unknown", None)];
    let policy = Policy { agreements: ["loan", "home-visits"].map(|name| Agreement { id: id(name) }).to_vec(), ..policy };
    let parts = CookieParts { session: Some(SessionPart { agreements, ..annas_ticket() }), ..everything() };
    let state = read_at(&policy, &written(&policy, &parts), now());
    assert_eq!(state.parts().and_then(|read| read.session.clone()), parts.session);
    let SignedIn::As(anna) = state.signed_in(now()) else { panic!("she is signed in") };
    let place = |name: &str| policy.agreement_named(name).expect("declared");
    let in_force = |at: Timestamp| anna.agreements(&policy, at);
    assert_eq!(in_force(now()), [place("loan"), place("home-visits")].into_iter().collect());
    assert_eq!(in_force(until), [place("home-visits")].into_iter().collect());
    let late = vec![agreement("loan", Some("2199-01-01T00:00:00Z".parse().expect("a time")))];
    let parts = CookieParts { session: Some(SessionPart { agreements: late, ..annas_ticket() }), ..everything() };
    let SignedIn::As(far) = read_at(&policy, &written(&policy, &parts), now()).signed_in(now()) else { panic!("it has a place") };
    assert_eq!(far.agreements(&policy, now()), [place("loan")].into_iter().collect());
    let signed_out = state.without_ticket();
    assert_eq!(signed_out.signed_in(now()), SignedIn::Nobody, "what was agreed goes with the ticket");
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
    for (kind, value) in Kind::ALL.into_iter().zip(written(&house, &everything())) {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&value).expect("base64");
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1 << bit;
                let state = read_alone(&house, kind, BASE64_URL_SAFE_NO_PAD.encode(&flipped).as_bytes(), now());
                assert_eq!(state, CookieState::Unverified(Unverified::Forged), "bit {bit} of byte {place}");
                assert!(refuses_all(&house, &state));
            }
        }
        for place in 0..value.len() {
            let mut flipped = value.clone().into_bytes();
            flipped[place] ^= 1;
            assert!(matches!(read_alone(&house, kind, &flipped, now()), CookieState::Unverified(_)), "character {place}");
        }
        for length in 0..value.len() {
            let state = read_alone(&house, kind, &value.as_bytes()[..length], now());
            assert!(matches!(state, CookieState::Unverified(_)), "cut to {length}");
        }
    }
}

#[test]
fn two_cookies_of_one_of_our_names_are_not_believed() {
    let house = house();
    let [choices, visit] = written(&house, &everything());
    for (choices_times, visit_times) in [(2, 1), (1, 2)] {
        let choices = std::iter::repeat_n(choices.as_bytes(), choices_times);
        let visit = std::iter::repeat_n(visit.as_bytes(), visit_times);
        let state = read(&house, &keys(), now(), choices, visit);
        assert_eq!(state, CookieState::Unverified(Unverified::Duplicate));
        assert!(refuses_all(&house, &state));
    }
}

#[test]
fn a_cookie_too_long_is_not_even_looked_at() {
    let house = house();
    for kind in Kind::ALL {
        let state = read_alone(&house, kind, "A".repeat(COOKIE_BYTES_MAX).as_bytes(), now());
        assert_eq!(state, CookieState::Unverified(Unverified::Oversized));
        assert!(refuses_all(&house, &state));
    }
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
        state.parts().map(|parts| (parts.choices.is_some(), parts.visitor.is_some(), parts.preferences.is_some(), parts.signal.is_some()))
    };
    assert_eq!(seen(5), Some((true, true, true, true)));
    assert_eq!(seen(6), Some((true, false, true, true)), "a visitor is remembered for six months");
    assert_eq!(seen(12), Some((true, false, false, true)), "a signal as long as choices");
    assert_eq!(seen(13), None);
}

#[test]
fn coming_back_does_not_make_a_visitor_live_longer() {
    let house = house();
    let alone = CookieParts { visitor: everything().visitor, ..CookieParts::default() };
    let later = Span::months(5).after(now());
    let first = written(&house, &alone);
    let read_back = read_at(&house, &first, later).parts().cloned().expect("it verifies");
    let second = write_visit(&house, &keys(), &read_back, later, true).expect("it fits");
    let end = Span::months(6).after(now());
    assert_eq!(max_age(&second), end.duration_since(later).as_secs().unsigned_abs());
    assert!(read_alone(&house, Kind::Visit, value(&second).as_bytes(), end).visitor().is_none());
}

#[test]
fn what_the_policy_does_not_declare_is_not_written() {
    for undeclared in [CookieHolds::Choices, CookieHolds::Visitor, CookieHolds::Preferences] {
        let mut house = house();
        house.cookies.retain(|cookie| cookie.holds != undeclared);
        let state = read_at(&house, &written(&house, &everything()), now());
        let parts = state.parts().expect("it verifies");
        assert_eq!(parts.choices.is_none(), undeclared == CookieHolds::Choices);
        assert_eq!(parts.signal.is_none(), undeclared == CookieHolds::Choices);
        assert_eq!(parts.visitor.is_none(), undeclared == CookieHolds::Visitor);
        assert_eq!(parts.preferences.is_none(), undeclared == CookieHolds::Preferences);
    }
    let mut house = house();
    house.cookies.clear();
    for write in [write_choices, write_visit] {
        assert_eq!(max_age(&write(&house, &keys(), &everything(), now(), true).expect("it fits")), 0);
    }
}

#[test]
fn only_declared_preferences_travel() {
    let mut house = house();
    let preferring = |name: &str, value: &str| CookieParts {
        preferences: Some(PreferencesPart { made: now(), values: vec![(id(name), value.to_owned())] }),
        ..CookieParts::default()
    };
    for undeclared in [preferring("shoe-size", "es"), preferring("language", "klingon")] {
        assert_eq!(max_age(&write_choices(&house, &keys(), &undeclared, now(), true).expect("it fits")), 0);
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
    assert_eq!(write_choices(&house, &keys(), &preferring, now(), true), None, "a text of 300 bytes");

    let mut before_time = choices(vec![choice("news", Answer::No)]);
    before_time.choices.as_mut().expect("choices").choices[0].at = Timestamp::MIN;
    assert_eq!(write_choices(&house, &keys(), &before_time, now(), true), None, "a choice before the clock began");

    let crowd = choices((0..256).map(|_| choice("news", Answer::No)).collect());
    assert_eq!(write_choices(&house, &keys(), &crowd, now(), true), None, "more choices than can be counted");
}

#[test]
fn a_cookie_lives_no_longer_than_browsers_allow() {
    let mut house = house();
    house.cookies.iter_mut().for_each(|cookie| cookie.keep = Span::days(4_000));
    for write in [write_choices, write_visit] {
        assert_eq!(max_age(&write(&house, &keys(), &everything(), now(), true).expect("it fits")), COOKIE_SECONDS_MAX);
    }
}

#[test]
fn a_form_token_is_no_cookie() {
    let house = house();
    for (kind, value) in Kind::ALL.into_iter().zip(written(&house, &everything())) {
        let payload = BASE64_URL_SAFE_NO_PAD.decode(value).expect("base64");
        let payload = &payload[4..payload.len() - 32];
        let (id, tag) = keys().sign(b"candor form 1", payload);
        let state = read_alone(&house, kind, BASE64_URL_SAFE_NO_PAD.encode([&id[..], payload, &tag].concat()).as_bytes(), now());
        assert_eq!(state, CookieState::Unverified(Unverified::Forged));
    }
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

type Write = fn(&Policy, &SigningKeys, &CookieParts, Timestamp, bool) -> Option<String>;

/// Something like a payload: our numbers, and anything between them.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    let structured = vec(prop_oneof![0..6_u8, any::<u8>()], 0..80).prop_map(|rest| [vec![1], rest].concat());
    prop_oneof![structured, vec(any::<u8>(), 0..80)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_choice_that_fits_comes_back(made in vec(any_choice(), 0..100), https in any::<bool>()) {
        let house = house();
        let parts = choices(made);
        let Some(set_cookie) = write_choices(&house, &keys(), &parts, now(), https) else {
            let least: usize = parts.choices.iter().flat_map(|part| &part.choices).map(|choice| choice.purpose.as_str().len() + 10).sum();
            prop_assert!(least > 2_900, "{} bytes of choices fit into a cookie", least);
            return Ok(());
        };
        let (name, _) = set_cookie.split_once('=').expect("a name");
        prop_assert!(name.len() + value(&set_cookie).len() <= COOKIE_BYTES_MAX);
        prop_assert!(max_age(&set_cookie) <= COOKIE_SECONDS_MAX);
        let state = read_alone(&house, Kind::Choices, value(&set_cookie).as_bytes(), now());
        prop_assert_eq!(state.parts(), Some(&parts));
    }

    #[test]
    fn bytes_that_are_not_ours_are_never_believed(bytes in vec(any::<u8>(), 0..5_000)) {
        for kind in Kind::ALL {
            prop_assert!(matches!(read_alone(&house(), kind, &bytes, now()), CookieState::Unverified(_)));
        }
    }

    #[test]
    fn a_payload_of_any_kind_is_read_without_panic_and_says_what_it_holds(payload in any_payload()) {
        let mut house = house();
        house.cookies.iter_mut().for_each(|cookie| cookie.keep = Span::days(10_000));
        let at = Timestamp::UNIX_EPOCH;
        for (kind, write) in [(Kind::Choices, write_choices as Write), (Kind::Visit, write_visit)] {
            match read_alone(&house, kind, signed(kind, &payload).as_bytes(), at) {
                CookieState::Absent => prop_assert!(false, "a cookie was there"),
                state @ CookieState::Unverified(_) => prop_assert!(refuses_all(&house, &state)),
                CookieState::Verified(parts) => {
                    prop_assert!(kind == Kind::Choices || parts.standing(&house).consents.is_empty(), "only an answer says yes");
                    let again = value(&write(&house, &keys(), &parts, at, true).expect("it fitted")).to_owned();
                    if !parts.is_empty() {
                        let state = read_alone(&house, kind, again.as_bytes(), at);
                        prop_assert_eq!(state.parts(), Some(&*parts));
                    }
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

#[test]
fn what_was_refused_elsewhere_later_is_taken_over_and_a_yes_never_is() {
    let choice = |purpose: &str, answer: Answer, minute: i64| Choice {
        purpose: id(purpose),
        answer,
        at: Timestamp::from_second(minute * 60).expect("a time"),
        version: Version(1),
        gpc: false,
        opted_out: false,
    };
    let (yes, no) = (Answer::Yes, Answer::No);
    let here = || policy::cookie::ChoicesPart {
        record: ChoiceRecordId([1; 16]),
        made: Timestamp::from_second(120).expect("a time"),
        choices: vec![choice("a", yes, 2), choice("b", yes, 2), choice("c", no, 2)],
    };
    let mut part = here();
    let elsewhere = [choice("a", no, 3), choice("b", no, 1), choice("c", no, 3), choice("d", no, 1), choice("e", yes, 3)];
    assert!(part.refuse_as_well(&elsewhere));
    let answers: Vec<(&str, Answer, i64)> =
        part.choices.iter().map(|choice| (choice.purpose.as_str(), choice.answer, choice.at.as_second() / 60)).collect();
    assert_eq!(answers, [("a", no, 3), ("b", yes, 2), ("c", no, 2), ("d", no, 1)], "a later yes here stays");
    assert_eq!((part.record, part.made), (ChoiceRecordId([1; 16]), Timestamp::from_second(180).expect("a time")));
    assert!(!part.refuse_as_well(&elsewhere), "doing it again changes nothing");
}
