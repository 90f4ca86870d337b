//! The one thread that writes: it gathers visits, writes them, syncs, and says so.

use std::sync::Arc;

use disk::DiskError;
use domain::Timestamp;

use crate::frame;
use crate::queue::{Batch, Intake};
use crate::segment::{HEADER, Header, Name, Segment, day_of};
use crate::shared::{Active, Current, Shared};

/// A log that is being closed tries so often to write its last visits.
const LAST_ATTEMPTS: u32 = 3;

pub(crate) struct Writer {
    shared: Arc<Shared>,
    batch: Batch,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let batch = Batch::new(shared.settings.queue_bytes);
        Self { shared, batch }
    }

    /// Writes until the log is closed and nothing is left to write.
    pub(crate) fn run(mut self) {
        let intake = Arc::clone(&self.shared.intake);
        let _farewell = Farewell(&intake);
        while self.gather() {
            if !self.store() {
                return;
            }
        }
    }

    /// Waits for visits, and then a little longer for more of them. False when there are none and will be none.
    fn gather(&mut self) -> bool {
        let mut queue = self.shared.intake.queue.lock();
        // What came while the last batch was being synced has waited that long already.
        let mut patience = self.shared.settings.sync_interval;
        if queue.has_work() {
            patience = patience.saturating_sub(queue.last_sync);
        }
        while !queue.has_work() {
            if queue.closing {
                return false;
            }
            self.shared.intake.wake.wait(&mut queue);
        }
        if !queue.is_urgent() {
            self.shared.intake.wake.wait_while_for(&mut queue, |queue| !queue.is_urgent(), patience);
        }
        queue.take(&mut self.batch);
        true
    }

    /// Makes the batch durable, however long that takes. False when the log is closed and it could not be.
    fn store(&mut self) -> bool {
        let mut wait = self.shared.settings.retry_after_min;
        let mut attempts_after_closing = 0;
        while let Err(error) = self.attempt() {
            self.failed(&error);
            let mut queue = self.shared.intake.queue.lock();
            if queue.closing {
                attempts_after_closing += 1;
                if attempts_after_closing == LAST_ATTEMPTS {
                    let visits = queue.gave_up(&self.batch);
                    tracing::error!(visits, "the visit log is closed with visits that could not be written");
                    return false;
                }
            } else {
                self.shared.intake.wake.wait_while_for(&mut queue, |queue| !queue.closing && !queue.attempt_now, wait);
                queue.attempt_now = false;
                wait = (wait * 2).min(self.shared.settings.retry_after_max);
            }
        }
        self.succeeded();
        true
    }

    fn failed(&self, error: &DiskError) {
        let mut queue = self.shared.intake.queue.lock();
        queue.failures += 1;
        let is_news = !std::mem::replace(&mut queue.failing, true);
        drop(queue);
        self.shared.intake.progress.notify_all();
        if is_news {
            tracing::error!(%error, "the visit log cannot be written; visits wait in memory, and those that find no room there are counted as lost");
        }
    }

    fn succeeded(&self) {
        let mut queue = self.shared.intake.queue.lock();
        queue.stored(&self.batch);
        let is_news = std::mem::replace(&mut queue.failing, false);
        drop(queue);
        self.shared.intake.progress.notify_all();
        if is_news {
            tracing::warn!("the visit log is being written again");
        }
        if let Some(gap) = self.batch.gap {
            tracing::error!(visits = gap.count, "visits were lost; the visit log says when");
        }
    }

    fn attempt(&mut self) -> Result<(), DiskError> {
        let shared = Arc::clone(&self.shared);
        let now = shared.clock.now();
        let mut active = shared.active.lock();
        if active.current.as_ref().is_some_and(|current| !self.fits(current, now)) {
            active.current = None;
        }
        if active.current.is_none() {
            self.begin_segment(&mut active, now)?;
        }
        let Some(current) = &mut active.current else {
            return Ok(());
        };
        frame::seal(&mut self.batch.frames, current.salt);
        let begun = shared.clock.monotonic();
        let written = current.file.write(&self.batch.frames);
        let is_written = written.is_ok();
        let synced = written.and_then(|()| self.sync(current));
        if let Err(error) = synced {
            self.abandon(&mut active, is_written);
            return Err(error);
        }
        shared.intake.queue.lock().last_sync = shared.clock.monotonic().saturating_sub(begun);
        self.publish(&mut active);
        Ok(())
    }

    fn fits(&self, current: &Current, now: Timestamp) -> bool {
        let is_empty = current.length <= HEADER as u64;
        let size = current.length + self.batch.frames.len() as u64;
        current.day == day_of(now) && (is_empty || size <= self.shared.settings.segment_bytes)
    }

    /// A new file's name is as much a part of the record as its bytes.
    fn sync(&self, current: &mut Current) -> Result<(), DiskError> {
        current.file.sync()?;
        if current.unpublished.is_some() { self.shared.disk.sync_dir(&self.shared.settings.folder) } else { Ok(()) }
    }

    /// Makes the next segment's file. It is known to nobody before something in it is durable.
    fn begin_segment(&self, active: &mut Active, now: Timestamp) -> Result<(), DiskError> {
        let number = active.next_number;
        let (previous, previous_length) =
            self.shared.catalog.lock().segments.last().map_or((0, 0), |segment| (segment.name.number, segment.length));
        let header = Header { number, created: now, rewritten: false, previous, previous_length };
        let name = Name::new(number, now);
        let file = self.shared.disk.create(&self.shared.path(&name)).inspect_err(|error| {
            // Making it has failed before, and made it all the same.
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                active.litter.push(name);
                active.next_number += 1;
            }
        })?;
        let segment = Segment::new(name, Ok(header), HEADER as u64);
        let mut current =
            Current { number, day: day_of(now), salt: header.salt(), file, length: HEADER as u64, unpublished: Some(segment) };
        let written = current.file.write(&header.encode());
        active.current = Some(current);
        written.inspect_err(|_| self.abandon(active, false))
    }

    /// After a failure only what was durable before it is trusted. A write that failed can be cut off; after a sync that failed nobody knows what the
    /// file holds, so that the batch goes to another file, whose header says where this one ends.
    fn abandon(&self, active: &mut Active, sync_failed: bool) {
        let Some(mut current) = active.current.take() else {
            return;
        };
        if let Some(segment) = &current.unpublished {
            if self.shared.disk.remove(&self.shared.path(&segment.name)).is_err() {
                active.litter.push(segment.name);
                active.next_number += 1;
            }
        } else if !sync_failed && current.file.truncate(current.length).and_then(|()| current.file.sync()).is_ok() {
            active.current = Some(current);
        }
    }

    fn publish(&self, active: &mut Active) {
        let Some(current) = &mut active.current else {
            return;
        };
        current.length += self.batch.frames.len() as u64;
        let mut catalog = self.shared.catalog.lock();
        if let Some(segment) = current.unpublished.take() {
            active.next_number += 1;
            catalog.segments.push(segment);
        }
        if let Some(segment) = catalog.get_mut(current.number) {
            segment.length = current.length;
            segment.visits += self.batch.visits;
            segment.cover(self.batch.times);
        }
    }
}

/// Whoever waits is told that the writer is gone, even if it panicked.
struct Farewell<'a>(&'a Intake);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue.lock();
        queue.closing = true;
        queue.closed = true;
        drop(queue);
        self.0.progress.notify_all();
    }
}
