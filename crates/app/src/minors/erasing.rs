use super::Minors;
use crate::mail::Letter;
use crate::people::EraseError;
use domain::{AccountId, Keep, Span, Timestamp};
use policy::Policy;

/// What is confirmed is deleted so long before its deadline at the latest, whatever became of the letter about it.
const TO_SPARE: Span = Span::hours(1);

/// A letter to a reporter is given up with the report after this.
const TOLD_WITHIN: Span = Span::days(3);

/// How long a case is kept after its end where the policy does not say it.
const CASES_KEPT: Span = Span::months(24);

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Accounts that were deleted.
    pub erased: u64,
    /// Reporters for whom a letter was kept.
    pub told: u64,
    /// Reports about people who are gone, erased.
    pub reports: u64,
    /// Cases that have had their time.
    pub forgotten: u64,
}

impl Reconciled {
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Minors {
    /// Looks at the rows for what is to be done, and does it. It may be stopped anywhere, and whoever calls it again goes on from the rows.
    pub async fn reconcile(&self, policy: &Policy, now: Timestamp) -> Result<Reconciled, EraseError> {
        let people = &self.accounts.people;
        let mut done = Reconciled::default();
        loop {
            let due = people.erasures_due(TO_SPARE.after(now)).await?;
            let accounts: Vec<AccountId> = due.iter().map(|erasure| erasure.account).collect();
            // The case is what remembers that it is to be done, and ends after this.
            let visits = self.accounts.erase_visits(&accounts, now).await?;
            for (erasure, visits) in due.iter().zip(visits) {
                people.erase_subject(*erasure, visits, now).await?;
                self.accounts.endings.account(erasure.account);
                if now > erasure.due {
                    tracing::error!(case = erasure.case.to_hex(), due = %erasure.due, "a minor's data was deleted after its deadline");
                }
                done.erased += 1;
            }
            if due.is_empty() {
                break;
            }
        }
        for report in people.reports_untold().await? {
            let letter = Letter::ReportClosed.job(AccountId(report.0), &*self.accounts.random, now);
            people.tell_reporter(report, letter, now).await?;
            done.told += 1;
        }
        for report in people.reports_to_erase(TOLD_WITHIN.before(now)).await? {
            people.erase_report(report, now).await?;
            done.reports += 1;
        }
        done.forgotten = people.forget_cases(cases_kept(policy).before(now)).await?;
        Ok(done)
    }
}

/// As long as the policy keeps requests.
pub(super) fn cases_kept(policy: &Policy) -> Span {
    match policy.data.iter().find(|data| data.id == *"request").map(|data| &data.keep) {
        Some(Keep::For(span)) => *span,
        Some(Keep::WhileRegistered) | None => CASES_KEPT,
    }
}
