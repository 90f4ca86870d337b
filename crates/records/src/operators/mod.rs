//! Who runs the site: operators, how they sign in to the console, and what they did there. They are not people of the site, and nothing of theirs is beside
//! an account: an operator's name is sealed under a key of that operator's own.

mod action;
mod invitation;
mod operator;
mod passkey;
mod session;

use std::sync::Arc;

use domain::{AccountId, OperatorId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bytes::bytes;
use crate::{Done, PersonKey, Records, RecordsError, Vault, Work};

#[expect(unused_imports, reason = "whoever keeps a decision of an operator keeps what they did with it")]
pub(crate) use action::insert_action;
pub use action::{Action, Deed, NewAction};
pub use invitation::{Invitation, Joined, Joining, NewInvitation};
pub use operator::{Operator, OperatorName, OperatorRemoved, Role};
pub use passkey::{FirstPasskey, NewOperatorPasskey, OperatorPasskey, PasskeyRemoved};
pub use session::{OperatorSession, SignedIn};

/// The SHA-256 of a random token: what is kept of a link or of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// Everything of operators, with the keys it takes. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Operators {
    records: Records,
    vault: Vault,
}

impl Operators {
    pub const fn new(records: Records, vault: Vault) -> Self {
        Self { records, vault }
    }

    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    async fn key(&self, operator: OperatorId) -> Result<Option<PersonKey>, RecordsError> {
        self.vault.find(in_the_vault(operator)).await
    }

    /// Does work as one transaction, where the connections live.
    async fn transact<I: Send + Sync + 'static, T: Send + 'static>(
        &self,
        input: I,
        does: for<'w> fn(&'w mut Work, &'w I) -> Done<'w, T>,
    ) -> Result<T, RecordsError> {
        let (records, input) = (self.records.clone(), Arc::new(input));
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let input = Arc::clone(&input);
                        Box::pin(async move { does(work, &input).await })
                    })
                    .await
            })
            .await
    }
}

/// What an operator's key is found under. Ids are random, so an operator's is nobody else's.
const fn in_the_vault(operator: OperatorId) -> AccountId {
    AccountId(operator.0)
}

fn operator_id(row: &AnyRow, column: &str) -> Result<OperatorId, RecordsError> {
    bytes(row, column).map(OperatorId)
}

fn role(row: &AnyRow) -> Result<Role, RecordsError> {
    Role::named(&row.try_get::<String, _>("role")?).ok_or(RecordsError::Unreadable("an operator's role"))
}
