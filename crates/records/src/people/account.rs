use domain::{AccountId, Field, Timestamp};
use policy::Sealed;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Findable, People, Representation, account_id, maybe_time, time, unsealed};
use crate::bytes::maybe_bytes;
use crate::{RecordsError, Work};

/// Somebody who registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub state: AccountState,
    /// A dependent may have none of their own.
    pub email: Option<Sealed<String>>,
    pub username: Sealed<String>,
    /// The language mail is written in.
    pub language: String,
    pub age: Representation,
    /// Who registered them, where somebody else did.
    pub guardian: Option<AccountId>,
    pub made: Timestamp,
    pub closed: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    Open,
    /// Nobody signs in before a guardian has confirmed it.
    Waiting,
    /// Nobody signs in; what is left of it is being deleted.
    Closed,
}

impl AccountState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Closed => "closed",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Waiting, Self::Closed].into_iter().find(|state| state.name() == name)
    }
}

pub(super) const COLUMNS: &str = "id, state, email, email_key, username, username_key, language, age, age_method, age_words_hash, \
                                  age_policy_version, age_at, guardian, made_at, closed_at";

impl People {
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, RecordsError> {
        self.one("id", id.0.to_vec()).await
    }

    /// By an address as two of them are compared.
    pub async fn account_by_email(&self, compared: &Sealed<String>) -> Result<Option<Account>, RecordsError> {
        self.one("email_key", self.vault.lookup(compared).to_vec()).await
    }

    /// Whose address this is, as two of them are compared. It takes as long whether there is such an account or not.
    pub async fn owner_of_email(&self, compared: &Sealed<String>) -> Result<Option<(AccountId, AccountState)>, RecordsError> {
        let (pool, key) = (self.records.pool.clone(), self.vault.lookup(compared));
        self.records
            .ask(async move {
                let query = sqlx::query("SELECT id, state FROM accounts WHERE email_key = $1").bind(key.to_vec());
                let Some(row) = query.fetch_optional(&pool).await? else { return Ok(None) };
                Ok(Some((account_id(&row, "id")?, state(&row)?)))
            })
            .await
    }

    /// By a username as two of them are compared.
    pub async fn account_by_username(&self, compared: &Sealed<String>) -> Result<Option<Account>, RecordsError> {
        self.one("username_key", self.vault.lookup(compared).to_vec()).await
    }

    /// Gives an account another address, unless that is another's.
    pub async fn change_email(&self, id: AccountId, email: Findable) -> Result<(), RecordsError> {
        self.change(id, "email", email, RecordsError::EmailTaken).await
    }

    /// Gives an account another username, unless that is another's.
    pub async fn change_username(&self, id: AccountId, username: Findable) -> Result<(), RecordsError> {
        self.change(id, "username", username, RecordsError::UsernameTaken).await
    }

    /// Closes an account and those of whom it is the guardian: everybody is signed out of them, their links are void, and what was to be done for them is not
    /// done. Returns which were open until now.
    pub async fn close(&self, id: AccountId, at: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(close(work, id, at))).await }).await
    }

    /// Deletes an account and all that is kept here of the person: first the key, without which nothing of it can be read. Whoever was stopped in the middle
    /// does it again.
    pub async fn delete(&self, id: AccountId) -> Result<(), RecordsError> {
        self.vault.erase(id).await?;
        self.delete_rows(id).await
    }

    pub(super) async fn delete_rows(&self, id: AccountId) -> Result<(), RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(delete(work, id))).await }).await
    }

    async fn one(&self, column: &'static str, value: Vec<u8>) -> Result<Option<Account>, RecordsError> {
        let people = self.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM accounts WHERE {column} = $1");
                let row = sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_optional(&people.records.pool).await?;
                match row {
                    Some(row) => people.read(&row).await,
                    None => Ok(None),
                }
            })
            .await
    }

    /// None for somebody whose key is destroyed: there is nobody any more.
    pub(super) async fn read(&self, row: &AnyRow) -> Result<Option<Account>, RecordsError> {
        let id = account_id(row, "id")?;
        let Some(key) = self.vault.find(id).await? else {
            return Ok(None);
        };
        let email: Option<Vec<u8>> = row.try_get("email")?;
        Ok(Some(Account {
            id,
            state: state(row)?,
            email: email.map(|sealed| self.vault.unseal(&key, Field::AccountEmail, &sealed)).transpose()?,
            username: unsealed(&self.vault, &key, row, "username", Field::AccountUsername)?,
            language: row.try_get("language")?,
            age: Representation::read(row)?,
            guardian: maybe_bytes(row, "guardian")?.map(AccountId),
            made: time(row, "made_at")?,
            closed: maybe_time(row, "closed_at")?,
        }))
    }

    async fn change(&self, id: AccountId, column: &'static str, to: Findable, taken: RecordsError) -> Result<(), RecordsError> {
        let Some(key) = self.vault.find(id).await? else {
            return Err(RecordsError::NobodyThere);
        };
        let (sealed, lookup) = (self.vault.seal(&key, &to.shown), self.vault.lookup(&to.compared));
        let records = self.records.clone();
        let changed = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let sealed = sealed.clone();
                        Box::pin(async move {
                            let sql = format!("UPDATE accounts SET {column} = $1, {column}_key = $2 WHERE id = $3 AND state = 'open'");
                            let query = sqlx::query(AssertSqlSafe(sql)).bind(sealed).bind(lookup.to_vec()).bind(id.0.to_vec());
                            Ok(query.execute(&mut **work).await?.rows_affected())
                        })
                    })
                    .await
            })
            .await;
        match changed {
            Ok(0) => Err(RecordsError::NobodyThere),
            Ok(_) => Ok(()),
            Err(error) if error.is_taken() => Err(taken),
            Err(error) => Err(error),
        }
    }
}

/// The row of an account that somebody may sign in to.
pub(super) async fn open_account(work: &mut Work, id: AccountId) -> Result<Option<AnyRow>, RecordsError> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE id = $1 AND state = 'open'");
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).fetch_optional(&mut **work).await?)
}

fn state(row: &AnyRow) -> Result<AccountState, RecordsError> {
    AccountState::named(&row.try_get::<String, _>("state")?).ok_or(RecordsError::Unreadable("an account's state"))
}

/// Returns what was open until now: nothing where it was closed before. What was queued for one that was closed before stays: it is about the closing.
pub(super) async fn close(work: &mut Work, id: AccountId, at: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
    if !close_one(work, id, at).await? {
        return Ok(Vec::new());
    }
    let mut closed = vec![id];
    // Nobody is left whom nobody answers for.
    let dependents = sqlx::query("SELECT id FROM accounts WHERE guardian = $1 AND state <> 'closed'").bind(id.0.to_vec());
    for row in dependents.fetch_all(&mut **work).await? {
        let dependent = account_id(&row, "id")?;
        if close_one(work, dependent, at).await? {
            closed.push(dependent);
        }
    }
    Ok(closed)
}

async fn close_one(work: &mut Work, id: AccountId, at: Timestamp) -> Result<bool, RecordsError> {
    let closed = sqlx::query("UPDATE accounts SET state = 'closed', closed_at = $1 WHERE id = $2 AND state <> 'closed'")
        .bind(at.as_microsecond())
        .bind(id.0.to_vec())
        .execute(&mut **work)
        .await?
        .rows_affected();
    if closed == 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM sessions WHERE account = $1",
        "DELETE FROM links WHERE owner = $1",
        "DELETE FROM jobs WHERE owner = $1",
        "DELETE FROM agreements WHERE account = $1",
    ] {
        sqlx::query(sql).bind(id.0.to_vec()).execute(&mut **work).await?;
    }
    Ok(true)
}

pub(super) async fn delete(work: &mut Work, id: AccountId) -> Result<(), RecordsError> {
    for sql in [
        "DELETE FROM sessions WHERE account = $1",
        "DELETE FROM links WHERE owner = $1",
        "DELETE FROM jobs WHERE owner = $1",
        "DELETE FROM passkeys WHERE account = $1",
        "DELETE FROM agreements WHERE account = $1",
        "DELETE FROM account_visitors WHERE account = $1",
        // The answers stay as long as promised, each under its browser's number alone.
        "UPDATE choices SET account = NULL WHERE account = $1",
        "DELETE FROM record_accounts WHERE account = $1",
        "DELETE FROM dependents WHERE account = $1",
        // What was reported of them leads nowhere any more. A case that is confirmed is just being ended.
        "UPDATE cases SET subject = NULL, grounds = NULL WHERE subject = $1 AND state <> 'confirmed'",
        "DELETE FROM registrations WHERE id = $1",
        "DELETE FROM accounts WHERE id = $1",
    ] {
        sqlx::query(sql).bind(id.0.to_vec()).execute(&mut **work).await?;
    }
    Ok(())
}
