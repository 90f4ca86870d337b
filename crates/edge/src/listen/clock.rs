use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::{Clock, Timestamp};

/// A worker's view of time. Progress is stamped with a time that is only as fresh as the last sweep, because nobody needs it finer; the time of day of
/// a request is worked out from the monotonic clock, so that a request costs one reading of the clock at its start and one at its end.
pub(crate) struct WorkerClock {
    clock: Arc<dyn Clock>,
    /// Milliseconds, as of the last sweep.
    coarse: AtomicU64,
    /// What to add to the monotonic clock to get the time of day, in microseconds, as of the last sweep.
    offset: AtomicI64,
}

impl WorkerClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let new = Self { clock, coarse: AtomicU64::new(0), offset: AtomicI64::new(0) };
        new.tick();
        new
    }

    pub(crate) fn tick(&self) {
        let (monotonic, now) = (self.clock.monotonic(), self.clock.now());
        self.coarse.store(milliseconds(monotonic), Ordering::Relaxed);
        self.offset.store(now.as_microsecond() - microseconds(monotonic), Ordering::Relaxed);
    }

    pub(crate) fn coarse(&self) -> u64 {
        self.coarse.load(Ordering::Relaxed)
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    pub(crate) fn time_of_day(&self, monotonic: Duration) -> Timestamp {
        let microsecond = microseconds(monotonic).saturating_add(self.offset.load(Ordering::Relaxed));
        Timestamp::from_microsecond(microsecond).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for WorkerClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WorkerClock").field("coarse", &self.coarse).finish_non_exhaustive()
    }
}
