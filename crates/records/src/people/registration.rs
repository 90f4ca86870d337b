use std::sync::Arc;

use domain::{AccountId, Field, Timestamp};
use policy::Sealed;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::job::insert_job;
use super::link::{SealedLink, insert_link, take_link};
use super::{Findable, LinkId, NewJob, NewLink, People, Representation, account_id, time, unsealed};
use crate::{PersonKey, RecordsError, Work};

/// Somebody who wants to register. It becomes an account once the mailed link was followed.
#[derive(Clone, Debug)]
pub struct NewRegistration {
    /// The account's id, once it is one.
    pub id: AccountId,
    pub email: Findable,
    pub username: Findable,
    pub language: String,
    pub age: Representation,
    pub at: Timestamp,
    pub expires: Timestamp,
}

/// A registration that nobody confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub id: AccountId,
    pub email: Sealed<String>,
    pub username: Sealed<String>,
    pub language: String,
    pub age: Representation,
    pub expires: Timestamp,
}

/// What following the link did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Account(AccountId),
    /// No such link, or not any more.
    NoLink,
    /// Somebody confirmed an account with this name first: the registration stays, and takes another name.
    UsernameTaken(AccountId),
    /// Somebody confirmed an account with this address first.
    EmailTaken,
}

const COLUMNS: &str = "id, email, email_key, username, username_key, language, age, age_method, age_words_hash, age_policy_version, age_at, made_at, \
                       expires_at";

/// A registration ready to be written, whatever becomes of the transaction.
struct Written {
    new: NewRegistration,
    email: (Vec<u8>, [u8; 32]),
    username: (Vec<u8>, [u8; 32]),
    link: SealedLink,
    mail: NewJob,
}

impl People {
    /// Keeps a registration, the link that confirms it and the mail that carries the link, all of them or none.
    pub async fn register(&self, new: NewRegistration, link: NewLink, mail: NewJob) -> Result<(), RecordsError> {
        let key = self.vault.make(new.id).await?;
        let findable = |value: &Findable| (self.vault.seal(&key, &value.shown), self.vault.lookup(&value.compared));
        let row = Arc::new(Written {
            email: findable(&new.email),
            username: findable(&new.username),
            new,
            link: link.sealed(self, &key),
            mail: mail.sealed(self, &key),
        });
        let records = self.records.clone();
        let kept = self.records.at_home(async move { records.transact(move |work| Box::pin(insert(work, Arc::clone(&row)))).await }).await;
        self.tell_of_job();
        kept
    }

    /// A registration that is still waiting.
    pub async fn registration(&self, id: AccountId) -> Result<Option<Registration>, RecordsError> {
        let people = self.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM registrations WHERE id = $1");
                let row = sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).fetch_optional(&people.records.pool).await?;
                let (Some(row), Some(key)) = (row, people.vault.find(id).await?) else {
                    return Ok(None);
                };
                people.read_registration(&row, &key).map(Some)
            })
            .await
    }

    /// Gives a waiting registration another name.
    pub async fn rename_registration(&self, id: AccountId, username: Findable) -> Result<(), RecordsError> {
        let Some(key) = self.vault.find(id).await? else {
            return Err(RecordsError::NobodyThere);
        };
        let (sealed, lookup) = (self.vault.seal(&key, &username.shown), self.vault.lookup(&username.compared));
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let sealed = sealed.clone();
                        Box::pin(async move {
                            let query = sqlx::query("UPDATE registrations SET username = $1, username_key = $2 WHERE id = $3");
                            query.bind(sealed).bind(lookup.to_vec()).bind(id.0.to_vec()).execute(&mut **work).await?;
                            Ok(())
                        })
                    })
                    .await
            })
            .await
    }

    /// Makes an account of the registration that a link belongs to. The link is used up, unless the name was taken meanwhile.
    pub async fn confirm(&self, link: LinkId, now: Timestamp) -> Result<Confirmed, RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(confirm(work, link, now))).await }).await
    }

    /// Forgets the registrations that nobody confirmed in time, some at a time, and says how many there were.
    pub async fn forget_registrations(&self, now: Timestamp) -> Result<u64, RecordsError> {
        let people = self.clone();
        self.records
            .at_home(async move {
                let query = sqlx::query("SELECT id FROM registrations WHERE expires_at <= $1 LIMIT 500").bind(now.as_microsecond());
                let rows = query.fetch_all(&people.records.pool).await?;
                for row in &rows {
                    let id = account_id(row, "id")?;
                    people.records.transact(move |work| Box::pin(forget(work, id, now))).await?;
                    // Whoever confirmed meanwhile keeps their key.
                    if people.account(id).await?.is_none() {
                        people.vault.destroy(id).await?;
                    }
                }
                Ok(rows.len() as u64)
            })
            .await
    }

    fn read_registration(&self, row: &AnyRow, key: &PersonKey) -> Result<Registration, RecordsError> {
        Ok(Registration {
            id: account_id(row, "id")?,
            email: unsealed(&self.vault, key, row, "email", Field::AccountEmail)?,
            username: unsealed(&self.vault, key, row, "username", Field::AccountUsername)?,
            language: row.try_get("language")?,
            age: Representation::read(row)?,
            expires: time(row, "expires_at")?,
        })
    }
}

async fn insert(work: &mut Work, row: Arc<Written>) -> Result<(), RecordsError> {
    let NewRegistration { id, language, age, at, expires, .. } = &row.new;
    let sql = format!("INSERT INTO registrations ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
    sqlx::query(AssertSqlSafe(sql))
        .bind(id.0.to_vec())
        .bind(row.email.0.clone())
        .bind(row.email.1.to_vec())
        .bind(row.username.0.clone())
        .bind(row.username.1.to_vec())
        .bind(language.clone())
        .bind(age.verdict.name())
        .bind(age.method.clone())
        .bind(age.words_hash.to_vec())
        .bind(i64::from(age.version.0))
        .bind(age.at.as_microsecond())
        .bind(at.as_microsecond())
        .bind(expires.as_microsecond())
        .execute(&mut **work)
        .await?;
    insert_link(work, &row.link).await?;
    insert_job(work, &row.mail).await
}

pub(super) async fn confirm(work: &mut Work, link: LinkId, now: Timestamp) -> Result<Confirmed, RecordsError> {
    let Some(taken) = take_link(work, link, "confirm", now).await? else {
        return Ok(Confirmed::NoLink);
    };
    let id = taken.link.owner;
    let sql = format!("SELECT {COLUMNS} FROM registrations WHERE id = $1 AND expires_at > $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).bind(now.as_microsecond());
    let Some(row) = query.fetch_optional(&mut **work).await? else {
        return Ok(Confirmed::NoLink);
    };
    if is_taken(work, "email_key", &row).await? {
        forget(work, id, Timestamp::MAX).await?;
        return Ok(Confirmed::EmailTaken);
    }
    if is_taken(work, "username_key", &row).await? {
        insert_link(work, &taken).await?;
        return Ok(Confirmed::UsernameTaken(id));
    }
    let sql = "INSERT INTO accounts (id, state, email, email_key, username, username_key, language, age, age_method, age_words_hash, age_policy_version, \
               age_at, made_at) SELECT id, 'open', email, email_key, username, username_key, language, age, age_method, age_words_hash, \
               age_policy_version, age_at, $1 FROM registrations WHERE id = $2";
    sqlx::query(sql).bind(now.as_microsecond()).bind(id.0.to_vec()).execute(&mut **work).await?;
    forget(work, id, Timestamp::MAX).await?;
    Ok(Confirmed::Account(id))
}

async fn is_taken(work: &mut Work, column: &'static str, row: &AnyRow) -> Result<bool, RecordsError> {
    let sql = format!("SELECT id FROM accounts WHERE {column} = $1");
    let key: Vec<u8> = row.try_get(column)?;
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(key).fetch_optional(&mut **work).await?.is_some())
}

/// Forgets a registration, with its links and its mail, if its time was over by then.
async fn forget(work: &mut Work, id: AccountId, by: Timestamp) -> Result<(), RecordsError> {
    let gone = sqlx::query("DELETE FROM registrations WHERE id = $1 AND expires_at <= $2")
        .bind(id.0.to_vec())
        .bind(by.as_microsecond())
        .execute(&mut **work)
        .await?
        .rows_affected();
    if gone > 0 {
        for sql in ["DELETE FROM links WHERE owner = $1", "DELETE FROM jobs WHERE owner = $1"] {
            sqlx::query(sql).bind(id.0.to_vec()).execute(&mut **work).await?;
        }
    }
    Ok(())
}
