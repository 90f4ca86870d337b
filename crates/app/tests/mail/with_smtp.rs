//! What a real mail server gets of what people are written.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use app::mail::Letter;

use crate::house::{House, folder, smtp, smtp_at, token_of};
use crate::server::{MailServer, header};

fn on_a_runtime<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(test());
}

#[test]
fn a_letter_arrives_once_with_all_it_takes() {
    on_a_runtime(async || {
        let folder = folder();
        let (house, server) = (House::in_folder(&folder).await, MailServer::start(&folder, 0, &[]));
        let id = house.register("anna@example.org", "es").await;
        let runner = house.mailer(smtp(server.port));
        let running = tokio::spawn(std::sync::Arc::clone(&runner).run());
        house.until_all_is_sent().await;
        runner.end();
        running.await.expect("it ends");
        let letters = server.letters();
        assert_eq!(letters.len(), 1);
        let letter = &letters[0];
        assert_eq!(
            (letter["from"].as_str(), letter["to"][0].as_str()),
            (Some("privacy@harbour.example"), Some("anna@example.org")),
            "{letter}"
        );
        assert_eq!(letter["name"], "www.harbour.example", "how we introduce ourselves");
        assert_eq!(header(letter, "Auto-Submitted"), Some("auto-generated"));
        assert_eq!(header(letter, "Date"), Some("Mon, 02 Mar 2026 12:00:00 +0000"));
        let number = header(letter, "Message-ID").expect("a number");
        assert!(number.starts_with('<') && number.ends_with("@www.harbour.example>"), "{number}");
        let text = letter["text"].as_str().expect("text");
        assert!(text.contains(&token_of(id).text()), "{text}");
        assert_eq!(runner.work().counts().sent(), 1);
    });
}

#[test]
fn a_bad_day_of_the_mail_server_loses_nothing_and_sends_nothing_twice() {
    on_a_runtime(async || {
        let folder = folder();
        let (house, server) = (House::in_folder(&folder).await, MailServer::start(&folder, 0, &[]));
        let tempers = ["greylist", "busy", "cut", "slow", "shut", "plain"];
        for (temper, number) in tempers.iter().flat_map(|temper| (0..3).map(move |number| (temper, number))) {
            house.register(&format!("{temper}-{number}@example.org"), "en").await;
        }
        for refused in ["never-1@example.org", "reject-1@example.org", "no address at all", "grün@example.org"] {
            house.register(refused, "en").await;
        }
        let runner = house.mailer(smtp(server.port));
        let running = tokio::spawn(std::sync::Arc::clone(&runner).run());
        house.until_all_is_sent().await;
        runner.end();
        running.await.expect("it ends");
        let mut expected: Vec<String> =
            tempers.iter().flat_map(|temper| (0..3).map(move |number| format!("{temper}-{number}@example.org"))).collect();
        expected.sort();
        assert_eq!(server.recipients(), expected);
        assert_eq!(house.people.count_jobs("mail").await.expect("read"), (0, 4), "what will never be taken is given up");
        assert_eq!(runner.work().counts().unknown(), 0);
    });
}

#[test]
fn what_was_taken_without_a_word_comes_again_under_the_same_number() {
    on_a_runtime(async || {
        let folder = folder();
        let (house, server) = (House::in_folder(&folder).await, MailServer::start(&folder, 0, &[]));
        house.register("lost-1@example.org", "en").await;
        let runner = house.mailer(smtp(server.port));
        let running = tokio::spawn(std::sync::Arc::clone(&runner).run());
        house.until_all_is_sent().await;
        runner.end();
        running.await.expect("it ends");
        let letters = server.letters();
        assert_eq!(letters.len(), 2);
        assert_eq!(letters[0]["letter"], letters[1]["letter"], "byte for byte the same");
        assert_eq!((runner.work().counts().sent(), runner.work().counts().unknown()), (1, 1));
    });
}

#[test]
fn letters_wait_for_a_server_that_is_not_there_and_what_is_over_is_dropped() {
    on_a_runtime(async || {
        let folder = folder();
        let house = House::in_folder(&folder).await;
        let port = MailServer::start(&folder, 0, &[]).port;
        for number in 0..10 {
            house.register(&format!("anna-{number}@example.org"), "en").await;
        }
        let ben = house.account("ben@example.org", "de").await;
        house.ask_to_sign_in(ben).await;
        let runner = house.mailer(smtp(port));
        let running = tokio::spawn(std::sync::Arc::clone(&runner).run());
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(house.people.count_jobs("mail").await.expect("read"), (11, 0), "everything waits, nothing is given up");
        house.clock.advance(Duration::from_secs(11 * 60));
        let server = MailServer::start(&folder, port, &[]);
        house.people.add_job(Letter::EmailChanging.job(ben, &*house.random, domain::Clock::now(&*house.clock))).await.expect("kept");
        house.until_all_is_sent().await;
        runner.end();
        running.await.expect("it ends");
        let mut expected: Vec<String> = (0..10).map(|number| format!("anna-{number}@example.org")).collect();
        expected.push("ben@example.org".to_owned());
        assert_eq!(server.recipients(), expected);
        assert_eq!(runner.work().counts().dropped(), 1, "ben's link to sign in worked for ten minutes");
    });
}

const KILLS: usize = 12;
const LETTERS: usize = 400;

#[test]
fn killed_in_the_middle_again_and_again_every_letter_arrives_and_at_most_one_a_kill_arrives_twice() {
    on_a_runtime(async || {
        let folder = folder();
        let (house, server) = (House::in_folder(&folder).await, MailServer::start(&folder, 0, &[]));
        for number in 0..LETTERS {
            house.register(&format!("anna-{number}@example.org"), "en").await;
        }
        let mut unfinished = 0;
        for kill in 0..KILLS {
            let mut child = sender(&folder, server.port);
            let before = server.letters().len();
            for _ in 0..1_000 {
                if server.letters().len() >= before + 1 + 7 * (kill % 3) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            child.kill().expect("our own child");
            child.wait().expect("our own child");
            unfinished += usize::from(house.people.count_jobs("mail").await.expect("read").0 > 0);
        }
        assert!(unfinished > KILLS / 2, "the kills came in the middle: {unfinished}");
        let mut last = sender(&folder, server.port);
        house.until_all_is_sent().await;
        last.kill().expect("our own child");
        last.wait().expect("our own child");

        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for letter in server.letters() {
            *copies.entry(header(&letter, "Message-ID").expect("a number").to_owned()).or_default() += 1;
        }
        assert_eq!(copies.len(), LETTERS, "every letter arrived");
        let repeated: usize = copies.values().map(|count| count - 1).sum();
        assert!(repeated <= KILLS, "{repeated} repeats for {KILLS} kills");
        assert_eq!(house.people.count_jobs("mail").await.expect("read"), (0, 0));
    });
}

#[test]
fn a_server_elsewhere_is_believed_by_its_certificate_and_told_a_password_only_then() {
    on_a_runtime(async || {
        let folder = folder();
        let certificate = certificate(&folder);
        let house = House::in_folder(&folder).await;
        let options = ["--login", "candor@example.org", "--password", "right", "--certificate", &certificate[0], "--key", &certificate[1]];
        for (scheme, query, more) in [("smtps", "", Some("--from-the-first-byte")), ("smtp", "?tls=required", None)] {
            let server = MailServer::start(&folder, 0, &options.into_iter().chain(more).collect::<Vec<_>>());
            let address = format!("{scheme}://candor%40example.org@localhost:{}{query}", server.port);
            let before = server.letters().len();
            house.register("anna@example.org", "fr").await;
            for (trusted, password) in [(false, "right"), (true, "wrong")] {
                let mut child = sender_to(&folder, &address, password, trusted.then_some(&*certificate[0]));
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                child.kill().expect("our own child");
                child.wait().expect("our own child");
                assert_eq!(server.letters().len(), before, "{scheme}, trusted: {trusted}, password: {password}");
                assert_eq!(house.people.count_jobs("mail").await.expect("read"), (1, 0), "it waits");
            }
            let mut child = sender_to(&folder, &address, "right", Some(&*certificate[0]));
            house.until_all_is_sent().await;
            child.kill().expect("our own child");
            child.wait().expect("our own child");
            let letters = server.letters();
            assert_eq!(letters.len(), before + 1);
            let letter = &letters[before];
            assert_eq!((letter["user"].as_str(), letter["encrypted"].as_bool()), (Some("candor@example.org"), Some(true)), "{letter}");
        }
    });
}

/// A certificate for `localhost` that nobody knows, and its key.
fn certificate(folder: &std::path::Path) -> [String; 2] {
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            &key,
            "-out",
            &certificate,
        ])
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl is there").success());
    [certificate, key]
}

fn sender(folder: &std::path::Path, port: u16) -> Child {
    sender_to(folder, &format!("smtp://127.0.0.1:{port}"), "", None)
}

/// This very test program, sending letters in a process of its own.
fn sender_to(folder: &std::path::Path, address: &str, password: &str, trusted: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "with_smtp::sends_letters_until_it_is_killed", "--nocapture"])
        .env("CANDOR_TEST_MAIL_FOLDER", folder)
        .env("CANDOR_TEST_MAIL_SERVER", address)
        .env("CANDOR_TEST_MAIL_PASSWORD", password)
        .envs(trusted.map(|certificate| ("SSL_CERT_FILE", certificate)))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("this program starts")
}

/// The process that other tests start, and kill. Among all the others it has nobody to send for.
#[test]
fn sends_letters_until_it_is_killed() {
    let variable = |name: &str| std::env::var(format!("CANDOR_TEST_MAIL_{name}")).ok();
    let (Some(folder), Some(address)) = (variable("FOLDER"), variable("SERVER")) else {
        return;
    };
    on_a_runtime(async || {
        let house = House::in_folder(std::path::Path::new(&folder)).await;
        house.mailer(smtp_at(&address, variable("PASSWORD").filter(|password| !password.is_empty()))).run().await;
    });
}
