//! What reports of minors do, and what they do not.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::mail::Letter;
use app::minors::{CaseEvent, CaseState, Deadlines, Minors, Outcome, Reported};
use app::people::Accounts;
use disk::RealDisk;
use domain::{AccountId, Clock, Field, OperatorId, SessionId};
use policy::Sealed;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use records::{Session, SignInMethod};
use visits::{Log, Query};

use crate::erasing::{in_files, log, visited};
use crate::house::{House, folder, smtp};
use crate::server::MailServer;

const SOMEBODY: OperatorId = OperatorId([3; 16]);

fn on_a_runtime<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(test());
}

fn minors(house: &House) -> Minors {
    let accounts = Accounts::new(house.people.clone(), Arc::clone(&house.random));
    Minors::new(Arc::new(accounts), Deadlines::default())
}

/// The same, with what the visit log in this folder holds.
fn minors_with_visits(house: &House, folder: &Path) -> (Minors, Arc<Log>) {
    let log = Arc::new(log(Arc::new(RealDisk::new(folder)), house));
    let accounts = Accounts::new(house.people.clone(), Arc::clone(&house.random));
    (Minors::new(Arc::new(accounts.with_visits_in(Arc::clone(&log))), Deadlines::default()), log)
}

/// How many bytes the log's segments have.
fn size_of_log(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder.join("visits")).expect("a folder").flatten();
    let segments = files.filter(|file| file.file_name().to_string_lossy().ends_with(".log"));
    segments.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

async fn signed_in(house: &House, account: AccountId) {
    let now = house.clock.now();
    let ends = domain::Span::days(30).after(now);
    let session =
        Session { id: SessionId::random(&*house.random), account, method: SignInMethod::Link, started: now, proved: now, seen: now, ends };
    house.people.begin_session(session, None).await.expect("begun");
}

async fn report(house: &House, minors: &Minors, about: &str, from: [u8; 4]) {
    let client = Sealed::new(Field::VisitIp, from.into());
    let reported = Reported::new(about, "a child", None, "en").expect("a report");
    minors.report(reported, Some(&client), &house.policy.load(), house.clock.now()).await.expect("kept");
}

#[test]
fn no_sequence_of_reports_alone_changes_an_account() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (house, anna) = runtime.block_on(async {
        let house = House::in_folder(&folder()).await;
        let anna = house.account("anna@example.org", "en").await;
        signed_in(&house, anna).await;
        house.ask_to_sign_in(anna).await;
        (house, anna)
    });
    let minors = minors(&house);
    let known = runtime.block_on(async { house.people.account(anna).await.expect("read").expect("an account") });
    let standing = async || {
        let people = &house.people;
        let account = people.account(anna).await.expect("read");
        let sessions = people.sessions_of(anna, house.clock.now()).await.expect("read");
        let (links, jobs) = (people.links_of(anna, house.clock.now()).await.expect("read"), people.jobs_of(anna).await.expect("read"));
        (account, sessions, links, jobs)
    };
    let before = runtime.block_on(standing());
    assert!(before.1.len() == 1 && before.2.len() == 1 && before.3.len() == 1 && before.0.is_some());
    let names = [known.id.to_hex(), "anna@example.org".to_owned(), "nobody".to_owned(), "https://site.example/42".to_owned()];
    let sequence = prop::collection::vec((0..4_usize, any::<[u8; 4]>(), 0..60_i64), 1..20);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let held = runner.run(&sequence, |reports| {
        runtime.block_on(async {
            for (about, from, _) in &reports {
                report(&house, &minors, &names[*about], *from).await;
                minors.reconcile(&house.policy.load(), house.clock.now()).await.expect("done");
            }
        });
        prop_assert_eq!(&runtime.block_on(standing()), &before);
        Ok(())
    });
    held.unwrap_or_else(|error| panic!("{error}"));
    let cases = runtime.block_on(minors.cases(0, 100)).expect("read");
    assert!(cases.len() <= 4 && cases.iter().all(|case| case.state == CaseState::Open), "each name has one case, and nobody decided any");
}

#[test]
fn a_confirmed_account_gets_one_letter_and_no_other() {
    on_a_runtime(async || {
        let folder = folder();
        let (house, server) = (House::in_folder(&folder).await, MailServer::start(&folder, 0, &[]));
        let anna = house.account("anna@example.org", "en").await;
        house.people.add_job(Letter::PasskeyAdded.job(anna, &*house.random, house.clock.now())).await.expect("kept");
        house.ask_to_sign_in(anna).await;
        let minors = minors(&house);
        report(&house, &minors, "anna@example.org", [192, 0, 2, 7]).await;
        let case = minors.cases(0, 100).await.expect("read")[0].id;
        assert_eq!(minors.confirm(case, SOMEBODY, house.clock.now()).await.expect("decided"), Outcome::Done);
        assert_eq!(minors.reconcile(&house.policy.load(), house.clock.now()).await.expect("done").erased, 0, "the letter comes first");
        let runner = house.mailer(smtp(server.port));
        let running = tokio::spawn(Arc::clone(&runner).run());
        house.until_all_is_sent().await;
        runner.end();
        running.await.expect("it ends");
        let letters = server.letters();
        let subjects: Vec<&str> = letters.iter().filter_map(|letter| letter["text"].as_str()).collect();
        assert!(subjects.iter().any(|text| text.contains("this is the last letter to you")), "{subjects:?}");
        assert!(!subjects.iter().any(|text| text.contains("sign in at Harbour")), "no link to sign in: {subjects:?}");
        let done = minors.reconcile(&house.policy.load(), house.clock.now()).await.expect("done");
        assert_eq!(done.erased, 1);
        assert_eq!(house.people.account(anna).await.expect("read"), None);
    });
}

const CHILDREN: usize = 40;
const KILLS: usize = 6;
const VISITS_OF_EACH: usize = 12;
const SOMEBODY_ELSE: AccountId = AccountId([0xee; 16]);

#[test]
fn killed_in_the_middle_again_and_again_everybody_who_was_confirmed_is_deleted_once_with_a_receipt() {
    on_a_runtime(async || {
        let folder = folder();
        let house = House::in_folder(&folder).await;
        let minors = minors(&house);
        let now = house.clock.now();
        let (visits, mut accounts) = (log(Arc::new(RealDisk::new(&folder)), &house), Vec::new());
        for number in 0..CHILDREN {
            let address = format!("child-{number}@example.org");
            let account = house.account(&address, "en").await;
            accounts.push(account);
            signed_in(&house, account).await;
            report(&house, &minors, &address, [192, 0, 2, 7]).await;
        }
        for number in 0..CHILDREN * VISITS_OF_EACH {
            visited(&visits, &house, None, Some(accounts[number % CHILDREN]));
            visited(&visits, &house, None, Some(SOMEBODY_ELSE));
        }
        visits.close().expect("written");
        for case in minors.cases(0, 100).await.expect("read") {
            assert_eq!(minors.confirm(case.id, SOMEBODY, now).await.expect("decided"), Outcome::Done);
        }
        let letters = house.people.due_jobs("mail", now, 1_000).await.expect("read");
        assert_eq!(letters.len(), CHILDREN, "each is told");
        for letter in letters {
            house.people.end_job(letter.id).await.expect("sent");
        }
        let done = async || minors.cases(0, 100).await.expect("read").iter().filter(|case| case.state == CaseState::Done).count();
        let mut unfinished = 0;
        for _ in 0..KILLS {
            // Killed while visits are being taken out.
            let before = size_of_log(&folder);
            let mut child = reconciler(&folder);
            while size_of_log(&folder) >= before && done().await == 0 && runs(&mut child) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            end(child);
            let left = accounts.iter().filter(|account| in_files(&folder, &account.0)).count();
            let ended = done().await;
            assert!(ended == 0 || left == 0, "{ended} cases ended with visits of {left} children in the log");
            unfinished += usize::from(left > 0);
            if left == 0 {
                break;
            }
        }
        assert!(unfinished > 0, "a kill came in the middle of it");
        unfinished = 0;
        for _ in 0..KILLS {
            let before = done().await;
            let mut child = reconciler(&folder);
            while done().await < (before + 3).min(CHILDREN) && runs(&mut child) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            end(child);
            unfinished += usize::from(done().await < CHILDREN);
        }
        assert!(unfinished > 0, "a kill came in the middle");
        let (minors, visits) = minors_with_visits(&house, &folder);
        // What the databases are too slow for is tried again, as the server does.
        let mut tries = 0;
        while let Err(error) = minors.reconcile(&house.policy.load(), now).await {
            tries += 1;
            assert!(tries < 10, "{error}");
        }
        let left: Vec<_> = visits.rows(&Query::default()).map(|visit| visit.expect("readable").account).collect();
        assert_eq!(left, vec![Some(Sealed::new(Field::VisitAccount, SOMEBODY_ELSE)); CHILDREN * VISITS_OF_EACH], "nobody else's is gone");
        assert!(accounts.iter().all(|account| !in_files(&folder, &account.0)));
        let cases = minors.cases(0, 100).await.expect("read");
        assert_eq!(cases.iter().filter(|case| case.state == CaseState::Done && case.subject.is_none()).count(), CHILDREN);
        for case in cases {
            let file = minors.case(case.id).await.expect("read").expect("a case");
            assert_eq!(file.events.iter().filter(|happened| happened.event == CaseEvent::Erased).count(), 1, "once");
            let counted = |what: &str| file.deletions.iter().find(|gone| gone.what == what).map(|gone| gone.number);
            assert_eq!((counted("account"), counted("sessions")), (Some(1), Some(1)), "the receipt is whole");
            assert!(counted("visits").is_some_and(|visits| visits <= VISITS_OF_EACH as u64), "as many as the last pass found");
        }
        for number in 0..CHILDREN {
            let address = app::people::email(&format!("child-{number}@example.org")).expect("an address");
            assert_eq!(house.people.owner_of_email(&address.compared).await.expect("read"), None);
        }
    });
}

/// It may end by itself, where the databases kept it waiting for too long on a machine that is busy: that is one more way to be stopped in the middle.
fn runs(child: &mut Child) -> bool {
    child.try_wait().expect("our own child").is_none()
}

fn end(mut child: Child) {
    child.kill().expect("our own child");
    child.wait().expect("our own child");
}

/// This very test program, deleting in a process of its own.
fn reconciler(folder: &std::path::Path) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "minors::deletes_until_it_is_killed", "--nocapture"])
        .env("CANDOR_TEST_MINORS_FOLDER", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("this program starts")
}

/// The process that another test starts, and kills. Among all the others it has nothing to delete in.
#[test]
fn deletes_until_it_is_killed() {
    let Ok(folder) = std::env::var("CANDOR_TEST_MINORS_FOLDER") else { return };
    on_a_runtime(async || {
        let house = House::in_folder(std::path::Path::new(&folder)).await;
        let (minors, _log) = minors_with_visits(&house, std::path::Path::new(&folder));
        loop {
            minors.reconcile(&house.policy.load(), house.clock.now()).await.expect("done");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}
