//! Operators: how somebody becomes one, how they sign in to the console, and what they may do there. There is no password and no mail: a link that works
//! once makes an operator, and from then on a passkey signs in.

mod joining;
mod name;
mod passkeys;
mod people;
mod sessions;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use domain::{OperatorId, Random, Span, Timestamp};
use policy::Sealed;

pub use joining::{INVITATION_LIVES, JoinError, OWNER_LINK_LIVES};
pub use name::{BadOperatorName, operator_name};
pub use passkeys::{AddPasskeyError, SignInError};
pub use sessions::{IDLE_MAX, PROOF_LASTS, SESSION_MAX, has_just_proved};

pub use records::{
    Action, Deed, Invitation, Operator, OperatorName, OperatorPasskey, OperatorRemoved, PasskeyName, PasskeyRemoved, RecordsError, Role,
    SignedIn,
};

use crate::passkeys::Ceremonies;
use crate::people::{Doer, Limits, Rate, Rates, TooOften};

/// For so long it can be said by name who did what, after they were removed.
pub const NAMES_KEPT: Span = Span::months(24);

/// Everything that is done with operators.
pub struct Operators {
    records: records::Operators,
    random: Arc<dyn Random>,
    rates: Rates,
    ceremonies: Ceremonies,
}

impl fmt::Debug for Operators {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Operators").finish_non_exhaustive()
    }
}

/// Few people run a site, and a passkey is no password that many could be tried of: the limit only keeps the work small.
const LIMITS: Limits = Limits {
    email: Rate { at_once: 1, then_every_ms: 1 },
    // Behind a proxy all of them come from one address.
    address: Rate { at_once: 60, then_every_ms: 20 * 1_000 },
    network: Rate { at_once: 120, then_every_ms: 10 * 1_000 },
    everybody: Rate { at_once: 300, then_every_ms: 1_000 },
};

impl Operators {
    pub fn new(records: records::Operators, random: Arc<dyn Random>) -> Self {
        let ceremonies = Ceremonies::new("operator", &*random);
        Self { records, random, rates: Rates::new(LIMITS), ceremonies }
    }

    /// Counts an attempt of this kind from this address, unless there are too many.
    pub fn admit(&self, kind: &str, client: &Sealed<IpAddr>, now: Timestamp) -> Result<(), TooOften> {
        self.rates.admit(kind, Doer { client, email: None }, self.records.vault(), now)
    }

    /// Everybody who runs the site, and who did not long ago; the first first.
    pub async fn all(&self) -> Result<Vec<Operator>, RecordsError> {
        self.records.all().await
    }

    /// Removes an operator: they are signed out everywhere at once, and their passkeys do not work any more.
    pub async fn remove(&self, operator: OperatorId, by: &SignedIn, now: Timestamp) -> Result<OperatorRemoved, RecordsError> {
        self.records.remove(operator, by.operator.id, now).await
    }

    /// The newest deeds before this number, the newest first.
    pub async fn actions(&self, before: Option<i64>, at_most: u16) -> Result<Vec<Action>, RecordsError> {
        self.records.actions(before, at_most).await
    }

    /// Forgets what has had its time: sessions, links, and the names of those who were removed long ago. Says how many of them there were.
    pub async fn forget(&self, now: Timestamp) -> Result<u64, RecordsError> {
        let sessions = self.records.forget_sessions(now, IDLE_MAX.before(now)).await?;
        let links = self.records.forget_invitations(now).await?;
        Ok(sessions + links + self.records.forget_removed(NAMES_KEPT.before(now)).await?)
    }
}
