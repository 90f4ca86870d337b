//! Where requests leave their visits, and where the writer picks them up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use parking_lot::{Condvar, Mutex};
use policy::StorageCapability;

use crate::record;
use crate::visit::{Gap, NewVisit};

/// Takes visits on their way to the log. Clones feed the same log.
#[derive(Clone)]
pub struct Recorder {
    pub(crate) intake: Arc<Intake>,
    pub(crate) storage: StorageCapability,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Recorder {
    /// Hands a visit to the log. It never waits for the disk and never fails: what the log cannot take is counted, and that it is missing is recorded
    /// as soon as the log works again.
    pub fn record(&self, visit: &NewVisit<'_>) {
        let bytes_max = record::frame_bytes_max(visit, &self.storage);
        let mut queue = self.intake.queue.lock();
        let was_idle = !queue.has_work();
        let was_filling = queue.is_filling();
        queue.events += 1;
        if queue.closing || queue.frames.len() + bytes_max > queue.capacity {
            queue.lose(visit.time);
        } else {
            record::put_visit(&mut queue.frames, visit, &self.storage);
            queue.took(visit.time);
        }
        let wakes = was_idle || (queue.is_filling() && !was_filling);
        drop(queue);
        if wakes {
            self.intake.wake.notify_one();
        }
    }
}

/// What recorders, the writer and those who wait for it share.
pub(crate) struct Intake {
    pub(crate) queue: Mutex<Queue>,
    /// Tells the writer that there is something to do.
    pub(crate) wake: Condvar,
    /// Tells whoever flushes that something became durable, or could not.
    pub(crate) progress: Condvar,
}

pub(crate) struct Queue {
    /// Encoded visits without their checksums, never more than `capacity` bytes.
    frames: Vec<u8>,
    capacity: usize,
    visits: u64,
    times: Option<(Timestamp, Timestamp)>,
    gap: Option<Gap>,
    /// The gap in the batch that the writer is busy with.
    gap_in_flight: Option<Gap>,

    /// Visits that came here, whatever became of them.
    pub(crate) events: u64,
    /// How many of those the writer has taken.
    taken: u64,
    /// How many of those are settled: durable, or durably counted as lost.
    pub(crate) settled: u64,
    /// Somebody waits for so many to be settled.
    pub(crate) flush_until: u64,
    /// Somebody wants to know now whether the disk works.
    pub(crate) attempt_now: bool,
    /// Attempts to write that failed.
    pub(crate) failures: u64,

    pub(crate) recorded: u64,
    pub(crate) durable: u64,
    pub(crate) lost: u64,
    pub(crate) failing: bool,
    pub(crate) last_sync: Duration,
    pub(crate) closing: bool,
    /// The writer is gone.
    pub(crate) closed: bool,
}

/// What is written and synced at once.
pub(crate) struct Batch {
    pub(crate) frames: Vec<u8>,
    pub(crate) visits: u64,
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    pub(crate) gap: Option<Gap>,
    events: u64,
}

impl Intake {
    pub(crate) fn new(capacity: usize) -> Self {
        let queue = Queue {
            frames: room_for(capacity),
            capacity,
            visits: 0,
            times: None,
            gap: None,
            gap_in_flight: None,
            events: 0,
            taken: 0,
            settled: 0,
            flush_until: 0,
            attempt_now: false,
            failures: 0,
            recorded: 0,
            durable: 0,
            lost: 0,
            failing: false,
            last_sync: Duration::ZERO,
            closing: false,
            closed: false,
        };
        Self { queue: Mutex::new(queue), wake: Condvar::new(), progress: Condvar::new() }
    }
}

/// A gap is added to a batch that may be full.
fn room_for(capacity: usize) -> Vec<u8> {
    Vec::with_capacity(capacity + record::GAP_FRAME)
}

impl Queue {
    pub(crate) fn has_work(&self) -> bool {
        !self.frames.is_empty() || self.gap.is_some()
    }

    /// Waiting longer for more visits would lose them, or keep somebody waiting.
    pub(crate) fn is_urgent(&self) -> bool {
        self.closing || self.flush_until > self.taken || self.is_filling()
    }

    fn is_filling(&self) -> bool {
        self.gap.is_some() || self.frames.len() > self.capacity / 2
    }

    pub(crate) fn bytes(&self) -> usize {
        self.frames.len()
    }

    /// The gaps that the log does not hold yet.
    pub(crate) fn unwritten_gaps(&self) -> impl Iterator<Item = Gap> + use<> {
        self.gap_in_flight.into_iter().chain(self.gap)
    }

    fn took(&mut self, time: Timestamp) {
        self.visits += 1;
        self.recorded += 1;
        self.times = Some(self.times.map_or((time, time), |(oldest, newest)| (oldest.min(time), newest.max(time))));
    }

    fn lose(&mut self, time: Timestamp) {
        self.lost += 1;
        self.gap = Some(self.gap.map_or(Gap::of_one(time), |gap| gap.widened(time)));
    }

    /// Moves everything into the batch, the gap last, and leaves the batch's old buffer for what comes next.
    pub(crate) fn take(&mut self, batch: &mut Batch) {
        batch.frames.clear();
        std::mem::swap(&mut self.frames, &mut batch.frames);
        batch.visits = std::mem::take(&mut self.visits);
        batch.times = self.times.take();
        batch.events = self.events - self.taken;
        batch.gap = self.gap.take();
        self.gap_in_flight = batch.gap;
        self.taken = self.events;
        if let Some(gap) = &batch.gap {
            record::put_gap(&mut batch.frames, gap);
            batch.times = Some(batch.times.map_or((gap.from, gap.to), |(oldest, newest)| (oldest.min(gap.from), newest.max(gap.to))));
        }
    }

    pub(crate) fn stored(&mut self, batch: &Batch) {
        self.settled += batch.events;
        self.durable += batch.visits;
        self.gap_in_flight = None;
    }

    /// The writer ends without having written the batch, nor what came after it.
    pub(crate) fn gave_up(&mut self, batch: &Batch) -> u64 {
        let given_up = batch.visits + std::mem::take(&mut self.visits);
        self.lost += given_up;
        self.frames.clear();
        given_up
    }
}

impl Batch {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { frames: room_for(capacity), visits: 0, times: None, gap: None, events: 0 }
    }
}
