//! A small site with people, whose letters are to be sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::jobs::{Backoff, Runner};
use app::mail::{Letter, Mailer, Pace, Place};
use app::people::Token;
use arc_swap::ArcSwap;
use domain::{AccountId, Age, Clock, Field, ManualClock, Random, SeededRandom, Timestamp, Version};
use policy::check::check;
use policy::syntax::SiteSources;
use policy::{Policy, Sealed, StorageCapability};
use post::{Patience, Post, ServerAddress, Smtp};
use records::{Address, Findable, MasterKeys, NewLink, NewRegistration, People, Records, Representation, Vault};

/// When everything here happens.
pub(crate) const NOON: &str = "2026-03-02T12:00:00Z";

const RULES: &str = include_str!("../../fixtures/site/policy.toml");
const WORDS: &str = include_str!("../../fixtures/site/policy.md");
const SPANISH_WORDS: &str = include_str!("../../fixtures/site/policy.es.md");

/// What makes letters about an account permitted.
const ACCOUNTS: &str = r#"
[purpose.account]
title = { en = "Run your account", es = "Su cuenta" }

[[use]]
id = "membership"
title = { en = "Your account", es = "Su cuenta" }
data = ["account.*"]
purpose = "account"
basis = "contract"
"#;

pub(crate) struct House {
    pub(crate) people: People,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) policy: Arc<ArcSwap<Policy>>,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A folder of a test's own; it stays where the test fails.
pub(crate) fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("candor-mail-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir(&folder).expect("the temporary folder can be written");
    folder
}

#[expect(clippy::disallowed_methods, reason = "a test stands in for the wiring")]
pub(crate) const fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// The site's policy, with accounts or without.
pub(crate) fn policy(with_accounts: bool) -> Policy {
    let rules = if with_accounts { format!("{RULES}{ACCOUNTS}") } else { RULES.to_owned() };
    let words =
        if with_accounts { format!("{WORDS}\n\nWhoever registers has an account with us. {{membership}}\n") } else { WORDS.to_owned() };
    let spanish = if with_accounts {
        format!("{SPANISH_WORDS}\n\nQuien se registra tiene una cuenta. {{membership}}\n")
    } else {
        SPANISH_WORDS.to_owned()
    };
    let sources = SiteSources::new(&rules, &words).with_translation(domain::Language::parse("es").expect("a language"), &spanish);
    let report = check(&sources, at(NOON).to_zoned(jiff::tz::TimeZone::UTC).date());
    report.policy.unwrap_or_else(|| panic!("the fixture does not pass its check: {:#?}", report.findings))
}

/// The token that confirms somebody's registration here.
pub(crate) fn token_of(id: AccountId) -> Token {
    let [low, high] = [&id.0[..8], &id.0[8..]].map(|half| half.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte)));
    Token::random(&SeededRandom::new(low ^ high))
}

impl House {
    pub(crate) async fn in_folder(folder: &Path) -> Self {
        let database = |name: &str| Address::Sqlite(folder.join(name));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(u64::from(std::process::id())));
        let master = MasterKeys::parse(&MasterKeys::new_line(&SeededRandom::new(7))).expect("a key");
        let vault = Vault::open(&database("keys.sqlite"), master, storage(), Arc::clone(&random)).await.expect("it opens");
        let records = Records::open(&database("records.sqlite")).await.expect("it opens");
        Self {
            people: People::new(records, vault),
            clock: Arc::new(ManualClock::at(at(NOON))),
            random,
            policy: Arc::new(ArcSwap::from_pointee(policy(true))),
        }
    }

    /// Somebody wants to register; a letter with a link that lasts a day is to be sent to them.
    pub(crate) async fn register(&self, address: &str, language: &str) -> AccountId {
        let id = AccountId::random(&*self.random);
        let token = token_of(id);
        let letter = Letter::Confirm { token: token.text(), return_to: None };
        let (now, expires) = (self.clock.now(), domain::Span::days(1).after(self.clock.now()));
        let named = |field: Field, text: &str| Findable {
            shown: Sealed::new(field, text.to_owned()),
            compared: Sealed::new(field, text.to_owned()),
        };
        let age = Representation { verdict: Age::Adult, method: "stated".to_owned(), words_hash: [4; 32], version: Version(1), at: now };
        let new = NewRegistration {
            id,
            email: named(Field::AccountEmail, address),
            username: named(Field::AccountUsername, &id.to_hex()),
            language: language.to_owned(),
            age,
            at: now,
            expires,
        };
        let link = NewLink { id: token.link(), kind: "confirm", owner: id, email: None, at: now, expires };
        self.people.register(new, link, letter.job(id, &*self.random, now)).await.expect("kept");
        id
    }

    /// Somebody who has an account, and whose letters so far went to nobody.
    pub(crate) async fn account(&self, address: &str, language: &str) -> AccountId {
        let id = self.register(address, language).await;
        self.people.confirm(token_of(id).link(), self.clock.now()).await.expect("confirmed");
        id
    }

    /// A link to sign in, for as long as one works.
    pub(crate) async fn ask_to_sign_in(&self, account: AccountId) {
        let token = Token::random(&*self.random);
        let (now, expires) = (self.clock.now(), app::people::SIGN_IN_LINK_LIVES.after(self.clock.now()));
        let link = NewLink { id: token.link(), kind: "sign-in", owner: account, email: None, at: now, expires };
        self.people
            .make_link(link, Letter::SignIn { token: token.text(), return_to: None }.job(account, &*self.random, now))
            .await
            .expect("kept");
    }

    pub(crate) fn mailer(&self, post: Post) -> Arc<Runner<Mailer>> {
        let place = Place { origin: "https://www.harbour.example".to_owned(), account: "/account".to_owned(), from: None };
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let at_once = Backoff { first: Duration::ZERO, longest: Duration::ZERO };
        let mailer = Mailer::new(self.people.clone(), post, Arc::clone(&self.policy), place, Arc::clone(&clock), Arc::clone(&self.random));
        Runner::new(mailer.at_pace(Pace { letter: at_once, all: at_once }), self.people.clone(), clock, Arc::clone(&self.random))
    }

    /// Waits until nothing waits any more.
    pub(crate) async fn until_all_is_sent(&self) {
        for _ in 0..3_000 {
            if self.people.count_jobs("mail").await.expect("read").0 == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("letters still wait: {:?}", self.people.count_jobs("mail").await);
    }
}

/// A mail server on loopback.
pub(crate) fn smtp(port: u16) -> Post {
    smtp_at(&format!("smtp://127.0.0.1:{port}"), None)
}

pub(crate) fn smtp_at(address: &str, password: Option<String>) -> Post {
    let address = ServerAddress::parse(address).expect("an address");
    Post::Smtp(Smtp::new(address, password, "www.harbour.example", Patience::default()).expect("it can be used"))
}
