//! What the decisions about somebody rest on beside their choices: whether there is an account, and what was agreed with its holder.

use domain::{AccountId, Age, Id, Timestamp};
use policy::{Person, Policy};
use records::{Account, AccountState, Agreement, AgreementPut, RecordsError};

use super::Accounts;

/// What beginning an agreement did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BegunAgreement {
    Begun(Agreement),
    /// It was in force already; this is how it stands now.
    Kept(Agreement),
    /// There is no such account, or it is closed.
    NobodyThere,
    TooMany,
}

/// What the rows say of somebody, for whoever decides about them: the ticket that the edge believes carries the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    pub account: AccountId,
    pub age: Age,
    pub registered: bool,
    pub closed: bool,
    /// In force now.
    pub agreements: Vec<Agreement>,
}

impl PersonFacts {
    /// As a decision reads them.
    pub fn person(&self, policy: &Policy, now: Timestamp) -> Person<'static> {
        let in_force = self.agreements.iter().filter(|agreement| agreement.until.is_none_or(|until| until > now));
        Person {
            age: self.age,
            account: Some(self.account),
            registered: self.registered,
            closed: self.closed,
            agreements: in_force.filter_map(|agreement| policy.agreement_named(agreement.name.as_str())).collect(),
            ..Person::default()
        }
    }
}

impl Accounts {
    /// What decisions about somebody rest on. Whoever decides about a person asks here.
    pub async fn facts_of(&self, account: &Account, now: Timestamp) -> Result<PersonFacts, RecordsError> {
        let agreements = match account.state {
            AccountState::Open => self.people.agreements_of(account.id, now).await?,
            AccountState::Waiting | AccountState::Closed => Vec::new(),
        };
        // Nobody has an account before their guardian has confirmed it.
        let closed = account.state != AccountState::Open;
        Ok(PersonFacts { account: account.id, age: account.age.verdict, registered: !closed, closed, agreements })
    }

    /// The agreements in force with somebody; none where there is nobody, or their account is closed.
    pub async fn agreements(&self, id: AccountId, now: Timestamp) -> Result<Option<Vec<Agreement>>, RecordsError> {
        match self.people.account(id).await?.filter(|account| account.state == AccountState::Open) {
            Some(account) => Ok(Some(self.facts_of(&account, now).await?.agreements)),
            None => Ok(None),
        }
    }

    /// Puts an agreement in force, until a moment or until it is ended. It counts from the next request on: every ticket of theirs is asked about.
    pub async fn begin_agreement(
        &self,
        account: AccountId,
        name: Id,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<BegunAgreement, RecordsError> {
        let begun = match self.people.put_agreement(account, Agreement { name, since: as_kept(now), until: until.map(as_kept) }).await {
            Ok((AgreementPut::Begun, agreement)) => BegunAgreement::Begun(agreement),
            Ok((AgreementPut::Kept, agreement)) => BegunAgreement::Kept(agreement),
            Ok((AgreementPut::TooMany, _)) => return Ok(BegunAgreement::TooMany),
            Err(RecordsError::NobodyThere) => return Ok(BegunAgreement::NobodyThere),
            Err(error) => return Err(error),
        };
        self.endings.tickets_of(account);
        Ok(begun)
    }

    /// Ends an agreement, and says whether it was in force. What rests on it is refused from the next request on.
    pub async fn end_agreement(&self, account: AccountId, name: Id, now: Timestamp) -> Result<bool, RecordsError> {
        let ended = self.people.end_agreement(account, name, now).await?;
        self.endings.tickets_of(account);
        Ok(ended)
    }

    /// Forgets the agreements and the links to browsers that ended by themselves, and says how many there were.
    pub async fn forget_what_is_over(&self, now: Timestamp) -> Result<(u64, u64), RecordsError> {
        Ok((self.people.forget_agreements(now).await?, self.people.forget_visitors(now).await?))
    }
}

/// A moment as rows have it, which is to the microsecond: what is answered at first is what is answered from then on.
fn as_kept(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}
