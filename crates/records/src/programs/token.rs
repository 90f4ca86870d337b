use domain::{Timestamp, TokenId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bytes::bytes;
use crate::people::{maybe_time, time};
use crate::{Records, RecordsError};

/// A token that a program asks with. The token itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: TokenId,
    /// The operator's word for the program.
    pub name: String,
    /// The names of what it may do, with spaces between them.
    pub scopes: String,
    pub made: Timestamp,
    pub expires: Option<Timestamp>,
    /// When it was last used, to half a minute.
    pub used: Option<Timestamp>,
}

const SELECT: &str = "SELECT id, name, scopes, made_at, expires_at, used_at FROM tokens";

impl Records {
    /// Keeps a token under its hash.
    pub async fn keep_token(&self, token: ApiToken, hash: [u8; 32]) -> Result<(), RecordsError> {
        let kept = move || {
            sqlx::query("INSERT INTO tokens (id, hash, name, scopes, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(token.id.0.to_vec())
                .bind(hash.to_vec())
                .bind(token.name.clone())
                .bind(token.scopes.clone())
                .bind(token.made.as_microsecond())
                .bind(token.expires.map(Timestamp::as_microsecond))
        };
        self.change(kept).await.map(drop)
    }

    /// The token of this hash, unless it is over.
    pub async fn token_by_hash(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<ApiToken>, RecordsError> {
        let pool = self.pool.clone();
        self.at_home_within(crate::SOON, async move {
            let sql = format!("{SELECT} WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash.to_vec()).bind(now.as_microsecond());
            query.fetch_optional(&pool).await?.as_ref().map(read).transpose()
        })
        .await
    }

    /// Every token there is, the oldest first.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, RecordsError> {
        let pool = self.pool.clone();
        self.ask(async move {
            let sql = format!("{SELECT} ORDER BY made_at, id");
            sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await?.iter().map(read).collect()
        })
        .await
    }

    /// Revokes a token with all that was answered to it, and says whether there was one.
    pub async fn revoke_token(&self, id: TokenId) -> Result<bool, RecordsError> {
        let records = self.clone();
        self.at_home(async move {
            records
                .transact(move |work| {
                    Box::pin(async move {
                        sqlx::query("DELETE FROM idempotency WHERE token = $1").bind(id.0.to_vec()).execute(&mut **work).await?;
                        let query = sqlx::query("DELETE FROM tokens WHERE id = $1").bind(id.0.to_vec());
                        Ok(query.execute(&mut **work).await?.rows_affected() > 0)
                    })
                })
                .await
        })
        .await
    }

    /// Notes when tokens were last used, all at once.
    pub async fn touch_tokens(&self, used: Vec<(TokenId, Timestamp)>) -> Result<(), RecordsError> {
        let records = self.clone();
        self.at_home(async move {
            records
                .transact(move |work| {
                    let used = used.clone();
                    Box::pin(async move {
                        for (id, at) in used {
                            sqlx::query("UPDATE tokens SET used_at = $1 WHERE id = $2 AND (used_at IS NULL OR used_at < $1)")
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

    /// Deletes the tokens that were over before this moment, and says how many there were.
    pub async fn forget_tokens(&self, over_before: Timestamp) -> Result<u64, RecordsError> {
        self.change(move || sqlx::query("DELETE FROM tokens WHERE expires_at < $1").bind(over_before.as_microsecond())).await
    }
}

fn read(row: &AnyRow) -> Result<ApiToken, RecordsError> {
    Ok(ApiToken {
        id: TokenId(bytes(row, "id")?),
        name: row.try_get("name")?,
        scopes: row.try_get("scopes")?,
        made: time(row, "made_at")?,
        expires: maybe_time(row, "expires_at")?,
        used: maybe_time(row, "used_at")?,
    })
}
