//! Who is this? The one place that says which account, addresses and browsers are one person, and how each of that is known. Nobody else guesses.

use domain::{AccountId, Answer, Choice, ChoiceRecordId, Timestamp, VisitorId};
use policy::cookie::purpose_of;
use policy::model::CookieHolds;
use policy::{Policy, Sealed};
use records::{Account, Findable, RecordsError};

use super::changes::{EMAIL, EMAIL_BACK};
use super::{Accounts, BadEmail, PersonFacts, email, username};
use crate::choices::latest;

/// What somebody is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clue {
    Account(AccountId),
    Email(Findable),
    Username(Findable),
    /// A browser that somebody signed in with.
    Visitor(VisitorId),
}

/// Why a text says nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadClue {
    #[error("this is no e-mail address: {0}")]
    Email(BadEmail),
    #[error("there can be no such username")]
    Username,
    #[error("an id has 32 hexadecimal digits")]
    Id,
}

impl Clue {
    /// An e-mail address has an `@`, and an id 32 digits; anything else is a username.
    pub fn parse(text: &str) -> Result<Self, BadClue> {
        let text = text.trim();
        if text.contains('@') {
            return Self::email(text);
        }
        match AccountId::parse(text) {
            Some(id) => Ok(Self::Account(id)),
            None => Self::username(text),
        }
    }

    pub fn email(text: &str) -> Result<Self, BadClue> {
        email(text).map(Self::Email).map_err(BadClue::Email)
    }

    /// What nobody may be called by now somebody may have been called before: which names speak for the site does not matter here.
    pub fn username(text: &str) -> Result<Self, BadClue> {
        username(text, "").map(Self::Username).map_err(|_| BadClue::Username)
    }

    pub fn visitor(text: &str) -> Result<Self, BadClue> {
        VisitorId::parse(text).map(Self::Visitor).ok_or(BadClue::Id)
    }

    pub fn account(text: &str) -> Result<Self, BadClue> {
        AccountId::parse(text).map(Self::Account).ok_or(BadClue::Id)
    }
}

/// Somebody, and all that is known to be them.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    pub account: Account,
    pub facts: PersonFacts,
    /// Their last answer to each purpose, in whichever browser they gave it.
    pub answers: Vec<Choice>,
    pub links: Vec<Link>,
}

/// One thing that is this person.
#[derive(Clone, Debug)]
pub struct Link {
    pub identifier: Identifier,
    pub evidence: Evidence,
    pub first: Timestamp,
    /// When it was last so, where that is noted.
    pub last: Option<Timestamp>,
    /// It is somebody else's as well, so that what is known of it need not be this person's.
    pub shared: bool,
}

#[derive(Clone, Debug)]
pub enum Identifier {
    Account(AccountId),
    Email(Sealed<String>),
    Username(Sealed<String>),
    /// A visitor's number, as 32 digits.
    Visitor(Sealed<String>),
    /// The pseudonym that a browser's answers are recorded under.
    Record(ChoiceRecordId),
}

impl Identifier {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Email(_) => "email",
            Self::Username(_) => "username",
            Self::Visitor(_) => "visitor",
            Self::Record(_) => "record",
        }
    }
}

/// How it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// They gave it when they registered, or since.
    Registered,
    /// They followed a link that was mailed there.
    ConfirmedMail,
    /// It was theirs until they changed it; they can still take it back.
    PreviousAddress,
    /// They want it to be theirs, and have not shown that it is.
    AwaitingConfirmation,
    /// They signed in with this browser.
    SignedIn,
}

impl Evidence {
    pub const ALL: &'static [Self] =
        &[Self::Registered, Self::ConfirmedMail, Self::PreviousAddress, Self::AwaitingConfirmation, Self::SignedIn];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::ConfirmedMail => "confirmed-mail",
            Self::PreviousAddress => "previous-address",
            Self::AwaitingConfirmation => "awaiting-confirmation",
            Self::SignedIn => "signed-in",
        }
    }
}

impl Accounts {
    /// Everybody whom a clue leads to: one person or nobody, but for a browser that several signed in with.
    pub async fn who(&self, clue: &Clue, policy: &Policy, now: Timestamp) -> Result<Vec<KnownPerson>, RecordsError> {
        let accounts = match clue {
            Clue::Account(id) => self.people.account(*id).await?.into_iter().collect(),
            Clue::Email(email) => self.people.account_by_email(&email.compared).await?.into_iter().collect(),
            Clue::Username(username) => self.people.account_by_username(&username.compared).await?.into_iter().collect(),
            Clue::Visitor(visitor) => self.signed_in_with(*visitor, now).await?,
        };
        let mut people = Vec::new();
        for account in accounts {
            people.push(self.known(account, policy, now).await?);
        }
        Ok(people)
    }

    async fn signed_in_with(&self, visitor: VisitorId, now: Timestamp) -> Result<Vec<Account>, RecordsError> {
        let mut accounts = Vec::new();
        for id in self.people.accounts_of_visitor(Sealed::new(domain::Field::VisitVisitor, visitor), now).await? {
            accounts.extend(self.people.account(id).await?);
        }
        Ok(accounts)
    }

    pub(super) async fn known(&self, account: Account, policy: &Policy, now: Timestamp) -> Result<KnownPerson, RecordsError> {
        let facts = self.facts_of(&account, now).await?;
        let answers = self.people.answers_of(account.id).await?;
        let mut links = own_links(&account);
        for address in self.people.addresses_of(account.id, now).await? {
            let evidence = match address.kind.as_str() {
                EMAIL => Evidence::AwaitingConfirmation,
                EMAIL_BACK => Evidence::PreviousAddress,
                _ => continue,
            };
            links.push(Link { identifier: Identifier::Email(address.email), evidence, first: address.made, last: None, shared: false });
        }
        let last = latest(policy, &answers.rows);
        if refuses_recognition(&last, policy) {
            self.people.forget_visitors_of(account.id).await?;
        }
        for found in self.people.visitors_of(account.id, now).await? {
            links.push(Link {
                identifier: Identifier::Visitor(found.visitor),
                evidence: Evidence::SignedIn,
                first: found.first,
                last: Some(found.last),
                shared: found.shared,
            });
        }
        for (record, since) in &answers.records {
            let identifier = Identifier::Record(*record);
            links.push(Link { identifier, evidence: Evidence::SignedIn, first: *since, last: None, shared: false });
        }
        Ok(KnownPerson { answers: last, account, facts, links })
    }
}

/// Whether somebody's last word on being recognised as a visitor is no, or the policy has no such cookie any more.
fn refuses_recognition(answers: &[Choice], policy: &Policy) -> bool {
    let Some(purpose) = purpose_of(policy, &CookieHolds::Visitor) else {
        return true;
    };
    answers.iter().any(|choice| choice.answer == Answer::No && choice.purpose == policy.purpose(purpose).id)
}

impl Accounts {
    /// Forgets the browsers of those who said no to being recognised since this was asked last. A no waits for no database, so it is done afterwards.
    pub async fn forget_unrecognised(&self) -> Result<(), RecordsError> {
        let accounts: Vec<AccountId> = self.unrecognised.lock().drain().collect();
        for (done, account) in accounts.iter().enumerate() {
            if let Err(error) = self.people.forget_visitors_of(*account).await {
                self.unrecognised.lock().extend(&accounts[done..]);
                return Err(error);
            }
        }
        Ok(())
    }
}

fn own_links(account: &Account) -> Vec<Link> {
    let link = |identifier, evidence| Link { identifier, evidence, first: account.made, last: None, shared: false };
    let mut links = vec![link(Identifier::Account(account.id), Evidence::Registered)];
    links.extend(account.email.clone().map(|email| link(Identifier::Email(email), Evidence::ConfirmedMail)));
    links.push(link(Identifier::Username(account.username.clone()), Evidence::Registered));
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_by_itself_what_it_is() {
        let id = "0f".repeat(16);
        assert!(matches!(Clue::parse(" anna@example.org\n"), Ok(Clue::Email(_))));
        assert!(matches!(Clue::parse("anna"), Ok(Clue::Username(_))));
        assert!(matches!(Clue::parse("admin"), Ok(Clue::Username(_)) | Err(BadClue::Username)));
        assert_eq!(Clue::parse(&id), Ok(Clue::Account(AccountId([15; 16]))));
        assert!(matches!(Clue::parse("anna@"), Err(BadClue::Email(_))));
        for bad in ["", "a\0b", "x\u{202e}y", &"a".repeat(500)] {
            assert_eq!(Clue::parse(bad), Err(BadClue::Username), "{bad:?}");
        }
        assert_eq!(Clue::visitor("anna"), Err(BadClue::Id));
    }
}
