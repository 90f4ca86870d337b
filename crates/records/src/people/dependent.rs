//! Minors whose guardian registered them: made, confirmed, listed, and told apart from everybody else by a row of their own.

use std::sync::Arc;

use domain::{AccountId, ChoiceRecordId, Timestamp, Version};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::account::COLUMNS;
use super::job::insert_job;
use super::link::{SealedLink, insert_link, take_link};
use super::{Account, Findable, LinkId, NewJob, NewLink, People, Representation, account_id, maybe_time, time, version};
use crate::bytes::{bytes, maybe_bytes};
use crate::{RecordsError, Work};

/// Nobody is the guardian of more than this.
pub const DEPENDENTS_MAX: usize = 20;

/// The kind of link with which a guardian confirms.
pub(super) const CONFIRM: &str = "guardian";

/// A quarter of a year, counted from year 0: the first of 2026 is 8104.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(pub i32);

/// What somebody said of being a guardian, by the words they were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guardianship {
    /// SHA-256 of the words.
    pub words_hash: [u8; 32],
    pub version: Version,
    pub at: Timestamp,
}

/// A dependent who is to be registered.
#[derive(Clone, Debug)]
pub struct NewDependent {
    pub id: AccountId,
    pub guardian: AccountId,
    pub username: Findable,
    pub language: String,
    pub age: Representation,
    pub guardianship: Guardianship,
    /// When the account becomes theirs.
    pub passes: Quarter,
    pub at: Timestamp,
}

/// Somebody whose guardian registered them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    pub account: Account,
    pub guardianship: Guardianship,
    pub passes: Quarter,
    /// When the guardian confirmed by mail; nobody signs in before.
    pub confirmed: Option<Timestamp>,
    /// When the guardian was told that the account will pass.
    pub told: Option<Timestamp>,
    /// Since when nobody but they themselves can do anything with it.
    pub passed: Option<Timestamp>,
}

/// What became of a new dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependentAdded {
    Added,
    UsernameTaken,
    /// Their guardian has as many as there can be.
    TooMany,
    /// Whoever wanted to be a guardian is none: their account is closed, or not an adult's.
    NoGuardian,
}

/// A dependent ready to be written, whatever becomes of the transaction.
struct Written {
    new: NewDependent,
    username: (Vec<u8>, [u8; 32]),
    link: SealedLink,
    letter: NewJob,
}

impl People {
    /// Keeps a dependent whom nobody can sign in as yet, the link their guardian confirms with, and the letter to the guardian that carries it: all of
    /// them or none.
    pub async fn add_dependent(&self, new: NewDependent, link: NewLink, letter: NewJob) -> Result<DependentAdded, RecordsError> {
        let guardians = self.vault.find(new.guardian).await?.ok_or(RecordsError::NobodyThere)?;
        let (id, key) = (new.id, self.vault.make(new.id).await?);
        let written = Arc::new(Written {
            username: (self.vault.seal(&key, &new.username.shown), self.vault.lookup(&new.username.compared)),
            new,
            link: link.sealed(self, &key),
            letter: letter.sealed(self, &guardians),
        });
        let records = self.records.clone();
        let added =
            self.records.at_home(async move { records.transact(move |work| Box::pin(add(work, Arc::clone(&written)))).await }).await;
        self.tell_of_job();
        let added = match added {
            Err(error) if error.is_taken() => Ok(DependentAdded::UsernameTaken),
            added => added,
        };
        if !matches!(added, Ok(DependentAdded::Added)) {
            // Nothing was sealed under it that anybody kept.
            self.vault.destroy(id).await?;
        }
        added
    }

    /// Uses the link up with which a guardian confirms: from now on the dependent can be signed in. The letter that says so again later goes to the
    /// guardian, who is the owner of its job.
    pub async fn confirm_dependent(&self, link: LinkId, letter: NewJob, now: Timestamp) -> Result<Option<AccountId>, RecordsError> {
        let guardian = letter.owner.ok_or(RecordsError::NobodyThere)?;
        let key = self.vault.find(guardian).await?.ok_or(RecordsError::NobodyThere)?;
        let letter = Arc::new(letter.sealed(self, &key));
        let records = self.records.clone();
        let confirmed = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let letter = Arc::clone(&letter);
                        Box::pin(async move { confirm(work, link, guardian, &letter, now).await })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        confirmed
    }

    /// Everybody whom somebody is the guardian of, the first registered first.
    pub async fn dependents_of(&self, guardian: AccountId) -> Result<Vec<Dependent>, RecordsError> {
        self.dependents("accounts.guardian = $1 AND accounts.state <> 'closed'", guardian.0.to_vec()).await
    }

    /// What is kept of an account because it is, or was until it passed to them, a dependent's.
    pub async fn dependent(&self, account: AccountId) -> Result<Option<Dependent>, RecordsError> {
        Ok(self.dependents("accounts.id = $1", account.0.to_vec()).await?.into_iter().next())
    }

    /// Keeps a link that nobody mails, in place of earlier ones of its kind and owner.
    pub async fn make_link_to_show(&self, link: NewLink) -> Result<(), RecordsError> {
        let key = self.vault.find(link.owner).await?.ok_or(RecordsError::NobodyThere)?;
        let sealed = Arc::new(link.sealed(self, &key));
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let sealed = Arc::clone(&sealed);
                        Box::pin(async move {
                            let old = sqlx::query("DELETE FROM links WHERE owner = $1 AND kind = $2");
                            old.bind(sealed.link.owner.0.to_vec()).bind(sealed.link.kind).execute(&mut **work).await?;
                            insert_link(work, &sealed).await
                        })
                    })
                    .await
            })
            .await
    }

    /// The browser's record that a guardian answers under for a dependent; this one, where there is none yet.
    pub async fn guardians_record(&self, dependent: AccountId, new: ChoiceRecordId, at: Timestamp) -> Result<ChoiceRecordId, RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(record_for(work, dependent, new, at))).await }).await
    }

    /// The dependents whose guardian never confirmed, and who were registered by then. They are to be deleted.
    pub async fn dependents_unconfirmed(&self, made_by: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let sql = "SELECT id FROM accounts WHERE state = 'waiting' AND state <> 'open' AND made_at <= $1 ORDER BY made_at, id LIMIT 500";
        self.ids(sql, made_by.as_microsecond()).await
    }

    async fn dependents(&self, which: &'static str, value: Vec<u8>) -> Result<Vec<Dependent>, RecordsError> {
        let people = self.clone();
        self.records
            .ask(async move {
                let columns = format!("{COLUMNS}, passes_in, words_hash, policy_version, said_at, confirmed_at, told_at, passed_at");
                let sql = format!(
                    "SELECT {columns} FROM accounts INNER JOIN dependents ON dependents.account = accounts.id WHERE {which} ORDER BY made_at, id"
                );
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_all(&people.records.pool).await?;
                let mut dependents = Vec::with_capacity(rows.len());
                for row in &rows {
                    // Whose key is destroyed is nobody any more.
                    if let Some(account) = people.read(row).await? {
                        dependents.push(read(row, account)?);
                    }
                }
                Ok(dependents)
            })
            .await
    }

    pub(super) async fn ids(&self, sql: &'static str, value: i64) -> Result<Vec<AccountId>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let rows = sqlx::query(sql).bind(value).fetch_all(&pool).await?;
                rows.iter().map(|row| account_id(row, "id")).collect()
            })
            .await
    }
}

async fn add(work: &mut Work, written: Arc<Written>) -> Result<DependentAdded, RecordsError> {
    let Written { new, username, link, letter } = &*written;
    let guardian = new.guardian.0.to_vec();
    let is_one = "SELECT id FROM accounts WHERE id = $1 AND state = 'open' AND age = 'adult' AND guardian IS NULL AND email IS NOT NULL";
    if sqlx::query(is_one).bind(guardian.clone()).fetch_optional(&mut **work).await?.is_none() {
        return Ok(DependentAdded::NoGuardian);
    }
    let counted = sqlx::query("SELECT COUNT(*) AS dependents FROM accounts WHERE guardian = $1 AND state <> 'closed'");
    let count: i64 = counted.bind(guardian.clone()).fetch_one(&mut **work).await?.try_get("dependents")?;
    if usize::try_from(count).is_ok_and(|count| count >= DEPENDENTS_MAX) {
        return Ok(DependentAdded::TooMany);
    }
    sqlx::query(
        "INSERT INTO accounts (id, state, username, username_key, language, age, age_method, age_words_hash, age_policy_version, age_at, guardian, made_at) \
         VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(new.id.0.to_vec())
    .bind(username.0.clone())
    .bind(username.1.to_vec())
    .bind(new.language.clone())
    .bind(new.age.verdict.name())
    .bind(new.age.method.clone())
    .bind(new.age.words_hash.to_vec())
    .bind(i64::from(new.age.version.0))
    .bind(new.age.at.as_microsecond())
    .bind(guardian)
    .bind(new.at.as_microsecond())
    .execute(&mut **work)
    .await?;
    sqlx::query("INSERT INTO dependents (account, passes_in, words_hash, policy_version, said_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(new.id.0.to_vec())
        .bind(i64::from(new.passes.0))
        .bind(new.guardianship.words_hash.to_vec())
        .bind(i64::from(new.guardianship.version.0))
        .bind(new.guardianship.at.as_microsecond())
        .execute(&mut **work)
        .await?;
    insert_link(work, link).await?;
    insert_job(work, letter).await?;
    Ok(DependentAdded::Added)
}

/// The guardian must be one still, so that nobody is opened whom nobody answers for.
async fn confirm(
    work: &mut Work,
    link: LinkId,
    guardian: AccountId,
    letter: &NewJob,
    now: Timestamp,
) -> Result<Option<AccountId>, RecordsError> {
    let Some(taken) = take_link(work, link, CONFIRM, now).await? else { return Ok(None) };
    let id = taken.link.owner;
    let opened = sqlx::query(
        "UPDATE accounts SET state = 'open' WHERE id = $1 AND state = 'waiting' AND guardian = $2 \
         AND EXISTS (SELECT 1 FROM accounts AS guardians WHERE guardians.id = $2 AND guardians.state = 'open')",
    );
    if opened.bind(id.0.to_vec()).bind(guardian.0.to_vec()).execute(&mut **work).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let confirmed = sqlx::query("UPDATE dependents SET confirmed_at = $1 WHERE account = $2");
    confirmed.bind(now.as_microsecond()).bind(id.0.to_vec()).execute(&mut **work).await?;
    insert_job(work, letter).await?;
    Ok(Some(id))
}

async fn record_for(work: &mut Work, dependent: AccountId, new: ChoiceRecordId, at: Timestamp) -> Result<ChoiceRecordId, RecordsError> {
    let sql = "SELECT record FROM choices WHERE account = $1 AND method = 'guardian' ORDER BY made_at LIMIT 1";
    if let Some(row) = sqlx::query(sql).bind(dependent.0.to_vec()).fetch_optional(&mut **work).await? {
        return Ok(ChoiceRecordId(bytes(&row, "record")?));
    }
    sqlx::query("INSERT INTO record_accounts (record, account, bound_at) VALUES ($1, $2, $3)")
        .bind(new.0.to_vec())
        .bind(dependent.0.to_vec())
        .bind(at.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(new)
}

fn read(row: &AnyRow, account: Account) -> Result<Dependent, RecordsError> {
    let passes: i64 = row.try_get("passes_in")?;
    Ok(Dependent {
        guardianship: Guardianship {
            words_hash: bytes(row, "words_hash")?,
            version: version(row, "policy_version")?,
            at: time(row, "said_at")?,
        },
        passes: Quarter(i32::try_from(passes).map_err(|_| RecordsError::Unreadable("a quarter of a year"))?),
        confirmed: maybe_time(row, "confirmed_at")?,
        told: maybe_time(row, "told_at")?,
        passed: maybe_time(row, "passed_at")?,
        account,
    })
}

/// Who answers for somebody, if anybody does.
pub(super) async fn guardian_of(work: &mut Work, account: AccountId) -> Result<Option<AccountId>, RecordsError> {
    let found = sqlx::query("SELECT guardian FROM accounts WHERE id = $1").bind(account.0.to_vec()).fetch_optional(&mut **work).await?;
    found.map_or(Ok(None), |row| Ok(maybe_bytes(&row, "guardian")?.map(AccountId)))
}
