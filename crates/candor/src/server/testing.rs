//! Somebody who registered, for tests.

use app::choices::Circumstances;
use app::people::{Accounts, Browser};
use domain::{AccountId, Age, Field, JobId, Region, SeededRandom, Span, Timestamp, Version};
use policy::cookie::{self, CookieParts, CookieState, SessionPart, SigningKeys};
use policy::{Policy, Sealed};
use records::{Account, Confirmed, Findable, LinkId, NewJob, NewLink, NewRegistration, People, Representation, SignInMethod};

/// Registers Anna, who is an adult.
pub(super) async fn anna(people: &People, now: Timestamp) -> Account {
    let findable = |field, text: &str| {
        let sealed = || Sealed::new(field, text.to_owned());
        Findable { shown: sealed(), compared: sealed() }
    };
    let (id, expires) = (AccountId([1; 16]), Span::days(1).after(now));
    let (email, username) = (findable(Field::AccountEmail, "anna@example.org"), findable(Field::AccountUsername, "anna"));
    let age = Representation { verdict: Age::Adult, method: "stated".to_owned(), words_hash: [4; 32], version: Version(1), at: now };
    let new = NewRegistration { id, email: email.clone(), username, language: "en".to_owned(), age, at: now, expires };
    let link = NewLink { id: LinkId([1; 32]), kind: "confirm", owner: id, email: Some(email), at: now, expires };
    let job = NewJob { id: JobId([1; 16]), kind: "mail", owner: Some(id), payload: b"confirm".to_vec(), at: now, due: now };
    people.register(new, link, job).await.expect("registered");
    assert_eq!(people.confirm(LinkId([1; 32]), now).await.expect("confirmed"), Confirmed::Account(id));
    people.account(id).await.expect("read").expect("an account")
}

/// Signs somebody in with a new browser, or with one that has this session.
pub(super) async fn sign_in(accounts: &Accounts, account: &Account, had: Option<&SessionPart>, now: Timestamp) -> SessionPart {
    let policy = policy();
    let cookie = had.map_or(CookieState::Absent, |had| cookie_of(&policy, had, now));
    let circumstances = Circumstances { gpc: false, region: Region::parse("DE").expect("a region"), now };
    let browser = Browser { policy: &policy, cookie: &cookie, circumstances };
    let parts = accounts.welcome(account.id, SignInMethod::Link, browser).await.expect("signed in");
    parts.session.expect("a ticket")
}

fn policy() -> Policy {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/health");
    let sources = crate::site::read(example.as_ref()).expect("a site folder");
    policy::check::check(&sources, jiff::civil::date(2026, 3, 2)).policy.expect("the example is checked")
}

/// What a browser with this ticket sends, as it is read.
fn cookie_of(policy: &Policy, ticket: &SessionPart, now: Timestamp) -> CookieState {
    let mut records = Vec::new();
    SigningKeys::rotated(&mut records, now, &SeededRandom::new(7));
    let keys = SigningKeys::from_records(records).expect("a key");
    let parts = CookieParts { session: Some(ticket.clone()), ..CookieParts::default() };
    let written = cookie::write_visit(policy, &keys, &parts, now, false).expect("it fits");
    cookie::read_back(policy, &keys, now, &CookieState::Absent, &[written])
}
