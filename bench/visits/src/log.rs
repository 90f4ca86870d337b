//! The log of a data folder, opened as the server opens it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use disk::RealDisk;
use domain::{AccountId, Field, ManualClock, Timestamp};
use policy::{Sealed, StorageCapability};
use visits::{Found, Log, LogSettings, Query};

use crate::people::Known;

/// The folder of the log within the data.
pub(crate) const FOLDER: &str = "visits";

pub(crate) struct Opened {
    pub(crate) log: Log,
    pub(crate) storage: StorageCapability,
}

/// After every visit of the generator. Without retention, nothing depends on it.
pub(crate) fn now() -> Result<Timestamp> {
    Ok("2026-06-01T00:00:00Z".parse()?)
}

impl Opened {
    #[expect(clippy::disallowed_methods, reason = "the benchmark stands in for the wiring")]
    pub(crate) fn at(data: &Path) -> Result<Self> {
        let storage = StorageCapability::issue();
        let settings = LogSettings { folder: FOLDER.to_owned(), ..LogSettings::default() };
        let (log, report) =
            Log::open(Arc::new(RealDisk::new(data)), storage.clone(), Arc::new(ManualClock::at(now()?)), settings).context("the log")?;
        ensure!(report.damage.is_empty(), "the log is damaged");
        Ok(Self { log, storage })
    }

    pub(crate) fn of_account(&self, account: &AccountId) -> Result<Found> {
        self.find(&Query { account: Some(Sealed::new(Field::VisitAccount, *account)), ..Query::default() })
    }

    /// Only those not before this: of few files, so that it can be asked very often.
    pub(crate) fn of_account_since(&self, account: &AccountId, since: Timestamp) -> Result<Found> {
        self.find(&Query { account: Some(Sealed::new(Field::VisitAccount, *account)), since: Some(since), ..Query::default() })
    }

    pub(crate) fn of_address(&self, known: &Known) -> Result<Found> {
        self.find(&Query { ip: Some(known.address.parse()?), ..Query::default() })
    }

    fn find(&self, query: &Query) -> Result<Found> {
        let found = self.log.find(query)?;
        ensure!(found.damage.is_empty(), "the log is damaged");
        Ok(found)
    }

    /// The account that the log knows somebody by, and that it is in all of their visits and in no others.
    pub(crate) fn account_of(&self, known: &Known) -> Result<AccountId> {
        let of_address = self.of_address(known)?.visits;
        let accounts: Option<Vec<AccountId>> =
            of_address.iter().map(|visit| visit.account.as_ref().map(|account| *self.storage.reveal(account))).collect();
        let accounts = accounts.context("a visit of somebody with a name has no account; does the policy keep it?")?;
        let account = *accounts.first().with_context(|| format!("nothing is found of {}", known.user))?;
        ensure!(accounts.iter().all(|other| *other == account), "an address is one person's");
        let of_account = self.of_account(&account)?.visits;
        ensure!(of_account == of_address, "by account and by address the same visits are found");
        ensure!(of_account.len() as u64 == known.visits, "{} made {} visits, and {} are found", known.user, known.visits, of_account.len());
        Ok(account)
    }
}

/// As other tools write it.
pub(crate) fn hexadecimal(account: &AccountId) -> String {
    account.0.iter().map(|byte| format!("{byte:02x}")).collect()
}
