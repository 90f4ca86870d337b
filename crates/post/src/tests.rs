//! What a mail server may do, word by word.

use std::time::Duration;

use domain::{Basis, Field, JobId, Timestamp};
use lettre::address::Envelope;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

/// What the server says to each line, in order. After the last it is silent for good.
type Script = &'static [&'static str];

/// Hangs up instead of an answer.
const HANGS_UP: &str = "";

const WELCOME: &str = "220 mail.test\r\n";
const KNOWS_US: &str = "250-mail.test\r\n250 8BITMIME\r\n";
const YES: &str = "250 yes\r\n";
const GO_ON: &str = "354 go on\r\n";

/// Answers one connection after the other by its script, and says which commands each heard.
async fn server(scripts: &'static [Script]) -> (Post, JoinHandle<Vec<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("smtp://{}", listener.local_addr().expect("an address"));
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        for script in scripts {
            let (stream, _) = listener.accept().await.expect("somebody comes");
            heard.push(converse(stream, script).await);
        }
        heard
    });
    let patience =
        Patience { connection: Duration::from_millis(300), answer: Duration::from_millis(300), last_word: Duration::from_millis(300) };
    let address = ServerAddress::parse(&address).expect("an address");
    (Post::Smtp(Smtp::new(address, None, "www.example.org", patience).expect("it can be used")), heard)
}

async fn converse(stream: TcpStream, script: Script) -> Vec<String> {
    let (mut stream, mut heard, mut in_letter) = (BufReader::new(stream), Vec::new(), false);
    for (place, answer) in script.iter().enumerate() {
        // The first word is the server's.
        loop {
            if place == 0 {
                break;
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return heard;
            }
            if in_letter && line != ".\r\n" {
                continue;
            }
            heard.push(line.trim_end().to_owned());
            break;
        }
        in_letter = *answer == GO_ON;
        if *answer == HANGS_UP || stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
            return heard;
        }
    }
    let _ = stream.read_to_end(&mut Vec::new()).await;
    heard
}

fn letter() -> Written {
    let address = |text: &str| text.parse().expect("an address");
    let envelope = Envelope::new(Some(address("letters@example.org")), vec![address("anna@example.org")]).expect("an envelope");
    Written { id: JobId([1; 16]), envelope, bytes: b"Subject: hello\r\n\r\n.hidden\r\n".to_vec(), readable: b"hello\r\n".to_vec() }
}

async fn sent(post: &Post) -> Result<(), Trouble> {
    post.offer(&letter()).await?.hand_over(&letter()).await
}

#[tokio::test]
async fn one_connection_carries_letter_after_letter() {
    let (post, heard) = server(&[&[WELCOME, KNOWS_US, YES, YES, GO_ON, YES, YES, YES, GO_ON, YES, "221 bye\r\n"]]).await;
    assert_eq!(sent(&post).await, Ok(()));
    assert_eq!(sent(&post).await, Ok(()));
    post.rest().await;
    let (mail, rcpt) = ("MAIL FROM:<letters@example.org>", "RCPT TO:<anna@example.org>");
    assert_eq!(heard.await.expect("it ends")[0], ["EHLO www.example.org", mail, rcpt, "DATA", ".", mail, rcpt, "DATA", ".", "QUIT"]);
}

#[tokio::test]
async fn a_kept_connection_that_ended_meanwhile_is_no_trouble() {
    let again: Script = &[WELCOME, KNOWS_US, YES, YES, GO_ON, YES];
    for end in [HANGS_UP, "421 you were silent for too long\r\n"] {
        let first: Script = Box::leak(Box::new([WELCOME, KNOWS_US, YES, YES, GO_ON, YES, end]));
        let (post, _) = server(Box::leak(Box::new([first, again]))).await;
        assert_eq!(sent(&post).await, Ok(()));
        assert_eq!(sent(&post).await, Ok(()), "{end:?}");
    }
}

#[tokio::test]
async fn until_the_letter_itself_goes_nothing_is_unknown() {
    let stages: [(Script, &str); 9] = [
        (&[HANGS_UP], "hangs up at once"),
        (&["554 not you\r\n"], "refuses us"),
        (&["HTTP/1.1 400 Bad Request\r\n"], "speaks something else"),
        (&[WELCOME, KNOWS_US], "silent at MAIL"),
        (&[WELCOME, KNOWS_US, "553 who are you\r\n"], "refuses our address"),
        (&[WELCOME, KNOWS_US, YES, HANGS_UP], "hangs up at RCPT"),
        (&[WELCOME, KNOWS_US, YES, "530 log in first\r\n"], "wants to know us"),
        (&[WELCOME, KNOWS_US, YES, YES, HANGS_UP], "hangs up at DATA"),
        (&[WELCOME, KNOWS_US, YES, YES, YES], "says yes to something else"),
    ];
    for (script, what) in stages {
        let (post, _) = server(Box::leak(Box::new([script]))).await;
        let trouble = sent(&post).await.expect_err(what);
        assert!(matches!(trouble, Trouble::NoWay(_)), "{what}: {trouble:?}");
        assert!(!trouble.to_string().contains("anna"), "{what}: {trouble}");
    }
}

#[tokio::test]
async fn an_answer_about_one_letter_is_only_about_that_one() {
    let stages: [(Script, Trouble); 5] = [
        (&[WELCOME, KNOWS_US, YES, "451 anna@example.org: later\r\n", YES], Trouble::NotNow(451)),
        (&[WELCOME, KNOWS_US, YES, "550 anna@example.org is unknown\r\n", YES], Trouble::Never(550)),
        (&[WELCOME, KNOWS_US, YES, YES, "452 no room\r\n", YES], Trouble::NotNow(452)),
        (&[WELCOME, KNOWS_US, YES, YES, GO_ON, "451 later\r\n"], Trouble::NotNow(451)),
        (&[WELCOME, KNOWS_US, YES, YES, GO_ON, "554 never\r\n"], Trouble::Never(554)),
    ];
    for (script, expected) in stages {
        let (post, _) = server(Box::leak(Box::new([script]))).await;
        assert_eq!(sent(&post).await, Err(expected));
    }
}

#[tokio::test]
async fn whoever_is_silent_after_the_letter_may_have_taken_it() {
    for script in [&[WELCOME, KNOWS_US, YES, YES, GO_ON, HANGS_UP] as Script, &[WELCOME, KNOWS_US, YES, YES, GO_ON]] {
        let (post, _) = server(Box::leak(Box::new([script]))).await;
        assert!(matches!(sent(&post).await, Err(Trouble::Unknown(_))), "{script:?}");
    }
}

#[tokio::test]
async fn a_letter_that_was_only_announced_is_forgotten() {
    let (post, heard) = server(&[&[WELCOME, KNOWS_US, YES, YES, YES, YES, YES, GO_ON, YES]]).await;
    post.offer(&letter()).await.expect("announced").withdraw().await;
    assert_eq!(sent(&post).await, Ok(()));
    drop(post);
    assert_eq!(heard.await.expect("it ends")[0][3..5], ["RSET", "MAIL FROM:<letters@example.org>"]);
}

#[tokio::test]
async fn without_encryption_a_server_elsewhere_hears_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("somebody comes");
        converse(stream, &[WELCOME, KNOWS_US, YES, YES, GO_ON, YES]).await
    });
    let address = ServerAddress::parse(&format!("smtp://127.0.0.1:{port}?tls=required")).expect("an address");
    let post = Post::Smtp(Smtp::new(address, None, "www.example.org", Patience::default()).expect("it can be used"));
    assert!(matches!(sent(&post).await, Err(Trouble::NoWay(_))));
    assert_eq!(heard.await.expect("it ends"), ["EHLO www.example.org"], "it offers no STARTTLS");
}

#[tokio::test]
async fn a_folder_keeps_each_letter_once_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let root = std::env::temp_dir().join(format!("candor-post-{}", std::process::id()));
    let post = Post::Folder(Folder::new(std::sync::Arc::new(disk::RealDisk::new(&root)), "mail"));
    for _ in 0..2 {
        assert_eq!(sent(&post).await, Ok(()));
    }
    let files: Vec<_> = std::fs::read_dir(root.join("mail")).expect("it is there").map(|file| file.expect("a file")).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name(), "01010101010101010101010101010101.eml");
    assert_eq!(files[0].metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    std::fs::remove_dir_all(&root).expect("it is ours");
}

#[test]
fn a_letter_has_the_same_form_each_time_and_its_headers_are_one_line_each() {
    let sender = Sender {
        name: "Harbour\r\nBcc: eve@example.org \u{2013} Clínica".to_owned(),
        from: "letters@example.org".to_owned(),
        contact: "privacy@example.org".to_owned(),
        host: host_of("https://www.example.org:8443").to_owned(),
    };
    let letter = Letter {
        id: JobId([7; 16]),
        to: policy::Sealed::new(Field::AccountEmail, "anna@example.org".to_owned()),
        subject: "Hello\r\nX-Bad: yes".to_owned(),
        text: "Grüße\n\nhttps://www.example.org/account\n".to_owned(),
        date: "2026-03-02T12:00:00Z".parse::<Timestamp>().expect("a time"),
    };
    let policy = policy_with_accounts();
    let permit = policy::letter_permit(&policy).expect("the account rests on a contract");
    let written = letter.written(&sender, &permit).expect("a letter");
    assert_eq!(written.bytes(), letter.written(&sender, &permit).expect("a letter").bytes());
    let text = String::from_utf8(written.bytes().to_vec()).expect("ASCII");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let names: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(':').next()).collect();
    assert!(names.iter().all(|name| !matches!(*name, "Bcc" | "X-Bad")), "{head}");
    for line in [
        "Reply-To: privacy@example.org",
        "To: anna@example.org",
        "Subject: Hello X-Bad: yes",
        "Date: Mon, 02 Mar 2026 12:00:00 +0000",
        "Message-ID: <07070707070707070707070707070707@www.example.org>",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(head.split("\r\n").any(|own| own == line), "{line} in\n{head}");
    }
    assert!(text.is_ascii() && body.contains("https://www.example.org/account"), "{text}");
    assert!(String::from_utf8_lossy(&written.readable).ends_with("Grüße\r\n\r\nhttps://www.example.org/account\r\n"));
    assert_eq!(format!("{written:?}").find("anna"), None);
}

fn policy_with_accounts() -> policy::Policy {
    let rules = include_str!("../../../examples/health/policy.toml");
    let words = include_str!("../../../examples/health/policy.md");
    let spanish = include_str!("../../../examples/health/policy.es.md");
    let sources =
        policy::syntax::SiteSources::new(rules, words).with_translation(domain::Language::parse("es").expect("a language"), spanish);
    let today = jiff::civil::date(2026, 3, 2);
    let policy = policy::check::check(&sources, today).policy.expect("the example passes its check");
    assert!(policy.uses.iter().any(|rule| rule.basis == Basis::Contract));
    policy
}
