use std::collections::HashSet;

use domain::{AccountId, JobId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use tokio::sync::watch;

use super::{People, maybe_time, time};
use crate::bytes::{bytes, maybe_bytes};
use crate::{PersonKey, RecordsError, Work};

/// Work that is to be done later, and survives whatever happens until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    /// Who does it: `mail` and so on.
    pub kind: &'static str,
    /// Whom it is done for. When they go, so does the job.
    pub owner: Option<AccountId>,
    /// What it takes. It is kept sealed under the owner's key; without an owner there must be nothing personal in it.
    pub payload: Vec<u8>,
    pub at: Timestamp,
    pub due: Timestamp,
}

/// A job whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub owner: Option<AccountId>,
    pub payload: Vec<u8>,
    pub made: Timestamp,
    /// How often it was put off.
    pub tries: u32,
    /// It was begun and neither ended nor put off: what it does to the world outside may have happened.
    pub interrupted: bool,
}

const PAYLOAD: &str = "job";
const COLUMNS: &str = "id, kind, owner, payload, made_at, due_at, tries, begun_at, given_up";

impl NewJob {
    /// The same with its payload under the owner's key.
    pub(super) fn sealed(mut self, people: &People, key: &PersonKey) -> Self {
        self.payload = key.seal(PAYLOAD, &self.payload, people.vault.random());
        self
    }
}

impl People {
    /// Keeps a job. It is durable on return.
    pub async fn add_job(&self, job: NewJob) -> Result<(), RecordsError> {
        let job = match job.owner {
            None => job,
            Some(owner) => {
                let key = self.vault.find(owner).await?.ok_or(RecordsError::NobodyThere)?;
                job.sealed(self, &key)
            }
        };
        let records = self.records.clone();
        let kept = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let job = job.clone();
                        Box::pin(async move { insert_job(work, &job).await })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        kept
    }

    /// The jobs of a kind whose time has come, the longest due first. Whoever does them sees to it that nobody else does: there is one process.
    pub async fn due_jobs(&self, kind: &'static str, now: Timestamp, count_max: u32) -> Result<Vec<Job>, RecordsError> {
        self.due_jobs_but(kind, now, count_max, HashSet::new()).await
    }

    /// The same without those that are in hand.
    pub async fn due_jobs_but(
        &self,
        kind: &'static str,
        now: Timestamp,
        count_max: u32,
        others: HashSet<JobId>,
    ) -> Result<Vec<Job>, RecordsError> {
        let limit = others.len() + count_max as usize;
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let sql = format!(
                    "SELECT {COLUMNS} FROM jobs WHERE kind = $1 AND due_at <= $2 AND given_up IS NULL ORDER BY due_at, id LIMIT {limit}"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(kind).bind(now.as_microsecond());
                let mut found = query.fetch_all(&pool).await?.iter().map(read).collect::<Result<Vec<_>, RecordsError>>()?;
                found.retain(|job| !others.contains(&job.id));
                found.truncate(count_max as usize);
                Ok(found)
            })
            .await?;
        let mut jobs = Vec::with_capacity(found.len());
        for mut job in found {
            let Some(owner) = job.owner else {
                jobs.push(job);
                continue;
            };
            match self.vault.find(owner).await? {
                Some(key) => match key.open(PAYLOAD, &job.payload) {
                    Ok(payload) => {
                        job.payload = payload;
                        jobs.push(job);
                    }
                    // It must not keep the others from their turn.
                    Err(_) => self.give_up_job(job.id, "unreadable".to_owned()).await?,
                },
                // There is nobody any more whom it could be done for.
                None => self.end_job(job.id).await?,
            }
        }
        Ok(jobs)
    }

    /// When the next job of a kind is due that is not due yet.
    pub async fn next_job_due(&self, kind: &'static str, now: Timestamp) -> Result<Option<Timestamp>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT MIN(due_at) AS next FROM jobs WHERE kind = $1 AND due_at > $2 AND given_up IS NULL";
                let row = sqlx::query(sql).bind(kind).bind(now.as_microsecond()).fetch_one(&pool).await?;
                maybe_time(&row, "next")
            })
            .await
    }

    /// Says, durably, that what the job does to the world outside may happen from now on. False where the job is gone: then it must not.
    pub async fn begin_job(&self, id: JobId, now: Timestamp) -> Result<bool, RecordsError> {
        let begun = move || {
            let query = sqlx::query("UPDATE jobs SET begun_at = $1 WHERE id = $2 AND given_up IS NULL");
            query.bind(now.as_microsecond()).bind(id.0.to_vec())
        };
        Ok(self.records.change(begun).await? > 0)
    }

    /// The job is done.
    pub async fn end_job(&self, id: JobId) -> Result<(), RecordsError> {
        self.records.change(move || sqlx::query("DELETE FROM jobs WHERE id = $1").bind(id.0.to_vec())).await.map(drop)
    }

    /// The job could not be done, and is to be begun again then.
    pub async fn put_off_job(&self, id: JobId, due: Timestamp) -> Result<(), RecordsError> {
        let put_off = move || {
            let query = sqlx::query("UPDATE jobs SET begun_at = NULL, due_at = $1, tries = tries + 1 WHERE id = $2");
            query.bind(due.as_microsecond()).bind(id.0.to_vec())
        };
        self.records.change(put_off).await.map(drop)
    }

    /// The job will never be done. It stays, with the reason, which must not be personal, until somebody looks.
    pub async fn give_up_job(&self, id: JobId, why: String) -> Result<(), RecordsError> {
        let given_up = move || {
            let query = sqlx::query("UPDATE jobs SET begun_at = NULL, given_up = $1 WHERE id = $2");
            query.bind(why.clone()).bind(id.0.to_vec())
        };
        self.records.change(given_up).await.map(drop)
    }

    /// Forgets the jobs of a kind that were given up and were made before this, and says how many there were.
    pub async fn forget_jobs_given_up(&self, kind: &'static str, made_before: Timestamp) -> Result<u64, RecordsError> {
        let forgotten = move || {
            let query = sqlx::query("DELETE FROM jobs WHERE kind = $1 AND given_up IS NOT NULL AND made_at < $2");
            query.bind(kind).bind(made_before.as_microsecond())
        };
        self.records.change(forgotten).await
    }

    /// What changes whenever a job is kept.
    pub fn kept_jobs(&self) -> watch::Receiver<u64> {
        self.kept_jobs.subscribe()
    }

    pub(super) fn tell_of_job(&self) {
        self.kept_jobs.send_modify(|kept| *kept = kept.wrapping_add(1));
    }

    /// How many jobs of a kind wait, and how many were given up.
    pub async fn count_jobs(&self, kind: &'static str) -> Result<(u64, u64), RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT COUNT(*) AS all_of_them, COUNT(given_up) AS given_up FROM jobs WHERE kind = $1";
                let row = sqlx::query(sql).bind(kind).fetch_one(&pool).await?;
                let (all, given_up): (i64, i64) = (row.try_get("all_of_them")?, row.try_get("given_up")?);
                Ok(((all - given_up).unsigned_abs(), given_up.unsigned_abs()))
            })
            .await
    }
}

pub(super) async fn insert_job(work: &mut Work, job: &NewJob) -> Result<(), RecordsError> {
    sqlx::query("INSERT INTO jobs (id, kind, owner, payload, made_at, due_at, tries) VALUES ($1, $2, $3, $4, $5, $6, 0)")
        .bind(job.id.0.to_vec())
        .bind(job.kind)
        .bind(job.owner.map(|owner| owner.0.to_vec()))
        .bind(job.payload.clone())
        .bind(job.at.as_microsecond())
        .bind(job.due.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Job, RecordsError> {
    Ok(Job {
        id: JobId(bytes(row, "id")?),
        kind: row.try_get("kind")?,
        owner: maybe_bytes(row, "owner")?.map(AccountId),
        payload: row.try_get("payload")?,
        made: time(row, "made_at")?,
        tries: u32::try_from(row.try_get::<i64, _>("tries")?).unwrap_or(u32::MAX),
        interrupted: maybe_time(row, "begun_at")?.is_some(),
    })
}
