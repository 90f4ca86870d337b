use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Field, Span, Timestamp};
use policy::{Sealed, StorageCapability};
use records::{Address, MasterKeys, Records, Vault};
use serde_json::Value;

use super::*;
use crate::passkeys::soft::SoftPasskey;
use crate::passkeys::{Begun, CeremonyError, Party};
use crate::people::Token;

const ORIGIN: &str = "http://localhost:8081";
const START: &str = "2026-03-02T12:00:00Z";

/// A console, and the time there.
struct House {
    operators: Operators,
    party: Party,
    folder: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test stands in for the wiring")]
const fn storage() -> StorageCapability {
    StorageCapability::issue()
}

fn after(span: Span) -> Timestamp {
    span.after(START.parse().expect("a time"))
}

fn now() -> Timestamp {
    after(Span::minutes(0))
}

impl House {
    async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("candor-operators-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let random = Arc::new(domain::SeededRandom::new(3));
        let records = Records::open(&Address::Sqlite(folder.join("records.sqlite"))).await.expect("records");
        let masters = MasterKeys::parse(&MasterKeys::new_line(&*random)).expect("a master key");
        let vault = Vault::open(&Address::Sqlite(folder.join("keys.sqlite")), masters, storage(), random.clone()).await.expect("a vault");
        let operators = Operators::new(records::Operators::new(records, vault), random);
        Self { operators, party: Party::at(ORIGIN, "Console").expect("a place"), folder }
    }

    /// Follows a link with a new passkey.
    async fn follow(&self, link: &Token, name: &str, device: u8, at: Timestamp) -> Result<(SoftPasskey, Token), JoinError> {
        let called = || OperatorName::parse(name).expect("a name");
        let begun = self.operators.begin_joining(link, &self.party, &called(), at).await?;
        let (passkey, answer) = SoftPasskey::make(&begun.options, ORIGIN, device);
        let names = (called(), PasskeyName::parse("Phone").expect("a name"));
        let cookie = self.operators.join(link, &self.party, &begun.ticket, &answer, names, at).await?;
        Ok((passkey, cookie))
    }

    async fn ada(&self) -> (SoftPasskey, Token) {
        let link = self.operators.first_owner_link(now()).await.expect("answered").expect("nobody owns it");
        self.follow(&link, "Ada", 1, now()).await.expect("in")
    }

    fn ask(&self) -> Begun {
        self.operators.begin_signing_in(&self.party, now()).expect("asked")
    }

    async fn sign_in(&self, begun: &Begun, answer: &Value, old: Option<&Token>) -> Result<Token, SignInError> {
        self.operators.sign_in(&self.party, &begun.ticket, answer, old, now()).await
    }

    async fn who(&self, cookie: &Token, at: Timestamp) -> Option<SignedIn> {
        self.operators.signed_in(cookie, at).await.expect("read")
    }

    async fn deeds(&self) -> Vec<Deed> {
        self.operators.actions(None, 100).await.expect("read").iter().map(|action| action.deed).collect()
    }
}

#[tokio::test]
async fn the_first_owner_comes_by_a_link_and_from_then_on_by_passkey() {
    let house = House::new().await;
    let (mut passkey, cookie) = house.ada().await;
    let ada = house.who(&cookie, now()).await.expect("signed in");
    assert_eq!((ada.operator.name.as_str(), ada.operator.role), ("Ada", Role::Owner));
    house.operators.sign_out(&ada, now()).await.expect("signed out");
    assert_eq!(house.who(&cookie, now()).await, None);

    let begun = house.ask();
    let first = house.sign_in(&begun, &passkey.answer(&begun.options, ORIGIN), Some(&cookie)).await.expect("in");
    let begun = house.ask();
    let second = house.sign_in(&begun, &passkey.answer(&begun.options, ORIGIN), Some(&first)).await.expect("in");
    assert!(first.text() != second.text(), "a session's number changes with every sign-in");
    assert_eq!((house.who(&first, now()).await.is_some(), house.who(&second, now()).await.is_some()), (false, true));
    assert_eq!(house.deeds().await, [Deed::SignedIn, Deed::SignedIn, Deed::SignedOut, Deed::Joined, Deed::LinkMade]);
}

#[tokio::test]
async fn the_first_owners_link_works_once_for_an_hour_and_until_the_next_start() {
    let house = House::new().await;
    let earlier = house.operators.first_owner_link(now()).await.expect("answered").expect("a link");
    let link = house.operators.first_owner_link(now()).await.expect("answered").expect("a link");
    assert!(matches!(house.follow(&earlier, "Eve", 1, now()).await, Err(JoinError::NoInvitation)));
    assert!(matches!(house.follow(&link, "Eve", 1, after(Span::hours(1))).await, Err(JoinError::NoInvitation)));
    house.follow(&link, "Ada", 1, after(Span::minutes(59))).await.expect("in");
    assert!(matches!(house.follow(&link, "Eve", 2, now()).await, Err(JoinError::NoInvitation)));
    assert_eq!(house.operators.first_owner_link(now()).await.expect("answered"), None, "there is an owner");
    let recovered = house.operators.new_owner_link(now()).await.expect("a link, on the machine itself");
    house.follow(&recovered, "Ada again", 3, now()).await.expect("in");
}

#[tokio::test]
async fn an_owner_invites_somebody_who_may_do_what_the_link_says() {
    let house = House::new().await;
    let (_, cookie) = house.ada().await;
    let ada = house.who(&cookie, now()).await.expect("signed in");
    let link = house.operators.invite(Role::Operator, &ada, now()).await.expect("kept").expect("she is there");
    let (_, bea) = house.follow(&link, "Bea", 2, after(Span::hours(23))).await.expect("in");
    let bea = house.who(&bea, after(Span::hours(23))).await.expect("signed in");
    assert_eq!((bea.operator.name.as_str(), bea.operator.role), ("Bea", Role::Operator));

    let link = house.operators.invite(Role::Owner, &ada, now()).await.expect("kept").expect("she is there");
    let invited = house.operators.invitation(&link, now()).await.expect("read").expect("it works");
    assert!(house.operators.withdraw_invitation(invited.operator, &ada, now()).await.expect("withdrawn"));
    assert!(matches!(house.follow(&link, "Cid", 3, now()).await, Err(JoinError::NoInvitation)));
    assert!(!house.operators.withdraw_invitation(invited.operator, &ada, now()).await.expect("answered"), "once");
    assert_eq!(house.operators.remove(bea.operator.id, &ada, now()).await.expect("answered"), OperatorRemoved::Removed);
    assert_eq!(house.operators.remove(ada.operator.id, &ada, now()).await.expect("answered"), OperatorRemoved::LastOwner);
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_its_operator_and_after_half_a_day_whatever_happens() {
    let house = House::new().await;
    let (_, cookie) = house.ada().await;
    let mut minute = 0;
    while minute + 29 < 12 * 60 {
        minute += 29;
        assert!(house.who(&cookie, after(Span::minutes(minute))).await.is_some(), "after {minute} minutes");
    }
    assert!(house.who(&cookie, after(Span::hours(12))).await.is_none());
    let (other, later) = (House::new().await, after(Span::minutes(31)));
    let (_, cookie) = other.ada().await;
    assert!(other.who(&cookie, later).await.is_none());
    assert_eq!(other.operators.forget(later).await.expect("forgotten"), 1);
}

#[tokio::test]
async fn what_they_may_change_takes_a_sign_in_of_the_last_minutes() {
    let house = House::new().await;
    let (_, cookie) = house.ada().await;
    let ada = house.who(&cookie, now()).await.expect("signed in");
    assert!(has_just_proved(&ada, after(Span::minutes(9))) && !has_just_proved(&ada, after(Span::minutes(10))));
}

#[tokio::test]
async fn nobody_gets_in_without_being_checked_with_a_copy_or_with_an_old_answer() {
    let house = House::new().await;
    let (mut passkey, _) = house.ada().await;
    let copy = passkey.clone();

    passkey.checks_its_owner = false;
    let begun = house.ask();
    let unchecked = house.sign_in(&begun, &passkey.answer(&begun.options, ORIGIN), None).await;
    assert!(matches!(unchecked, Err(SignInError::Refused)), "{unchecked:?}");

    passkey.checks_its_owner = true;
    let begun = house.ask();
    let answer = passkey.answer(&begun.options, ORIGIN);
    house.sign_in(&begun, &answer, None).await.expect("in");
    assert!(matches!(house.sign_in(&begun, &answer, None).await, Err(SignInError::BeginAgain)), "an answer counts once");

    let (begun, mut copy) = (house.ask(), copy);
    let copied = house.sign_in(&begun, &copy.answer(&begun.options, ORIGIN), None).await;
    assert!(matches!(copied, Err(SignInError::Copied)), "{copied:?}");
    assert_eq!(house.deeds().await[0], Deed::PasskeyCopied);

    let begun = house.ask();
    let elsewhere = house.sign_in(&begun, &passkey.answer(&begun.options, "http://localhost:9999"), None).await;
    assert!(matches!(elsewhere, Err(SignInError::Refused)), "{elsewhere:?}");
    let visitors = crate::passkeys::Ceremonies::new("account", &domain::SeededRandom::new(3));
    let begun = visitors.begin_signing_in(&house.party, now()).expect("asked");
    let of_visitors = house.sign_in(&begun, &passkey.answer(&begun.options, ORIGIN), None).await;
    assert!(matches!(of_visitors, Err(SignInError::BeginAgain)), "{of_visitors:?}");
}

#[tokio::test]
async fn a_second_passkey_is_added_and_then_the_first_can_go() {
    let house = House::new().await;
    let (mut first, cookie) = house.ada().await;
    let ada = house.who(&cookie, now()).await.expect("signed in");
    let add = async |device: u8| {
        let begun = house.operators.begin_adding_passkey(&ada, &house.party, now()).await.expect("asked");
        let (passkey, answer) = SoftPasskey::make(&begun.options, ORIGIN, device);
        let name = PasskeyName::parse("Key").expect("a name");
        (passkey, house.operators.add_passkey(&ada, &house.party, &begun.ticket, &answer, name, now()).await)
    };
    let (_, again) = add(1).await;
    assert!(matches!(again, Err(AddPasskeyError::Known | AddPasskeyError::Ceremony(CeremonyError::Refused))), "{again:?}");
    let (mut second, added) = add(2).await;
    added.expect("added");
    let passkeys = house.operators.passkeys(&ada).await.expect("read");
    let old = passkeys.iter().find(|passkey| passkey.name.as_str() == "Phone").expect("the first");
    assert_eq!(house.operators.remove_passkey(&ada, old.id, now()).await.expect("answered"), PasskeyRemoved::Removed);
    let begun = house.ask();
    let refused = house.sign_in(&begun, &first.answer(&begun.options, ORIGIN), None).await;
    assert!(matches!(refused, Err(SignInError::Refused)), "{refused:?}");
    let begun = house.ask();
    house.sign_in(&begun, &second.answer(&begun.options, ORIGIN), None).await.expect("in");
}

#[tokio::test]
async fn attempts_are_limited() {
    let house = House::new().await;
    let client = Sealed::new(Field::VisitIp, "192.0.2.7".parse().expect("an address"));
    let neighbour = Sealed::new(Field::VisitIp, "198.51.100.7".parse().expect("an address"));
    let tried = (0..100).take_while(|_| house.operators.admit("sign-in", &client, now()).is_ok()).count();
    assert_eq!(tried, 60);
    assert!(house.operators.admit("sign-in", &neighbour, now()).is_ok());
    assert!(house.operators.admit("sign-in", &client, after(Span::minutes(1))).is_ok());
}

#[tokio::test]
async fn nobody_is_called_what_looks_like_another_operators_name() {
    let house = House::new().await;
    let (_, cookie) = house.ada().await;
    let ada = house.who(&cookie, now()).await.expect("signed in");
    for alike in ["Ada", "ADA", "ada", "Аdа"] {
        let link = house.operators.invite(Role::Operator, &ada, now()).await.expect("answered").expect("an owner");
        let refused = house.follow(&link, alike, 2, now()).await.map(|_| ());
        assert!(matches!(refused, Err(JoinError::NameTaken)), "{alike}: {refused:?}");
        assert!(house.operators.invitation(&link, now()).await.expect("answered").is_some(), "and the link still works");
    }
    let link = house.operators.invite(Role::Operator, &ada, now()).await.expect("answered").expect("an owner");
    let called = operator_name("Bea").expect("a name");
    let begun = house.operators.begin_joining(&link, &house.party, &called, now()).await.expect("begun");
    let (_, answer) = SoftPasskey::make(&begun.options, ORIGIN, 2);
    let names = (operator_name("Аdа").expect("a name"), PasskeyName::parse("Phone").expect("a name"));
    let refused = house.operators.join(&link, &house.party, &begun.ticket, &answer, names, now()).await;
    assert!(matches!(refused, Err(JoinError::NameTaken)), "nor by saying another name at first");
    assert!(house.follow(&link, "Adam", 3, now()).await.is_ok());
}
