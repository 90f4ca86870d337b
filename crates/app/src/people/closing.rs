use domain::{AccountId, Span, Timestamp};
use records::{NewJob, RecordsError};

use super::visits::EraseError;
use super::{Accounts, Holder};

/// A closed account is erased when the letter about it is on its way, or after this, whatever happened to the letter.
pub const ERASED_WITHIN: Span = Span::hours(24);

impl Accounts {
    /// Closes somebody's account as they wish: they are signed out everywhere, and a letter says so. From then on nothing brings it back.
    pub async fn close_as_wished(&self, holder: &Holder, now: Timestamp) -> Result<(), RecordsError> {
        self.close_own(holder, now).await
    }

    /// Closes an account and those of whom it is the guardian, with a letter that says so.
    pub(super) async fn close_and_tell(&self, id: AccountId, letter: NewJob, now: Timestamp) -> Result<(), RecordsError> {
        let closed = self.people.close_and_write(id, letter, now).await?;
        // Whoever was closed before is told of again: it costs nothing.
        closed.into_iter().chain([id]).for_each(|id| self.endings.account(id));
        Ok(())
    }

    /// Erases again whoever came back with an older copy of the records, and says how many they were.
    pub async fn erase_again(&self, now: Timestamp) -> Result<u64, EraseError> {
        let back = self.people.came_back().await?;
        self.erase_visits(&back, now).await?;
        for id in &back {
            self.people.delete_again(*id).await?;
        }
        Ok(back.len() as u64)
    }

    /// Erases the closed accounts whose time has come, and says how many there were: their visits first, then the key, then every row. The closed account's own
    /// row is what remembers that it is to be done, and goes last, so that whoever was stopped anywhere in it does it again.
    pub async fn erase_closed(&self, now: Timestamp) -> Result<u64, EraseError> {
        let mut erased = 0;
        loop {
            let ids = self.people.to_be_erased(ERASED_WITHIN.before(now)).await?;
            self.erase_visits(&ids, now).await?;
            for id in &ids {
                self.people.delete(*id).await?;
                self.endings.account(*id);
                erased += 1;
            }
            if ids.is_empty() {
                return Ok(erased);
            }
        }
    }
}
