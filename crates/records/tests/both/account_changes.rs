//! What people change about their accounts, and what is left of one that is deleted.

use domain::{AccountId, ChoiceRecordId, Field, JobId};
use policy::Sealed;
use records::{AccountState, ChoiceRow, EmailConfirmed, LinkId, NewJob, NewLink, People, RecordsError, WayBack};

use crate::database::{Database, at, row};
use crate::people::{NEXT_DAY, NOON, ONE, confirm, email, job, link, register, session, with_people};

/// Its bytes are `A`, so that it can be found in a dump.
const ANNA: AccountId = AccountId([0x41; 16]);
const BEN: AccountId = AccountId([2; 16]);
const TWO: &str = "2026-03-02T14:00:00Z";
const THREE: &str = "2026-03-02T15:00:00Z";

async fn anna(people: &People) {
    register(people, 0x41, "anna@example.org", "anna").await;
    confirm(people, 0x41).await;
}

async fn ask(people: &People, id: u8, address: &str) {
    let link = NewLink { email: Some(email(address)), ..link(id, ANNA, "email") };
    people.ask_for_email(link, job(id, ANNA, NOON), job(id + 100, ANNA, NOON)).await.expect("kept");
}

/// Follows the link of this number; the way back has the number and fifty.
async fn follow(people: &People, id: u8, old: &str, made: &str) -> Result<EmailConfirmed, RecordsError> {
    let link = NewLink { email: Some(email(old)), at: at(made), ..link(id + 50, ANNA, "email-back") };
    let back = WayBack { link, letter: job(id + 50, ANNA, made) };
    people.confirm_email(LinkId([id; 32]), Some(&email(old).compared), Some(back), at(made)).await
}

async fn address(people: &People) -> Option<Sealed<String>> {
    people.account(ANNA).await.expect("read").expect("an account").email
}

fn shown(text: &str) -> Option<Sealed<String>> {
    Some(Sealed::new(Field::AccountEmail, text.to_owned()))
}

#[test]
fn a_new_address_counts_once_its_link_was_followed_and_the_old_one_has_a_way_back() {
    with_people(async |_, _, people| {
        anna(&people).await;
        ask(&people, 3, "new@example.org").await;
        assert_eq!(address(&people).await, shown("anna@example.org"), "asking changes nothing");
        assert_eq!(people.jobs_of(ANNA).await.expect("read").len(), 2, "both addresses are written to");
        people.make_link(link(4, ANNA, "sign-in"), job(4, ANNA, NOON)).await.expect("kept");

        assert_eq!(follow(&people, 3, "anna@example.org", TWO).await.expect("answered"), EmailConfirmed::Changed(ANNA));
        assert_eq!(address(&people).await, shown("new@example.org"));
        assert_eq!(people.account_by_email(&email("new@example.org").compared).await.expect("read").map(|found| found.id), Some(ANNA));
        assert_eq!(people.account_by_email(&email("anna@example.org").compared).await.expect("read"), None);
        assert_eq!(people.take_link(LinkId([4; 32]), "sign-in", at(TWO)).await.expect("read"), None, "it was mailed to the old address");
        assert_eq!(follow(&people, 3, "anna@example.org", TWO).await.expect("answered"), EmailConfirmed::NoLink, "it works once");

        for id in [5, 6] {
            people.begin_session(session(id, 0x41, ONE), None).await.expect("begun");
        }
        assert_eq!(people.take_email_back(LinkId([53; 32]), at(THREE)).await.expect("answered"), EmailConfirmed::Changed(ANNA));
        assert_eq!(address(&people).await, shown("anna@example.org"));
        assert_eq!(people.sessions_of(ANNA, at(THREE)).await.expect("read"), [], "whoever took it away is shut out");
        assert_eq!(people.take_email_back(LinkId([53; 32]), at(THREE)).await.expect("answered"), EmailConfirmed::NoLink);
    });
}

#[test]
fn changing_the_address_again_takes_nobodys_way_back_away_and_the_oldest_way_back_voids_the_younger() {
    with_people(async |_, _, people| {
        anna(&people).await;
        ask(&people, 3, "thief@example.org").await;
        follow(&people, 3, "anna@example.org", ONE).await.expect("changed");
        ask(&people, 4, "second@example.org").await;
        follow(&people, 4, "thief@example.org", TWO).await.expect("changed");

        people.take_email_back(LinkId([54; 32]), at(THREE)).await.expect("answered");
        assert_eq!(address(&people).await, shown("thief@example.org"));
        assert_eq!(people.take_email_back(LinkId([53; 32]), at(THREE)).await.expect("answered"), EmailConfirmed::Changed(ANNA));
        assert_eq!(address(&people).await, shown("anna@example.org"), "Anna was there before");

        ask(&people, 5, "thief@example.org").await;
        follow(&people, 5, "anna@example.org", ONE).await.expect("changed");
        ask(&people, 6, "second@example.org").await;
        follow(&people, 6, "thief@example.org", TWO).await.expect("changed");
        people.take_email_back(LinkId([55; 32]), at(THREE)).await.expect("answered");
        assert_eq!(people.take_email_back(LinkId([56; 32]), at(THREE)).await.expect("answered"), EmailConfirmed::NoLink);
        assert_eq!(address(&people).await, shown("anna@example.org"));
    });
}

#[test]
fn an_address_that_became_anothers_is_not_taken_and_the_link_stays() {
    with_people(async |_, _, people| {
        anna(&people).await;
        ask(&people, 3, "ben@example.org").await;
        register(&people, 2, "ben@example.org", "ben").await;
        confirm(&people, 2).await;
        assert_eq!(follow(&people, 3, "anna@example.org", TWO).await.expect("answered"), EmailConfirmed::Taken);
        assert_eq!(address(&people).await, shown("anna@example.org"));
        assert!(people.look_at_link(LinkId([3; 32]), "email", at(TWO)).await.expect("read").is_some(), "nothing happened");
        assert!(people.look_at_link(LinkId([53; 32]), "email-back", at(TWO)).await.expect("read").is_none(), "nothing at all");
    });
}

#[test]
fn an_address_that_changed_meanwhile_is_not_changed_from_what_it_was() {
    with_people(async |_, _, people| {
        anna(&people).await;
        ask(&people, 3, "new@example.org").await;
        assert!(follow(&people, 3, "other@example.org", TWO).await.is_err(), "the way back would lead elsewhere");
        assert_eq!(address(&people).await, shown("anna@example.org"));
        assert!(people.look_at_link(LinkId([3; 32]), "email", at(TWO)).await.expect("read").is_some());
    });
}

#[test]
fn one_session_ends_or_all_the_others_or_all_and_nobody_elses() {
    with_people(async |_, _, people| {
        anna(&people).await;
        register(&people, 2, "ben@example.org", "ben").await;
        confirm(&people, 2).await;
        for session in [session(11, 0x41, ONE), session(12, 0x41, ONE), session(13, 0x41, ONE), session(20, 2, ONE)] {
            people.begin_session(session, None).await.expect("begun");
        }
        let left = async || {
            let sessions = people.sessions_of(ANNA, at(ONE)).await.expect("read");
            sessions.iter().map(|session| session.id.0[0]).collect::<Vec<_>>()
        };
        let number = |id| domain::SessionId([id; 16]);
        assert!(!people.end_session_of(ANNA, number(20)).await.expect("answered"), "it is Ben's");
        assert!(people.end_session_of(ANNA, number(11)).await.expect("answered"));
        assert!(!people.end_session_of(ANNA, number(11)).await.expect("answered"));
        assert_eq!(left().await, [12, 13]);
        people.end_other_sessions(ANNA, number(13)).await.expect("ended");
        assert_eq!(left().await, [13]);
        assert_eq!(people.sessions_of(BEN, at(ONE)).await.expect("read").len(), 1);
    });
}

fn letter(id: u8) -> NewJob {
    NewJob { id: JobId([id; 16]), payload: b"closed".to_vec(), ..job(id, ANNA, TWO) }
}

/// Everything that can be kept of an account.
async fn account_with_everything(database: &Database, people: &People) {
    anna(people).await;
    people.begin_session(session(11, 0x41, ONE), None).await.expect("begun");
    people.make_link(link(4, ANNA, "sign-in"), job(4, ANNA, NOON)).await.expect("kept");
    ask(people, 5, "new@example.org").await;
    let records = database.open().await;
    records.keep_choices(vec![row(1, 7, NOON)]).await.expect("kept");
    records.bind(ChoiceRecordId([7; 16]), ANNA, at(ONE)).await.expect("bound");
    records.keep_choices(vec![ChoiceRow { account: Some(ANNA), ..row(2, 8, TWO) }]).await.expect("kept");
    crate::passkeys::add(people, 0x41, ANNA, NOON).await.expect("kept");
}

/// Where the account's own number stands.
async fn traces(database: &Database, keys: &Database) -> usize {
    let text = format!("{}{}", database.dump().await, keys.dump().await);
    text.matches(&"A".repeat(16)).count() + text.matches(&"41".repeat(16)).count()
}

#[test]
fn closing_signs_everybody_out_and_leaves_one_letter_however_often_it_is_asked_for() {
    with_people(async |database, _, people| {
        account_with_everything(&database, &people).await;
        people.close_and_write(ANNA, letter(30), at(TWO)).await.expect("closed");
        people.close_and_write(ANNA, letter(31), at(THREE)).await.expect("closed");
        assert_eq!(people.sessions_of(ANNA, at(TWO)).await.expect("read"), []);
        assert_eq!(people.links_of(ANNA, at(TWO)).await.expect("read"), []);
        let jobs = people.jobs_of(ANNA).await.expect("read");
        assert_eq!(jobs.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["mail"]);
        let account = people.account(ANNA).await.expect("read").expect("an account");
        assert_eq!((account.state, account.closed), (AccountState::Closed, Some(at(TWO))));
        assert_eq!(account.email, shown("anna@example.org"), "the letter needs it");
    });
}

#[test]
fn an_account_is_erased_when_its_letter_is_gone_or_after_a_day() {
    with_people(async |database, _, people| {
        account_with_everything(&database, &people).await;
        let erasable = async |closed_by: &str| people.to_be_erased(at(closed_by)).await.expect("read");
        assert_eq!(erasable(NEXT_DAY).await, [], "it is open");
        people.close_and_write(ANNA, letter(30), at(TWO)).await.expect("closed");
        assert_eq!(erasable(ONE).await, [], "its letter waits");
        assert_eq!(erasable(TWO).await, [ANNA], "and has waited for long enough");
        people.give_up_job(JobId([30; 16]), "550".to_owned()).await.expect("given up");
        assert_eq!(erasable(ONE).await, [ANNA], "the letter will never arrive");
        people.end_job(JobId([30; 16])).await.expect("sent");
        assert_eq!(erasable(ONE).await, [ANNA]);
    });
}

#[test]
fn nothing_of_an_erased_account_is_left_wherever_the_erasure_was_stopped() {
    /// After so many of its steps, the key first, the power went.
    const STEPS: u32 = 2;
    for done in 0..=STEPS {
        with_people(async |database, keys, people| {
            account_with_everything(&database, &people).await;
            people.close_and_write(ANNA, letter(30), at(TWO)).await.expect("closed");
            assert!(traces(&database, &keys).await > 0);
            if done >= 1 {
                people.vault().destroy(ANNA).await.expect("destroyed");
            }
            if done >= 2 {
                people.delete(ANNA).await.expect("deleted");
            }
            for id in people.to_be_erased(at(NEXT_DAY)).await.expect("read") {
                people.delete(id).await.expect("deleted");
            }
            // The number alone, beside the keys: it tells whom to erase again when an older copy of the records comes back.
            assert_eq!(traces(&database, &keys).await, 1, "stopped after {done}");
            let remembered: Vec<_> = keys.rows().await.into_iter().filter(|(table, _)| table == "erased_people").collect();
            assert_eq!(remembered, [("erased_people".to_owned(), 1)]);
            assert_eq!(people.to_be_erased(at(NEXT_DAY)).await.expect("read"), []);
            let records = database.open().await;
            for record in [7, 8] {
                let rows = records.choices_of(ChoiceRecordId([record; 16])).await.expect("read");
                assert_eq!(
                    rows.iter().map(|row| row.account).collect::<Vec<_>>(),
                    [None],
                    "the answer stays, and says no more whose it was"
                );
            }
        });
    }
}

#[test]
fn every_answer_of_an_account_is_found_with_the_browsers_it_came_from() {
    with_people(async |database, _, people| {
        account_with_everything(&database, &people).await;
        let answers = people.answers_of(ANNA).await.expect("read");
        assert_eq!(answers.records.first().map(|(record, since)| (record.0[0], *since)), Some((7, at(ONE))));
        assert_eq!(answers.rows.iter().map(|row| row.record.0[0]).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(people.passkeys_of(ANNA).await.expect("read").len(), 1);
        assert_eq!(
            people.links_of(ANNA, at(ONE)).await.expect("read").iter().map(|link| link.kind.as_str()).collect::<Vec<_>>(),
            ["sign-in", "email"]
        );
        assert_eq!(people.answers_of(BEN).await.expect("read"), records::AnswersOfAccount::default());
    });
}
