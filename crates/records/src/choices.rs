//! Choices as they were made, so that each can be shown to have been made.

use std::sync::Arc;

use domain::{AccountId, Basis, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id, Random, Region, Timestamp, Version};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bytes::{bytes, exactly};
use crate::{Records, RecordsError, Work};

/// The id of one answer, made by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self(bytes)
    }
}

/// One answer about one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceRow {
    pub id: EventId,
    /// The pseudonym of the browser that answered.
    pub record: ChoiceRecordId,
    /// Whose browser that is, once somebody signed in with it.
    pub account: Option<AccountId>,
    pub purpose: Id,
    pub action: ChoiceAction,
    pub method: ChoiceMethod,
    /// What the purpose rested on.
    pub basis: Basis,
    /// The form that asked, with its version: `banner/1`.
    pub interface: String,
    pub language: String,
    /// SHA-256 of the words that were shown.
    pub words_hash: [u8; 32],
    pub policy_version: Version,
    pub policy_hash: [u8; 32],
    pub region: Region,
    /// Whether the browser sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// To the microsecond.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, record, account, purpose, action, method, basis, interface, language, words_hash, policy_version, policy_hash, region, \
                       gpc, made_at";

impl Records {
    /// Keeps these answers, all of them or none. When it returns without an error they are durable, whoever stopped waiting meanwhile.
    pub async fn keep_choices(&self, rows: Vec<ChoiceRow>) -> Result<(), RecordsError> {
        let (records, rows): (Self, Arc<[ChoiceRow]>) = (self.clone(), rows.into());
        self.at_home(async move { records.transact(move |work| Box::pin(insert(work, Arc::clone(&rows)))).await }).await
    }

    /// The same for somebody who waits. What took longer is undone.
    pub async fn keep_choices_soon(&self, rows: Vec<ChoiceRow>) -> Result<(), RecordsError> {
        let (records, rows): (Self, Arc<[ChoiceRow]>) = (self.clone(), rows.into());
        let kept = async move { records.transact(move |work| Box::pin(insert(work, Arc::clone(&rows)))).await };
        self.at_home_within(crate::SOON, kept).await
    }

    /// Every answer under a pseudonym, the oldest first.
    pub async fn choices_of(&self, record: ChoiceRecordId) -> Result<Vec<ChoiceRow>, RecordsError> {
        let pool = self.pool.clone();
        self.ask(async move {
            let sql = format!("SELECT {COLUMNS} FROM choices WHERE record = $1 ORDER BY made_at, purpose, id");
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(record.0.to_vec()).fetch_all(&pool).await?;
            rows.iter().map(read).collect()
        })
        .await
    }

    /// Deletes the answers given under this version before a moment, and says how many there were.
    pub async fn forget_choices(&self, version: Version, before: Timestamp) -> Result<u64, RecordsError> {
        let records = self.clone();
        self.at_home(async move { records.transact(move |work| Box::pin(forget(work, version, before))).await }).await
    }
}

async fn insert(work: &mut Work, rows: Arc<[ChoiceRow]>) -> Result<(), RecordsError> {
    for row in &*rows {
        let sql = format!("INSERT INTO choices ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(row.id.0.to_vec())
            .bind(row.record.0.to_vec())
            .bind(account_of(work, row).await?.map(|account| account.0.to_vec()))
            .bind(row.purpose.as_str().to_owned())
            .bind(row.action.name())
            .bind(row.method.name())
            .bind(row.basis.name())
            .bind(row.interface.clone())
            .bind(row.language.clone())
            .bind(row.words_hash.to_vec())
            .bind(i64::from(row.policy_version.0))
            .bind(row.policy_hash.to_vec())
            .bind(row.region.to_string())
            .bind(i64::from(row.gpc))
            .bind(row.at.as_microsecond())
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}

/// The account an answer comes with, or else the one its record was bound to.
async fn account_of(work: &mut Work, row: &ChoiceRow) -> Result<Option<AccountId>, RecordsError> {
    match row.account {
        Some(account) => Ok(Some(account)),
        None => crate::bindings::bound_to(work, row.record).await,
    }
}

async fn forget(work: &mut Work, version: Version, before: Timestamp) -> Result<u64, RecordsError> {
    let gone = sqlx::query("DELETE FROM choices WHERE policy_version = $1 AND made_at < $2")
        .bind(i64::from(version.0))
        .bind(before.as_microsecond())
        .execute(&mut **work)
        .await?
        .rows_affected();
    if gone > 0 {
        // Nothing is left that says whose browser it was.
        let orphans = "DELETE FROM record_accounts WHERE bound_at < $1 AND NOT EXISTS (SELECT 1 FROM choices WHERE choices.record = record_accounts.record)";
        sqlx::query(orphans).bind(before.as_microsecond()).execute(&mut **work).await?;
    }
    Ok(gone)
}

/// Every answer of an account, or of the records bound to it, the oldest first.
pub(crate) async fn of_account(work: &mut Work, account: AccountId) -> Result<Vec<ChoiceRow>, RecordsError> {
    let sql = format!("SELECT {COLUMNS} FROM choices WHERE account = $1 ORDER BY made_at, purpose, id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account.0.to_vec()).fetch_all(&mut **work).await?;
    rows.iter().map(read).collect()
}

/// The same, and what was answered under a record that nobody was signed in with.
pub(crate) async fn of_account_or_record(
    work: &mut Work,
    account: AccountId,
    record: ChoiceRecordId,
) -> Result<Vec<ChoiceRow>, RecordsError> {
    let sql =
        format!("SELECT {COLUMNS} FROM choices WHERE account = $1 OR (record = $2 AND account IS NULL) ORDER BY made_at, purpose, id");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account.0.to_vec()).bind(record.0.to_vec());
    query.fetch_all(&mut **work).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<ChoiceRow, RecordsError> {
    let unreadable = RecordsError::Unreadable;
    let text = |column: &str| row.try_get::<String, _>(column);
    let account: Option<Vec<u8>> = row.try_get("account")?;
    Ok(ChoiceRow {
        id: EventId(bytes(row, "id")?),
        record: ChoiceRecordId(bytes(row, "record")?),
        account: account.map(exactly).transpose()?.map(AccountId),
        purpose: Id::parse(&text("purpose")?).map_err(|_| unreadable("a choice's purpose"))?,
        action: ChoiceAction::named(&text("action")?).ok_or(unreadable("a choice's action"))?,
        method: ChoiceMethod::named(&text("method")?).ok_or(unreadable("a choice's method"))?,
        basis: Basis::named(&text("basis")?).ok_or(unreadable("a choice's basis"))?,
        interface: text("interface")?,
        language: text("language")?,
        words_hash: bytes(row, "words_hash")?,
        policy_version: Version(u32::try_from(row.try_get::<i64, _>("policy_version")?).map_err(|_| unreadable("a choice's version"))?),
        policy_hash: bytes(row, "policy_hash")?,
        region: Region::parse(&text("region")?).ok_or(unreadable("a choice's region"))?,
        gpc: row.try_get::<i64, _>("gpc")? != 0,
        at: Timestamp::from_microsecond(row.try_get("made_at")?).map_err(|_| unreadable("a choice's time"))?,
    })
}
