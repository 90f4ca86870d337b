use domain::{OperatorId, PasskeyId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::action::insert_action;
use super::operator::is_there;
use super::{Deed, NewAction, Operators, operator_id};
use crate::bytes::bytes;
use crate::people::{maybe_time, time};
use crate::{PASSKEYS_MAX, PasskeyAdded, PasskeyName, PersonKey, RecordsError, Work};

/// A passkey as its maker knows it, before it is anybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstPasskey {
    pub id: PasskeyId,
    /// The id that browsers know it by.
    pub credential_id: Vec<u8>,
    /// Its public half, and what else has to be remembered of it, in a form that only its maker reads.
    pub credential: Vec<u8>,
    pub name: PasskeyName,
}

/// A further passkey of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOperatorPasskey {
    pub operator: OperatorId,
    pub passkey: FirstPasskey,
    pub at: Timestamp,
}

/// A passkey of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPasskey {
    pub id: PasskeyId,
    pub operator: OperatorId,
    pub credential: Vec<u8>,
    pub name: PasskeyName,
    pub made: Timestamp,
    /// When they last signed in with it.
    pub used: Option<Timestamp>,
    /// The credential as it stands in the row, which tells whether the row has changed since.
    pub(super) sealed: Vec<u8>,
}

/// What became of the wish to remove a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRemoved {
    Removed,
    /// They have no such passkey.
    NoneSuch,
    /// They could never sign in again.
    LastOne,
}

pub(super) const CREDENTIAL: &str = "operator passkey";
const NAME: &str = "operator passkey name";
const COLUMNS: &str = "id, operator, credential, name, made_at, used_at";

/// A passkey as it is written.
pub(super) struct SealedPasskey {
    id: PasskeyId,
    operator: OperatorId,
    key: [u8; 32],
    credential: Vec<u8>,
    name: Vec<u8>,
    at: Timestamp,
}

impl Operators {
    /// Keeps a further passkey of an operator.
    pub async fn add_passkey(&self, new: NewOperatorPasskey) -> Result<PasskeyAdded, RecordsError> {
        let Some(key) = self.key(new.operator).await? else { return Err(RecordsError::NobodyThere) };
        let sealed = self.sealed_passkey(&key, new.operator, &new.passkey, new.at);
        match self.transact(sealed, |work, sealed| Box::pin(add(work, sealed))).await {
            Err(error) if error.is_taken() => Ok(PasskeyAdded::Known),
            added => added,
        }
    }

    /// An operator's passkeys, the newest first.
    pub async fn passkeys_of(&self, operator: OperatorId) -> Result<Vec<OperatorPasskey>, RecordsError> {
        let Some(key) = self.key(operator).await? else { return Ok(Vec::new()) };
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM operator_passkeys WHERE operator = $1 ORDER BY made_at DESC, id");
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(operator.0.to_vec()).fetch_all(&pool).await?;
                rows.iter().map(|row| read(row, &key)).collect()
            })
            .await
    }

    /// A passkey by the id that browsers know it by.
    pub async fn passkey_by_credential(&self, credential_id: &[u8]) -> Result<Option<OperatorPasskey>, RecordsError> {
        let looked_up = self.credential_key(credential_id);
        let operators = self.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM operator_passkeys WHERE credential_key = $1");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(looked_up.to_vec());
                let Some(row) = query.fetch_optional(&operators.records.pool).await? else { return Ok(None) };
                let key = operators.key(operator_id(&row, "operator")?).await?;
                key.map(|key| read(&row, &key)).transpose()
            })
            .await
    }

    /// Removes a passkey of an operator's, unless it is their last.
    pub async fn remove_passkey(&self, operator: OperatorId, id: PasskeyId, at: Timestamp) -> Result<PasskeyRemoved, RecordsError> {
        self.transact((operator, id, at), |work, (operator, id, at)| Box::pin(remove(work, *operator, *id, *at))).await
    }

    pub(super) fn sealed_passkey(&self, key: &PersonKey, operator: OperatorId, new: &FirstPasskey, at: Timestamp) -> SealedPasskey {
        SealedPasskey {
            id: new.id,
            operator,
            key: self.credential_key(&new.credential_id),
            credential: key.seal(CREDENTIAL, &new.credential, self.vault.random()),
            name: key.seal(NAME, new.name.as_str().as_bytes(), self.vault.random()),
            at,
        }
    }

    fn credential_key(&self, credential_id: &[u8]) -> [u8; 32] {
        self.vault.lookup_bytes("operator passkey", credential_id)
    }
}

async fn add(work: &mut Work, new: &SealedPasskey) -> Result<PasskeyAdded, RecordsError> {
    if !is_there(work, new.operator).await? {
        return Err(RecordsError::NobodyThere);
    }
    if count(work, new.operator).await? >= PASSKEYS_MAX {
        return Ok(PasskeyAdded::TooMany);
    }
    insert(work, new).await?;
    let action = NewAction { operator: Some(new.operator), deed: Deed::PasskeyAdded, subject: Some(new.id.0), at: new.at };
    insert_action(work, &action).await?;
    Ok(PasskeyAdded::Added)
}

pub(super) async fn insert(work: &mut Work, new: &SealedPasskey) -> Result<(), RecordsError> {
    sqlx::query("INSERT INTO operator_passkeys (id, operator, credential_key, credential, name, made_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(new.id.0.to_vec())
        .bind(new.operator.0.to_vec())
        .bind(new.key.to_vec())
        .bind(new.credential.clone())
        .bind(new.name.clone())
        .bind(new.at.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn remove(work: &mut Work, operator: OperatorId, id: PasskeyId, at: Timestamp) -> Result<PasskeyRemoved, RecordsError> {
    let theirs = sqlx::query("SELECT id FROM operator_passkeys WHERE id = $1 AND operator = $2").bind(id.0.to_vec());
    if theirs.bind(operator.0.to_vec()).fetch_optional(&mut **work).await?.is_none() {
        return Ok(PasskeyRemoved::NoneSuch);
    }
    if count(work, operator).await? < 2 {
        return Ok(PasskeyRemoved::LastOne);
    }
    sqlx::query("DELETE FROM operator_passkeys WHERE id = $1").bind(id.0.to_vec()).execute(&mut **work).await?;
    insert_action(work, &NewAction { operator: Some(operator), deed: Deed::PasskeyRemoved, subject: Some(id.0), at }).await?;
    Ok(PasskeyRemoved::Removed)
}

async fn count(work: &mut Work, operator: OperatorId) -> Result<usize, RecordsError> {
    let query = sqlx::query("SELECT COUNT(*) AS passkeys FROM operator_passkeys WHERE operator = $1").bind(operator.0.to_vec());
    let count: i64 = query.fetch_one(&mut **work).await?.try_get("passkeys")?;
    usize::try_from(count).map_err(|_| RecordsError::Unreadable("a number of passkeys"))
}

fn read(row: &AnyRow, key: &PersonKey) -> Result<OperatorPasskey, RecordsError> {
    let sealed: Vec<u8> = row.try_get("credential")?;
    let name = String::from_utf8(key.open(NAME, &row.try_get::<Vec<u8>, _>("name")?)?);
    let name = name.ok().and_then(|name| PasskeyName::parse(&name));
    Ok(OperatorPasskey {
        id: PasskeyId(bytes(row, "id")?),
        operator: operator_id(row, "operator")?,
        credential: key.open(CREDENTIAL, &sealed)?,
        name: name.ok_or(RecordsError::Unreadable("a passkey's name that is none"))?,
        made: time(row, "made_at")?,
        used: maybe_time(row, "used_at")?,
        sealed,
    })
}
