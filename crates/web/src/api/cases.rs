use app::minors::Case;
use axum::Json;
use axum::extract::State;
use domain::{CaseId, Timestamp};
use serde::Serialize;

use super::pages::{Page, Pages};
use super::problem::Problem;
use crate::PrivateState;

/// A case without anything personal: whom it is about is for operators to see.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: String,
    kind: &'static str,
    state: &'static str,
    /// Whether an account of Candor's is known to be meant.
    account_known: bool,
    reports: u64,
    opened: Timestamp,
    due: Timestamp,
    decided: Option<Timestamp>,
    ended: Option<Timestamp>,
    reason: Option<String>,
}

impl From<Case> for Shown {
    fn from(case: Case) -> Self {
        Self {
            id: case.id.to_hex(),
            kind: "minor",
            state: case.state.name(),
            account_known: case.subject.is_some(),
            reports: case.reports,
            opened: case.opened,
            due: case.due,
            decided: case.decided,
            ended: case.ended,
            reason: case.reason,
        }
    }
}

/// All cases, in the order of their numbers, which say nothing.
pub(super) async fn list(State(state): State<PrivateState>, pages: Pages) -> Result<Json<Page<Shown>>, Problem> {
    let after = pages.after(CaseId::parse)?;
    let cases = state.minors.cases_after(after, pages.one_more_than_limit()).await.map_err(|error| Problem::internal(&error))?;
    Ok(Json(pages.of(cases.into_iter().map(Shown::from).collect(), |case| case.id.clone())))
}
