//! What the log's parts share.

use std::sync::{Arc, OnceLock};

use disk::{Disk, DiskError, WritableFile};
use domain::{Clock, Timestamp};
use jiff::civil::Date;
use parking_lot::Mutex;
use policy::StorageCapability;

use crate::erase::Marked;
use crate::queue::Intake;
use crate::reader::SegmentReader;
use crate::retention::{Retention, RetentionNow};
use crate::sealed::place::Place;
use crate::sealed::store::Store;
use crate::segment::{Catalog, Name, Segment};
use crate::{LogError, LogSettings};

pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    /// Where the sealed files are.
    pub(crate) place: Place,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) storage: StorageCapability,
    pub(crate) settings: LogSettings,
    pub(crate) intake: Arc<Intake>,
    /// Locked while the disk is written to. Before `catalog`, where both are.
    pub(crate) active: Mutex<Active>,
    /// Locked for moments only.
    pub(crate) catalog: Mutex<Catalog>,
    pub(crate) retention: Mutex<Arc<Retention>>,
    /// Whose visits are being erased: readers pass them over until the files do not hold them.
    pub(crate) unseen: Mutex<Arc<Marked>>,
    /// What is sealed. Locked for moments only; after `catalog`, where both are.
    pub(crate) sealed: Mutex<Arc<Store>>,
    /// Locked while visits of other logs are taken in: two at a time would both take in what neither knows.
    pub(crate) importing: Mutex<()>,
    /// What other logs are told by, until the manifest has it.
    pub(crate) import_key: OnceLock<[u8; 32]>,
    /// One maintenance at a time.
    pub(crate) maintenance: Mutex<Upkeep>,
}

/// What one maintenance leaves to the next.
#[derive(Clone, Copy, Default)]
pub(crate) struct Upkeep {
    /// The folder has names that are not durable.
    pub(crate) names_unsynced: bool,
    /// There may be another manifest than the one that counts here, or files that none lists.
    pub(crate) is_unsettled: bool,
    /// The number of the next sealed file.
    pub(crate) next_file: u64,
}

/// Where the next visits go.
pub(crate) struct Active {
    pub(crate) current: Option<Current>,
    pub(crate) next_number: u64,
    /// Files that nothing counts of and that could not be removed. None may outlive its successor, which says so.
    pub(crate) litter: Vec<Name>,
}

/// The segment that is still growing.
pub(crate) struct Current {
    pub(crate) number: u64,
    pub(crate) day: Date,
    pub(crate) salt: u32,
    pub(crate) file: Box<dyn WritableFile>,
    /// What is durable.
    pub(crate) length: u64,
    /// The segment as the catalog will hold it, until its name is durable.
    pub(crate) unpublished: Option<Segment>,
}

impl Shared {
    pub(crate) fn path(&self, name: &impl std::fmt::Display) -> String {
        format!("{}/{name}", self.settings.folder)
    }

    /// A reader of what is durable of a segment; none when the segment is gone.
    pub(crate) fn reader(&self, number: u64) -> Option<Result<SegmentReader, DiskError>> {
        // A rewritten segment takes the old one's name under this lock, so that file, header and length belong together.
        let catalog = self.catalog.lock();
        let segment = catalog.get(number)?;
        let file = self.disk.open(&self.path(&segment.name));
        Some(file.map(|file| SegmentReader::new(file, number, segment.header, segment.length)))
    }

    pub(crate) fn is_current(&self, number: u64) -> bool {
        self.active.lock().current.as_ref().is_some_and(|current| current.number == number)
    }

    pub(crate) fn unseen(&self) -> Arc<Marked> {
        Arc::clone(&self.unseen.lock())
    }

    /// Waits until all that was recorded before this call is durable, or an attempt to make it so has failed.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        let mut queue = self.intake.queue.lock();
        let (target, failures) = (queue.events, queue.failures);
        if queue.settled >= target {
            return Ok(());
        }
        queue.flush_until = queue.flush_until.max(target);
        queue.attempt_now = queue.failing;
        self.intake.wake.notify_one();
        loop {
            if queue.settled >= target {
                return Ok(());
            }
            if queue.closed {
                return Err(LogError::Closed);
            }
            if queue.failures != failures {
                return Err(LogError::NotDurable);
            }
            self.intake.progress.wait(&mut queue);
        }
    }

    /// The rules at one moment.
    pub(crate) fn rules(&self, now: Timestamp) -> RetentionNow {
        self.retention().at(now, &self.storage, self.settings.address_key.as_ref())
    }

    pub(crate) fn retention(&self) -> Arc<Retention> {
        Arc::clone(&self.retention.lock())
    }
}
