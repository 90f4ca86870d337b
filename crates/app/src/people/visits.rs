//! What the visit log holds of people who are erased.

use std::sync::Arc;

use domain::{AccountId, Field, Timestamp};
use policy::Sealed;
use records::RecordsError;
use visits::{Log, LogError, Person};

use super::Accounts;

/// Why somebody could not be erased now. What remembers that they are to be is still there, so that it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error(transparent)]
    Visits(#[from] LogError),
    #[error("erasing visits ended early; it is tried again")]
    Ended,
}

impl Accounts {
    /// The same, which erases people's visits from this log.
    pub fn with_visits_in(self, log: Arc<Log>) -> Self {
        Self { visits: Some(log), ..self }
    }

    /// People as the visit log knows them: what they did signed in is theirs, and what nobody who was signed in did with browsers that nobody else signed in with.
    pub(crate) async fn of_visits(&self, accounts: &[AccountId], now: Timestamp) -> Result<Vec<Person>, RecordsError> {
        let browsers = self.people.visitors_alone(accounts, now).await?;
        let person = |(account, visitors): (&AccountId, _)| Person { account: Sealed::new(Field::VisitAccount, *account), visitors };
        Ok(accounts.iter().zip(browsers).map(person).collect())
    }

    /// Takes the visits of people out of the log, and says how many of each there were: those they made signed in, and those that were made by nobody signed in
    /// with browsers that nobody else signed in with. It comes before the keys go: the numbers of the browsers are sealed under them.
    pub(crate) async fn erase_visits(&self, accounts: &[AccountId], now: Timestamp) -> Result<Vec<u64>, EraseError> {
        let Some(log) = self.visits.clone().filter(|_| !accounts.is_empty()) else {
            return Ok(vec![0; accounts.len()]);
        };
        let people = self.of_visits(accounts, now).await?;
        // It reads files for as long as the log is.
        let erased = tokio::task::spawn_blocking(move || log.erase(&people, now)).await.map_err(|_| EraseError::Ended)??;
        if erased.unknown_segments > 0 {
            let segments = erased.unknown_segments;
            tracing::error!(segments, "visits that another version of this program wrote could not be searched for who is erased");
        }
        Ok(erased.visits)
    }
}
