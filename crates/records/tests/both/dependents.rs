//! Guardians and those they answer for.

use domain::{AccountId, Age, ChoiceMethod, ChoiceRecordId, JobId, Version};
use records::{
    AccountState, ChoiceRow, DEPENDENTS_MAX, DependentAdded, Guardianship, LinkId, NewDependent, NewJob, NewLink, People, Quarter,
    Representation, TakenUp,
};

use crate::database::{at, row};
use crate::people::{NEXT_DAY, NOON, ONE, confirm, email, job, link, register, session, username, with_people};

const ANNA: AccountId = AccountId([1; 16]);
const KIM: AccountId = AccountId([2; 16]);
const SPRING: Quarter = Quarter(8104);

fn said(method: &str, verdict: Age) -> Representation {
    Representation { verdict, method: method.to_owned(), words_hash: [5; 32], version: Version(1), at: at(NOON) }
}

fn kim(id: u8, name: &str) -> NewDependent {
    NewDependent {
        id: AccountId([id; 16]),
        guardian: ANNA,
        username: username(name),
        language: "en".to_owned(),
        age: said("guardian", Age::Minor),
        guardianship: Guardianship { words_hash: [6; 32], version: Version(1), at: at(NOON) },
        passes: SPRING,
        at: at(NOON),
    }
}

fn to_confirm(id: u8) -> NewLink {
    NewLink { email: None, ..link(100 + id, AccountId([id; 16]), "guardian") }
}

fn letter(id: u8) -> NewJob {
    job(100 + id, ANNA, NOON)
}

async fn add(people: &People, id: u8, name: &str) -> DependentAdded {
    people.add_dependent(kim(id, name), to_confirm(id), letter(id)).await.expect("answered")
}

async fn anna_and_kim(people: &People) {
    register(people, 1, "anna@example.org", "anna").await;
    confirm(people, 1).await;
    assert_eq!(add(people, 2, "kim").await, DependentAdded::Added);
}

async fn confirm_kim(people: &People) -> Option<AccountId> {
    people.confirm_dependent(LinkId([102; 32]), letter(50), at(ONE)).await.expect("answered")
}

async fn state(people: &People, id: AccountId) -> Option<AccountState> {
    people.account(id).await.expect("read").map(|account| account.state)
}

#[test]
fn nobody_signs_in_as_a_dependent_before_the_guardian_confirmed_by_mail() {
    with_people(async |_, _, people| {
        anna_and_kim(&people).await;
        assert_eq!(state(&people, KIM).await, Some(AccountState::Waiting));
        assert!(people.begin_session(session(1, 2, NOON), None).await.is_err());
        assert_eq!(confirm_kim(&people).await, Some(KIM));
        assert_eq!(confirm_kim(&people).await, None, "a link works once");
        people.begin_session(session(1, 2, NOON), None).await.expect("signed in");
        let listed = people.dependents_of(ANNA).await.expect("read");
        assert_eq!(listed.len(), 1);
        let kim = &listed[0];
        assert_eq!((kim.account.id, kim.account.guardian, kim.account.email.clone()), (KIM, Some(ANNA), None));
        assert_eq!((kim.account.age.verdict, kim.passes, kim.confirmed), (Age::Minor, SPRING, Some(at(ONE))));
        assert_eq!(people.dependents_of(KIM).await.expect("read"), [], "a dependent is nobody's guardian");
    });
}

#[test]
fn a_guardian_is_an_adult_with_an_address_and_has_only_so_many() {
    with_people(async |_, _, people| {
        anna_and_kim(&people).await;
        confirm_kim(&people).await;
        let of_kim = NewDependent { guardian: KIM, ..kim(3, "lou") };
        let answered = people.add_dependent(of_kim, to_confirm(3), job(103, KIM, NOON)).await.expect("answered");
        assert_eq!(answered, DependentAdded::NoGuardian);
        assert_eq!(add(&people, 3, "KIM").await, DependentAdded::UsernameTaken);
        assert_eq!(people.vault().find(AccountId([3; 16])).await.expect("read").map(|_| ()), None, "no key is left of it");
        for id in 0..u8::try_from(DEPENDENTS_MAX - 1).expect("not many") {
            assert_eq!(add(&people, 10 + id, &format!("kim{id}")).await, DependentAdded::Added);
        }
        assert_eq!(add(&people, 60, "one-more").await, DependentAdded::TooMany);
    });
}

#[test]
fn whom_nobody_confirmed_in_time_is_found_and_deleted_with_all_there_is() {
    with_people(async |database, keys, people| {
        anna_and_kim(&people).await;
        assert_eq!(people.dependents_unconfirmed(at("2026-03-01T12:00:00Z")).await.expect("read"), []);
        assert_eq!(people.dependents_unconfirmed(at(NOON)).await.expect("read"), [KIM]);
        people.delete(KIM).await.expect("deleted");
        let number = ["02".repeat(16), "\u{2}".repeat(16)];
        let left = database.dump().await;
        assert!(!number.iter().any(|number| left.contains(number)), "{left}");
        let left = keys.dump().await;
        let found: usize = number.iter().map(|number| left.matches(number).count()).sum();
        assert_eq!(found, 1, "that they were erased is remembered by their number alone: {left}");
        assert_eq!(confirm_kim(&people).await, None);
        assert_eq!(people.due_jobs("mail", at(ONE), 10).await.expect("read").len(), 1, "the letter finds no link and is dropped");
    });
}

#[test]
fn a_guardian_who_goes_takes_their_dependents_along() {
    with_people(async |_, _, people| {
        anna_and_kim(&people).await;
        confirm_kim(&people).await;
        assert_eq!(add(&people, 3, "lou").await, DependentAdded::Added);
        people.begin_session(session(1, 2, NOON), None).await.expect("signed in");
        let mut closed = people.close(ANNA, at(ONE)).await.expect("closed");
        closed.sort();
        assert_eq!(closed, [ANNA, KIM, AccountId([3; 16])]);
        assert_eq!(people.close(ANNA, at(ONE)).await.expect("again"), []);
        assert_eq!(people.sessions_of(KIM, at(ONE)).await.expect("read"), []);
        let mut erased = people.to_be_erased(at(ONE)).await.expect("read");
        erased.sort();
        assert_eq!(erased, closed);
    });
}

#[test]
fn a_dependent_goes_alone_and_the_letter_to_the_guardian_stays() {
    with_people(async |_, _, people| {
        anna_and_kim(&people).await;
        confirm_kim(&people).await;
        assert_eq!(people.close_and_write(KIM, letter(51), at(ONE)).await.expect("closed"), [KIM]);
        assert_eq!(state(&people, ANNA).await, Some(AccountState::Open));
        assert!(people.due_jobs("mail", at(ONE), 10).await.expect("read").iter().any(|job| job.id == JobId([151; 16])));
        assert_eq!(people.dependents_of(ANNA).await.expect("read"), []);
        assert_eq!(people.to_be_erased(at(NOON)).await.expect("read"), [KIM], "nothing waits for it");
    });
}

#[test]
fn an_account_passes_once_and_is_taken_up_with_an_address_of_its_own() {
    with_people(async |database, _, people| {
        anna_and_kim(&people).await;
        confirm_kim(&people).await;
        let records = database.open().await;
        let of_anna = ChoiceRow { account: Some(KIM), method: ChoiceMethod::Guardian, ..row(1, 7, NOON) };
        let record = people.guardians_record(KIM, ChoiceRecordId([7; 16]), at(NOON)).await.expect("a record");
        assert_eq!(record, ChoiceRecordId([7; 16]));
        records.keep_choices(vec![of_anna]).await.expect("kept");
        let again = people.guardians_record(KIM, ChoiceRecordId([8; 16]), at(ONE)).await.expect("a record");
        assert_eq!(again, record, "the guardian answers under one number");

        assert_eq!(people.dependents_that_pass(Quarter(8103)).await.expect("read"), []);
        assert_eq!(people.dependents_to_be_told_of(SPRING).await.expect("read"), [KIM]);
        people.tell_guardian(KIM, letter(52), at(ONE)).await.expect("told");
        assert_eq!(people.dependents_to_be_told_of(SPRING).await.expect("read"), []);
        assert_eq!(people.dependents_that_pass(SPRING).await.expect("read"), [KIM]);
        for id in [53, 54] {
            people.pass(KIM, letter(id), at(ONE)).await.expect("passed");
        }
        let jobs = people.due_jobs("mail", at(ONE), 20).await.expect("read");
        assert!(jobs.iter().any(|job| job.id == JobId([153; 16])) && jobs.iter().all(|job| job.id != JobId([154; 16])), "{jobs:?}");
        assert_eq!(people.dependents_of(ANNA).await.expect("read"), [], "the guardian sees nothing more");
        assert_eq!(people.dependents_that_pass(SPRING).await.expect("read"), []);
        assert_eq!(people.dependents_never_taken_up(at(NOON)).await.expect("read"), []);
        assert_eq!(people.dependents_never_taken_up(at(ONE)).await.expect("read"), [KIM]);

        let take_up = |id: u8, address: &str| NewLink { email: Some(email(address)), ..link(id, KIM, "take-up") };
        let came_of_age = || said("came-of-age", Age::Adult);
        people.make_link(take_up(3, "anna@example.org"), job(60, KIM, NOON)).await.expect("kept");
        assert_eq!(people.take_up(LinkId([3; 32]), came_of_age(), at(ONE)).await.expect("answered"), TakenUp::EmailTaken);
        people.make_link(take_up(4, "kim@example.org"), job(61, KIM, NOON)).await.expect("kept");
        assert_eq!(people.take_up(LinkId([4; 32]), came_of_age(), at(NEXT_DAY)).await.expect("answered"), TakenUp::NoLink, "too late");
        assert_eq!(people.take_up(LinkId([4; 32]), came_of_age(), at(ONE)).await.expect("answered"), TakenUp::Done(KIM));
        let kim = people.account(KIM).await.expect("read").expect("an account");
        assert_eq!((kim.age, kim.guardian, kim.email), (came_of_age(), None, Some(email("kim@example.org").shown)));
        assert_eq!(people.dependent(KIM).await.expect("read"), None);
        assert_eq!(people.answers_of(KIM).await.expect("read"), records::AnswersOfAccount::default());
        assert_eq!(records.choices_of(record).await.expect("read")[0].account, None, "the answer stays, and is nobody's");
    });
}

#[test]
fn nobody_takes_up_what_did_not_pass() {
    with_people(async |_, _, people| {
        anna_and_kim(&people).await;
        confirm_kim(&people).await;
        let take_up = NewLink { email: Some(email("kim@example.org")), ..link(3, KIM, "take-up") };
        people.make_link(take_up, job(60, KIM, NOON)).await.expect("kept");
        let taken = people.take_up(LinkId([3; 32]), said("came-of-age", Age::Adult), at(ONE)).await.expect("answered");
        assert_eq!(taken, TakenUp::NoLink);
        assert_eq!(people.account(KIM).await.expect("read").map(|kim| kim.age.verdict), Some(Age::Minor));
    });
}
