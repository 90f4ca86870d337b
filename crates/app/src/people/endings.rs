use std::fmt;
use std::sync::Arc;

use domain::{AccountId, Id, SessionId, Timestamp};
use records::RecordsError;

use super::Accounts;

/// Hears of what has just ended, so that no ticket that is still believed outlives it. It is told after the rows are gone: whoever asks for them then
/// finds none.
pub trait Endings: Send + Sync + 'static {
    /// A session ended.
    fn session(&self, id: SessionId);

    /// What the tickets of an account say is no longer so: its sessions ended, or its name is another.
    fn tickets_of(&self, account: AccountId);

    /// An account was closed.
    fn account(&self, id: AccountId);

    /// Somebody's last answer about these, in any of their browsers, is no.
    fn refused(&self, account: AccountId, purposes: &[Id]);

    /// Somebody said yes to these.
    fn permitted(&self, account: AccountId, purposes: &[Id]);
}

/// Where nobody believes tickets, nobody has to hear.
pub(super) struct Unheard;

impl Endings for Unheard {
    fn session(&self, _: SessionId) {}

    fn tickets_of(&self, _: AccountId) {}

    fn account(&self, _: AccountId) {}

    fn refused(&self, _: AccountId, _: &[Id]) {}

    fn permitted(&self, _: AccountId, _: &[Id]) {}
}

impl fmt::Debug for dyn Endings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Endings")
    }
}

impl Accounts {
    /// The same, which tells of everything that ends.
    pub fn telling(self, endings: Arc<dyn Endings>) -> Self {
        Self { endings, ..self }
    }

    /// Closes an account and those of whom it is the guardian: everybody is signed out of them at once, wherever they are.
    pub async fn close(&self, account: AccountId, now: Timestamp) -> Result<(), RecordsError> {
        let closed = self.people.close(account, now).await?;
        closed.into_iter().chain([account]).for_each(|id| self.endings.account(id));
        Ok(())
    }

    /// Deletes the sessions that ended by themselves, and says how many there were. Their tickets say so themselves.
    pub async fn forget_sessions(&self, now: Timestamp) -> Result<u64, RecordsError> {
        self.people.forget_sessions(now, super::IDLE_MAX.before(now)).await
    }
}
