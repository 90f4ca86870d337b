//! What a guardian sees of a dependent, which is all there is, and how they have it erased.

use domain::Timestamp;
use policy::Policy;
use policy::cookie::VerifiedAccount;
use records::RecordsError;

use super::Guarded;
use crate::mail::Letter;
use crate::people::export::Export;
use crate::people::{Accounts, Holder};
use crate::publishing::Versions;

impl Accounts {
    /// Gathers everything that is held about a dependent but their visits, for their guardian.
    pub async fn export_dependent(
        &self,
        guarded: &Guarded,
        who: &VerifiedAccount,
        policies: (&Versions, &Policy),
        centre: &str,
        now: Timestamp,
    ) -> Result<Export, RecordsError> {
        self.gather(&guarded.dependent.account, None, who, policies, centre, now).await
    }

    /// Closes a dependent's account as their guardian wishes: they are signed out everywhere, a letter to the guardian says so, and it is erased.
    pub async fn erase_dependent(&self, guarded: &Guarded, now: Timestamp) -> Result<(), RecordsError> {
        let letter = Letter::DependentClosed.job(guarded.guardian, &*self.random, now);
        self.close_and_tell(guarded.id(), letter, now).await
    }

    /// Closes somebody's account as they wish, and tells whoever gets their letters.
    pub(in crate::people) async fn close_own(&self, holder: &Holder, now: Timestamp) -> Result<(), RecordsError> {
        let account = &holder.account;
        match account.guardian {
            Some(guardian) => self.close_and_tell(account.id, Letter::DependentClosed.job(guardian, &*self.random, now), now).await,
            None if account.email.is_some() => {
                self.close_and_tell(account.id, Letter::Closed.job(account.id, &*self.random, now), now).await
            }
            None => self.close(account.id, now).await,
        }
    }
}
