//! Whose visits are asked for.

use domain::{AccountId, Timestamp, VisitorId};
use policy::Policy;
use records::RecordsError;
use visits::Person;

use super::NotAsked;
use crate::people::{Accounts, BadClue, Clue};

/// Whose visits.
#[derive(Clone, Debug)]
pub enum Whom {
    Anybody,
    /// Whoever has this number, whether they were signed in or not.
    Visitor(VisitorId),
    /// What these did signed in, and what nobody who was signed in did with browsers that are theirs alone. It may be nobody.
    People(Vec<Person>),
}

/// Why nobody knows whom a text means.
#[derive(Debug, thiserror::Error)]
pub enum NotKnown {
    #[error(transparent)]
    Asked(NotAsked),
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl Whom {
    /// Whoever a text leads to: an e-mail address, a username, or an id, which is an account's or else a visitor's.
    pub async fn is(text: &str, accounts: &Accounts, policy: &Policy, now: Timestamp) -> Result<Self, NotKnown> {
        let clue = match Clue::parse(text) {
            Ok(clue) => clue,
            // A word that nobody can be called is a name that nobody has, and no bad question.
            Err(BadClue::Username) => return Ok(Self::People(Vec::new())),
            Err(why) => return Err(NotKnown::Asked(NotAsked::Bad(why.to_string()))),
        };
        let found: Vec<AccountId> = accounts.who(&clue, policy, now).await?.iter().map(|person| person.account.id).collect();
        match &clue {
            // The numbers of accounts and of visitors look alike. A deleted account's visits may be there a while.
            Clue::Account(id) if found.is_empty() => Ok(Self::Visitor(VisitorId(id.0))),
            _ => Ok(Self::People(accounts.of_visits(&found, now).await?)),
        }
    }
}
