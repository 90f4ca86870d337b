use std::sync::Arc;

use domain::{AccountId, CaseId, ReportId, Timestamp};

use super::{CaseEvent, CaseState, add_deletion, add_event, find, holder};
use crate::bytes::bytes;
use crate::people::account::delete;
use crate::people::job::insert_job;
use crate::people::{NewJob, People, account_id};
use crate::{RecordsError, Work};

/// So many are taken up in one go.
const AT_ONCE_MAX: u32 = 200;

/// Somebody whose data is to be deleted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueErasure {
    pub case: CaseId,
    pub account: AccountId,
    pub due: Timestamp,
}

impl People {
    /// The confirmed cases whose account can be deleted: no letter to it waits any more, or there is no time left to wait for one.
    pub async fn erasures_due(&self, latest: Timestamp) -> Result<Vec<DueErasure>, RecordsError> {
        let sql = format!(
            "SELECT id, subject, due_at FROM cases WHERE state = 'confirmed' AND subject IS NOT NULL AND (due_at <= $1 OR NOT EXISTS \
             (SELECT 1 FROM jobs WHERE jobs.owner = cases.subject AND jobs.given_up IS NULL)) ORDER BY due_at, id LIMIT {AT_ONCE_MAX}"
        );
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(latest.as_microsecond());
                let due = |row| {
                    let case = CaseId(bytes(row, "id")?);
                    Ok(DueErasure { case, account: account_id(row, "subject")?, due: crate::people::time(row, "due_at")? })
                };
                query.fetch_all(&pool).await?.iter().map(due).collect()
            })
            .await
    }

    /// Deletes the account of a confirmed case and all that is kept of the person, notes how much there was, and ends the case. First the key, without which
    /// nothing can be read; then everything else in one transaction. Whoever was stopped in between does it again, and nothing is counted twice. `visits` were
    /// taken out of the log before.
    pub async fn erase_subject(&self, erasure: DueErasure, visits: u64, now: Timestamp) -> Result<(), RecordsError> {
        self.vault.destroy(erasure.account).await?;
        let (records, vault) = (self.records.clone(), self.vault.clone());
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let vault = vault.clone();
                        Box::pin(async move {
                            match find(work, erasure.case).await? {
                                Some(case) if case.state == CaseState::Confirmed => {}
                                _ => return Ok(()),
                            }
                            erase(work, erasure, visits, now).await?;
                            add_event(work, erasure.case, CaseEvent::Erased, None, now, vault.random()).await
                        })
                    })
                    .await
            })
            .await
    }

    /// Reports of cases that ended, whose reporters want to be told so and were not yet.
    pub async fn reports_untold(&self) -> Result<Vec<ReportId>, RecordsError> {
        let sql = format!(
            "SELECT id FROM case_reports WHERE told_at IS NULL AND erased_at IS NULL AND email IS NOT NULL \
             AND in_case IN (SELECT id FROM cases WHERE ended_at IS NOT NULL AND ended_at >= case_reports.made_at \
             AND (reason IS NULL OR reason <> 'abusive-report')) ORDER BY made_at, id LIMIT {AT_ONCE_MAX}"
        );
        self.report_ids(sql, None).await
    }

    /// Keeps the letter that tells a reporter, once.
    pub async fn tell_reporter(&self, report: ReportId, letter: NewJob, now: Timestamp) -> Result<(), RecordsError> {
        let Some(key) = self.vault.find(holder(report)).await? else { return Ok(()) };
        let letter = Arc::new(letter.sealed(self, &key));
        let records = self.records.clone();
        let told = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let letter = Arc::clone(&letter);
                        Box::pin(async move {
                            let query = sqlx::query("UPDATE case_reports SET told_at = $1 WHERE id = $2 AND told_at IS NULL");
                            let told = query.bind(now.as_microsecond()).bind(report.0.to_vec()).execute(&mut **work).await?;
                            if told.rows_affected() > 0 {
                                insert_job(work, &letter).await?;
                            }
                            Ok(())
                        })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        told
    }

    /// Reports about somebody who is gone: what is left in them can go, too. Their reporters were told, or it was tried since `told_by`.
    pub async fn reports_to_erase(&self, told_by: Timestamp) -> Result<Vec<ReportId>, RecordsError> {
        let sql = format!(
            "SELECT id FROM case_reports WHERE erased_at IS NULL AND in_case IN (SELECT id FROM cases WHERE state = 'done') \
             AND (told_at <= $1 OR ((told_at IS NOT NULL OR email IS NULL) AND NOT EXISTS \
             (SELECT 1 FROM jobs WHERE jobs.owner = case_reports.id AND jobs.given_up IS NULL))) ORDER BY made_at, id LIMIT {AT_ONCE_MAX}"
        );
        self.report_ids(sql, Some(told_by)).await
    }

    /// Erases what somebody wrote in a report, and their address: the key first.
    pub async fn erase_report(&self, report: ReportId, now: Timestamp) -> Result<(), RecordsError> {
        self.vault.destroy(holder(report)).await?;
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        Box::pin(async move {
                            sqlx::query("DELETE FROM jobs WHERE owner = $1").bind(report.0.to_vec()).execute(&mut **work).await?;
                            let sql = "UPDATE case_reports SET reporter = NULL, about = NULL, message = NULL, email = NULL, erased_at = $1 \
                                       WHERE id = $2";
                            sqlx::query(sql).bind(now.as_microsecond()).bind(report.0.to_vec()).execute(&mut **work).await?;
                            Ok(())
                        })
                    })
                    .await
            })
            .await
    }

    /// Forgets the cases that ended before this, with all that was written in them, and says how many there were.
    pub async fn forget_cases(&self, ended_before: Timestamp) -> Result<u64, RecordsError> {
        let people = self.clone();
        self.records
            .at_home(async move {
                let sql = format!("SELECT id FROM cases WHERE ended_at <= $1 ORDER BY ended_at, id LIMIT {AT_ONCE_MAX}");
                let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ended_before.as_microsecond());
                let rows = query.fetch_all(&people.records.pool).await?;
                for row in &rows {
                    let case = CaseId(bytes(row, "id")?);
                    let reports = sqlx::query("SELECT id FROM case_reports WHERE in_case = $1").bind(case.0.to_vec());
                    for report in reports.fetch_all(&people.records.pool).await? {
                        people.vault.destroy(AccountId(bytes(&report, "id")?)).await?;
                    }
                    people.records.transact(move |work| Box::pin(forget(work, case))).await?;
                }
                Ok(rows.len() as u64)
            })
            .await
    }

    async fn report_ids(&self, sql: String, at: Option<Timestamp>) -> Result<Vec<ReportId>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
                if let Some(at) = at {
                    query = query.bind(at.as_microsecond());
                }
                query.fetch_all(&pool).await?.iter().map(|row| bytes(row, "id").map(ReportId)).collect()
            })
            .await
    }
}

/// Everything of the account in the records, and what reporters wrote of the person. What a letter to a reporter needs stays until it is on its way.
async fn erase(work: &mut Work, erasure: DueErasure, visits: u64, now: Timestamp) -> Result<(), RecordsError> {
    for (what, sql) in [
        ("account", "SELECT COUNT(*) AS number FROM accounts WHERE id = $1"),
        ("passkeys", "SELECT COUNT(*) AS number FROM passkeys WHERE account = $1"),
        ("answers", "SELECT COUNT(*) AS number FROM choices WHERE account = $1"),
        ("browsers", "SELECT COUNT(*) AS number FROM record_accounts WHERE account = $1"),
    ] {
        let row = sqlx::query(sql).bind(erasure.account.0.to_vec()).fetch_one(&mut **work).await?;
        let number: i64 = sqlx::Row::try_get(&row, "number")?;
        add_deletion(work, erasure.case, what, number.unsigned_abs(), now).await?;
    }
    add_deletion(work, erasure.case, "visits", visits, now).await?;
    delete(work, erasure.account).await?;
    sqlx::query("UPDATE case_reports SET about = NULL, message = NULL WHERE in_case = $1")
        .bind(erasure.case.0.to_vec())
        .execute(&mut **work)
        .await?;
    sqlx::query("UPDATE cases SET state = 'done', subject = NULL, grounds = NULL, ended_at = $1 WHERE id = $2")
        .bind(now.as_microsecond())
        .bind(erasure.case.0.to_vec())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn forget(work: &mut Work, case: CaseId) -> Result<(), RecordsError> {
    for sql in [
        "DELETE FROM jobs WHERE owner IN (SELECT id FROM case_reports WHERE in_case = $1)",
        "DELETE FROM case_reports WHERE in_case = $1",
        "DELETE FROM case_events WHERE in_case = $1",
        "DELETE FROM case_deletions WHERE in_case = $1",
        "DELETE FROM cases WHERE id = $1",
    ] {
        sqlx::query(sql).bind(case.0.to_vec()).execute(&mut **work).await?;
    }
    Ok(())
}
