use std::fmt;
use std::sync::Arc;

use domain::{AccountId, PasskeyId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::job::insert_job;
use super::{NewJob, People, account_id, maybe_time, time};
use crate::bytes::bytes;
use crate::{PersonKey, RecordsError, Work};

/// Nobody has more passkeys than this.
pub const PASSKEYS_MAX: usize = 20;

/// What its owner calls a passkey. It may be anything, so it shows itself to nobody but whoever asks for the text.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyName(String);

/// A passkey that is to be somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    pub id: PasskeyId,
    pub account: AccountId,
    /// The id that browsers know it by.
    pub credential_id: Vec<u8>,
    /// Its public half, and what else has to be remembered of it, in a form that only its maker reads.
    pub credential: Vec<u8>,
    pub name: PasskeyName,
    pub at: Timestamp,
}

/// A passkey of somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    pub id: PasskeyId,
    pub account: AccountId,
    pub credential: Vec<u8>,
    pub name: PasskeyName,
    pub made: Timestamp,
    /// When somebody last signed in with it.
    pub used: Option<Timestamp>,
    /// The credential as it stands in the row, which tells whether the row has changed since.
    sealed: Vec<u8>,
}

/// What became of a new passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAdded {
    Added,
    /// It is somebody's already.
    Known,
    /// Its owner has as many as there can be.
    TooMany,
}

const CREDENTIAL: &str = "passkey";
const NAME: &str = "passkey name";
const COLUMNS: &str = "id, account, credential, name, made_at, used_at";

/// A new passkey as it is written, with the mail that tells of it.
struct Written {
    new: NewPasskey,
    key: [u8; 32],
    credential: Vec<u8>,
    name: Vec<u8>,
    mail: NewJob,
}

impl PasskeyName {
    pub const CHARACTERS_MAX: usize = 60;

    /// A name in one line; none where nothing of it can be seen, or it is too long.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = !name.is_empty() && name.chars().count() <= Self::CHARACTERS_MAX && !name.chars().any(char::is_control);
        fits.then_some(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasskeyName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PasskeyName").finish_non_exhaustive()
    }
}

impl People {
    /// Keeps a passkey and the mail that tells its owner, both or neither.
    pub async fn add_passkey(&self, new: NewPasskey, mail: NewJob) -> Result<PasskeyAdded, RecordsError> {
        let Some(key) = self.vault.find(new.account).await? else {
            return Err(RecordsError::NobodyThere);
        };
        let written = Arc::new(Written {
            key: self.credential_key(&new.credential_id),
            credential: key.seal(CREDENTIAL, &new.credential, self.vault.random()),
            name: key.seal(NAME, new.name.0.as_bytes(), self.vault.random()),
            mail: mail.sealed(self, &key),
            new,
        });
        let records = self.records.clone();
        let added = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let written = Arc::clone(&written);
                        Box::pin(async move { add(work, &written).await })
                    })
                    .await
            })
            .await;
        match added {
            Ok(PasskeyAdded::Added) => {
                self.tell_of_job();
                Ok(PasskeyAdded::Added)
            }
            Err(error) if error.is_taken() => Ok(PasskeyAdded::Known),
            answered => answered,
        }
    }

    /// Somebody's passkeys, the newest first.
    pub async fn passkeys_of(&self, account: AccountId) -> Result<Vec<Passkey>, RecordsError> {
        let Some(key) = self.vault.find(account).await? else { return Ok(Vec::new()) };
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE account = $1 ORDER BY made_at DESC, id");
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(account.0.to_vec()).fetch_all(&pool).await?;
                rows.iter().map(|row| read(row, &key)).collect()
            })
            .await
    }

    /// A passkey of an account that is open, by the id that browsers know it by.
    pub async fn passkey_by_credential(&self, credential_id: &[u8]) -> Result<Option<Passkey>, RecordsError> {
        let looked_up = self.credential_key(credential_id);
        let people = self.clone();
        self.records
            .ask(async move {
                let sql = format!(
                    "SELECT {COLUMNS} FROM passkeys WHERE credential_key = $1 AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = passkeys.account AND accounts.state = 'open')"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(looked_up.to_vec());
                let Some(row) = query.fetch_optional(&people.records.pool).await? else { return Ok(None) };
                let key = people.vault.find(account_id(&row, "account")?).await?;
                key.map(|key| read(&row, &key)).transpose()
            })
            .await
    }

    /// Notes that somebody signed in with a passkey, and what is to be remembered of it from now on. False where it is not as it was read any more: it was
    /// removed, or somebody else has just signed in with it.
    pub async fn note_passkey_use(&self, passkey: &Passkey, credential: &[u8], at: Timestamp) -> Result<bool, RecordsError> {
        let Some(key) = self.vault.find(passkey.account).await? else { return Ok(false) };
        let (id, was) = (passkey.id, passkey.sealed.clone());
        // Sealed anew even where nothing changed: of two who use it at once, the second finds another row than it read.
        let sealed = key.seal(CREDENTIAL, credential, self.vault.random());
        let noted = move || {
            let query = sqlx::query("UPDATE passkeys SET credential = $1, used_at = $2 WHERE id = $3 AND credential = $4");
            query.bind(sealed.clone()).bind(at.as_microsecond()).bind(id.0.to_vec()).bind(was.clone())
        };
        Ok(self.records.change(noted).await? == 1)
    }

    /// Gives a passkey of somebody's another name. False where they have no such passkey.
    pub async fn rename_passkey(&self, account: AccountId, id: PasskeyId, name: &PasskeyName) -> Result<bool, RecordsError> {
        let Some(key) = self.vault.find(account).await? else { return Ok(false) };
        let sealed = key.seal(NAME, name.0.as_bytes(), self.vault.random());
        let named = move || {
            let query = sqlx::query("UPDATE passkeys SET name = $1 WHERE id = $2 AND account = $3");
            query.bind(sealed.clone()).bind(id.0.to_vec()).bind(account.0.to_vec())
        };
        Ok(self.records.change(named).await? == 1)
    }

    /// Removes a passkey of somebody's. False where they have no such passkey.
    pub async fn remove_passkey(&self, account: AccountId, id: PasskeyId) -> Result<bool, RecordsError> {
        let removed = move || {
            let query = sqlx::query("DELETE FROM passkeys WHERE id = $1 AND account = $2");
            query.bind(id.0.to_vec()).bind(account.0.to_vec())
        };
        Ok(self.records.change(removed).await? == 1)
    }

    fn credential_key(&self, credential_id: &[u8]) -> [u8; 32] {
        self.vault.lookup_bytes("passkey", credential_id)
    }
}

async fn add(work: &mut Work, written: &Written) -> Result<PasskeyAdded, RecordsError> {
    let Written { new, key, credential, name, mail } = written;
    let open = sqlx::query("SELECT id FROM accounts WHERE id = $1 AND state = 'open'").bind(new.account.0.to_vec());
    if open.fetch_optional(&mut **work).await?.is_none() {
        return Err(RecordsError::NobodyThere);
    }
    let counted = sqlx::query("SELECT COUNT(*) AS passkeys FROM passkeys WHERE account = $1").bind(new.account.0.to_vec());
    let count: i64 = counted.fetch_one(&mut **work).await?.try_get("passkeys")?;
    if usize::try_from(count).is_ok_and(|count| count >= PASSKEYS_MAX) {
        return Ok(PasskeyAdded::TooMany);
    }
    sqlx::query("INSERT INTO passkeys (id, account, credential_key, credential, name, made_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(new.id.0.to_vec())
        .bind(new.account.0.to_vec())
        .bind(key.to_vec())
        .bind(credential.clone())
        .bind(name.clone())
        .bind(new.at.as_microsecond())
        .execute(&mut **work)
        .await?;
    insert_job(work, mail).await?;
    Ok(PasskeyAdded::Added)
}

fn read(row: &AnyRow, key: &PersonKey) -> Result<Passkey, RecordsError> {
    let sealed: Vec<u8> = row.try_get("credential")?;
    let name = String::from_utf8(key.open(NAME, &row.try_get::<Vec<u8>, _>("name")?)?);
    Ok(Passkey {
        id: PasskeyId(bytes(row, "id")?),
        account: account_id(row, "account")?,
        credential: key.open(CREDENTIAL, &sealed)?,
        name: PasskeyName(name.map_err(|_| RecordsError::Unreadable("a text that is none"))?),
        made: time(row, "made_at")?,
        used: maybe_time(row, "used_at")?,
        sealed,
    })
}
