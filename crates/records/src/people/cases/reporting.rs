use std::sync::Arc;

use domain::{AccountId, CaseId, ReportId, Timestamp};
use policy::Sealed;

use super::{CaseEvent, CaseState, MINOR, add_event, grounds, holder};
use crate::bytes::bytes;
use crate::people::{LinkId, People, account_id};
use crate::{RecordsError, Vault, Work};

/// Whom a report is about, as two of them are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Email(Sealed<String>),
    Username(Sealed<String>),
    /// Something that only the site knows: the address of a page, a name.
    Elsewhere(Sealed<String>),
}

/// What somebody reports.
#[derive(Clone, Debug)]
pub struct NewReport {
    pub id: ReportId,
    /// The case it opens, where no other takes it.
    pub case: CaseId,
    /// The hash of what its reporter follows it by.
    pub reference: LinkId,
    pub about: About,
    /// The same as it was written; none where the policy keeps none.
    pub written: Option<Sealed<String>>,
    pub message: Option<Sealed<String>>,
    /// Where the reporter wants to be told the outcome.
    pub email: Option<Sealed<String>>,
    /// A keyed hash of the reporter's network; none where it did not come over one.
    pub reporter: Option<[u8; 32]>,
    pub language: String,
    pub at: Timestamp,
    /// By when somebody is to decide on a case that it opens.
    pub due: Timestamp,
    /// What was dismissed since then takes the same report without being opened again.
    pub dismissed_since: Timestamp,
}

/// A report as it is written.
struct Written {
    report: NewReport,
    about: Option<Vec<u8>>,
    message: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
}

impl People {
    /// Keeps a report, in the case that is about the same account or in a new one, and says which state that case is in. Nothing else changes, and least of
    /// all the account. It is the same work whether there is such an account or not.
    pub async fn report(&self, report: NewReport) -> Result<CaseState, RecordsError> {
        let key = self.vault.make(holder(report.id)).await?;
        let seal = |value: &Option<Sealed<String>>| value.as_ref().map(|value| self.vault.seal(&key, value));
        let written =
            Arc::new(Written { about: seal(&report.written), message: seal(&report.message), email: seal(&report.email), report });
        let id = written.report.id;
        let (records, vault) = (self.records.clone(), self.vault.clone());
        let kept = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let (written, vault) = (Arc::clone(&written), vault.clone());
                        Box::pin(async move { keep(work, &written, &vault).await })
                    })
                    .await
            })
            .await;
        if kept.is_err() {
            // Nobody could ever find it.
            self.vault.destroy(holder(id)).await?;
        }
        kept
    }
}

async fn keep(work: &mut Work, written: &Written, vault: &Vault) -> Result<CaseState, RecordsError> {
    let report = &written.report;
    let (subject, about) = subject(work, &report.about, vault).await?;
    let grounds = grounds(vault, subject, about);
    let (case, state) = match gathering(work, grounds, report).await? {
        Some((case, state)) => {
            sqlx::query("UPDATE cases SET reported_at = $1 WHERE id = $2")
                .bind(report.at.as_microsecond())
                .bind(case.0.to_vec())
                .execute(&mut **work)
                .await?;
            (case, state)
        }
        None => (open(work, report, subject, grounds).await?, CaseState::Open),
    };
    sqlx::query(
        "INSERT INTO case_reports (id, in_case, reference, reporter, about, message, email, language, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(report.id.0.to_vec())
    .bind(case.0.to_vec())
    .bind(report.reference.0.to_vec())
    .bind(report.reporter.map(|reporter| reporter.to_vec()))
    .bind(written.about.clone())
    .bind(written.message.clone())
    .bind(written.email.clone())
    .bind(report.language.clone())
    .bind(report.at.as_microsecond())
    .execute(&mut **work)
    .await?;
    add_event(work, case, CaseEvent::Reported, None, report.at, vault.random()).await?;
    Ok(state)
}

/// The account that is meant. What only the site knows is looked for as well, so that it takes as long.
pub(super) async fn subject<'a>(
    work: &mut Work,
    about: &'a About,
    vault: &Vault,
) -> Result<(Option<AccountId>, &'a Sealed<String>), RecordsError> {
    let (sql, written) = match about {
        About::Email(email) => ("SELECT id FROM accounts WHERE email_key = $1", email),
        About::Username(name) | About::Elsewhere(name) => ("SELECT id FROM accounts WHERE username_key = $1", name),
    };
    let row = sqlx::query(sql).bind(vault.lookup(written).to_vec()).fetch_optional(&mut **work).await?;
    Ok((row.as_ref().map(|row| account_id(row, "id")).transpose()?, written))
}

/// The case that takes the report: one that has not ended, or one that was dismissed lately.
async fn gathering(work: &mut Work, grounds: [u8; 32], report: &NewReport) -> Result<Option<(CaseId, CaseState)>, RecordsError> {
    let sql = "SELECT id, state FROM cases WHERE grounds = $1 AND (ended_at IS NULL OR (state = 'dismissed' AND ended_at > $2)) \
               ORDER BY opened_at DESC, id LIMIT 1";
    let query = sqlx::query(sql).bind(grounds.to_vec()).bind(report.dismissed_since.as_microsecond());
    let Some(row) = query.fetch_optional(&mut **work).await? else { return Ok(None) };
    let state = CaseState::named(&sqlx::Row::try_get::<String, _>(&row, "state")?).ok_or(RecordsError::Unreadable("a case's state"))?;
    Ok(Some((CaseId(bytes(&row, "id")?), state)))
}

async fn open(work: &mut Work, report: &NewReport, subject: Option<AccountId>, grounds: [u8; 32]) -> Result<CaseId, RecordsError> {
    sqlx::query(
        "INSERT INTO cases (id, kind, state, subject, grounds, opened_at, reported_at, due_at) VALUES ($1, $2, 'open', $3, $4, $5, $5, $6)",
    )
    .bind(report.case.0.to_vec())
    .bind(MINOR)
    .bind(subject.map(|subject| subject.0.to_vec()))
    .bind(grounds.to_vec())
    .bind(report.at.as_microsecond())
    .bind(report.due.as_microsecond())
    .execute(&mut **work)
    .await?;
    Ok(report.case)
}
