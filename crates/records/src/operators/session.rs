use domain::{AccountId, OperatorId, Timestamp};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::action::insert_action;
use super::operator::{self, is_there};
use super::passkey::CREDENTIAL;
use super::{Deed, NewAction, Operator, OperatorPasskey, Operators, TokenHash, operator_id};
use crate::people::time;
use crate::{RecordsError, Work};

/// A browser that an operator is signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorSession {
    /// The hash of what its cookie holds.
    pub id: TokenHash,
    pub operator: OperatorId,
    /// When they signed in.
    pub started: Timestamp,
    /// When they were last here, to a minute.
    pub seen: Timestamp,
    /// It ends then, whatever happens.
    pub ends: Timestamp,
}

/// Who is signed in, as the rows say now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub operator: Operator,
    pub session: OperatorSession,
}

struct SigningIn {
    passkey: OperatorPasskey,
    credential: Vec<u8>,
    session: OperatorSession,
    instead_of: Option<TokenHash>,
}

impl Operators {
    /// Begins a session of an operator whose passkey has just answered, in place of another of the same browser if there is one, and keeps what is to be
    /// remembered of the passkey. False where the passkey is not as it was read any more: it was removed, or somebody else has just signed in with it.
    pub async fn sign_in(
        &self,
        passkey: OperatorPasskey,
        credential: &[u8],
        session: OperatorSession,
        instead_of: Option<TokenHash>,
    ) -> Result<bool, RecordsError> {
        let Some(key) = self.key(passkey.operator).await? else { return Ok(false) };
        // Sealed anew even where nothing changed: of two who use it at once, the second finds another row than it read.
        let credential = key.seal(CREDENTIAL, credential, self.vault.random());
        let signing_in = SigningIn { passkey, credential, session, instead_of };
        self.transact(signing_in, |work, signing_in| Box::pin(sign_in(work, signing_in))).await
    }

    /// Who is signed in with a session that has not ended and was last seen since `idle_since`.
    pub async fn signed_in(&self, id: TokenHash, now: Timestamp, idle_since: Timestamp) -> Result<Option<SignedIn>, RecordsError> {
        let operators = self.clone();
        self.records
            .ask(async move {
                let query = sqlx::query(
                    "SELECT o.id AS id, o.role AS role, o.name AS name, o.made_at AS made_at, o.removed_at AS removed_at, \
                     s.started_at AS started_at, s.seen_at AS seen_at, s.ends_at AS ends_at \
                     FROM operator_sessions s JOIN operators o ON o.id = s.operator \
                     WHERE s.id = $1 AND s.ends_at > $2 AND s.seen_at >= $3 AND o.removed_at IS NULL",
                );
                let query = query.bind(id.0.to_vec()).bind(now.as_microsecond()).bind(idle_since.as_microsecond());
                let Some(row) = query.fetch_optional(&operators.records.pool).await? else { return Ok(None) };
                let Some(key) = operators.key(operator_id(&row, "id")?).await? else { return Ok(None) };
                let operator = operator::read(&row, &key)?;
                Ok(Some(SignedIn { session: read(&row, id, operator.id)?, operator }))
            })
            .await
    }

    /// Notes that a session was seen. One that ended meanwhile stays ended.
    pub async fn touch_session(&self, id: TokenHash, seen: Timestamp) -> Result<(), RecordsError> {
        self.transact((id, seen), |work, (id, seen)| {
            Box::pin(async move {
                let query = sqlx::query("UPDATE operator_sessions SET seen_at = $1 WHERE id = $2 AND seen_at < $1");
                query.bind(seen.as_microsecond()).bind(id.0.to_vec()).execute(&mut **work).await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends one session of an operator.
    pub async fn sign_out(&self, session: OperatorSession, at: Timestamp) -> Result<(), RecordsError> {
        self.transact((session, at), |work, (session, at)| {
            Box::pin(async move {
                end(work, "id", session.id.0.to_vec()).await?;
                note(work, session.operator, Deed::SignedOut, *at).await
            })
        })
        .await
    }

    /// Ends every session of an operator.
    pub async fn sign_out_everywhere(&self, operator: OperatorId, at: Timestamp) -> Result<(), RecordsError> {
        self.transact((operator, at), |work, (operator, at)| {
            Box::pin(async move {
                end(work, "operator", operator.0.to_vec()).await?;
                note(work, *operator, Deed::SignedOutEverywhere, *at).await
            })
        })
        .await
    }

    /// Ends every session of somebody's account, and remembers who did it.
    pub async fn sign_out_person(&self, account: AccountId, by: OperatorId, at: Timestamp) -> Result<(), RecordsError> {
        self.transact((account, by, at), |work, (account, by, at)| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE account = $1").bind(account.0.to_vec()).execute(&mut **work).await?;
                let action = NewAction { operator: Some(*by), deed: Deed::PersonSignedOut, subject: Some(account.0), at: *at };
                insert_action(work, &action).await
            })
        })
        .await
    }

    /// Deletes the sessions that ended or were left alone for too long, and says how many there were.
    pub async fn forget_sessions(&self, now: Timestamp, idle_since: Timestamp) -> Result<u64, RecordsError> {
        let forgotten = move || {
            let query = sqlx::query("DELETE FROM operator_sessions WHERE ends_at <= $1 OR seen_at < $2");
            query.bind(now.as_microsecond()).bind(idle_since.as_microsecond())
        };
        self.records.change(forgotten).await
    }
}

async fn sign_in(work: &mut Work, signing_in: &SigningIn) -> Result<bool, RecordsError> {
    let SigningIn { passkey, credential, session, instead_of } = signing_in;
    if !is_there(work, session.operator).await? {
        return Ok(false);
    }
    let noted = sqlx::query("UPDATE operator_passkeys SET credential = $1, used_at = $2 WHERE id = $3 AND credential = $4")
        .bind(credential.clone())
        .bind(session.started.as_microsecond())
        .bind(passkey.id.0.to_vec())
        .bind(passkey.sealed.clone())
        .execute(&mut **work)
        .await?;
    if noted.rows_affected() != 1 {
        return Ok(false);
    }
    if let Some(old) = instead_of {
        end(work, "id", old.0.to_vec()).await?;
    }
    insert(work, session).await?;
    note(work, session.operator, Deed::SignedIn, session.started).await?;
    Ok(true)
}

pub(super) async fn insert(work: &mut Work, session: &OperatorSession) -> Result<(), RecordsError> {
    sqlx::query("INSERT INTO operator_sessions (id, operator, started_at, seen_at, ends_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(session.id.0.to_vec())
        .bind(session.operator.0.to_vec())
        .bind(session.started.as_microsecond())
        .bind(session.seen.as_microsecond())
        .bind(session.ends.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn end(work: &mut Work, column: &'static str, id: Vec<u8>) -> Result<(), RecordsError> {
    let sql = format!("DELETE FROM operator_sessions WHERE {column} = $1");
    sqlx::query(AssertSqlSafe(sql)).bind(id).execute(&mut **work).await?;
    Ok(())
}

async fn note(work: &mut Work, operator: OperatorId, deed: Deed, at: Timestamp) -> Result<(), RecordsError> {
    insert_action(work, &NewAction { operator: Some(operator), deed, subject: None, at }).await
}

fn read(row: &AnyRow, id: TokenHash, operator: OperatorId) -> Result<OperatorSession, RecordsError> {
    Ok(OperatorSession { id, operator, started: time(row, "started_at")?, seen: time(row, "seen_at")?, ends: time(row, "ends_at")? })
}
