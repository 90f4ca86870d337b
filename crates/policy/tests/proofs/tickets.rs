//! What a ticket is worth once something ended, and for how long that is remembered.

use domain::{AccountId, Age, Field, Region, SessionId, Timestamp};
use jiff::SignedDuration;
use policy::cookie::SessionPart;
use policy::{Permit, Person, Revocations, Sealed, TicketStanding, VisitFacts, plan_visit};

use crate::support::house::house;

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fn after(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

fn ticket(session: u8, account: u8, renewed: Timestamp) -> SessionPart {
    SessionPart {
        session: SessionId([session; 16]),
        account: AccountId([account; 16]),
        username: Sealed::new(Field::AccountUsername, "anna".to_owned()),
        age: Age::Adult,
        started: noon(),
        renewed,
        agreements: Vec::new(),
    }
}

#[test]
fn a_session_that_was_ended_is_over_at_once_and_no_other_is() {
    let mut revocations = Revocations::default();
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Good);
    revocations.end_session(SessionId([1; 16]), after(1));
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Ended);
    assert_eq!(revocations.standing_of(&ticket(1, 1, after(2))), TicketStanding::Ended, "its id never comes back");
    assert_eq!(revocations.standing_of(&ticket(2, 1, noon())), TicketStanding::Good);
}

#[test]
fn whoever_signs_out_everywhere_has_every_older_ticket_asked_about() {
    let mut revocations = Revocations::default();
    revocations.end_sessions_of(AccountId([1; 16]), after(1));
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Unsure);
    assert_eq!(revocations.standing_of(&ticket(1, 1, after(1))), TicketStanding::Unsure, "it may have been made just before");
    assert_eq!(revocations.standing_of(&ticket(2, 1, after(2))), TicketStanding::Good, "they signed in again");
    assert_eq!(revocations.standing_of(&ticket(3, 2, noon())), TicketStanding::Good);
}

#[test]
fn a_closed_account_is_signed_out_whatever_its_ticket_says() {
    let mut revocations = Revocations::default();
    revocations.end_account(AccountId([1; 16]), after(1));
    revocations.end_sessions_of(AccountId([1; 16]), after(2));
    assert!(revocations.is_closed(AccountId([1; 16])));
    assert_eq!(revocations.standing_of(&ticket(1, 1, after(3))), TicketStanding::Ended);
    let mut older = Revocations::default();
    older.close(AccountId([2; 16]));
    assert_eq!(older.standing_of(&ticket(1, 2, noon())), TicketStanding::Ended);
}

#[test]
fn a_process_that_has_just_started_asks_about_every_older_ticket() {
    let revocations = Revocations::known_since(noon());
    assert_eq!(revocations.standing_of(&ticket(1, 1, after(-1))), TicketStanding::Unsure);
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Unsure);
    assert_eq!(revocations.standing_of(&ticket(1, 1, after(1))), TicketStanding::Good);
}

#[test]
fn what_ended_is_kept_for_as_long_as_a_ticket_can_say_otherwise() {
    let mut revocations = Revocations::default();
    revocations.end_session(SessionId([1; 16]), noon());
    revocations.end_account(AccountId([2; 16]), noon());
    revocations.forget(after(10));
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Ended);
    assert!(revocations.is_closed(AccountId([2; 16])));
    revocations.forget(after(11));
    assert_eq!(revocations.standing_of(&ticket(1, 1, noon())), TicketStanding::Good, "by then it is too old to be believed");
    assert!(!revocations.is_closed(AccountId([2; 16])));
}

#[test]
fn more_than_fits_has_every_ticket_asked_about_and_forgets_no_sign_out() {
    let mut revocations = Revocations::default();
    let session = |number: u16| {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_le_bytes());
        SessionId(id)
    };
    for number in 0..=4_096 {
        revocations.end_session(session(number), after(1));
    }
    for number in [0, 1, 4_095, 4_096] {
        let ended = SessionPart { session: session(number), ..ticket(0, 1, noon()) };
        assert_ne!(revocations.standing_of(&ended), TicketStanding::Good, "session {number}");
    }
    assert_eq!(revocations.standing_of(&ticket(9, 1, noon())), TicketStanding::Unsure);
    assert_eq!(revocations.standing_of(&ticket(9, 1, after(2))), TicketStanding::Good);
}

#[test]
fn a_new_version_of_the_policy_keeps_what_ended() {
    let (old, new) = (house(), house());
    let mut revocations = Revocations::known_since(noon());
    revocations.end_session(SessionId([1; 16]), after(1));
    revocations.end_sessions_of(AccountId([2; 16]), after(1));
    let carried = revocations.carried_over(&old, &new);
    for kept in [carried.clone(), Revocations::default().together_with(&carried), carried.together_with(&Revocations::default())] {
        assert_eq!(kept.standing_of(&ticket(1, 1, after(2))), TicketStanding::Ended);
        assert_eq!(kept.standing_of(&ticket(2, 2, after(1))), TicketStanding::Unsure);
        assert_eq!(kept.standing_of(&ticket(3, 3, noon())), TicketStanding::Unsure);
    }
}

fn username_permit(person: Person<'_>) -> Option<Permit> {
    let policy = house();
    let facts = VisitFacts { person, gpc: false, region: Region::UNKNOWN, at: noon() };
    plan_visit(&policy, &Revocations::default(), &facts).username_permit(&policy)
}

#[test]
fn a_username_is_opened_for_the_site_on_the_contract_of_an_open_account_alone() {
    let registered = Person { account: Some(AccountId([1; 16])), registered: true, ..Person::default() };
    assert!(username_permit(registered.clone()).is_some_and(|permit| permit.covers(Field::AccountUsername)));
    assert!(username_permit(Person::default()).is_none());
    assert!(username_permit(Person { closed: true, ..registered }).is_none());
}

fn purposes(policy: &policy::Policy, names: &[&str]) -> policy::Set<policy::model::Purpose> {
    names.iter().map(|name| policy.purpose_named(name).expect("a purpose of the house")).collect()
}

#[test]
fn what_somebody_refuses_is_known_until_their_tickets_were_asked_about_or_they_say_yes() {
    let house = house();
    let (anna, ben) = (AccountId([1; 16]), AccountId([2; 16]));
    let (news, both) = (purposes(&house, &["news"]), purposes(&house, &["news", "return-visits"]));
    let mut revocations = Revocations::default();
    revocations.refuse(anna, both, noon());
    assert_eq!((revocations.withdrawn_by(anna), revocations.withdrawn_by(ben)), (both, policy::Set::EMPTY));
    revocations.refuse(anna, news, after(10));
    revocations.forget(after(11));
    assert_eq!(revocations.withdrawn_by(anna), news, "what was heard again stays");
    for kept in [revocations.carried_over(&house, &house), Revocations::default().together_with(&revocations)] {
        assert_eq!(kept.withdrawn_by(anna), news);
    }
    revocations.permit(anna, news);
    assert_eq!(revocations.withdrawn_by(anna), policy::Set::EMPTY);
    revocations.permit(ben, news);
}

#[test]
fn more_refusals_than_fit_have_every_ticket_asked_about() {
    let house = house();
    let mut revocations = Revocations::default();
    for number in 0..=16_384_u32 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_le_bytes());
        revocations.refuse(AccountId(id), purposes(&house, &["news"]), after(1));
    }
    assert!(revocations.withdrawn_by(AccountId([0; 16])).is_empty(), "it made room");
    assert_eq!(revocations.standing_of(&ticket(9, 9, noon())), TicketStanding::Unsure, "and nobody's ticket is believed by itself");
}
