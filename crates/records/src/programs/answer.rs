use domain::{Timestamp, TokenId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bytes::bytes;
use crate::people::time;
use crate::{Records, RecordsError, Work};

/// A write that can be told from others: by a keyed hash of the key that the program gave it, and one of all that it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub token: TokenId,
    pub key: [u8; 32],
    pub request: [u8; 32],
}

/// What was answered. Nothing personal is in it, and whoever keeps it has sealed the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    /// Its media type.
    pub kind: String,
    pub body: Vec<u8>,
}

/// Whether a write was asked for before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedBefore {
    /// It was not, and it is this one's turn.
    No,
    /// It is being worked on.
    Going,
    Answered(KeptAnswer),
    /// The key was given to another request.
    OtherRequest,
}

impl Records {
    /// Claims a key for a request. What was claimed before `answers_since` is forgotten; and what was claimed before `going_since` and has no answer yet was cut
    /// short, and is done again.
    pub async fn claim_key(
        &self,
        claim: Claim,
        now: Timestamp,
        answers_since: Timestamp,
        going_since: Timestamp,
    ) -> Result<AskedBefore, RecordsError> {
        let records = self.clone();
        self.at_home(async move {
            records.transact(move |work| Box::pin(async move { claimed(work, claim, now, answers_since, going_since).await })).await
        })
        .await
    }

    /// Keeps what was answered to a claimed request.
    pub async fn keep_answer(&self, claim: Claim, answer: KeptAnswer) -> Result<(), RecordsError> {
        let kept = move || {
            let sql = "UPDATE idempotency SET status = $1, kind = $2, body = $3 WHERE token = $4 AND idempotency_key = $5 AND request = $6";
            sqlx::query(sql)
                .bind(i64::from(answer.status))
                .bind(answer.kind.clone())
                .bind(answer.body.clone())
                .bind(claim.token.0.to_vec())
                .bind(claim.key.to_vec())
                .bind(claim.request.to_vec())
        };
        self.change(kept).await.map(drop)
    }

    /// Gives a claimed key back: the request was not done, and may be tried again.
    pub async fn release_key(&self, claim: Claim) -> Result<(), RecordsError> {
        let released = move || {
            let query = sqlx::query("DELETE FROM idempotency WHERE token = $1 AND idempotency_key = $2 AND status IS NULL");
            query.bind(claim.token.0.to_vec()).bind(claim.key.to_vec())
        };
        self.change(released).await.map(drop)
    }

    /// Forgets what was answered before this moment, and says how much it was.
    pub async fn forget_answers(&self, made_before: Timestamp) -> Result<u64, RecordsError> {
        self.change(move || sqlx::query("DELETE FROM idempotency WHERE made_at < $1").bind(made_before.as_microsecond())).await
    }
}

async fn claimed(
    work: &mut Work,
    claim: Claim,
    now: Timestamp,
    answers_since: Timestamp,
    going_since: Timestamp,
) -> Result<AskedBefore, RecordsError> {
    let query = sqlx::query("SELECT request, made_at, status, kind, body FROM idempotency WHERE token = $1 AND idempotency_key = $2");
    if let Some(row) = query.bind(claim.token.0.to_vec()).bind(claim.key.to_vec()).fetch_optional(&mut **work).await? {
        let (made, answer) = (time(&row, "made_at")?, answer(&row)?);
        let since = if answer.is_some() { answers_since } else { going_since };
        if made >= since {
            let is_same = bytes::<32>(&row, "request")? == claim.request;
            return Ok(match answer {
                _ if !is_same => AskedBefore::OtherRequest,
                Some(answer) => AskedBefore::Answered(answer),
                None => AskedBefore::Going,
            });
        }
        sqlx::query("DELETE FROM idempotency WHERE token = $1 AND idempotency_key = $2")
            .bind(claim.token.0.to_vec())
            .bind(claim.key.to_vec())
            .execute(&mut **work)
            .await?;
    }
    sqlx::query("INSERT INTO idempotency (token, idempotency_key, request, made_at) VALUES ($1, $2, $3, $4)")
        .bind(claim.token.0.to_vec())
        .bind(claim.key.to_vec())
        .bind(claim.request.to_vec())
        .bind(now.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(AskedBefore::No)
}

fn answer(row: &AnyRow) -> Result<Option<KeptAnswer>, RecordsError> {
    let Some(status) = row.try_get::<Option<i64>, _>("status")? else {
        return Ok(None);
    };
    let status = u16::try_from(status).map_err(|_| RecordsError::Unreadable("an answer's status"))?;
    Ok(Some(KeptAnswer { status, kind: row.try_get("kind")?, body: row.try_get("body")? }))
}
