//! Minors whose guardian registers them: with an account of an adult's, a second confirmation by mail, and nothing stored of a birthday but the quarter of a
//! year in which the account becomes theirs.

mod choices;
mod code;
mod growing_up;
mod register;
mod seeing;

use domain::{AccountId, Age};
use records::{AccountState, Dependent, RecordsError};

use super::{Accounts, Holder};

pub use choices::{AnswerFor, Asking, PurposeFor};
pub(crate) use choices::{by_actor, in_force, refusing};
pub use code::{CODE_LIVES, Code};
pub use growing_up::{LookedAfter, TAKEN_UP_WITHIN, TOLD_BEFORE, TakingUp};
pub use register::{CONFIRMED_WITHIN, DependentApplicant, REPEATED_AFTER};

/// A dependent, for their guardian: whoever has this was found to be the guardian by the account's row.
#[derive(Clone, Debug)]
pub struct Guarded {
    dependent: Dependent,
    guardian: AccountId,
}

impl Guarded {
    pub const fn dependent(&self) -> &Dependent {
        &self.dependent
    }

    pub const fn id(&self) -> AccountId {
        self.dependent.account.id
    }

    /// Whether their guardian confirmed by mail, so that they can sign in.
    pub fn is_open(&self) -> bool {
        self.dependent.account.state == AccountState::Open
    }
}

impl Accounts {
    /// Whether somebody may answer for others: an adult with an address that letters reach.
    pub fn can_be_guardian(&self, holder: &Holder) -> bool {
        let account = &holder.account;
        account.age.verdict == Age::Adult && account.guardian.is_none() && account.email.is_some()
    }

    /// Whom somebody is the guardian of, the first registered first.
    pub async fn dependents(&self, guardian: &Holder) -> Result<Vec<Dependent>, RecordsError> {
        self.people.dependents_of(guardian.account.id).await
    }

    /// One of them; none where this is not their guardian, or not any more.
    pub async fn guarded(&self, guardian: &Holder, id: AccountId) -> Result<Option<Guarded>, RecordsError> {
        let dependent = self.people.dependent(id).await?;
        let is_theirs = |dependent: &Dependent| {
            dependent.account.guardian == Some(guardian.account.id)
                && dependent.account.state != AccountState::Closed
                && dependent.passed.is_none()
        };
        Ok(dependent.filter(is_theirs).map(|dependent| Guarded { dependent, guardian: guardian.account.id }))
    }

    /// Signs a dependent out wherever they are.
    pub async fn sign_dependent_out(&self, guarded: &Guarded) -> Result<(), RecordsError> {
        self.sign_out_everywhere(guarded.id()).await
    }
}
