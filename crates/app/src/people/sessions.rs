use std::time::Duration;

use domain::{AccountId, SessionId, Span, Timestamp};
use policy::cookie::{SessionPart, TicketAgreement};
use records::{Account, RecordsError, Session};

use super::{Accounts, PersonFacts};

/// Whoever stays away for so long has to sign in again.
pub const IDLE_MAX: Span = Span::days(14);

/// Everybody has to sign in again after this.
pub const SESSION_MAX: Span = Span::days(30);

/// When sessions were last seen is written this often, all at once.
pub const SEEN_WRITTEN_EVERY: Duration = Duration::from_secs(30);

impl Accounts {
    /// The ticket anew, as the session's row and the account are now; none where it ended. Noting that it was seen can wait.
    pub async fn renew(&self, id: SessionId, now: Timestamp) -> Result<Option<SessionPart>, RecordsError> {
        let Some(session) = self.people.session(id, now, IDLE_MAX.before(now)).await? else {
            return Ok(None);
        };
        let Some(account) = self.people.account(session.account).await? else {
            return Ok(None);
        };
        // No ticket is believed before it is known what its account refuses in other browsers.
        self.tell_refusals(session.account).await?;
        let facts = self.facts_of(&account, now).await?;
        self.seen.lock().push((id, now));
        Ok(Some(ticket(&account, &session, &facts, now)))
    }

    /// Writes down when sessions were last seen. What cannot be written now is written the next time.
    pub async fn write_seen(&self) -> Result<(), RecordsError> {
        let seen = std::mem::take(&mut *self.seen.lock());
        if seen.is_empty() {
            return Ok(());
        }
        let written = self.people.touch_sessions(seen.clone()).await;
        if written.is_err() {
            self.seen.lock().extend(seen);
        }
        written
    }

    /// Every browser somebody is signed in with, the newest first.
    pub async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, RecordsError> {
        self.people.sessions_of(account, now).await
    }

    pub async fn sign_out(&self, id: SessionId) -> Result<(), RecordsError> {
        self.people.end_session(id).await?;
        self.endings.session(id);
        Ok(())
    }

    /// Whether there is such an account, and it was not closed.
    pub async fn is_open(&self, account: AccountId) -> Result<bool, RecordsError> {
        Ok(self.people.account(account).await?.is_some_and(|account| account.closed.is_none()))
    }

    pub async fn sign_out_everywhere(&self, account: AccountId) -> Result<(), RecordsError> {
        self.people.end_sessions_of(account).await?;
        self.endings.tickets_of(account);
        Ok(())
    }
}

pub(super) fn ticket(account: &Account, session: &Session, facts: &PersonFacts, now: Timestamp) -> SessionPart {
    SessionPart {
        session: session.id,
        account: account.id,
        username: account.username.clone(),
        age: facts.age,
        started: session.started,
        renewed: now,
        agreements: facts
            .agreements
            .iter()
            .map(|agreement| TicketAgreement { name: agreement.name.clone(), until: agreement.until })
            .collect(),
    }
}
