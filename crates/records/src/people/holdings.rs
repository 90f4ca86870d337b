//! What is kept of a person beside the account itself.

use domain::{AccountId, ChoiceRecordId, Field, Timestamp};
use policy::Sealed;
use sqlx::Row;

use super::{People, time, unsealed};
use crate::bytes::bytes;
use crate::{ChoiceRow, RecordsError};

/// Something that is still to be done for somebody. What it takes stays sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingJob {
    pub kind: String,
    pub made: Timestamp,
    pub due: Timestamp,
    /// It will never be done.
    pub given_up: bool,
}

/// A mailed link that still works. Of the link itself only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingLink {
    pub kind: String,
    pub made: Timestamp,
    pub expires: Timestamp,
}

/// An address that is about to become somebody's, or was theirs lately: a mailed link that still works carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAddress {
    /// Of the link.
    pub kind: String,
    pub email: Sealed<String>,
    pub made: Timestamp,
    pub expires: Timestamp,
}

/// The answers of somebody who is signed in, and the browsers they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswersOfAccount {
    /// Each browser's record, and since when it is theirs, the oldest first.
    pub records: Vec<(ChoiceRecordId, Timestamp)>,
    /// The oldest first.
    pub rows: Vec<ChoiceRow>,
}

impl People {
    pub async fn jobs_of(&self, owner: AccountId) -> Result<Vec<WaitingJob>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT kind, made_at, due_at, given_up FROM jobs WHERE owner = $1 ORDER BY made_at, id";
                let rows = sqlx::query(sql).bind(owner.0.to_vec()).fetch_all(&pool).await?;
                let job = |row| {
                    let given_up: Option<String> = sqlx::Row::try_get(row, "given_up")?;
                    Ok(WaitingJob {
                        kind: sqlx::Row::try_get(row, "kind")?,
                        made: time(row, "made_at")?,
                        due: time(row, "due_at")?,
                        given_up: given_up.is_some(),
                    })
                };
                rows.iter().map(job).collect()
            })
            .await
    }

    pub async fn links_of(&self, owner: AccountId, now: Timestamp) -> Result<Vec<WaitingLink>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT kind, made_at, expires_at FROM links WHERE owner = $1 AND expires_at > $2 ORDER BY made_at, id";
                let rows = sqlx::query(sql).bind(owner.0.to_vec()).bind(now.as_microsecond()).fetch_all(&pool).await?;
                rows.iter()
                    .map(|row| {
                        Ok(WaitingLink { kind: row.try_get("kind")?, made: time(row, "made_at")?, expires: time(row, "expires_at")? })
                    })
                    .collect()
            })
            .await
    }

    /// The addresses that links of an account carry, the newest first.
    pub async fn addresses_of(&self, owner: AccountId, now: Timestamp) -> Result<Vec<LinkedAddress>, RecordsError> {
        let Some(key) = self.vault.find(owner).await? else {
            return Ok(Vec::new());
        };
        let people = self.clone();
        self.records
            .ask(async move {
                let sql = "SELECT kind, email, made_at, expires_at FROM links WHERE owner = $1 AND expires_at > $2 AND email IS NOT NULL \
                           ORDER BY made_at DESC, id";
                let query = sqlx::query(sql).bind(owner.0.to_vec()).bind(now.as_microsecond());
                let rows = query.fetch_all(&people.records.pool).await?;
                rows.iter()
                    .map(|row| {
                        Ok(LinkedAddress {
                            kind: row.try_get("kind")?,
                            email: unsealed(&people.vault, &key, row, "email", Field::AccountEmail)?,
                            made: time(row, "made_at")?,
                            expires: time(row, "expires_at")?,
                        })
                    })
                    .collect()
            })
            .await
    }

    /// Every answer of an account, and every browser's record that is bound to it.
    pub async fn answers_of(&self, account: AccountId) -> Result<AnswersOfAccount, RecordsError> {
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        Box::pin(async move {
                            let sql = "SELECT record, bound_at FROM record_accounts WHERE account = $1 ORDER BY bound_at, record";
                            let bound = sqlx::query(sql).bind(account.0.to_vec()).fetch_all(&mut **work).await?;
                            let bound = bound.iter().map(|row| Ok((ChoiceRecordId(bytes(row, "record")?), time(row, "bound_at")?)));
                            Ok(AnswersOfAccount {
                                records: bound.collect::<Result<_, RecordsError>>()?,
                                rows: crate::choices::of_account(work, account).await?,
                            })
                        })
                    })
                    .await
            })
            .await
    }
}
