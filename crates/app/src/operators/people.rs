use domain::{AccountId, Timestamp};
use records::RecordsError;

use super::{Operators, SignedIn};
use crate::people::Accounts;

impl Operators {
    /// Signs somebody out of their account everywhere, at once, and remembers who did it. Says whether there is such an account and it is open.
    pub async fn sign_out_person(
        &self,
        accounts: &Accounts,
        person: AccountId,
        by: &SignedIn,
        now: Timestamp,
    ) -> Result<bool, RecordsError> {
        if !accounts.is_open(person).await? {
            return Ok(false);
        }
        self.records.sign_out_person(person, by.operator.id, now).await?;
        accounts.endings.tickets_of(person);
        Ok(true)
    }
}
