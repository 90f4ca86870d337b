use domain::{SessionId, Span, Timestamp};
use records::{Account, AccountState, RecordsError, Session};
use ring::digest;

use super::{Accounts, IDLE_MAX};

/// For so long after proving who they are somebody may do what cannot be taken back, or hands out all there is.
pub const PROOF_LASTS: Span = Span::minutes(10);

/// Whoever is signed in, as the rows say now.
#[derive(Clone, Debug)]
pub struct Holder {
    pub account: Account,
    /// Of the browser that asks.
    pub session: Session,
}

impl Holder {
    /// Whether they proved who they are just now, and not only at some time in this session.
    pub fn has_just_proved(&self, now: Timestamp) -> bool {
        PROOF_LASTS.after(self.session.proved) > now
    }
}

/// What a page calls a session by: enough of a hash to tell somebody's sessions apart, and nothing of the number that renews a ticket.
pub fn short_name(session: SessionId) -> String {
    let hash = digest::digest(&digest::SHA256, &session.0);
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Accounts {
    /// Whose session this is; none where it ended or the account is closed.
    pub async fn holder(&self, session: SessionId, now: Timestamp) -> Result<Option<Holder>, RecordsError> {
        let Some(session) = self.people.session(session, now, IDLE_MAX.before(now)).await? else {
            return Ok(None);
        };
        let account = self.people.account(session.account).await?.filter(|account| account.state == AccountState::Open);
        Ok(account.map(|account| Holder { account, session }))
    }

    /// Ends one of somebody's other sessions, or this one, and says whether it was theirs.
    pub async fn end_session(&self, holder: &Holder, session: SessionId) -> Result<bool, RecordsError> {
        let ended = self.people.end_session_of(holder.account.id, session).await?;
        self.endings.session(session);
        Ok(ended)
    }

    /// Ends every session of somebody but this one.
    pub async fn end_other_sessions(&self, holder: &Holder) -> Result<(), RecordsError> {
        self.people.end_other_sessions(holder.account.id, holder.session.id).await?;
        self.endings.tickets_of(holder.account.id);
        Ok(())
    }
}
