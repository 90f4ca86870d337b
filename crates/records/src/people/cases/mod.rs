//! Cases about people: reports that somebody made, what an operator decided, and what was done then.

mod deciding;
mod erasing;
mod reading;
mod reporting;

use domain::{AccountId, CaseId, OperatorId, Random, ReportId, Timestamp};
use policy::Sealed;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{maybe_time, time};
use crate::bytes::{bytes, maybe_bytes};
use crate::{RecordsError, Work};

pub use deciding::{Confirmation, Decided, Decision, Named};
pub use erasing::DueErasure;
pub use reading::{CaseFile, Deletion, Report, Reporter, Waiting};
pub use reporting::{About, NewReport};

/// Something that a person has to look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub state: CaseState,
    /// The account it is about, as long as there is one. None where nobody knows yet, too.
    pub subject: Option<AccountId>,
    pub opened: Timestamp,
    /// When the last report came.
    pub reported: Timestamp,
    /// By when the next step has to be done.
    pub due: Timestamp,
    pub decided: Option<Timestamp>,
    pub decided_by: Option<OperatorId>,
    pub reason: Option<String>,
    pub ended: Option<Timestamp>,
    /// How many reports were made.
    pub reports: u64,
}

/// How far a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody has decided.
    Open,
    /// The person was asked.
    Asked,
    /// It is so; the account is closed, and its data is being deleted.
    Confirmed,
    /// It is not so, or cannot be shown. Nothing was done.
    Dismissed,
    /// It is so, and the data is gone.
    Done,
}

impl CaseState {
    const ALL: [Self; 5] = [Self::Open, Self::Asked, Self::Confirmed, Self::Dismissed, Self::Done];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
            Self::Done => "done",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether somebody still has to decide.
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::Asked)
    }

    /// Whether nothing is left to be done.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Dismissed | Self::Done)
    }
}

/// What can happen in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseEvent {
    Reported,
    /// An operator found out which account it is about.
    Named,
    Asked,
    Answered,
    Confirmed,
    Deactivated,
    Erased,
    Dismissed,
}

impl CaseEvent {
    const ALL: [Self; 8] =
        [Self::Reported, Self::Named, Self::Asked, Self::Answered, Self::Confirmed, Self::Deactivated, Self::Erased, Self::Dismissed];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Named => "named",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Confirmed => "confirmed",
            Self::Deactivated => "deactivated",
            Self::Erased => "erased",
            Self::Dismissed => "dismissed",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// Something that happened in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happened {
    pub event: CaseEvent,
    pub at: Timestamp,
    /// The operator who did it; none for reporters, and for what is done by itself.
    pub actor: Option<OperatorId>,
}

/// The kind of all cases there are by now.
const MINOR: &str = "minor";

const COLUMNS: &str = "id, state, subject, opened_at, reported_at, due_at, decided_at, decided_by, reason, ended_at";

/// A report's key stands among people's keys: whoever reports is a person, too.
const fn holder(report: ReportId) -> AccountId {
    AccountId(report.0)
}

/// What a case is found by: the account it is about, or what was written where no account is known.
fn grounds(vault: &crate::Vault, subject: Option<AccountId>, written: &Sealed<String>) -> [u8; 32] {
    match subject {
        Some(account) => vault.lookup_bytes("case about an account", &account.0),
        None => vault.lookup_bytes("case about something else", &vault.lookup(written)),
    }
}

async fn add_event(
    work: &mut Work,
    case: CaseId,
    event: CaseEvent,
    actor: Option<OperatorId>,
    at: Timestamp,
    random: &dyn Random,
) -> Result<(), RecordsError> {
    sqlx::query("INSERT INTO case_events (id, in_case, event, actor, happened_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(CaseId::random(random).0.to_vec())
        .bind(case.0.to_vec())
        .bind(event.name())
        .bind(actor.map(|actor| actor.0.to_vec()))
        .bind(at.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn add_deletion(work: &mut Work, case: CaseId, what: &str, number: u64, at: Timestamp) -> Result<(), RecordsError> {
    sqlx::query(
        "INSERT INTO case_deletions (in_case, what, number, deleted_at) VALUES ($1, $2, $3, $4) ON CONFLICT (in_case, what) DO NOTHING",
    )
    .bind(case.0.to_vec())
    .bind(what)
    .bind(i64::try_from(number).unwrap_or(i64::MAX))
    .bind(at.as_microsecond())
    .execute(&mut **work)
    .await?;
    Ok(())
}

async fn find(work: &mut Work, id: CaseId) -> Result<Option<Case>, RecordsError> {
    let sql = format!("SELECT {COLUMNS}, (SELECT COUNT(*) FROM case_reports WHERE in_case = cases.id) AS reports FROM cases WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0.to_vec()).fetch_optional(&mut **work).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Case, RecordsError> {
    Ok(Case {
        id: CaseId(bytes(row, "id")?),
        state: CaseState::named(&row.try_get::<String, _>("state")?).ok_or(RecordsError::Unreadable("a case's state"))?,
        subject: maybe_bytes(row, "subject")?.map(AccountId),
        opened: time(row, "opened_at")?,
        reported: time(row, "reported_at")?,
        due: time(row, "due_at")?,
        decided: maybe_time(row, "decided_at")?,
        decided_by: maybe_bytes(row, "decided_by")?.map(OperatorId),
        reason: row.try_get("reason")?,
        ended: maybe_time(row, "ended_at")?,
        reports: row.try_get::<i64, _>("reports")?.unsigned_abs(),
    })
}
