use domain::{Span, Timestamp};
use records::RecordsError;

use super::{Accounts, Holder};
use crate::mail::Letter;

/// A closed account is erased when the letter about it is on its way, or after this, whatever happened to the letter.
pub const ERASED_WITHIN: Span = Span::hours(24);

impl Accounts {
    /// Closes somebody's account as they wish: they are signed out everywhere, and a letter says so. From then on nothing brings it back.
    pub async fn close_as_wished(&self, holder: &Holder, now: Timestamp) -> Result<(), RecordsError> {
        let id = holder.account.id;
        if holder.account.email.is_some() {
            self.people.close_and_write(id, Letter::Closed.job(id, &*self.random, now), now).await?;
        } else {
            self.people.close(id, now).await?;
        }
        self.endings.account(id);
        Ok(())
    }

    /// Erases again whoever came back with an older copy of the records, and says how many they were.
    pub async fn erase_again(&self) -> Result<u64, RecordsError> {
        self.people.erase_again().await
    }

    /// Erases the closed accounts whose time has come, and says how many there were: the key first, then every row. The closed account's own row is what
    /// remembers that it is to be done, and goes last, so that whoever was stopped anywhere in it does it again.
    pub async fn erase_closed(&self, now: Timestamp) -> Result<u64, RecordsError> {
        let mut erased = 0;
        loop {
            let ids = self.people.to_be_erased(ERASED_WITHIN.before(now)).await?;
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
