use std::sync::Arc;

use domain::{AccountId, Timestamp};
use sqlx::AssertSqlSafe;

use super::account::close;
use super::job::insert_job;
use super::{NewJob, People, account_id};
use crate::RecordsError;

/// So many accounts are erased in one go.
const AT_ONCE_MAX: u32 = 500;

impl People {
    /// Closes an account and those of whom it is the guardian, and keeps the letter that says so, all or nothing. The key of whom the letter is for stays until
    /// it is on its way. Returns what was open until now.
    pub async fn close_and_write(&self, id: AccountId, letter: NewJob, at: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let key = self.vault.find(letter.owner.unwrap_or(id)).await?.ok_or(RecordsError::NobodyThere)?;
        let letter = Arc::new(letter.sealed(self, &key));
        let records = self.records.clone();
        let closed = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let letter = Arc::clone(&letter);
                        Box::pin(async move {
                            let closed = close(work, id, at).await?;
                            // Whoever asks twice gets one letter.
                            if !closed.is_empty() {
                                insert_job(work, &letter).await?;
                            }
                            Ok(closed)
                        })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        closed
    }

    /// Who came back with an older copy of the records and was erased before. Nothing of them could be read: their keys are gone.
    pub async fn came_back(&self) -> Result<Vec<AccountId>, RecordsError> {
        let (mut last, mut back) = (None, Vec::new());
        loop {
            let erased = self.vault.erased_beyond(last).await?;
            let Some(newest) = erased.last() else { return Ok(back) };
            last = Some(*newest);
            back.extend(self.still_there(erased).await?);
        }
    }

    /// Deletes the rows of somebody who came back.
    pub async fn delete_again(&self, id: AccountId) -> Result<(), RecordsError> {
        self.delete_rows(id).await
    }

    async fn still_there(&self, ids: Vec<AccountId>) -> Result<Vec<AccountId>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let among = (1..=ids.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
                let sql = format!("SELECT id FROM accounts WHERE id IN ({among}) UNION SELECT id FROM registrations WHERE id IN ({among})");
                let query = ids.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, id| query.bind(id.0.to_vec()));
                query.fetch_all(&pool).await?.iter().map(|row| account_id(row, "id")).collect()
            })
            .await
    }

    /// The accounts that are closed and can be erased: nothing is to be done for them any more, or they were closed by `closed_by`. What
    /// a confirmed case is about is erased with that case, which keeps the receipt.
    pub async fn to_be_erased(&self, closed_by: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!(
                    "SELECT id FROM accounts WHERE state = 'closed' AND state <> 'open' AND (closed_at <= $1 OR NOT EXISTS \
                     (SELECT 1 FROM jobs WHERE jobs.owner = accounts.id AND jobs.given_up IS NULL)) AND NOT EXISTS \
                     (SELECT 1 FROM cases WHERE cases.subject = accounts.id AND cases.state = 'confirmed') ORDER BY closed_at, id LIMIT {AT_ONCE_MAX}"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(closed_by.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(|row| account_id(row, "id")).collect()
            })
            .await
    }
}
