//! Whom another server's log means by a user's name.

use domain::AccountId;
use records::RecordsError;

use super::{Accounts, email, username};

impl Accounts {
    /// The account of whoever is called so, or has this address. Whoever has no account here has a number all the same, always the same one, which says nothing
    /// about the name to those who do not have our keys: their visits can be found, shown and erased like everybody's.
    pub async fn of_log_user(&self, name: &str) -> Result<AccountId, RecordsError> {
        let account = if name.contains('@') {
            match email(name) {
                Ok(address) => self.people.account_by_email(&address.compared).await?,
                Err(_) => None,
            }
        } else {
            match username(name, "") {
                Ok(name) => self.people.account_by_username(&name.compared).await?,
                Err(_) => None,
            }
        };
        Ok(account.map_or_else(|| self.number_of_log_user(name), |account| account.id))
    }

    /// The number of a user of another server's log who has no account here.
    pub fn number_of_log_user(&self, name: &str) -> AccountId {
        let hash = self.people.vault().lookup_bytes("log-user", name.trim().to_lowercase().as_bytes());
        AccountId(std::array::from_fn(|at| hash[at]))
    }
}
