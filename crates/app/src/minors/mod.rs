//! Accounts that are reported as a child's: the report, the case, what an operator decides, and what is deleted then. A report alone never changes an
//! account.

mod deciding;
mod erasing;
mod receipt;
mod reporting;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use domain::{Span, Timestamp};
use records::RecordsError;
use tokio::sync::Notify;

pub use deciding::{DismissReason, Named, Outcome};
pub use erasing::Reconciled;
pub use receipt::{Gone, Receipt, Remains};
pub use records::{Case, CaseEvent, CaseFile, CaseState, Deletion, Happened, Report, Waiting};
pub use reporting::{ABOUT_CHARACTERS_MAX, BadReport, MESSAGE_CHARACTERS_MAX, Progress, Reported};

use crate::people::rates::{Limits, Rate, Rates};
use crate::people::{Accounts, Doer, TooOften};

/// How long the steps of a case may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From a report, or from asking the person, to a decision.
    pub decided_within: Span,
    /// From confirming to the end of deleting.
    pub deleted_within: Span,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { decided_within: Span::days(7), deleted_within: Span::hours(24) }
    }
}

/// Everything that is done with reports of minors.
pub struct Minors {
    accounts: Arc<Accounts>,
    deadlines: Deadlines,
    rates: Rates,
    letters: Rates,
    /// There may be something to delete, or somebody to tell.
    due: Notify,
}

impl fmt::Debug for Minors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Minors").field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}

/// A few reports are enough to have somebody look: more are only work for them. `email` is whom a report is about.
const LIMITS: Limits = Limits {
    email: Rate { at_once: 20, then_every_ms: 30 * 60 * 1_000 },
    address: Rate { at_once: 5, then_every_ms: 10 * 60 * 1_000 },
    network: Rate { at_once: 30, then_every_ms: 2 * 60 * 1_000 },
    everybody: Rate { at_once: 1_000, then_every_ms: 1_000 },
};

/// Nobody knows whether the address is the reporter's own: few letters go to one.
const LETTERS: Limits = Limits { email: Rate { at_once: 2, then_every_ms: 12 * 60 * 60 * 1_000 }, ..LIMITS };

/// What reports are limited as.
const REPORT: &str = "report";

impl Minors {
    pub fn new(accounts: Arc<Accounts>, deadlines: Deadlines) -> Self {
        Self { accounts, deadlines, rates: Rates::new(LIMITS), letters: Rates::new(LETTERS), due: Notify::new() }
    }

    /// Counts a report, unless there were too many: from this network or address, about this account, or at all.
    pub fn admit(&self, doer: Doer<'_>, now: Timestamp) -> Result<(), TooOften> {
        self.rates.admit(REPORT, doer, self.accounts.people.vault(), now)
    }

    /// The cases, the most urgent first: skips so many, and reads so many of the rest.
    pub async fn cases(&self, skip: u32, count_max: u32) -> Result<Vec<Case>, RecordsError> {
        self.accounts.people.cases(skip, count_max).await
    }

    /// The cases in the order of their numbers, which say nothing: so many after this one.
    pub async fn cases_after(&self, after: Option<domain::CaseId>, count_max: u32) -> Result<Vec<Case>, RecordsError> {
        self.accounts.people.cases_after(after, count_max).await
    }

    pub async fn case(&self, id: domain::CaseId) -> Result<Option<CaseFile>, RecordsError> {
        self.accounts.people.case(id).await
    }

    /// What waits for an operator.
    pub async fn waiting(&self) -> Result<Waiting, RecordsError> {
        self.accounts.people.waiting_cases().await
    }

    /// Waits until there may be something to do for [`Self::reconcile`].
    pub async fn until_due(&self) {
        self.due.notified().await;
    }
}
