//! Signing in, all of it or nothing: what somebody followed is used up, their browser's record becomes theirs, and their session begins.

use domain::{AccountId, ChoiceRecordId, SessionId, Timestamp};
use sqlx::any::AnyRow;

use super::account::open_account;
use super::link::take_all;
use super::registration::confirm;
use super::session::begin;
use super::{Account, Confirmed, LinkId, People, Session, SignInMethod};
use crate::bindings::bind;
use crate::{RecordsError, Sides, Work};

/// Somebody who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The session that begins.
    pub session: SessionId,
    pub method: SignInMethod,
    pub at: Timestamp,
    pub ends: Timestamp,
    /// The session the browser has by now, which ends.
    pub instead_of: Option<SessionId>,
    /// The record of the browser's choices, where they are kept, and the one it gets instead if that one is somebody else's.
    pub record: Option<(ChoiceRecordId, ChoiceRecordId)>,
}

/// What signing in did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Whoever signed in, as they were then.
    pub account: Account,
    pub session: Session,
    /// The account's oldest sessions, which ended because there were too many.
    pub ended: Vec<SessionId>,
    /// What was answered before, where choices are kept.
    pub sides: Option<Sides>,
    /// The browser's record is somebody else's.
    pub is_bound_elsewhere: bool,
}

/// The same, with the account as it is kept.
struct Entered {
    account: AnyRow,
    session: Session,
    ended: Vec<SessionId>,
    sides: Option<Sides>,
    is_bound_elsewhere: bool,
}

impl People {
    /// Signs in somebody who has just proved who they are.
    pub async fn arrive(&self, account: AccountId, arrival: Arrival) -> Result<Arrived, RecordsError> {
        let records = self.records.clone();
        let entered = async move { records.transact(move |work| Box::pin(enter(work, account, arrival))).await };
        self.arrived(self.records.at_home(entered).await?).await?.ok_or(RecordsError::NobodyThere)
    }

    /// Uses a link up, and the account's others of its kind with it, and signs in whoever followed it; none where it does not work any more, or its account is
    /// not open. Of two who use it at once, one gets it.
    pub async fn arrive_by_link(&self, link: LinkId, kind: &'static str, arrival: Arrival) -> Result<Option<Arrived>, RecordsError> {
        let records = self.records.clone();
        let followed = async move { records.transact(move |work| Box::pin(follow(work, link, kind, arrival))).await };
        match self.records.at_home(followed).await {
            Ok(Some(entered)) => self.arrived(entered).await,
            Ok(None) | Err(RecordsError::NobodyThere) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an account of the registration that a link belongs to, and signs whoever followed it in to it.
    pub async fn confirm_and_arrive(&self, link: LinkId, arrival: Arrival) -> Result<(Confirmed, Option<Arrived>), RecordsError> {
        let records = self.records.clone();
        let confirmed = async move { records.transact(move |work| Box::pin(confirm_and_enter(work, link, arrival))).await };
        let (confirmed, entered) = self.records.at_home(confirmed).await?;
        let arrived = match entered {
            Some(entered) => self.arrived(entered).await?,
            None => None,
        };
        Ok((confirmed, arrived))
    }

    /// None for somebody whose key was destroyed in between.
    async fn arrived(&self, entered: Entered) -> Result<Option<Arrived>, RecordsError> {
        let Entered { account, session, ended, sides, is_bound_elsewhere } = entered;
        let account = self.read(&account).await?;
        Ok(account.map(|account| Arrived { account, session, ended, sides, is_bound_elsewhere }))
    }
}

async fn follow(work: &mut Work, link: LinkId, kind: &'static str, arrival: Arrival) -> Result<Option<Entered>, RecordsError> {
    match take_all(work, link, kind, arrival.at).await? {
        Some(taken) => enter(work, taken.link.owner, arrival).await.map(Some),
        None => Ok(None),
    }
}

async fn confirm_and_enter(work: &mut Work, link: LinkId, arrival: Arrival) -> Result<(Confirmed, Option<Entered>), RecordsError> {
    let confirmed = confirm(work, link, arrival.at).await?;
    let entered = match confirmed {
        Confirmed::Account(id) => Some(enter(work, id, arrival).await?),
        Confirmed::NoLink | Confirmed::UsernameTaken(_) | Confirmed::EmailTaken => None,
    };
    Ok((confirmed, entered))
}

async fn enter(work: &mut Work, account: AccountId, arrival: Arrival) -> Result<Entered, RecordsError> {
    let row = open_account(work, account).await?.ok_or(RecordsError::NobodyThere)?;
    let Arrival { session, method, at, ends, instead_of, record } = arrival;
    let (mut sides, mut is_bound_elsewhere) = (None, false);
    if let Some((own, instead)) = record {
        sides = Some(match bind(work, own, account, at).await {
            Err(RecordsError::BoundElsewhere) => {
                is_bound_elsewhere = true;
                bind(work, instead, account, at).await?
            }
            sides => sides?,
        });
    }
    let session = Session { id: session, account, method, started: at, proved: at, seen: at, ends };
    Ok(Entered { account: row, session, ended: begin(work, session, instead_of).await?, sides, is_bound_elsewhere })
}
