//! What people read.

use std::fmt::Write;

use domain::{Span, Timestamp};
use records::MailedLink;

use super::Letter;
use super::text::{Letterhead, Text};
use super::words::words;
use crate::people::SIGN_IN_LINK_LIVES;

const LANGUAGES: [&str; 4] = ["en", "es", "de", "fr"];

fn letters() -> [(Letter, Option<Span>); 19] {
    let token = || "q2l8ZkR0b3RoZXJlc3RvZml0aXNyYW5kb20xMjM0NTY".to_owned();
    [
        (Letter::Confirm { token: token(), return_to: None }, Some(Span::hours(24))),
        (Letter::AlreadyRegistered, None),
        (Letter::SignIn { token: token(), return_to: Some("/board?page=2&x=é".to_owned()) }, Some(SIGN_IN_LINK_LIVES)),
        (Letter::ConfirmEmail { token: token() }, Some(Span::hours(1))),
        (Letter::EmailChanging, None),
        (Letter::EmailChanged { token: token() }, Some(Span::days(7))),
        (Letter::PasskeyAdded, None),
        (Letter::PasskeyCopied, None),
        (Letter::Closed, None),
        (Letter::ConfirmDependent { token: token() }, Some(Span::hours(24))),
        (Letter::DependentConfirmed, None),
        (Letter::DependentClosed, None),
        (Letter::DependentPasses, None),
        (Letter::DependentPassed, None),
        (Letter::TakeUp { token: token() }, Some(Span::hours(24))),
        (Letter::MinorAsked { seconds: 7 * 24 * 60 * 60 }, None),
        (Letter::MinorConfirmed { seconds: 24 * 60 * 60 }, None),
        (Letter::DependentReported, None),
        (Letter::ReportClosed, None),
    ]
}

fn read(letter: &Letter, language: &str, works: Option<Span>) -> Text {
    read_where(letter, language, works, false)
}

fn read_where(letter: &Letter, language: &str, works: Option<Span>, guardians: bool) -> Text {
    let made: Timestamp = "2026-03-02T12:00:00Z".parse().expect("a time");
    let head = Letterhead {
        site: "Harbour {contact} Clinic".to_owned(),
        contact: "privacy@harbour.example".to_owned(),
        origin: "https://www.harbour.example".to_owned(),
        account: "/account".to_owned(),
        age: 18,
        guardians,
        visits_kept: Some(jiff::SignedDuration::from_hours(180 * 24)),
    };
    letter.text(words(language), &head, works.map(|works| MailedLink { email: None, made, expires: works.after(made) }).as_ref())
}

#[test]
fn every_letter_can_be_read_in_every_language() {
    let mut all = String::new();
    for language in LANGUAGES {
        for (letter, works) in letters() {
            let Text { subject, body } = read(&letter, language, works);
            let _ = write!(all, "---- {language}: {subject}\n\n{body}\n");
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn each_says_whose_it_is_where_to_write_and_where_it_leads_on_a_line_of_its_own() {
    for (language, (letter, works)) in LANGUAGES.iter().flat_map(|language| letters().map(|letter| (language, letter))) {
        let Text { subject, body } = read(&letter, language, works);
        assert!(subject.contains("Harbour {contact} Clinic") && !subject.contains("privacy@"), "what fills a gap is not read: {subject}");
        assert!(body.contains("privacy@harbour.example"), "{body}");
        if let Some(token) = letter.token() {
            assert!(body.lines().any(|line| line.starts_with("https://www.harbour.example/account/") && line.contains(token)), "{body}");
        }
        assert!(!["{site}", "{time}", "{age}", "{visits}"].iter().any(|gap| body.contains(gap)), "{body}");
    }
}

#[test]
fn where_guardians_open_accounts_nobody_is_told_that_accounts_are_for_adults() {
    for (language, says) in
        LANGUAGES.iter().zip(["a parent or guardian opens it", "madre, padre o tutor", "Eltern oder Vormund", "un parent ou tuteur"])
    {
        for letter in [Letter::MinorAsked { seconds: 86_400 }, Letter::MinorConfirmed { seconds: 86_400 }] {
            let (adults, guardians) = (read_where(&letter, language, None, false), read_where(&letter, language, None, true));
            assert!(!adults.body.contains(says) && guardians.body.contains(says), "{}", guardians.body);
            assert!(guardians.body.contains("18") && !guardians.body.contains("{rule}"), "{}", guardians.body);
        }
    }
}

/// French sets a space before these signs. Where a line could break at it, the sign would begin the next.
#[test]
fn in_french_no_line_can_begin_with_a_sign() {
    for (letter, works) in letters() {
        let Text { subject, body } = read(&letter, "fr", works);
        let breaks = [" :", " ;", " ?", " !", " »", "« "].into_iter().find(|pair| subject.contains(pair) || body.contains(pair));
        assert_eq!(breaks, None, "{subject}\n{body}");
    }
}

#[test]
fn a_language_that_is_not_written_here_is_answered_in_english() {
    assert_eq!(read(&Letter::Closed, "pt", None), read(&Letter::Closed, "en", None));
}
