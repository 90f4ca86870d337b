use domain::{OperatorId, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::action::insert_action;
use super::operator::is_owner;
use super::passkey::{self, FirstPasskey, SealedPasskey};
use super::{
    Deed, NewAction, OperatorName, OperatorSession, Operators, Role, TokenHash, in_the_vault, operator, operator_id, role, session,
};
use crate::bytes::{bytes, maybe_bytes};
use crate::people::time;
use crate::{RecordsError, Work};

/// A link that makes an operator, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    pub id: TokenHash,
    /// Who it will make.
    pub operator: OperatorId,
    pub role: Role,
    /// None where the link comes from the machine itself.
    pub invited_by: Option<OperatorId>,
    pub at: Timestamp,
    pub expires: Timestamp,
}

/// Such a link, as it stands.
pub type Invitation = NewInvitation;

/// Whoever followed an invitation: what they are called, the passkey they made, and the session that begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    pub invitation: TokenHash,
    pub name: OperatorName,
    pub passkey: FirstPasskey,
    pub session: TokenHash,
    pub at: Timestamp,
    pub session_ends: Timestamp,
}

/// What became of somebody who followed an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    Operator(OperatorId),
    /// It was used, taken back, or has had its time.
    NoInvitation,
    /// The passkey is an operator's already.
    KnownPasskey,
}

const COLUMNS: &str = "id, operator, role, invited_by, made_at, expires_at";

struct SealedJoining {
    joining: Joining,
    name: Vec<u8>,
    passkey: SealedPasskey,
}

impl Operators {
    /// Keeps a link that an owner invites another operator with. False where they are none, or not any more.
    pub async fn invite(&self, new: NewInvitation) -> Result<bool, RecordsError> {
        self.transact(new, |work, new| Box::pin(invite(work, new))).await
    }

    /// Keeps a link that comes from the machine itself. An earlier one is void.
    pub async fn make_owner_link(&self, new: NewInvitation) -> Result<(), RecordsError> {
        self.transact(new, |work, new| {
            Box::pin(async move {
                sqlx::query("DELETE FROM operator_invitations WHERE invited_by IS NULL").execute(&mut **work).await?;
                insert(work, new).await?;
                insert_action(work, &NewAction { operator: None, deed: Deed::LinkMade, subject: Some(new.operator.0), at: new.at }).await
            })
        })
        .await
    }

    /// A link that still works, without using it up.
    pub async fn invitation(&self, id: TokenHash, now: Timestamp) -> Result<Option<Invitation>, RecordsError> {
        self.transact((id, now), |work, (id, now)| Box::pin(find(work, *id, *now))).await
    }

    /// Every link that still works, the newest first.
    pub async fn invitations(&self, now: Timestamp) -> Result<Vec<Invitation>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM operator_invitations WHERE expires_at > $1 ORDER BY made_at DESC, id");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(now.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(read).collect()
            })
            .await
    }

    /// Takes the link back that would make this operator, as an owner wishes. False where there is none.
    pub async fn withdraw_invitation(&self, to_be: OperatorId, by: OperatorId, at: Timestamp) -> Result<bool, RecordsError> {
        self.transact((to_be, by, at), |work, (to_be, by, at)| {
            Box::pin(async move {
                if !is_owner(work, *by).await? {
                    return Ok(false);
                }
                let query = sqlx::query("DELETE FROM operator_invitations WHERE operator = $1").bind(to_be.0.to_vec());
                let withdrawn = query.execute(&mut **work).await?.rows_affected() > 0;
                if withdrawn {
                    let action = NewAction { operator: Some(*by), deed: Deed::InvitationWithdrawn, subject: Some(to_be.0), at: *at };
                    insert_action(work, &action).await?;
                }
                Ok(withdrawn)
            })
        })
        .await
    }

    /// Uses a link up: makes the operator, their first passkey and their session, all or none.
    pub async fn join(&self, joining: Joining) -> Result<Joined, RecordsError> {
        let Some(invitation) = self.invitation(joining.invitation, joining.at).await? else { return Ok(Joined::NoInvitation) };
        let person = in_the_vault(invitation.operator);
        // A key that an earlier try left is as good as a new one: nothing was sealed under it that anybody kept.
        let key = match self.vault.find(person).await? {
            Some(key) => key,
            None => match self.vault.make(person).await {
                // Somebody else who follows the same link was first; the transaction says which of them gets in.
                Err(error) if error.is_taken() => self.vault.find(person).await?.ok_or(RecordsError::NobodyThere)?,
                made => made?,
            },
        };
        let name = key.seal(operator::NAME, joining.name.as_str().as_bytes(), self.vault.random());
        let passkey = self.sealed_passkey(&key, invitation.operator, &joining.passkey, joining.at);
        let sealed = SealedJoining { joining, name, passkey };
        match self.transact(sealed, |work, sealed| Box::pin(join(work, sealed))).await {
            Err(error) if error.is_taken() => Ok(Joined::KnownPasskey),
            joined => joined,
        }
    }

    /// Deletes the links that have had their time, and says how many there were.
    pub async fn forget_invitations(&self, now: Timestamp) -> Result<u64, RecordsError> {
        self.records.change(move || sqlx::query("DELETE FROM operator_invitations WHERE expires_at <= $1").bind(now.as_microsecond())).await
    }
}

async fn invite(work: &mut Work, new: &NewInvitation) -> Result<bool, RecordsError> {
    match new.invited_by {
        Some(by) if is_owner(work, by).await? => {}
        _ => return Ok(false),
    }
    insert(work, new).await?;
    let action = NewAction { operator: new.invited_by, deed: Deed::Invited, subject: Some(new.operator.0), at: new.at };
    insert_action(work, &action).await?;
    Ok(true)
}

async fn insert(work: &mut Work, new: &NewInvitation) -> Result<(), RecordsError> {
    let sql = format!("INSERT INTO operator_invitations ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
    sqlx::query(AssertSqlSafe(sql))
        .bind(new.id.0.to_vec())
        .bind(new.operator.0.to_vec())
        .bind(new.role.name())
        .bind(new.invited_by.map(|by| by.0.to_vec()))
        .bind(new.at.as_microsecond())
        .bind(new.expires.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn find(work: &mut Work, id: TokenHash, now: Timestamp) -> Result<Option<Invitation>, RecordsError> {
    let sql = format!("SELECT {COLUMNS} FROM operator_invitations WHERE id = $1 AND expires_at > $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).bind(now.as_microsecond());
    query.fetch_optional(&mut **work).await?.as_ref().map(read).transpose()
}

async fn join(work: &mut Work, sealed: &SealedJoining) -> Result<Joined, RecordsError> {
    let SealedJoining { joining, name, passkey } = sealed;
    let Some(invitation) = find(work, joining.invitation, joining.at).await? else { return Ok(Joined::NoInvitation) };
    sqlx::query("DELETE FROM operator_invitations WHERE id = $1").bind(invitation.id.0.to_vec()).execute(&mut **work).await?;
    let id = invitation.operator;
    sqlx::query("INSERT INTO operators (id, role, name, made_at) VALUES ($1, $2, $3, $4)")
        .bind(id.0.to_vec())
        .bind(invitation.role.name())
        .bind(name.clone())
        .bind(joining.at.as_microsecond())
        .execute(&mut **work)
        .await?;
    passkey::insert(work, passkey).await?;
    let begun = OperatorSession { id: joining.session, operator: id, started: joining.at, seen: joining.at, ends: joining.session_ends };
    session::insert(work, &begun).await?;
    let subject = invitation.invited_by.map(|by| by.0);
    insert_action(work, &NewAction { operator: Some(id), deed: Deed::Joined, subject, at: joining.at }).await?;
    Ok(Joined::Operator(id))
}

fn read(row: &AnyRow) -> Result<Invitation, RecordsError> {
    Ok(Invitation {
        id: TokenHash(bytes(row, "id")?),
        operator: operator_id(row, "operator")?,
        role: role(row)?,
        invited_by: maybe_bytes(row, "invited_by")?.map(OperatorId),
        at: time(row, "made_at")?,
        expires: time(row, "expires_at")?,
    })
}
