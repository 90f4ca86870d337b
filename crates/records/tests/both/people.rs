use std::sync::Arc;

use domain::{AccountId, Age, Field, JobId, SeededRandom, SessionId, Version};
use policy::{Sealed, StorageCapability};
use records::{
    AccountState, Address, Confirmed, Findable, LinkId, MasterKeys, NewJob, NewLink, NewRegistration, People, RecordsError, Representation,
    SESSIONS_AT_ONCE_MAX, Session, SignInMethod, Vault,
};
use sqlx::{Connection, Row};

use crate::database::{Database, at, on_both};

pub(crate) const NOON: &str = "2026-03-02T12:00:00Z";
pub(crate) const ONE: &str = "2026-03-02T13:00:00Z";
pub(crate) const NEXT_DAY: &str = "2026-03-03T12:00:00Z";

#[expect(clippy::disallowed_methods, reason = "a test stands in for the wiring")]
const fn storage() -> StorageCapability {
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
fn nothing_of_a_person_can_be_read_without_their_key() {
    with_people(async |database, keys, people| {
        register(&people, 1, "anna.secret@example.org", "anna-secret").await;
        confirm(&people, 1).await;
        people.make_link(link(2, AccountId([1; 16]), "email"), job(2, AccountId([1; 16]), NOON)).await.expect("made");
        for place in [&database, &keys] {
            let everything = place.dump().await;
            assert!(!everything.is_empty());
            for word in ["secret", "example.org", "carried"] {
                assert!(!everything.to_lowercase().contains(word), "{word} is in {:?}", place.kind);
            }
        }
        people.vault().destroy(AccountId([1; 16])).await.expect("destroyed");
        assert_eq!(people.account(AccountId([1; 16])).await.expect("read"), None);
        people.delete(AccountId([1; 16])).await.expect("deleted");
        assert!(people.account_by_email(&email("anna.secret@example.org").compared).await.expect("read").is_none());
    });
}

#[test]
fn a_destroyed_key_is_in_none_of_the_files_of_keys() {
    with_people(async |_, keys, people| {
        let Address::Sqlite(path) = &keys.address else { return };
        let (anna, bert) = ([0xa7; 16], [0xb7; 16]);
        let is_in_a_file = |person: &[u8]| {
            let files = std::fs::read_dir(path.parent().expect("a folder")).expect("a folder");
            let files = files.map(|file| std::fs::read(file.expect("a file").path()).expect("it can be read"));
            files.into_iter().any(|bytes| bytes.windows(person.len()).any(|window| window == person))
        };
        for person in [anna, bert] {
            people.vault().make(AccountId(person)).await.expect("made");
            assert!(is_in_a_file(&person));
        }
        people.vault().destroy(AccountId(anna)).await.expect("destroyed");
        assert!(!is_in_a_file(&anna) && is_in_a_file(&bert));
        people.vault().destroy(AccountId(anna)).await.expect("destroyed again");
    });
}

#[test]
fn a_new_master_key_takes_over_without_a_pause() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let before = people_with(&database, &keys, &old).await;
        register(&before, 1, "anna@example.org", "anna").await;
        confirm(&before, 1).await;
        let both = people_with(&database, &keys, &format!("{new}\n{old}")).await;
        assert!(both.account(AccountId([1; 16])).await.expect("read").is_some(), "the older one still opens");
        assert_eq!(both.vault().rewrap().await.expect("wrapped"), 2, "hers, and the one for look-ups");
        assert_eq!(both.vault().rewrap().await.expect("wrapped"), 0);
        let after = people_with(&database, &keys, &new).await;
        assert!(after.account_by_email(&email("anna@example.org").compared).await.expect("read").is_some());
        let refused = Vault::open(&keys.address, MasterKeys::parse(&old).expect("a key"), storage(), Arc::new(SeededRandom::new(9))).await;
        assert!(matches!(refused, Err(RecordsError::MasterKeyMissing)), "the old one alone opens nothing");
    });
}

#[test]
fn a_master_key_is_replaced_while_people_register_and_no_key_stays_under_the_old_one() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let people = people_with(&database, &keys, &old).await;
        for id in 1..=40 {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
        }
        let registering = async {
            for id in 41..=120 {
                register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
                assert!(people.registration(AccountId([id; 16])).await.expect("read").is_some());
            }
        };
        let replacing = async {
            tokio::task::yield_now().await;
            let both = MasterKeys::parse(&format!("{new}\n{old}")).expect("keys");
            people.vault().use_master_keys(both).await.expect("taken over");
            while people.vault().rewrap().await.expect("wrapped") > 0 {}
        };
        tokio::join!(registering, replacing);
        let wrapped = people.vault().wrappings().await.expect("counted");
        assert_eq!((wrapped.newest, wrapped.older), (121, 0), "everybody's, and the one for look-ups");
        let after = people_with(&database, &keys, &new).await;
        for id in 1..=120 {
            assert!(after.registration(AccountId([id; 16])).await.expect("read").is_some(), "{id}");
        }
    });
}

#[test]
fn keys_that_lack_one_that_is_needed_are_refused_and_change_nothing() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let people = people_with(&database, &keys, &old).await;
        register(&people, 1, "anna@example.org", "anna").await;
        let refused = people.vault().use_master_keys(MasterKeys::parse(&new).expect("a key")).await;
        assert!(matches!(refused, Err(RecordsError::MasterKeyMissing)));
        register(&people, 2, "bert@example.org", "bert").await;
        assert_eq!(people.vault().wrappings().await.expect("counted").older, 0);
        // Half of it is done, and then the older key is taken away.
        let both = MasterKeys::parse(&format!("{new}\n{old}")).expect("keys");
        people.vault().use_master_keys(both).await.expect("taken over");
        register(&people, 3, "cleo@example.org", "cleo").await;
        let opened = Vault::open(&keys.address, MasterKeys::parse(&new).expect("a key"), storage(), Arc::new(SeededRandom::new(9))).await;
        assert!(matches!(opened, Err(RecordsError::MasterKeyMissing)), "nobody's key is lost without a word");
    });
}

#[test]
fn nothing_of_a_destroyed_key_is_left_in_the_file_or_beside_it() {
    with_people(async |_, keys, people| {
        for id in 1..=40 {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
        }
        let mut connection = keys.connect().await;
        let of_anna = sqlx::query("SELECT wrapped FROM person_keys WHERE person = $1").bind(vec![7_u8; 16]);
        let wrapped: Vec<u8> = of_anna.fetch_one(&mut connection).await.expect("her key").get("wrapped");
        connection.close().await.expect("closed");
        // Where PostgreSQL keeps what it deleted is its own affair: no copy that it makes has it.
        let Address::Sqlite(file) = &keys.address else { return };
        let in_files = || {
            let files = std::fs::read_dir(file.parent().expect("a folder")).expect("listed").map(|entry| entry.expect("a file").path());
            files.into_iter().any(|file| std::fs::read(file).expect("read").windows(wrapped.len()).any(|bytes| bytes == wrapped))
        };
        assert!(in_files(), "as long as she is there");
        people.delete(AccountId([7; 16])).await.expect("erased");
        assert!(!in_files());
    });
}

#[test]
fn whoever_was_erased_is_erased_again_when_an_older_copy_comes_back() {
    on_both(async |database| {
        let keys = database.another().await;
        let people = people_with(&database, &keys, &master(1)).await;
        for id in [1, 2] {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
            confirm(&people, id).await;
        }
        people.delete(AccountId([1; 16])).await.expect("erased");
        assert_eq!(people.came_back().await.expect("looked"), []);
        // The older copy: the same person's rows beside the keys of today.
        let older = database.another().await;
        let before = people_with(&older, &keys, &master(1)).await;
        let sql = "INSERT INTO accounts (id, state, email, email_key, username, username_key, language, age, age_method, age_words_hash, \
                   age_policy_version, age_at, made_at) VALUES ($1, 'open', $2, $2, $2, $2, 'en', 'adult', 'stated', $2, 1, 0, 0)";
        let mut connection = older.connect().await;
        for id in [1_u8, 3] {
            sqlx::query(sql).bind(vec![id; 16]).bind(vec![id; 32]).execute(&mut connection).await.expect("a row");
        }
        assert_eq!(before.account(AccountId([1; 16])).await.expect("read"), None);
        let back = before.came_back().await.expect("looked");
        assert_eq!(back, [AccountId([1; 16])]);
        before.delete_again(back[0]).await.expect("erased");
        assert_eq!(before.came_back().await.expect("looked"), []);
        let left = sqlx::query("SELECT id FROM accounts").fetch_all(&mut connection).await.expect("rows").len();
        assert_eq!(left, 1, "of whom nobody knows that they were erased, nothing is taken away: their key may come back");
    });
}

#[test]
fn a_representation_keeps_no_date_of_birth() {
    with_people(async |database, _, people| {
        register(&people, 1, "anna@example.org", "anna").await;
        let columns = database.columns().await;
        for table in ["accounts", "registrations"] {
            let age: Vec<&str> =
                columns.iter().filter(|(of, name)| of == table && name.starts_with("age")).map(|(_, name)| name.as_str()).collect();
            assert_eq!(age, ["age", "age_at", "age_method", "age_policy_version", "age_words_hash"]);
        }
    });
}

#[test]
fn the_schema_has_no_personal_column_but_the_address_and_the_name() {
    with_people(async |database, keys, _| {
        // Every column there is, and what it is. A new one has to be put here by somebody who thought about it.
        let sealed = ["accounts.email", "accounts.username", "registrations.email", "registrations.username"];
        let sealed_carriers =
            ["links.email", "links.email_compared", "jobs.payload", "passkeys.credential", "passkeys.name", "account_visitors.visitor"];
        let keyed_hashes = [
            "accounts.email_key",
            "accounts.username_key",
            "registrations.email_key",
            "registrations.username_key",
            "passkeys.credential_key",
            "links.id",
            "account_visitors.visitor_key",
        ];
        let about_an_account = [
            "accounts.id",
            "accounts.state",
            "accounts.language",
            "accounts.age",
            "accounts.age_method",
            "accounts.age_words_hash",
            "accounts.age_policy_version",
            "accounts.age_at",
            "accounts.guardian",
            "accounts.made_at",
            "accounts.closed_at",
            "registrations.id",
            "registrations.language",
            "registrations.age",
            "registrations.age_method",
            "registrations.age_words_hash",
            "registrations.age_policy_version",
            "registrations.age_at",
            "registrations.made_at",
            "registrations.expires_at",
            "links.kind",
            "links.owner",
            "links.made_at",
            "links.expires_at",
            "sessions.id",
            "sessions.account",
            "sessions.method",
            "sessions.started_at",
            "sessions.proved_at",
            "sessions.seen_at",
            "sessions.ends_at",
            "jobs.id",
            "jobs.kind",
            "jobs.owner",
            "jobs.made_at",
            "jobs.due_at",
            "jobs.tries",
            "jobs.begun_at",
            "jobs.given_up",
            "passkeys.id",
            "passkeys.account",
            "passkeys.made_at",
            "passkeys.used_at",
            // A quarter of a year, and no birthday; the hash is one of words that everybody is shown.
            "dependents.account",
            "dependents.passes_in",
            "dependents.words_hash",
            "dependents.policy_version",
            "dependents.said_at",
            "dependents.confirmed_at",
            "dependents.told_at",
            "dependents.passed_at",
        ];
        let of_programs = [
            "tokens.id",
            // Of a secret of ours.
            "tokens.hash",
            "tokens.name",
            "tokens.scopes",
            "tokens.made_at",
            "tokens.expires_at",
            "tokens.used_at",
            "idempotency.token",
            // Keyed hashes.
            "idempotency.idempotency_key",
            "idempotency.request",
            "idempotency.made_at",
            // What was answered to a write names nobody but by an id, and is sealed.
            "idempotency.status",
            "idempotency.kind",
            "idempotency.body",
            "agreements.account",
            "agreements.name",
            "agreements.since_at",
            "agreements.until_at",
            "account_visitors.account",
            "account_visitors.first_at",
            "account_visitors.last_at",
            "account_visitors.expires_at",
        ];
        let of_choices = [
            "choices.id",
            "choices.record",
            "choices.account",
            "choices.purpose",
            "choices.action",
            "choices.method",
            "choices.basis",
            "choices.interface",
            "choices.language",
            "choices.words_hash",
            "choices.policy_version",
            "choices.policy_hash",
            "choices.region",
            "choices.gpc",
            "choices.made_at",
            "record_accounts.record",
            "record_accounts.account",
            "record_accounts.bound_at",
        ];
        // What reporters wrote is sealed; `reporter` and `grounds` are keyed hashes, `reference` is the hash of a token.
        let of_cases = [
            "cases.id",
            "cases.kind",
            "cases.state",
            "cases.subject",
            "cases.grounds",
            "cases.opened_at",
            "cases.reported_at",
            "cases.due_at",
            "cases.decided_at",
            "cases.decided_by",
            "cases.reason",
            "cases.ended_at",
            "case_events.id",
            "case_events.in_case",
            "case_events.event",
            "case_events.actor",
            "case_events.happened_at",
            "case_reports.id",
            "case_reports.in_case",
            "case_reports.reference",
            "case_reports.reporter",
            "case_reports.about",
            "case_reports.message",
            "case_reports.email",
            "case_reports.language",
            "case_reports.made_at",
            "case_reports.told_at",
            "case_reports.erased_at",
            "case_deletions.in_case",
            "case_deletions.what",
            "case_deletions.number",
            "case_deletions.deleted_at",
        ];
        let of_keys = [
            "person_keys.person",
            "person_keys.master",
            "person_keys.wrapped",
            "erased_people.person",
            "named_keys.name",
            "named_keys.master",
            "named_keys.wrapped",
        ];
        // Operators run the site and are none of its people: what is personal of them is sealed under keys of their own.
        let sealed_of_operators = ["operators.name", "operator_passkeys.credential", "operator_passkeys.name"];
        let hashes_of_operators = ["operator_passkeys.credential_key", "operator_sessions.id", "operator_invitations.id"];
        let of_operators = [
            "operators.id",
            "operators.role",
            "operators.made_at",
            "operators.removed_at",
            "operator_passkeys.id",
            "operator_passkeys.operator",
            "operator_passkeys.made_at",
            "operator_passkeys.used_at",
            "operator_sessions.operator",
            "operator_sessions.started_at",
            "operator_sessions.seen_at",
            "operator_sessions.ends_at",
            "operator_invitations.operator",
            "operator_invitations.role",
            "operator_invitations.invited_by",
            "operator_invitations.made_at",
            "operator_invitations.expires_at",
            "operator_actions.number",
            "operator_actions.made_at",
            "operator_actions.operator",
            "operator_actions.deed",
            "operator_actions.subject",
        ];
        let of_people = [&sealed[..], &sealed_carriers, &keyed_hashes, &about_an_account].concat();
        let of_those_who_run_it = [&sealed_of_operators[..], &hashes_of_operators, &of_operators].concat();
        let known: Vec<&str> =
            [&of_people[..], &of_those_who_run_it, &of_programs, &of_cases, &of_choices, &of_keys, &["schema_steps.number"]].concat();
        let mut found: Vec<String> = Vec::new();
        for place in [&database, &keys] {
            found.extend(place.columns().await.into_iter().map(|(table, column)| format!("{table}.{column}")));
        }
        found.sort();
        found.dedup();
        let mut expected: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        expected.sort();
        assert_eq!(found, expected);
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
        people.make_link_for_nobody(link(3, nobody, "sign-in"), job(3, nobody, NOON)).await.expect("kept");
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
        assert!(people.make_link_for_nobody(link(4, anna, "sign-in"), job(4, anna, NOON)).await.is_err(), "Anna is somebody");
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

#[test]
fn addresses_of_one_network_are_told_by_the_same_hash() {
    with_people(async |_, _, people| {
        let hash =
            |text: &str, v4, v6| people.vault().lookup_network(&Sealed::new(Field::VisitIp, text.parse().expect("an address")), v4, v6);
        assert_eq!(hash("192.0.2.1", 24, 48), hash("192.0.2.200", 24, 48));
        assert_ne!(hash("192.0.2.1", 24, 48), hash("192.0.3.1", 24, 48));
        assert_ne!(hash("192.0.2.1", 32, 64), hash("192.0.2.2", 32, 64));
        assert_ne!(hash("192.0.2.0", 32, 64), hash("192.0.2.0", 24, 64), "a network is not its first address");
        assert_eq!(hash("::ffff:192.0.2.1", 32, 64), hash("192.0.2.1", 32, 64));
        assert_eq!(hash("2001:db8:1:2::3", 32, 64), hash("2001:db8:1:2:ffff::", 32, 64));
        assert_ne!(hash("2001:db8:1:2::3", 32, 64), hash("2001:db8:1:3::3", 32, 64));
        assert_eq!(hash("2001:db8:1:2::3", 24, 48), hash("2001:db8:1:3::3", 24, 48));
    });
}
