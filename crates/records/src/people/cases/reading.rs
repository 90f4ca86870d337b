use domain::{AccountId, CaseId, Field, OperatorId, ReportId, Timestamp};
use policy::Sealed;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{COLUMNS, Case, CaseEvent, CaseState, Happened, holder, read};
use crate::bytes::{bytes, maybe_bytes};
use crate::people::{Account, LinkId, People, maybe_time, time};
use crate::{PersonKey, RecordsError};

/// A case with all that is known about it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    pub case: Case,
    /// As long as there is one.
    pub account: Option<Account>,
    /// The oldest first.
    pub events: Vec<Happened>,
    /// The oldest first.
    pub reports: Vec<Report>,
    pub deletions: Vec<Deletion>,
}

/// What somebody reported, as far as it is still there.
#[derive(Clone, Debug)]
pub struct Report {
    pub id: ReportId,
    /// Whom it is about, as they wrote it.
    pub about: Option<Sealed<String>>,
    pub message: Option<Sealed<String>>,
    /// Whether they want to be told the outcome.
    pub wants_answer: bool,
    pub made: Timestamp,
    /// The same for reports from one network.
    pub reporter: Option<[u8; 32]>,
    pub erased: Option<Timestamp>,
}

/// How many of something were deleted in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub what: String,
    pub number: u64,
    pub at: Timestamp,
}

/// Where a reporter is told the outcome.
#[derive(Clone, Debug)]
pub struct Reporter {
    pub email: Sealed<String>,
    pub language: String,
}

/// What waits for somebody to do it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Cases nobody has decided on.
    pub undecided: u64,
    /// Confirmed cases whose data is not gone yet.
    pub confirmed: u64,
    /// The first of all their deadlines.
    pub soonest: Option<Timestamp>,
}

impl People {
    /// The cases: those that wait first, of them those with an account of ours and the most urgent first; then those that were dismissed and reported again; then
    /// the others that ended, the newest first. Skips so many of them, and reads so many of the rest.
    pub async fn cases(&self, skip: u32, count_max: u32) -> Result<Vec<Case>, RecordsError> {
        let sql = format!(
            "SELECT {COLUMNS}, (SELECT COUNT(*) FROM case_reports WHERE in_case = cases.id) AS reports FROM cases \
             ORDER BY CASE WHEN ended_at IS NULL THEN 0 WHEN state = 'dismissed' AND reported_at > ended_at THEN 1 ELSE 2 END, CASE WHEN subject IS NULL THEN 1 ELSE 0 END, CASE WHEN ended_at IS NULL THEN due_at ELSE -ended_at END, id \
             LIMIT {count_max} OFFSET {skip}"
        );
        let pool = self.records.pool.clone();
        self.records.ask(async move { sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await?.iter().map(read).collect() }).await
    }

    /// The cases in the order of their numbers: so many after this one.
    pub async fn cases_after(&self, after: Option<CaseId>, count_max: u32) -> Result<Vec<Case>, RecordsError> {
        let sql = format!(
            "SELECT {COLUMNS}, (SELECT COUNT(*) FROM case_reports WHERE in_case = cases.id) AS reports FROM cases \
             WHERE id > $1 ORDER BY id LIMIT {count_max}"
        );
        let pool = self.records.pool.clone();
        // No bytes at all stand before every number.
        let after = after.map_or_else(Vec::new, |id| id.0.to_vec());
        self.records
            .ask(async move { sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).fetch_all(&pool).await?.iter().map(read).collect() })
            .await
    }

    pub async fn case(&self, id: CaseId) -> Result<Option<CaseFile>, RecordsError> {
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let sql = format!(
                    "SELECT {COLUMNS}, (SELECT COUNT(*) FROM case_reports WHERE in_case = cases.id) AS reports FROM cases WHERE id = $1"
                );
                let case = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0.to_vec()).fetch_optional(&pool).await?;
                let Some(case) = case.as_ref().map(read).transpose()? else { return Ok(None) };
                let rows = async |sql: &'static str| sqlx::query(sql).bind(id.0.to_vec()).fetch_all(&pool).await;
                // Of what happened in one moment the row that was added first comes first, as far as the names tell.
                let events = rows("SELECT event, actor, happened_at FROM case_events WHERE in_case = $1 ORDER BY happened_at, event").await?;
                let reports = rows(
                    "SELECT id, about, message, email, made_at, reporter, erased_at FROM case_reports WHERE in_case = $1 ORDER BY made_at, id",
                )
                .await?;
                let deletions = rows("SELECT what, number, deleted_at FROM case_deletions WHERE in_case = $1 ORDER BY deleted_at, what").await?;
                Ok(Some((case, events, reports, deletions)))
            })
            .await?;
        let Some((case, events, rows, deletions)) = found else { return Ok(None) };
        let mut reports = Vec::with_capacity(rows.len());
        for row in &rows {
            let key = self.vault.find(AccountId(bytes(row, "id")?)).await?;
            reports.push(self.read_report(row, key.as_ref())?);
        }
        let account = match case.subject {
            Some(subject) => self.account(subject).await?,
            None => None,
        };
        Ok(Some(CaseFile {
            case,
            account,
            events: events.iter().map(event).collect::<Result<_, _>>()?,
            reports,
            deletions: deletions.iter().map(deletion).collect::<Result<_, _>>()?,
        }))
    }

    /// How far the case of a report is, for whoever follows it.
    pub async fn report_state(&self, reference: LinkId) -> Result<Option<(CaseState, Timestamp)>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT cases.state AS state, cases.ended_at AS ended_at, case_reports.made_at AS made_at FROM case_reports \
                           JOIN cases ON cases.id = case_reports.in_case WHERE case_reports.reference = $1";
                let Some(row) = sqlx::query(sql).bind(reference.0.to_vec()).fetch_optional(&pool).await? else { return Ok(None) };
                let state = CaseState::named(&row.try_get::<String, _>("state")?).ok_or(RecordsError::Unreadable("a case's state"))?;
                let (made, ended) = (time(&row, "made_at")?, row.try_get::<Option<i64>, _>("ended_at")?);
                // Nobody has looked at what came after the case was closed.
                let is_newer = state == CaseState::Dismissed && ended.is_some_and(|ended| made.as_microsecond() > ended);
                Ok(Some((if is_newer { CaseState::Open } else { state }, made)))
            })
            .await
    }

    /// Where the reporter wants to be told the outcome; none where they do not, or it is erased.
    pub async fn reporter(&self, report: ReportId) -> Result<Option<Reporter>, RecordsError> {
        let Some(key) = self.vault.find(holder(report)).await? else { return Ok(None) };
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let query = sqlx::query("SELECT email, language FROM case_reports WHERE id = $1").bind(report.0.to_vec());
                let Some(row) = query.fetch_optional(&pool).await? else { return Ok(None) };
                Ok(Some((row.try_get::<Option<Vec<u8>>, _>("email")?, row.try_get::<String, _>("language")?)))
            })
            .await?;
        let Some((Some(email), language)) = found else { return Ok(None) };
        Ok(Some(Reporter { email: self.vault.unseal(&key, Field::RequestEmail, &email)?, language }))
    }

    pub async fn waiting_cases(&self) -> Result<Waiting, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = "SELECT state, COUNT(*) AS number, MIN(due_at) AS soonest FROM cases WHERE ended_at IS NULL GROUP BY state";
                let mut waiting = Waiting::default();
                for row in sqlx::query(sql).fetch_all(&pool).await? {
                    let number = row.try_get::<i64, _>("number")?.unsigned_abs();
                    match CaseState::named(&row.try_get::<String, _>("state")?) {
                        Some(CaseState::Confirmed) => waiting.confirmed += number,
                        _ => waiting.undecided += number,
                    }
                    let soonest = maybe_time(&row, "soonest")?;
                    waiting.soonest = waiting.soonest.into_iter().chain(soonest).min();
                }
                Ok(waiting)
            })
            .await
    }

    fn read_report(&self, row: &AnyRow, key: Option<&PersonKey>) -> Result<Report, RecordsError> {
        let text = |column: &str| -> Result<Option<Sealed<String>>, RecordsError> {
            let sealed: Option<Vec<u8>> = row.try_get(column)?;
            sealed.zip(key).map(|(sealed, key)| self.vault.unseal(key, Field::RequestMessage, &sealed)).transpose()
        };
        Ok(Report {
            id: ReportId(bytes(row, "id")?),
            about: text("about")?,
            message: text("message")?,
            wants_answer: row.try_get::<Option<Vec<u8>>, _>("email")?.is_some(),
            made: time(row, "made_at")?,
            reporter: maybe_bytes(row, "reporter")?,
            erased: maybe_time(row, "erased_at")?,
        })
    }
}

fn event(row: &AnyRow) -> Result<Happened, RecordsError> {
    Ok(Happened {
        event: CaseEvent::named(&row.try_get::<String, _>("event")?).ok_or(RecordsError::Unreadable("what happened in a case"))?,
        at: time(row, "happened_at")?,
        actor: maybe_bytes(row, "actor")?.map(OperatorId),
    })
}

fn deletion(row: &AnyRow) -> Result<Deletion, RecordsError> {
    Ok(Deletion { what: row.try_get("what")?, number: row.try_get::<i64, _>("number")?.unsigned_abs(), at: time(row, "deleted_at")? })
}

impl CaseFile {
    pub const fn id(&self) -> CaseId {
        self.case.id
    }
}
