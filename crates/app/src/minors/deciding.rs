use domain::{CaseId, OperatorId, Span, Timestamp};
use records::{CaseFile, Confirmation, Decided, Decision, RecordsError};

use super::Minors;
use super::reporting::whom;
use crate::mail::Letter;

pub use records::Named;

/// Why a case is dismissed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DismissReason {
    NotAMinor,
    NotShown,
    NoAccount,
    Abusive,
    /// A guardian registered them and looks after them.
    HasGuardian,
}

impl DismissReason {
    pub const ALL: [Self; 5] = [Self::NotAMinor, Self::NotShown, Self::NoAccount, Self::Abusive, Self::HasGuardian];

    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAMinor => "not-a-minor",
            Self::NotShown => "not-shown",
            Self::NoAccount => "no-account",
            Self::Abusive => "abusive-report",
            Self::HasGuardian => "has-guardian",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether it can be said of this case.
    pub fn fits(self, file: &CaseFile) -> bool {
        match self {
            Self::HasGuardian => file.account.as_ref().is_some_and(|account| account.guardian.is_some()),
            Self::NoAccount => file.case.subject.is_none(),
            Self::NotAMinor | Self::NotShown | Self::Abusive => true,
        }
    }
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// There is no such case.
    NoCase,
    /// The case is past that, or nobody knows yet which account it is about.
    NotNow,
}

impl From<Decided> for Outcome {
    fn from(decided: Decided) -> Self {
        match decided {
            Decided::Done => Self::Done,
            Decided::NoCase => Self::NoCase,
            Decided::NotNow => Self::NotNow,
        }
    }
}

impl Minors {
    /// Says which account a case is about, by its e-mail address or username.
    pub async fn name_account(&self, case: CaseId, written: &str, by: OperatorId, now: Timestamp) -> Result<Named, RecordsError> {
        let decision = Decision { case, by, at: now, due: now };
        self.accounts.people.name_subject(decision, whom(written.trim())).await
    }

    /// Asks the person, at the address of the account, and gives them time.
    pub async fn ask(&self, case: CaseId, by: OperatorId, now: Timestamp) -> Result<Outcome, RecordsError> {
        let Some(file) = self.case(case).await? else { return Ok(Outcome::NoCase) };
        let Some(account) = file.account.filter(|account| account.email.is_some() && account.closed.is_none()) else {
            return Ok(Outcome::NotNow);
        };
        let within = self.deadlines.decided_within;
        let letter = Letter::MinorAsked { seconds: seconds(within, now) }.job(account.id, &*self.accounts.random, now);
        let decision = Decision { case, by, at: now, due: within.after(now) };
        Ok(self.accounts.people.ask_subject(decision, letter).await?.into())
    }

    /// Notes that an answer came.
    pub async fn note_answer(&self, case: CaseId, by: OperatorId, now: Timestamp) -> Result<Outcome, RecordsError> {
        Ok(self.accounts.people.note_answer(Decision { case, by, at: now, due: now }).await?.into())
    }

    /// Ends a case without doing anything to the account. Where a guardian looks after it, the guardian is told that it was reported.
    pub async fn dismiss(&self, case: CaseId, reason: DismissReason, by: OperatorId, now: Timestamp) -> Result<Outcome, RecordsError> {
        let Some(file) = self.case(case).await? else { return Ok(Outcome::NoCase) };
        if !reason.fits(&file) {
            return Ok(Outcome::NotNow);
        }
        let guardian = file.account.as_ref().and_then(|account| account.guardian).filter(|_| reason == DismissReason::HasGuardian);
        let letter = guardian.map(|guardian| Letter::DependentReported.job(guardian, &*self.accounts.random, now));
        let decision = Decision { case, by, at: now, due: now };
        let outcome: Outcome = self.accounts.people.dismiss_case(decision, reason.name(), letter).await?.into();
        if outcome == Outcome::Done {
            tracing::info!(case = case.to_hex(), reason = reason.name(), "a case of a minor is dismissed");
            self.due.notify_one();
        }
        Ok(outcome)
    }

    /// Confirms that an account is a minor's. On return nobody is signed in to it and nobody can sign in, nothing that waited for it will be sent but the
    /// letter about this, and no purpose is permitted for it. Deleting begins.
    pub async fn confirm(&self, case: CaseId, by: OperatorId, now: Timestamp) -> Result<Outcome, RecordsError> {
        let Some(file) = self.case(case).await? else { return Ok(Outcome::NoCase) };
        let within = self.deadlines.deleted_within;
        let account = file.account.as_ref().filter(|account| account.email.is_some());
        let letter =
            account.map(|account| Letter::MinorConfirmed { seconds: seconds(within, now) }.job(account.id, &*self.accounts.random, now));
        let decision = Decision { case, by, at: now, due: within.after(now) };
        // Whoever they answered for is closed with them.
        let dependents = match &file.account {
            Some(account) => self.accounts.people.dependents_of(account.id).await?,
            None => Vec::new(),
        };
        match self.accounts.people.confirm_case(decision, letter).await? {
            Confirmation::Not(decided) => Ok(decided.into()),
            Confirmation::Closed(account) => {
                self.accounts.endings.account(account);
                dependents.iter().for_each(|dependent| self.accounts.endings.account(dependent.account.id));
                tracing::info!(
                    case = case.to_hex(),
                    "a case of a minor is confirmed; the account is closed, and its data is being deleted"
                );
                self.due.notify_one();
                Ok(Outcome::Done)
            }
        }
    }
}

fn seconds(span: Span, now: Timestamp) -> u32 {
    u32::try_from(span.after(now).duration_since(now).as_secs()).unwrap_or(u32::MAX)
}
