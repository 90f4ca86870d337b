use std::sync::Arc;

use domain::{AccountId, Age, Field, JobId, SeededRandom, SessionId, Version};
use policy::{Sealed, StorageCapability};
use records::{
    AccountState, Confirmed, Findable, LinkId, MasterKeys, NewJob, NewLink, NewRegistration, People, RecordsError, Representation,
    SESSIONS_AT_ONCE_MAX, Session, SignInMethod, Vault,
};

use crate::database::{Database, at, on_both};

pub(crate) const NOON: &str = "2026-03-02T12:00:00Z";
pub(crate) const ONE: &str = "2026-03-02T13:00:00Z";
pub(crate) const NEXT_DAY: &str = "2026-03-03T12:00:00Z";

#[expect(clippy::disallowed_methods, reason = "a test stands in for the wiring")]
pub(crate) const fn storage() -> StorageCapability {
    StorageCapability::issue()
}

pub(crate) fn master(seed: u64) -> String {
    MasterKeys::new_line(&SeededRandom::new(seed))
}

pub(crate) async fn people_with(database: &Database, keys: &Database, masters: &str) -> People {
    let master = MasterKeys::parse(masters).expect("master keys");
    let vault =
        Vault::open(&keys.address, master, storage(), Arc::new(SeededRandom::new(3))).await.unwrap_or_else(|error| panic!("{error}"));
    People::new(database.open().await, vault)
}

pub(crate) fn email(text: &str) -> Findable {
    let sealed = |text: &str| Sealed::new(Field::AccountEmail, text.to_owned());
    Findable { shown: sealed(text), compared: sealed(&text.to_lowercase()) }
}

pub(crate) fn username(text: &str) -> Findable {
    let sealed = |text: &str| Sealed::new(Field::AccountUsername, text.to_owned());
    Findable { shown: sealed(text), compared: sealed(&text.to_lowercase()) }
}

pub(crate) fn job(id: u8, owner: AccountId, due: &str) -> NewJob {
    NewJob { id: JobId([id; 16]), kind: "mail", owner: Some(owner), payload: b"confirm".to_vec(), at: at(NOON), due: at(due) }
}

pub(crate) fn link(id: u8, owner: AccountId, kind: &'static str) -> NewLink {
    NewLink { id: LinkId([id; 32]), kind, owner, email: Some(email("Carried@example.org")), at: at(NOON), expires: at(NEXT_DAY) }
}

fn registration(id: u8, address: &str, name: &str) -> NewRegistration {
    let age = Representation { verdict: Age::Adult, method: "stated".to_owned(), words_hash: [4; 32], version: Version(2), at: at(NOON) };
    let id = AccountId([id; 16]);
    NewRegistration {
        id,
        email: email(address),
        username: username(name),
        language: "en".to_owned(),
        age,
        at: at(NOON),
        expires: at(NEXT_DAY),
    }
}

pub(crate) async fn register(people: &People, id: u8, address: &str, name: &str) {
    let new = registration(id, address, name);
    let owner = new.id;
    people.register(new, link(id, owner, "confirm"), job(id, owner, NOON)).await.expect("kept");
}

pub(crate) async fn confirm(people: &People, id: u8) -> Confirmed {
    people.confirm(LinkId([id; 32]), at(ONE)).await.expect("answered")
}

pub(crate) fn session(id: u8, account: u8, seen: &str) -> Session {
    Session {
        id: SessionId([id; 16]),
        account: AccountId([account; 16]),
        method: SignInMethod::Link,
        started: at(NOON),
        proved: at(NOON),
        seen: at(seen),
        ends: at("2026-04-01T12:00:00Z"),
    }
}

pub(crate) fn with_people(test: impl AsyncFn(Database, Database, People)) {
    on_both(async |database| {
        let keys = database.another().await;
        let people = people_with(&database, &keys, &master(1)).await;
        test(database, keys, people).await;
    });
}

#[test]
fn whoever_follows_the_mailed_link_has_an_account() {
    with_people(async |_, _, people| {
        register(&people, 1, "Anna@example.org", "Anna").await;
        assert_eq!(people.account_by_email(&email("anna@example.org").compared).await.expect("read"), None, "not yet");
        assert_eq!(confirm(&people, 1).await, Confirmed::Account(AccountId([1; 16])));
        let anna = people.account_by_email(&email("ANNA@EXAMPLE.ORG").compared).await.expect("read").expect("an account");
        assert_eq!((anna.email, anna.username), (Some(email("Anna@example.org").shown), username("Anna").shown));
        assert_eq!((anna.age.verdict, anna.age.version, anna.age.at), (Age::Adult, Version(2), at(NOON)));
        assert_eq!(people.account_by_username(&username("anna").compared).await.expect("read").map(|found| found.id), Some(anna.id));
        assert_eq!(confirm(&people, 1).await, Confirmed::NoLink, "a link works once");
        assert_eq!(people.registration(anna.id).await.expect("read"), None);
    });
}

#[test]
fn of_two_who_want_one_name_the_first_to_confirm_has_it_and_the_other_takes_another() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "thistle").await;
        register(&people, 2, "bert@example.org", "Thistle").await;
        assert_eq!(confirm(&people, 1).await, Confirmed::Account(AccountId([1; 16])));
        let bert = AccountId([2; 16]);
        assert_eq!(confirm(&people, 2).await, Confirmed::UsernameTaken(bert));
        people.rename_registration(bert, username("bert")).await.expect("renamed");
        assert_eq!(confirm(&people, 2).await, Confirmed::Account(bert), "the link still works");
    });
}

#[test]
fn of_many_who_confirm_one_name_at_once_exactly_one_gets_it() {
    with_people(async |_, _, people| {
        for id in 1..=6 {
            register(&people, id, &format!("{id}@example.org"), "thistle").await;
        }
        let answers = tokio::join!(
            confirm(&people, 1),
            confirm(&people, 2),
            confirm(&people, 3),
            confirm(&people, 4),
            confirm(&people, 5),
            confirm(&people, 6)
        );
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4, answers.5];
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Confirmed::Account(_))).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Confirmed::UsernameTaken(_))).count(), 5, "{answers:?}");
    });
}

#[test]
fn an_address_that_somebody_confirmed_is_nobody_elses() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        register(&people, 2, "anna@example.org", "other").await;
        confirm(&people, 1).await;
        assert_eq!(confirm(&people, 2).await, Confirmed::EmailTaken);
        register(&people, 3, "bert@example.org", "bert").await;
        confirm(&people, 3).await;
        let taken = people.change_email(AccountId([3; 16]), email("anna@example.org")).await;
        assert!(matches!(taken, Err(RecordsError::EmailTaken)), "{taken:?}");
        let taken = people.change_username(AccountId([3; 16]), username("ANNA")).await;
        assert!(matches!(taken, Err(RecordsError::UsernameTaken)), "{taken:?}");
    });
}

#[test]
fn what_nobody_confirmed_is_gone_after_its_time() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        assert_eq!(people.forget_registrations(at(ONE)).await.expect("done"), 0);
        assert_eq!(people.forget_registrations(at(NEXT_DAY)).await.expect("done"), 1);
        assert_eq!(people.registration(AccountId([1; 16])).await.expect("read"), None);
        assert!(people.vault().find(AccountId([1; 16])).await.expect("read").is_none(), "its key too");
        assert_eq!(people.count_jobs("mail").await.expect("read"), (0, 0), "its mail too");
        assert_eq!(confirm(&people, 1).await, Confirmed::NoLink);
    });
}

#[test]
fn a_session_ends_by_itself_by_signing_out_and_with_the_account() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        confirm(&people, 1).await;
        for id in 1..=4 {
            people.begin_session(session(id, 1, NOON), None).await.expect("begun");
        }
        let find =
            async |id: u8, idle: &str| people.session(SessionId([id; 16]), at(ONE), at(idle)).await.expect("read").map(|found| found.seen);
        assert_eq!(find(1, NOON).await, Some(at(NOON)));
        assert_eq!(find(1, ONE).await, None, "left alone for too long");
        people.touch_sessions(vec![(SessionId([1; 16]), at(ONE))]).await.expect("noted");
        assert_eq!(find(1, ONE).await, Some(at(ONE)));
        people.end_session(SessionId([1; 16])).await.expect("ended");
        assert_eq!(find(1, NOON).await, None);
        people.begin_session(session(5, 1, NOON), Some(SessionId([2; 16]))).await.expect("begun");
        assert_eq!((find(2, NOON).await, find(5, NOON).await), (None, Some(at(NOON))), "one in place of the other");
        people.close(AccountId([1; 16]), at(ONE)).await.expect("closed");
        assert_eq!(find(3, NOON).await, None);
        let refused = people.begin_session(session(6, 1, NOON), None).await;
        assert!(matches!(refused, Err(RecordsError::NobodyThere)), "{refused:?}");
    });
}

#[test]
fn one_browser_too_many_ends_the_one_that_was_signed_in_first() {
    with_people(async |_, _, people| {
        for (id, email, name) in [(1, "anna@example.org", "anna"), (2, "ben@example.org", "ben")] {
            register(&people, id, email, name).await;
            confirm(&people, id).await;
        }
        people.begin_session(Session { started: at("2026-03-02T11:00:00Z"), ..session(99, 2, NOON) }, None).await.expect("begun");
        let most = u8::try_from(SESSIONS_AT_ONCE_MAX).expect("not many");
        // All at one moment but the first, so that time alone does not tell them apart.
        let begin = async |id: u8, started: &str, instead_of: Option<u8>| {
            let session = Session { started: at(started), ..session(id, 1, NOON) };
            people.begin_session(session, instead_of.map(|id| SessionId([id; 16]))).await.expect("begun")
        };
        assert_eq!(begin(most, "2026-03-02T11:30:00Z", None).await, []);
        for id in 1..most {
            assert_eq!(begin(id, NOON, None).await, []);
        }
        assert_eq!(begin(50, NOON, Some(1)).await, [], "one in place of another is not one more");
        assert_eq!(begin(51, NOON, None).await, [SessionId([most; 16])]);
        assert_eq!(begin(52, "2026-03-02T10:00:00Z", None).await.len(), 1, "whoever has just signed in stays, whatever the clock says");
        let left = people.sessions_of(AccountId([1; 16]), at(ONE)).await.expect("read");
        assert_eq!(left.len(), SESSIONS_AT_ONCE_MAX);
        assert!([50, 51, 52].iter().filter(|id| left.iter().any(|session| session.id == SessionId([**id; 16]))).count() >= 2);
        assert_eq!(people.sessions_of(AccountId([2; 16]), at(ONE)).await.expect("read").len(), 1, "nobody else's ends");
    });
}

#[test]
fn a_job_waits_until_its_time_and_stays_until_it_is_done() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        register(&people, 2, "ben@example.org", "ben").await;
        let due = async |now: &str| people.due_jobs("mail", at(now), 10).await.expect("read");
        let jobs = due(NOON).await;
        assert_eq!(jobs.iter().map(|job| job.id.0[0]).collect::<Vec<_>>(), [1, 2], "one after the other");
        let (first, second) = (&jobs[0], &jobs[1]);
        assert_eq!((first.payload.as_slice(), first.tries, first.interrupted), (b"confirm".as_slice(), 0, false));
        assert_eq!(people.due_jobs("mail", at(NOON), 1).await.expect("read").len(), 1, "no more than asked for");
        assert_eq!(people.due_jobs("other", at(NOON), 10).await.expect("read"), []);
        assert_eq!(people.count_jobs("mail").await.expect("read"), (2, 0));

        assert!(people.begin_job(first.id, at(NOON)).await.expect("written"));
        assert!(due(NOON).await[0].interrupted, "whoever reads this after a crash knows that it may have happened");
        people.put_off_job(first.id, at(NEXT_DAY)).await.expect("put off");
        assert_eq!(due(ONE).await.len(), 1);
        assert_eq!(people.next_job_due("mail", at(ONE)).await.expect("read"), Some(at(NEXT_DAY)));
        let again = &due(NEXT_DAY).await[1];
        assert_eq!((again.id, again.tries, again.interrupted), (first.id, 1, false));

        people.give_up_job(first.id, "550".to_owned()).await.expect("given up");
        assert_eq!(due(NEXT_DAY).await.len(), 1);
        assert_eq!(people.next_job_due("mail", at(ONE)).await.expect("read"), None);
        assert!(!people.begin_job(first.id, at(NEXT_DAY)).await.expect("read"), "it is not to happen any more");
        assert_eq!(people.count_jobs("mail").await.expect("read"), (1, 1));

        people.end_job(second.id).await.expect("ended");
        assert!(!people.begin_job(second.id, at(NEXT_DAY)).await.expect("read"), "nor what is done");
        assert_eq!(people.forget_jobs_given_up("mail", at(NOON)).await.expect("read"), 0, "not before their time");
        assert_eq!(people.forget_jobs_given_up("mail", at(ONE)).await.expect("read"), 1);
        assert_eq!(people.count_jobs("mail").await.expect("read"), (0, 0));
    });
}

#[test]
fn whoever_waits_for_jobs_is_woken_by_each_way_they_are_made() {
    with_people(async |_, _, people| {
        let mut kept = people.kept_jobs();
        let mut woken =
            async || tokio::time::timeout(std::time::Duration::from_secs(5), kept.changed()).await.expect("woken").expect("kept");
        register(&people, 1, "anna@example.org", "anna").await;
        woken().await;
        let anna = AccountId([1; 16]);
        people.make_link(link(2, anna, "email"), job(2, anna, NOON)).await.expect("made");
        woken().await;
        people.add_job(job(3, anna, NOON)).await.expect("kept");
        woken().await;
    });
}

#[test]
fn a_letter_knows_of_its_link_how_long_it_works_and_where_it_goes() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        let mailed = people.mailed_link(LinkId([1; 32]), at(ONE)).await.expect("read").expect("a link that works");
        assert_eq!((mailed.email, mailed.made, mailed.expires), (Some(email("Carried@example.org").shown), at(NOON), at(NEXT_DAY)));
        assert_eq!(people.mailed_link(LinkId([1; 32]), at(NEXT_DAY)).await.expect("read"), None, "its time is over");
        assert_eq!(people.mailed_link(LinkId([9; 32]), at(ONE)).await.expect("read"), None, "void");
    });
}

#[test]
fn a_newer_link_of_its_kind_voids_the_older_and_carries_what_it_was_given() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        confirm(&people, 1).await;
        let anna = AccountId([1; 16]);
        people.make_link(link(2, anna, "email"), job(2, anna, NOON)).await.expect("made");
        people.make_link(link(3, anna, "email"), job(3, anna, NOON)).await.expect("made");
        let take = async |id: u8, kind| people.take_link(LinkId([id; 32]), kind, at(ONE)).await.expect("read");
        assert_eq!(take(2, "email").await, None, "void");
        assert_eq!(take(3, "sign-in").await, None, "of another kind");
        assert_eq!(take(3, "email").await.and_then(|link| link.email), Some(email("Carried@example.org")));
        assert_eq!(take(3, "email").await, None, "used");
    });
}

#[test]
fn so_many_of_the_newest_links_work_beside_a_new_one_until_one_is_used() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        confirm(&people, 1).await;
        let anna = AccountId([1; 16]);
        for (id, made) in [(5, NOON), (4, "2026-03-02T12:01:00Z"), (3, "2026-03-02T12:02:00Z"), (2, ONE)] {
            let link = NewLink { at: at(made), ..link(id, anna, "sign-in") };
            people.make_link_beside(2, link, job(id, anna, NOON)).await.expect("made");
        }
        let works = async |id: u8| people.look_at_link(LinkId([id; 32]), "sign-in", at(ONE)).await.expect("read").is_some();
        assert_eq!([works(5).await, works(4).await, works(3).await, works(2).await], [false, true, true, true]);
        assert!(people.take_link(LinkId([4; 32]), "sign-in", at(ONE)).await.expect("read").is_some());
        assert_eq!([works(3).await, works(2).await], [false, false], "void");
    });
}

#[test]
fn a_link_for_nobody_takes_the_same_rows_as_one_for_somebody_and_leads_nowhere() {
    with_people(async |database, keys, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        confirm(&people, 1).await;
        let anna = AccountId([1; 16]);
        let before = (database.rows().await, keys.rows().await);
        people.make_link(link(2, anna, "sign-in"), job(2, anna, NOON)).await.expect("kept");
        let for_anna = (database.rows().await, keys.rows().await);
        let nobody = AccountId([9; 16]);
        people.make_link_for_nobody(0, link(3, nobody, "sign-in"), job(3, nobody, NOON)).await.expect("kept");
        let for_nobody = (database.rows().await, keys.rows().await);

        let added = |after: &[(String, i64)], before: &[(String, i64)]| -> Vec<(String, i64)> {
            after.iter().zip(before).map(|((table, after), (_, before))| (table.clone(), after - before)).collect()
        };
        assert_eq!(added(&for_nobody.0, &for_anna.0), added(&for_anna.0, &before.0));
        assert!(added(&for_anna.0, &before.0).iter().any(|(_, rows)| *rows > 0));
        assert_eq!((&for_nobody.1, &for_anna.1), (&before.1, &before.1), "no key is made of either");

        let due = people.due_jobs("mail", at(ONE), 10).await.expect("answered");
        assert_eq!(due.iter().map(|job| job.owner).collect::<Vec<_>>(), [Some(anna)], "nobody is written to");
        assert_eq!(people.count_jobs("mail").await.expect("counted").0, 1, "and the job of nobody is gone");
        assert_eq!(people.take_link(LinkId([3; 32]), "sign-in", at(ONE)).await.expect("answered"), None, "nobody signs in with it");
        assert!(people.make_link_for_nobody(0, link(4, anna, "sign-in"), job(4, anna, NOON)).await.is_err(), "Anna is somebody");
    });
}

#[test]
fn whose_an_address_is_is_found_without_opening_anything() {
    with_people(async |_, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        assert_eq!(people.owner_of_email(&email("anna@example.org").compared).await.expect("read"), None, "not confirmed");
        confirm(&people, 1).await;
        let anna = AccountId([1; 16]);
        let owner = async || people.owner_of_email(&email("ANNA@example.org").compared).await.expect("read");
        assert_eq!(owner().await, Some((anna, AccountState::Open)));
        people.close(anna, at(ONE)).await.expect("closed");
        assert_eq!(owner().await, Some((anna, AccountState::Closed)));
    });
}
