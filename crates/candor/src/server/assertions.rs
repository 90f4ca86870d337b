use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use disk::Disk;
use domain::{Clock, Random};
use policy::assertion::{AssertionKeyRecord, AssertionKeys};

use super::keys::rotate_in;

const FILE: &str = "assertion-keys.json";

/// The keys that sign what the site is told of people, with the file they are kept in.
pub(super) struct AssertionFile {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: Arc<ArcSwap<AssertionKeys>>,
}

impl AssertionFile {
    /// Reads the keys, and makes the first one where there is none.
    pub(super) fn open(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> anyhow::Result<Self> {
        let keys = rotated(&*disk, &*clock, &*random)?;
        Ok(Self { disk, clock, random, keys: Arc::new(ArcSwap::from_pointee(keys)) })
    }

    pub(super) fn keys(&self) -> Arc<ArcSwap<AssertionKeys>> {
        Arc::clone(&self.keys)
    }

    /// Brings in a new key when the newest has signed for long enough. One that changed nothing leaves the keys as they are, so that what was signed with
    /// them stays remembered.
    pub(super) fn rotate(&self) -> anyhow::Result<()> {
        let keys = rotated(&*self.disk, &*self.clock, &*self.random)?;
        if keys.public_set() != self.keys.load().public_set() {
            self.keys.store(Arc::new(keys));
        }
        Ok(())
    }
}

fn rotated(disk: &dyn Disk, clock: &dyn Clock, random: &dyn Random) -> anyhow::Result<AssertionKeys> {
    let rotate = |records: &mut Vec<AssertionKeyRecord>| AssertionKeys::rotated(records, clock.now(), random);
    let records = rotate_in(disk, FILE, rotate)?;
    AssertionKeys::from_records(&records).with_context(|| format!("{FILE} in the data folder is damaged; put it back from a backup"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use disk::SimulatedDisk;
    use domain::{ManualClock, SeededRandom};

    use super::*;

    #[test]
    fn a_key_outlives_the_process_and_is_shown_together_with_the_one_that_follows() {
        let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::new());
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        let random = Arc::new(SeededRandom::new(1));
        let open = || AssertionFile::open(Arc::clone(&disk), Arc::clone(&clock) as Arc<dyn Clock>, Arc::clone(&random) as Arc<dyn Random>);
        let first = open().expect("keys").keys().load().public_set();
        let again = open().expect("the same keys");
        assert_eq!(again.keys().load().public_set(), first);
        let loaded = again.keys().load_full();
        again.rotate().expect("nothing to do");
        assert!(Arc::ptr_eq(&loaded, &again.keys().load_full()));

        clock.advance(Duration::from_secs(30 * 86_400));
        again.rotate().expect("a new key");
        let both = again.keys().load().public_set();
        let own = first.trim_start_matches(r#"{"keys":["#).trim_end_matches("]}");
        assert!(both.contains(own) && both.len() > first.len(), "{both}");
        clock.advance(Duration::from_secs(2 * 86_400));
        again.rotate().expect("the old one goes");
        assert!(!again.keys().load().public_set().contains(own));
    }

    #[test]
    fn damaged_keys_are_never_replaced() {
        let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::new());
        disk::replace(&*disk, FILE, b"[{]").expect("written");
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        let opened = AssertionFile::open(Arc::clone(&disk), clock, Arc::new(SeededRandom::new(1)));
        assert!(opened.is_err_and(|error| error.to_string().contains("damaged")));
        assert_eq!(disk.read(FILE).expect("still there"), b"[{]");
    }
}
