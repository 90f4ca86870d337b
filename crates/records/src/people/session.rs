use domain::{AccountId, SessionId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::account::open_account;
use super::{People, account_id, time};
use crate::bytes::bytes;
use crate::{RecordsError, Work};

/// A browser that somebody is signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub account: AccountId,
    pub method: SignInMethod,
    pub started: Timestamp,
    /// When they last proved who they are.
    pub proved: Timestamp,
    /// When they were last here, to a few minutes.
    pub seen: Timestamp,
    /// It ends then, whatever happens.
    pub ends: Timestamp,
}

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// A mailed one-time link.
    Link,
    Passkey,
    /// A code that their guardian showed them.
    Guardian,
}

impl SignInMethod {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Passkey => "passkey",
            Self::Guardian => "guardian",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Link, Self::Passkey, Self::Guardian].into_iter().find(|method| method.name() == name)
    }
}

/// So many browsers can be signed in to one account at once. One more ends the one that was signed in first.
pub const SESSIONS_AT_ONCE_MAX: usize = 20;

const COLUMNS: &str = "id, account, method, started_at, proved_at, seen_at, ends_at";

impl People {
    /// Begins a session, in place of another of the same browser if there is one: a session's id never outlives a change of what it may do. Returns
    /// the account's oldest ones that ended because there were too many.
    pub async fn begin_session(&self, session: Session, instead_of: Option<SessionId>) -> Result<Vec<SessionId>, RecordsError> {
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        Box::pin(async move {
                            open_account(work, session.account).await?.ok_or(RecordsError::NobodyThere)?;
                            begin(work, session, instead_of).await
                        })
                    })
                    .await
            })
            .await
    }

    /// A session that has not ended, of an account that is open, last seen since `idle_since`.
    pub async fn session(&self, id: SessionId, now: Timestamp, idle_since: Timestamp) -> Result<Option<Session>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!(
                    "SELECT {COLUMNS} FROM sessions WHERE id = $1 AND ends_at > $2 AND seen_at >= $3 \
                     AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = sessions.account AND accounts.state = 'open')"
                );
                let query = sqlx::query(AssertSqlSafe(sql));
                let query = query.bind(id.0.to_vec()).bind(now.as_microsecond()).bind(idle_since.as_microsecond());
                query.fetch_optional(&pool).await?.as_ref().map(read).transpose()
            })
            .await
    }

    /// Every session of an account that has not ended, the newest first.
    pub async fn sessions_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM sessions WHERE account = $1 AND ends_at > $2 ORDER BY started_at DESC, id");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(account.0.to_vec()).bind(now.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(read).collect()
            })
            .await
    }

    /// Notes when sessions were last seen, all at once. A session that ended meanwhile stays ended.
    pub async fn touch_sessions(&self, seen: Vec<(SessionId, Timestamp)>) -> Result<(), RecordsError> {
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let seen = seen.clone();
                        Box::pin(async move {
                            for (id, at) in seen {
                                sqlx::query("UPDATE sessions SET seen_at = $1 WHERE id = $2 AND seen_at < $1")
                                    .bind(at.as_microsecond())
                                    .bind(id.0.to_vec())
                                    .execute(&mut **work)
                                    .await?;
                            }
                            Ok(())
                        })
                    })
                    .await
            })
            .await
    }

    /// Ends one session.
    pub async fn end_session(&self, id: SessionId) -> Result<(), RecordsError> {
        self.run("DELETE FROM sessions WHERE id = $1", id.0.to_vec()).await
    }

    /// Ends one session of an account, and says whether there was one.
    pub async fn end_session_of(&self, account: AccountId, id: SessionId) -> Result<bool, RecordsError> {
        let ended = move || {
            let query = sqlx::query("DELETE FROM sessions WHERE account = $1 AND id = $2");
            query.bind(account.0.to_vec()).bind(id.0.to_vec())
        };
        Ok(self.records.change(ended).await? > 0)
    }

    /// Ends every session of an account but this one.
    pub async fn end_other_sessions(&self, account: AccountId, but: SessionId) -> Result<(), RecordsError> {
        let ended = move || {
            let query = sqlx::query("DELETE FROM sessions WHERE account = $1 AND id <> $2");
            query.bind(account.0.to_vec()).bind(but.0.to_vec())
        };
        self.records.change(ended).await.map(drop)
    }

    /// Ends every session of an account.
    pub async fn end_sessions_of(&self, account: AccountId) -> Result<(), RecordsError> {
        self.run("DELETE FROM sessions WHERE account = $1", account.0.to_vec()).await
    }

    /// Deletes the sessions that ended or were left alone for too long, and says how many there were.
    pub async fn forget_sessions(&self, now: Timestamp, idle_since: Timestamp) -> Result<u64, RecordsError> {
        let forgotten = move || {
            let query = sqlx::query("DELETE FROM sessions WHERE ends_at <= $1 OR seen_at < $2");
            query.bind(now.as_microsecond()).bind(idle_since.as_microsecond())
        };
        self.records.change(forgotten).await
    }

    async fn run(&self, sql: &'static str, id: Vec<u8>) -> Result<(), RecordsError> {
        self.records.change(move || sqlx::query(sql).bind(id.clone())).await.map(drop)
    }
}

/// Begins a session of an account that is open.
pub(super) async fn begin(work: &mut Work, session: Session, instead_of: Option<SessionId>) -> Result<Vec<SessionId>, RecordsError> {
    if let Some(old) = instead_of {
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(old.0.to_vec()).execute(&mut **work).await?;
    }
    let sql = format!("INSERT INTO sessions ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    sqlx::query(AssertSqlSafe(sql))
        .bind(session.id.0.to_vec())
        .bind(session.account.0.to_vec())
        .bind(session.method.name())
        .bind(session.started.as_microsecond())
        .bind(session.proved.as_microsecond())
        .bind(session.seen.as_microsecond())
        .bind(session.ends.as_microsecond())
        .execute(&mut **work)
        .await?;
    end_the_oldest(work, session).await
}

/// Leaves room for this session and no more others than there may be.
async fn end_the_oldest(work: &mut Work, session: Session) -> Result<Vec<SessionId>, RecordsError> {
    let others = sqlx::query("SELECT id FROM sessions WHERE account = $1 AND id <> $2 ORDER BY started_at DESC, id");
    let others = others.bind(session.account.0.to_vec()).bind(session.id.0.to_vec()).fetch_all(&mut **work).await?;
    let mut ended = Vec::new();
    for row in others.iter().skip(SESSIONS_AT_ONCE_MAX - 1) {
        let id = SessionId(bytes(row, "id")?);
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id.0.to_vec()).execute(&mut **work).await?;
        ended.push(id);
    }
    Ok(ended)
}

fn read(row: &AnyRow) -> Result<Session, RecordsError> {
    Ok(Session {
        id: SessionId(bytes(row, "id")?),
        account: account_id(row, "account")?,
        method: SignInMethod::named(&row.try_get::<String, _>("method")?).ok_or(RecordsError::Unreadable("how somebody signed in"))?,
        started: time(row, "started_at")?,
        proved: time(row, "proved_at")?,
        seen: time(row, "seen_at")?,
        ends: time(row, "ends_at")?,
    })
}
