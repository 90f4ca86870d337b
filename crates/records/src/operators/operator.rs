use std::fmt;

use domain::{OperatorId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::action::insert_action;
use super::{Deed, NewAction, Operators, in_the_vault, operator_id, role};
use crate::people::{maybe_time, time};
use crate::{PersonKey, RecordsError, Work};

/// Somebody who runs the site, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    pub role: Role,
    pub name: OperatorName,
    pub made: Timestamp,
    pub removed: Option<Timestamp>,
}

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, and who else may do what.
    Owner,
    /// Works on cases, and sees how it runs.
    Operator,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Owner, Self::Operator];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What an operator wants to be called. It may be anything, so it shows itself to nobody but whoever asks for the text.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorName(String);

/// What became of the wish to remove an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorRemoved {
    Removed,
    /// There is no such operator, or not any more.
    NobodyThere,
    /// Nobody would be left who can invite others.
    LastOwner,
    /// Whoever wished it is no owner, or not any more.
    NotForThem,
}

pub(super) const NAME: &str = "operator name";
pub(super) const COLUMNS: &str = "id, role, name, made_at, removed_at";

impl OperatorName {
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

    pub(super) fn unsealed(key: &PersonKey, sealed: &[u8]) -> Result<Self, RecordsError> {
        let text = String::from_utf8(key.open(NAME, sealed)?).map_err(|_| RecordsError::Unreadable("a text that is none"))?;
        Ok(Self(text))
    }
}

impl fmt::Debug for OperatorName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OperatorName").finish_non_exhaustive()
    }
}

impl Operators {
    /// Everybody who runs the site, or did not long ago; the first first.
    pub async fn all(&self) -> Result<Vec<Operator>, RecordsError> {
        let operators = self.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM operators ORDER BY made_at, id");
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&operators.records.pool).await?;
                let mut all = Vec::with_capacity(rows.len());
                for row in &rows {
                    // Whoever has no key any more is about to be forgotten.
                    if let Some(key) = operators.key(operator_id(row, "id")?).await? {
                        all.push(read(row, &key)?);
                    }
                }
                Ok(all)
            })
            .await
    }

    /// Whether there is somebody who can invite others.
    pub async fn has_owner(&self) -> Result<bool, RecordsError> {
        self.transact((), |work, ()| Box::pin(async move { Ok(owners(work).await? > 0) })).await
    }

    /// Removes an operator: from then on they are signed in nowhere, their passkeys are gone, and whoever they invited and did not come is not expected.
    /// Their name stays for as long as what they did has to be answered for.
    pub async fn remove(&self, id: OperatorId, by: OperatorId, at: Timestamp) -> Result<OperatorRemoved, RecordsError> {
        self.transact((id, by, at), |work, (id, by, at)| Box::pin(remove(work, *id, *by, *at))).await
    }

    /// Forgets the names of those who were removed before this, and says how many there were.
    pub async fn forget_removed(&self, before: Timestamp) -> Result<u64, RecordsError> {
        let pool = self.records.pool.clone();
        let ids: Vec<OperatorId> = self
            .records
            .ask(async move {
                let query = sqlx::query("SELECT id FROM operators WHERE removed_at < $1").bind(before.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(|row| operator_id(row, "id")).collect()
            })
            .await?;
        for id in &ids {
            self.vault.destroy(in_the_vault(*id)).await?;
            self.transact(*id, |work, id| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM operators WHERE id = $1").bind(id.0.to_vec()).execute(&mut **work).await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(ids.len() as u64)
    }
}

async fn remove(work: &mut Work, id: OperatorId, by: OperatorId, at: Timestamp) -> Result<OperatorRemoved, RecordsError> {
    if !is_owner(work, by).await? {
        return Ok(OperatorRemoved::NotForThem);
    }
    let query = sqlx::query("SELECT role FROM operators WHERE id = $1 AND removed_at IS NULL").bind(id.0.to_vec());
    let Some(row) = query.fetch_optional(&mut **work).await? else { return Ok(OperatorRemoved::NobodyThere) };
    if role(&row)? == Role::Owner && owners(work).await? < 2 {
        return Ok(OperatorRemoved::LastOwner);
    }
    let update = sqlx::query("UPDATE operators SET removed_at = $1 WHERE id = $2").bind(at.as_microsecond());
    update.bind(id.0.to_vec()).execute(&mut **work).await?;
    for sql in [
        "DELETE FROM operator_sessions WHERE operator = $1",
        "DELETE FROM operator_passkeys WHERE operator = $1",
        "DELETE FROM operator_invitations WHERE invited_by = $1",
    ] {
        sqlx::query(sql).bind(id.0.to_vec()).execute(&mut **work).await?;
    }
    insert_action(work, &NewAction { operator: Some(by), deed: Deed::Removed, subject: Some(id.0), at }).await?;
    Ok(OperatorRemoved::Removed)
}

async fn owners(work: &mut Work) -> Result<i64, RecordsError> {
    let query = sqlx::query("SELECT COUNT(*) AS owners FROM operators WHERE role = 'owner' AND removed_at IS NULL");
    Ok(query.fetch_one(&mut **work).await?.try_get("owners")?)
}

/// Whether they run the site at this moment.
pub(super) async fn is_there(work: &mut Work, id: OperatorId) -> Result<bool, RecordsError> {
    let query = sqlx::query("SELECT id FROM operators WHERE id = $1 AND removed_at IS NULL").bind(id.0.to_vec());
    Ok(query.fetch_optional(&mut **work).await?.is_some())
}

/// Whether they may say who else runs it, at this moment.
pub(super) async fn is_owner(work: &mut Work, id: OperatorId) -> Result<bool, RecordsError> {
    let query = sqlx::query("SELECT id FROM operators WHERE id = $1 AND role = 'owner' AND removed_at IS NULL").bind(id.0.to_vec());
    Ok(query.fetch_optional(&mut **work).await?.is_some())
}

pub(super) fn read(row: &AnyRow, key: &PersonKey) -> Result<Operator, RecordsError> {
    Ok(Operator {
        id: operator_id(row, "id")?,
        role: role(row)?,
        name: OperatorName::unsealed(key, &row.try_get::<Vec<u8>, _>("name")?)?,
        made: time(row, "made_at")?,
        removed: maybe_time(row, "removed_at")?,
    })
}
