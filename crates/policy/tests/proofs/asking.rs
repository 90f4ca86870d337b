//! Whom pages ask, about what, and how soon again.

use domain::{Answer, Choice, ChoiceRecordId, Region, SeededRandom, Timestamp, Version};
use policy::cookie::{self, ChoicesPart, CookieParts, CookieState, SigningKeys};
use policy::model::{Cookie, CookieHolds, Purpose};
use policy::{Circumstances, Index, Person, Policy, Revocations, Set, VisitFacts, due, plan_visit};

use super::support::house::house;
use super::support::id;

const NOON: &str = "2026-03-01T12:00:00Z";
const GERMANY: &str = "DE";
const CALIFORNIA: &str = "us-ca";

fn keys() -> SigningKeys {
    let mut records = Vec::new();
    SigningKeys::rotated(&mut records, at(NOON), &SeededRandom::new(1));
    SigningKeys::from_records(records).expect("a key")
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn asking() -> Policy {
    let mut policy = house();
    let purpose = Index::new(0);
    policy.cookies.push(Cookie {
        id: id("choices"),
        holds: CookieHolds::Choices,
        purpose,
        keep: domain::Span::months(36),
        needed_for: Vec::new(),
    });
    policy
}

fn asked(policy: &Policy, cookie: &CookieState, place: &str, gpc: bool, now: &str) -> Vec<String> {
    let circumstances = Circumstances { gpc, region: Region::parse(place).expect("a region"), now: at(now) };
    let standing = cookie.standing(policy);
    let person = Person { consents: &standing.consents, refusals: standing.refusals, ..Person::default() };
    let facts = VisitFacts { person, gpc, region: circumstances.region, at: circumstances.now };
    let plan = plan_visit(policy, &Revocations::default(), &facts);
    let due: Set<Purpose> = due(policy, cookie, &plan, circumstances);
    due.iter().map(|purpose| policy.purpose(purpose).id.to_string()).collect()
}

fn answered(policy: &Policy, purposes: &[String], choice: impl Fn(&str) -> Choice) -> CookieState {
    let now = at(NOON);
    let choices = purposes.iter().map(|purpose| choice(purpose)).collect();
    let part = ChoicesPart { record: ChoiceRecordId([7; 16]), made: now, choices };
    let written = cookie::write_choices(policy, &keys(), &CookieParts { choices: Some(part), ..CookieParts::default() }, now, true);
    cookie::read_back(policy, &keys(), now, &CookieState::Absent, &[written.expect("a cookie")])
}

fn choice(purpose: &str, answer: Answer, version: u32, opted_out: bool) -> Choice {
    Choice { purpose: id(purpose), answer, at: at(NOON), version: Version(version), gpc: false, opted_out }
}

#[test]
fn a_stranger_is_asked_about_what_pages_do_and_not_about_what_is_on_anyway() {
    let policy = asking();
    let in_germany = asked(&policy, &CookieState::Absent, GERMANY, false, NOON);
    let in_california = asked(&policy, &CookieState::Absent, CALIFORNIA, false, NOON);
    assert!(!in_germany.is_empty());
    assert!(!in_germany.contains(&"news".to_owned()), "mail is asked about where people have an account");
    assert!(in_california.iter().all(|purpose| in_germany.contains(purpose)) && in_california.len() < in_germany.len());
}

#[test]
fn a_no_is_left_in_peace_for_six_months_and_an_opt_out_for_twelve() {
    let policy = asking();
    let open = asked(&policy, &CookieState::Absent, GERMANY, false, NOON);
    let refused = answered(&policy, &open, |purpose| choice(purpose, Answer::No, 3, false));
    assert_eq!(asked(&policy, &refused, GERMANY, false, "2026-08-31T12:00:00Z"), Vec::<String>::new());
    assert_eq!(asked(&policy, &refused, GERMANY, false, "2026-09-01T12:00:00Z"), open);
    let opted_out = answered(&policy, &open, |purpose| choice(purpose, Answer::No, 3, true));
    assert_eq!(asked(&policy, &opted_out, GERMANY, false, "2027-02-28T12:00:00Z"), Vec::<String>::new());
    assert_eq!(asked(&policy, &opted_out, GERMANY, false, "2027-03-01T12:00:00Z"), open);
}

#[test]
fn a_material_change_asks_again_but_never_whoever_opted_out() {
    let mut policy = asking();
    let open = asked(&policy, &CookieState::Absent, GERMANY, false, NOON);
    for purpose in &mut policy.purposes {
        purpose.material_since = Version(3);
    }
    for (answer, opted_out, expected) in [(Answer::Yes, false, true), (Answer::No, false, true), (Answer::No, true, false)] {
        let before = answered(&policy, &open, |purpose| choice(purpose, answer, 2, opted_out));
        assert_eq!(asked(&policy, &before, GERMANY, false, "2026-03-02T12:00:00Z") == open, expected, "{answer:?} {opted_out}");
    }
}

#[test]
fn nobody_is_asked_against_their_browsers_signal() {
    let policy = asking();
    let signalled = asked(&policy, &CookieState::Absent, GERMANY, true, NOON);
    let subject: Vec<String> = policy::opted_out_by_gpc(&policy).iter().map(|purpose| policy.purpose(purpose).id.to_string()).collect();
    assert!(!subject.is_empty() && signalled.iter().all(|purpose| !subject.contains(purpose)));
}

#[test]
fn nobody_is_asked_for_an_answer_that_could_not_be_remembered() {
    let mut policy = asking();
    policy.cookies.retain(|cookie| cookie.holds != CookieHolds::Choices);
    assert_eq!(asked(&policy, &CookieState::Absent, GERMANY, false, NOON), Vec::<String>::new());
}
