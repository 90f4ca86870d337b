use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use disk::Disk;
use domain::{Clock, Random};
use policy::cookie::{KeyRecord, SigningKeys};
use serde::Serialize;
use serde::de::DeserializeOwned;

const FILE: &str = "signing-keys.json";

/// The keys that sign our cookies and forms, with the file they are kept in.
pub(super) struct KeyFile {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: Arc<ArcSwap<SigningKeys>>,
}

impl KeyFile {
    /// Reads the keys, and makes the first one where there is none. A file that cannot be read is an error: new keys would make every cookie a forgery.
    pub(super) fn open(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> anyhow::Result<Self> {
        let records = rotate(&*disk, &*clock, &*random)?;
        let keys = SigningKeys::from_records(records).context("no signing key was made")?;
        Ok(Self { disk, clock, random, keys: Arc::new(ArcSwap::from_pointee(keys)) })
    }

    pub(super) fn keys(&self) -> Arc<ArcSwap<SigningKeys>> {
        Arc::clone(&self.keys)
    }

    /// Brings in a new key when the newest has signed for long enough.
    pub(super) fn rotate(&self) -> anyhow::Result<()> {
        let records = rotate(&*self.disk, &*self.clock, &*self.random)?;
        self.keys.store(Arc::new(SigningKeys::from_records(records).context("no signing key is left")?));
        Ok(())
    }
}

fn rotate(disk: &dyn Disk, clock: &dyn Clock, random: &dyn Random) -> anyhow::Result<Vec<KeyRecord>> {
    rotate_in(disk, FILE, |records| SigningKeys::rotated(records, clock.now(), random))
}

/// The keys of a file, after those were brought in and let go whose time it is. A file that cannot be read is never replaced.
pub(super) fn rotate_in<R: Serialize + DeserializeOwned>(
    disk: &dyn Disk,
    file: &str,
    rotated: impl FnOnce(&mut Vec<R>) -> bool,
) -> anyhow::Result<Vec<R>> {
    let mut records: Vec<R> = match disk.read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|_| anyhow::anyhow!("{file} in the data folder is damaged; put it back from a backup"))?,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if rotated(&mut records) {
        disk::replace(disk, file, &serde_json::to_vec(&records)?).with_context(|| format!("{file} cannot be kept"))?;
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use disk::SimulatedDisk;
    use domain::{ManualClock, SeededRandom};

    use super::*;

    #[test]
    fn a_key_outlives_the_process_and_is_followed_by_another_after_90_days() {
        let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::new());
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        let random = Arc::new(SeededRandom::new(1));
        let open = || KeyFile::open(Arc::clone(&disk), Arc::clone(&clock) as Arc<dyn Clock>, Arc::clone(&random) as Arc<dyn Random>);

        let first = open().expect("keys");
        let (id, tag) = first.keys().load().sign(b"test", b"message");
        let again = open().expect("the same keys");
        assert!(again.keys().load().verify(b"test", &id, b"message", &tag), "a restart keeps the key");

        clock.advance(Duration::from_secs(91 * 86_400));
        again.rotate().expect("a new key");
        let (newer, _) = again.keys().load().sign(b"test", b"message");
        assert_ne!(newer, id, "another key signs now");
        assert!(again.keys().load().verify(b"test", &id, b"message", &tag), "the old one still verifies");
    }

    #[test]
    fn damaged_keys_are_never_replaced() {
        let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::new());
        disk::replace(&*disk, FILE, b"[{]").expect("written");
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        let opened = KeyFile::open(Arc::clone(&disk), clock, Arc::new(SeededRandom::new(1)));
        assert!(opened.is_err_and(|error| error.to_string().contains("damaged")));
        assert_eq!(disk.read(FILE).expect("still there"), b"[{]");
    }
}
