use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use disk::{Disk, DiskError};
use domain::{Clock, Random, Timestamp};
use parking_lot::Mutex;
use policy::StorageCapability;
use serde::Serialize;

use crate::address::AddressKey;
use crate::count::{self, Counted, Counting, Judge, Progress};
use crate::erase::{self, Erased, Person};
use crate::import::Import;
use crate::maintain::{self, Maintained};
use crate::open::{self, OpenReport};
use crate::query::{Found, Query};
use crate::queue::{Intake, Recorder};
use crate::retention::{Retention, RetentionError};
use crate::scan::{self, Rows};
use crate::sealed::SealedError;
use crate::sealed::manifest::BadManifest;
use crate::sealed::place::{Elsewhere, MARK, Place};
use crate::sealed::seal::{self, Sealing};
use crate::sealed::store::{Store, sweep};
use crate::shared::{Shared, Upkeep};
use crate::visit::Visit;
use crate::writer::Writer;

/// How the log runs.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// The folder of its files.
    pub folder: String,
    /// How long a visit waits for others to be synced with. With a disk that syncs in this time, a visit is durable after twice as long.
    pub sync_interval: Duration,
    /// How many bytes of visits wait in memory while the disk is busy. As much again is being written.
    pub queue_bytes: usize,
    /// A segment that would grow past this is followed by another.
    pub segment_bytes: u64,
    /// So many visits a sealed file holds at most. As many are in memory while one is written.
    pub file_rows: usize,
    /// So many visits stand together in a sealed file; those of one person who is erased are written anew with as many others.
    pub row_group_rows: usize,
    /// So much is written anew before it takes the place of the old: the disk needs room for it, and a crash leaves it to be written again.
    pub rewritten_bytes: u64,
    /// How long to wait after a failure before trying again; longer each time.
    pub retry_after_min: Duration,
    pub retry_after_max: Duration,
    /// What addresses are encrypted with, where the rules ask for it. With another key the same address has another value from then on.
    pub address_key: Option<AddressKey>,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            folder: "visits".to_owned(),
            sync_interval: Duration::from_millis(50),
            queue_bytes: 8 << 20,
            segment_bytes: 64 << 20,
            file_rows: 256 * 1_024,
            row_group_rows: 16 * 1_024,
            rewritten_bytes: 64 << 20,
            retry_after_min: Duration::from_millis(100),
            retry_after_max: Duration::from_secs(5),
            address_key: None,
        }
    }
}

/// Why the log could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the visit log: {0}")]
    Disk(#[from] DiskError),
    #[error("the visit log cannot start its writer: {0}")]
    Thread(std::io::Error),
    #[error("the visit log could not be written; its visits wait in memory, and it keeps trying")]
    NotDurable,
    #[error("the visit log's `manifest` says which of its files count, and {0}")]
    Manifest(BadManifest),
    #[error("a sealed file of the visit log cannot be written: {0}")]
    Sealed(String),
    #[error("another log is being imported; try again when that is done")]
    Importing,
    #[error(
        "the visit log's sealed files are in `{place}`: set `objects` to that again; or copy `visits/manifest` and what ends in `.parquet` from there into `visits` of the \
         data folder and remove `{MARK}` in it"
    )]
    Elsewhere { place: String },
    #[error("`{place}` belongs to the visit log of another data folder; give this one a prefix or a folder of its own")]
    Taken { place: String },
    #[error(
        "`{place}` holds the sealed files of another visit log, which would be mixed with those of this data folder; give this one a prefix or a folder of its own"
    )]
    TwoLogs { place: String },
    #[error("the visit log's sealed files are in `{before}` and not in `{place}`; copy all that is there, or set `objects` to that again")]
    NotThere { place: String, before: String },
    #[error(
        "`{place}` overwrites what it is asked not to overwrite, so that two servers could undo each other's work; use a store with conditional writes (`If-None-Match` and `If-Match`)"
    )]
    NoConditions { place: String },
    #[error("`objects` is the data folder itself; leave it away to have the sealed files there")]
    NotElsewhere,
    #[error("`{MARK}` in the visit log's folder, which says where its sealed files are, is damaged; put it back from a backup")]
    BadMark,
    #[error("the visit log's sealed files could not be reached since the start; ask again when they can")]
    Away,
    #[error("the visit log was changed while it was read; ask again")]
    Changed,
    #[error("the visit log is closed")]
    Closed,
    #[error("the visit log could not read segment {segment} to remove what has to go from it; look at the disk, and run this again")]
    NotReadable { segment: u64 },
}

/// How the log does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Visits taken since the log was opened.
    pub recorded: u64,
    /// Those of them that a power cut cannot take.
    pub durable: u64,
    /// Visits that found no room, since the log was opened.
    pub lost: u64,
    /// In all segments and sealed files.
    pub bytes: u64,
    /// Files of both kinds.
    pub segments: u64,
    /// Waiting in memory.
    pub queue_bytes: u64,
    pub last_sync_us: u64,
    /// The last attempt to write failed.
    pub failing: bool,
    /// Requests to where the sealed files are, if that is far away, since the log was opened.
    pub objects_requests: u64,
    /// It could not be reached when it was last tried.
    pub objects_failing: bool,
}

/// The visit log.
pub struct Log {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What is sealed, as far as it can be reached, without what counts for nothing.
fn open_store(disk: &Arc<dyn Disk>, place: &Place, folder: &str) -> Result<Store, LogError> {
    let open = || {
        place.take(disk, folder)?;
        let objects = &*place.objects;
        let store = if place.is_elsewhere() { Store::open_alone(objects, folder)? } else { Store::open(objects, folder)? };
        place.note_sealing(&**disk, folder, store.manifest.sealed_through)?;
        sweep(&**disk, objects, folder, &store.manifest)?;
        Ok(store)
    };
    match open() {
        Err(error) if place.is_out_of_reach(&**disk, folder, &error) => {
            tracing::error!(%error, "the sealed files of the visit log cannot be reached; nothing is sealed until they can, and nobody can read them");
            Ok(Store::away(place.sealed_through(disk, folder)?))
        }
        opened => opened,
    }
}

impl From<SealedError> for LogError {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::Disk(error) => Self::Disk(error),
            SealedError::Format(why) => Self::Sealed(why),
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Log").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log in its folder, which is made where there is none. A tail that a crash tore off is cut; other damage is reported and left as it is.
    pub fn open(
        disk: Arc<dyn Disk>,
        storage: StorageCapability,
        clock: Arc<dyn Clock>,
        settings: LogSettings,
    ) -> Result<(Self, OpenReport), LogError> {
        Self::open_with(disk, None, storage, clock, settings)
    }

    /// The same with the sealed files elsewhere, where there is such a place. What is sealed here already moves there. A place that is known to be this log's and
    /// cannot be reached now is asked again by maintenance; until then nothing is sealed, and readers are told.
    pub fn open_with(
        disk: Arc<dyn Disk>,
        elsewhere: Option<Elsewhere>,
        storage: StorageCapability,
        clock: Arc<dyn Clock>,
        settings: LogSettings,
    ) -> Result<(Self, OpenReport), LogError> {
        disk.create_dir_all(&settings.folder)?;
        let place = Place::new(&disk, elsewhere);
        let store = open_store(&disk, &place, &settings.folder)?;
        let opened = open::open(&*disk, &settings.folder, &store)?;
        let upkeep = Upkeep { next_file: store.manifest.next_file, ..Upkeep::default() };
        let shared = Arc::new(Shared {
            disk,
            place,
            clock,
            storage,
            intake: Arc::new(Intake::new(settings.queue_bytes)),
            settings,
            active: Mutex::new(opened.active),
            catalog: Mutex::new(opened.catalog),
            retention: Mutex::default(),
            unseen: Mutex::default(),
            sealed: Mutex::new(Arc::new(store)),
            importing: Mutex::default(),
            import_key: OnceLock::new(),
            maintenance: Mutex::new(upkeep),
        });
        let writer = Writer::new(Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("visits".to_owned()).spawn(|| writer.run()).map_err(LogError::Thread)?;
        Ok((Self { shared, writer: Mutex::new(Some(thread)) }, opened.report))
    }

    /// A way into the log, for whoever answers requests.
    pub fn recorder(&self) -> Recorder {
        Recorder { intake: Arc::clone(&self.shared.intake), storage: self.shared.storage.clone() }
    }

    /// Waits until all that was recorded before this call is durable, or an attempt to make it so has failed.
    pub fn flush(&self) -> Result<(), LogError> {
        self.shared.flush()
    }

    /// What is durable and matches; [`Log::flush`] first to see what was recorded just now.
    pub fn find(&self, query: &Query) -> Result<Found, LogError> {
        self.find_where(query, &mut |_| true)
    }

    /// The same of those visits that somebody may see: its limit is for them.
    pub fn find_where(&self, query: &Query, may_be_seen: &mut dyn FnMut(&Visit) -> bool) -> Result<Found, LogError> {
        const TIMES: usize = 3;
        let mut found = Err(LogError::Changed);
        for _ in 0..TIMES {
            found = scan::find(Arc::clone(&self.shared), query, may_be_seen);
            if !matches!(found, Err(LogError::Changed)) {
                break;
            }
        }
        found
    }

    /// What matches, in the order it was recorded, without ever holding more than a row of it.
    pub fn rows(&self, query: &Query) -> Rows {
        Rows::new(Arc::clone(&self.shared), query)
    }

    /// Counts what is durable and matches, as far as `judge` lets it be counted, and says now and then how far it is.
    pub fn count(&self, counting: &Counting<'_>, judge: &dyn Judge, progress: &mut dyn FnMut(Progress)) -> Result<Counted, LogError> {
        count::count(Arc::clone(&self.shared), counting, judge, progress)
    }

    /// From now on nobody sees more of old visits than this; [`Log::maintain`] removes the rest from the files.
    pub fn set_retention(&self, retention: Retention) -> Result<(), RetentionError> {
        retention.check()?;
        if retention.encrypts() && self.shared.settings.address_key.is_none() {
            return Err(RetentionError::NoKey);
        }
        *self.shared.retention.lock() = Arc::new(retention);
        Ok(())
    }

    /// Removes from the files what has expired or aged. When this is done at least every twelve hours, nothing outlives its time by more than a day.
    pub fn maintain(&self, now: Timestamp) -> Result<Maintained, LogError> {
        maintain::maintain(&self.shared, now)
    }

    /// Turns what grows no more into sealed files, in which the visits of one person stand together. Readers see the same before and after.
    pub fn seal(&self, now: Timestamp) -> Result<Sealing, LogError> {
        seal::seal(&self.shared, now)
    }

    /// A way into the log for visits that another server logged, as far as the rules of this moment let them be kept. The random bytes make a key, the first time.
    pub fn import(&self, now: Timestamp, random: &dyn Random) -> Result<Import<'_>, LogError> {
        Import::new(&self.shared, now, random)
    }

    /// The latest time in the logs of other servers that were taken in.
    pub fn imported_until(&self) -> Option<Timestamp> {
        self.shared.store().manifest.imported.newest().and_then(|newest| Timestamp::from_microsecond(newest).ok())
    }

    /// Takes out of every file what was recorded of these people before this call, and says how much of each there was. Nobody sees it from the call on, and
    /// visits go on being recorded meanwhile. It reads the whole log: name together whoever is to be erased. Where it fails or is killed, a part of it is done;
    /// whoever asked has to ask again.
    pub fn erase(&self, people: &[Person], now: Timestamp) -> Result<Erased, LogError> {
        if people.is_empty() {
            return Ok(Erased::default());
        }
        erase::erase(&self.shared, people, now)
    }

    pub fn counts(&self) -> Counts {
        let is_away;
        let (bytes, segments) = {
            let catalog = self.shared.catalog.lock();
            let store = self.shared.store();
            is_away = store.is_away;
            let of_segments: u64 = catalog.segments.iter().map(|segment| segment.length).sum();
            let of_files: u64 = store.files.iter().map(|file| file.entry.bytes).sum();
            (of_segments + of_files, (catalog.segments.len() + store.files.len()) as u64)
        };
        let queue = self.shared.intake.queue.lock();
        Counts {
            recorded: queue.recorded,
            durable: queue.durable,
            lost: queue.lost,
            bytes,
            segments,
            queue_bytes: queue.bytes() as u64,
            last_sync_us: u64::try_from(queue.last_sync.as_micros()).unwrap_or(u64::MAX),
            failing: queue.failing,
            objects_requests: self.shared.place.objects.requests(),
            objects_failing: is_away || self.shared.place.objects.is_failing(),
        }
    }

    /// Makes durable what was recorded, and ends. What is recorded afterwards is lost, and counted.
    pub fn close(&self) -> Result<(), LogError> {
        let (target, intake) = {
            let mut queue = self.shared.intake.queue.lock();
            queue.closing = true;
            (queue.events, &self.shared.intake)
        };
        intake.wake.notify_one();
        if let Some(writer) = self.writer.lock().take() {
            // A writer that panicked has said so, and left its visits unsettled.
            let _ = writer.join();
        }
        if intake.queue.lock().settled >= target { Ok(()) } else { Err(LogError::NotDurable) }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the visit log was dropped");
        }
    }
}
