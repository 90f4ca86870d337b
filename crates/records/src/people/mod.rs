//! People who registered, who of them is signed in, and the work that is still to be done for them. What is personal is sealed under a key of theirs.

mod account;
mod agreement;
mod arrival;
mod cases;
mod closing;
mod dependent;
mod email_change;
mod holdings;
mod job;
mod link;
mod passing;
mod passkey;
mod registration;
mod session;
mod visitor;

use std::sync::Arc;

use domain::{AccountId, Field, Timestamp, Version};
use policy::Sealed;
use sqlx::Row;
use sqlx::any::AnyRow;
use tokio::sync::watch;

use crate::{PersonKey, Records, RecordsError, Vault};

pub use account::{Account, AccountState};
pub use agreement::{AGREEMENTS_MAX, Agreement, AgreementPut};
pub use arrival::{Arrival, Arrived};
pub use cases::{
    About, Case, CaseEvent, CaseFile, CaseState, Confirmation, Decided, Decision, Deletion, DueErasure, Happened, Named, NewReport, Report,
    Reporter, Waiting,
};
pub use dependent::{DEPENDENTS_MAX, Dependent, DependentAdded, Guardianship, NewDependent, Quarter};
pub use email_change::{EmailConfirmed, WayBack};
pub use holdings::{AnswersOfAccount, LinkedAddress, WaitingJob, WaitingLink};
pub use job::{Job, NewJob};
pub use link::{LinkId, MailedLink, NewLink};
pub use passing::TakenUp;
pub use passkey::{NewPasskey, PASSKEYS_MAX, Passkey, PasskeyAdded, PasskeyName};
pub use registration::{Confirmed, NewRegistration, Registration};
pub use session::{SESSIONS_AT_ONCE_MAX, Session, SignInMethod};
pub use visitor::LinkedVisitor;

/// Everything of people, with the keys it takes. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct People {
    pub(crate) records: Records,
    pub(crate) vault: Vault,
    /// How many jobs were kept since the start, for whoever waits for them.
    kept_jobs: Arc<watch::Sender<u64>>,
}

/// A name or an address: as it is shown, and as two of them are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findable {
    pub shown: Sealed<String>,
    pub compared: Sealed<String>,
}

/// What somebody said of their age, without the date that it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representation {
    pub verdict: domain::Age,
    /// How it is known: `stated`, `guardian`, or `came-of-age`.
    pub method: String,
    /// SHA-256 of the words that were shown.
    pub words_hash: [u8; 32],
    pub version: Version,
    pub at: Timestamp,
}

impl People {
    pub fn new(records: Records, vault: Vault) -> Self {
        Self { records, vault, kept_jobs: Arc::default() }
    }

    pub const fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Representation {
    fn read(row: &AnyRow) -> Result<Self, RecordsError> {
        Ok(Self {
            verdict: domain::Age::named(&row.try_get::<String, _>("age")?)
                .ok_or(RecordsError::Unreadable("what somebody said of their age"))?,
            method: row.try_get("age_method")?,
            words_hash: crate::bytes::bytes(row, "age_words_hash")?,
            version: version(row, "age_policy_version")?,
            at: time(row, "age_at")?,
        })
    }
}

/// A value of a person's row, under that person's key.
fn unsealed(vault: &Vault, key: &PersonKey, row: &AnyRow, column: &str, field: Field) -> Result<Sealed<String>, RecordsError> {
    vault.unseal(key, field, &row.try_get::<Vec<u8>, _>(column)?)
}

fn account_id(row: &AnyRow, column: &str) -> Result<AccountId, RecordsError> {
    crate::bytes::bytes(row, column).map(AccountId)
}

pub(crate) fn time(row: &AnyRow, column: &str) -> Result<Timestamp, RecordsError> {
    Timestamp::from_microsecond(row.try_get(column)?).map_err(|_| RecordsError::Unreadable("a time"))
}

pub(crate) fn maybe_time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, RecordsError> {
    let micros: Option<i64> = row.try_get(column)?;
    micros.map(|micros| Timestamp::from_microsecond(micros).map_err(|_| RecordsError::Unreadable("a time"))).transpose()
}

fn version(row: &AnyRow, column: &str) -> Result<Version, RecordsError> {
    u32::try_from(row.try_get::<i64, _>(column)?).map(Version).map_err(|_| RecordsError::Unreadable("a version"))
}
