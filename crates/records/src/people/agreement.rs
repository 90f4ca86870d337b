use domain::{AccountId, Id, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{People, maybe_time, time};
use crate::{RecordsError, Work};

/// So many agreements are in force for one account; a ticket carries their names.
pub const AGREEMENTS_MAX: usize = 16;

/// Something that was agreed with the holder of an account, and is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub name: Id,
    pub since: Timestamp,
    /// It ends then by itself.
    pub until: Option<Timestamp>,
}

/// What putting an agreement in force did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementPut {
    Begun,
    /// It was in force; it may end at another time now.
    Kept,
    /// The account has as many as there can be.
    TooMany,
}

impl People {
    /// Puts an agreement in force, until a moment or until it is ended. Only an open account has agreements.
    pub async fn put_agreement(&self, account: AccountId, agreement: Agreement) -> Result<(AgreementPut, Agreement), RecordsError> {
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let agreement = agreement.clone();
                        Box::pin(async move { put(work, account, agreement).await })
                    })
                    .await
            })
            .await
    }

    /// The agreements of an account that are in force, by name; none of an account that is closed.
    pub async fn agreements_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<Agreement>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT name, since_at, until_at FROM agreements WHERE account = $1 AND (until_at IS NULL OR until_at > $2) \
                           AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = agreements.account AND accounts.state = 'open') ORDER BY name";
                let query = sqlx::query(sql).bind(account.0.to_vec()).bind(now.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(read).collect()
            })
            .await
    }

    /// Ends an agreement, and says whether it was in force.
    pub async fn end_agreement(&self, account: AccountId, name: Id, now: Timestamp) -> Result<bool, RecordsError> {
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let name = name.clone();
                        Box::pin(async move {
                            let was = in_force(work, account, &name, now).await?.is_some();
                            let query = sqlx::query("DELETE FROM agreements WHERE account = $1 AND name = $2");
                            query.bind(account.0.to_vec()).bind(name.as_str().to_owned()).execute(&mut **work).await?;
                            Ok(was)
                        })
                    })
                    .await
            })
            .await
    }

    /// Deletes the agreements that ended by themselves, and says how many there were. The tickets that carry them say so themselves.
    pub async fn forget_agreements(&self, now: Timestamp) -> Result<u64, RecordsError> {
        self.records.change(move || sqlx::query("DELETE FROM agreements WHERE until_at <= $1").bind(now.as_microsecond())).await
    }
}

async fn put(work: &mut Work, account: AccountId, agreement: Agreement) -> Result<(AgreementPut, Agreement), RecordsError> {
    let open = sqlx::query("SELECT id FROM accounts WHERE id = $1 AND state = 'open'").bind(account.0.to_vec());
    if open.fetch_optional(&mut **work).await?.is_none() {
        return Err(RecordsError::NobodyThere);
    }
    // One that is over by now is begun anew.
    if let Some(known) = in_force(work, account, &agreement.name, agreement.since).await? {
        let kept = Agreement { since: known.since, ..agreement };
        sqlx::query("UPDATE agreements SET until_at = $1 WHERE account = $2 AND name = $3")
            .bind(kept.until.map(Timestamp::as_microsecond))
            .bind(account.0.to_vec())
            .bind(kept.name.as_str().to_owned())
            .execute(&mut **work)
            .await?;
        return Ok((AgreementPut::Kept, kept));
    }
    sqlx::query("DELETE FROM agreements WHERE account = $1 AND (name = $2 OR until_at <= $3)")
        .bind(account.0.to_vec())
        .bind(agreement.name.as_str().to_owned())
        .bind(agreement.since.as_microsecond())
        .execute(&mut **work)
        .await?;
    let row = sqlx::query("SELECT COUNT(*) AS there FROM agreements WHERE account = $1").bind(account.0.to_vec());
    let there: i64 = row.fetch_one(&mut **work).await?.try_get("there")?;
    if usize::try_from(there).is_ok_and(|there| there >= AGREEMENTS_MAX) {
        return Ok((AgreementPut::TooMany, agreement));
    }
    sqlx::query("INSERT INTO agreements (account, name, since_at, until_at) VALUES ($1, $2, $3, $4)")
        .bind(account.0.to_vec())
        .bind(agreement.name.as_str().to_owned())
        .bind(agreement.since.as_microsecond())
        .bind(agreement.until.map(Timestamp::as_microsecond))
        .execute(&mut **work)
        .await?;
    Ok((AgreementPut::Begun, agreement))
}

async fn in_force(work: &mut Work, account: AccountId, name: &Id, now: Timestamp) -> Result<Option<Agreement>, RecordsError> {
    let sql = "SELECT name, since_at, until_at FROM agreements WHERE account = $1 AND name = $2 AND (until_at IS NULL OR until_at > $3)";
    let query = sqlx::query(sql).bind(account.0.to_vec()).bind(name.as_str().to_owned()).bind(now.as_microsecond());
    query.fetch_optional(&mut **work).await?.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Agreement, RecordsError> {
    let name: String = row.try_get("name")?;
    Ok(Agreement {
        name: Id::parse(&name).map_err(|_| RecordsError::Unreadable("an agreement's name"))?,
        since: time(row, "since_at")?,
        until: maybe_time(row, "until_at")?,
    })
}
