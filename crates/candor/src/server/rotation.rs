//! A new master key in the place of the one that wraps people's keys, while everything goes on.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Random};
use records::{MasterKeys, Vault, Wrappings};
use tokio::runtime::Handle;

use super::vault::{self, Place};
use crate::config::Configuration;
use crate::owner::{Answer, DataFolder, KeysReport};

/// So often somebody who waits hears how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(500);

/// Where it went wrong, it is tried again after this.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What it takes to rotate.
#[derive(Clone)]
pub(crate) struct Rotation {
    pub(super) vault: Vault,
    pub(super) place: Place,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) runtime: Handle,
}

type Tell<'t> = &'t mut dyn FnMut(Answer) -> anyhow::Result<()>;

impl Rotation {
    /// Says under which master keys everything is.
    pub(crate) fn standing(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let Wrappings { newest, older } = self.runtime.block_on(self.vault.wrappings())?;
        tell(Answer::Keys(KeysReport::Wrapped { newest, older, place: self.place.shown() }))
    }

    /// Brings in a new master key, and wraps everybody's key anew with it. Whoever was stopped anywhere in it does the rest when asked again, or at the next
    /// start: first there is a new key in its place, durably, and only then is it used.
    pub(crate) fn rotate(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let place = self.place.shown();
        let found = self.place.keys(&*self.random)?;
        let is_known = self.runtime.block_on(self.vault.wraps_with(&found));
        if !is_known {
            // Somebody put another there by hand.
            self.runtime.block_on(self.vault.use_master_keys(found))?;
            tell(Answer::Keys(KeysReport::Found { place }))?;
        } else if self.runtime.block_on(self.vault.wrappings())?.older > 0 {
            tell(Answer::Keys(KeysReport::Unfinished))?;
        } else {
            let line = MasterKeys::new_line(&*self.random);
            match self.place.add(&line, &*self.random)? {
                Some(keys) => self.runtime.block_on(self.vault.use_master_keys(keys))?,
                None => return tell(Answer::Keys(KeysReport::ByHand { variable: place, line })),
            }
            tell(Answer::Keys(KeysReport::Added { place }))?;
        }
        self.rewrap(tell)
    }

    fn rewrap(&self, tell: Tell<'_>) -> anyhow::Result<()> {
        let mut told = self.clock.monotonic();
        while self.runtime.block_on(self.vault.rewrap())? > 0 {
            if self.clock.monotonic().saturating_sub(told) >= TOLD_EVERY {
                // Whoever asked may have gone away. The work goes on.
                let _ = self.standing(tell);
                told = self.clock.monotonic();
            }
        }
        self.standing(tell)
    }
}

/// Ends a rotation that was interrupted, or that somebody began by hand. Where there is none it does nothing.
pub(super) async fn finish(vault: Vault) {
    let mut rewrapped = 0;
    loop {
        match vault.rewrap().await {
            Ok(0) => break,
            Ok(some) => rewrapped += some,
            Err(error) => {
                tracing::error!(%error, "keys could not be wrapped anew with the newest master key; it is tried again");
                tokio::time::sleep(TRIED_AGAIN_AFTER).await;
            }
        }
    }
    if rewrapped > 0 {
        tracing::info!(keys = rewrapped, "all keys are under the newest master key; the older lines may go");
    }
}

/// The same without a server: this process owns the folder meanwhile.
pub(crate) fn rotation_in_folder<T>(
    data: &DataFolder,
    site_folder: &std::path::Path,
    configuration: &Configuration,
    act: impl FnOnce(&Rotation) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let random: Arc<dyn Random> = Arc::new(crate::clock::SystemSource::new());
    let place = Place::new(&configuration.main.master_key, site_folder, data.path())?;
    let address = configuration.keys_of_people(site_folder, data.path());
    let vault = runtime.block_on(vault::open(&address, &place, super::storage(), Arc::clone(&random)))?;
    let clock = Arc::new(crate::clock::SystemClock::new());
    let rotation = Rotation { vault, place, clock, random, runtime: runtime.handle().clone() };
    let acted = act(&rotation);
    runtime.block_on(rotation.vault.close());
    acted
}
