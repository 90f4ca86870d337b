use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;

/// Where time comes from. The real one is made once, where `candor` is wired.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; it never goes back.
    fn monotonic(&self) -> Duration;
}

/// A clock that stands still until it is moved: for tests and rehearsals.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<(Timestamp, Duration)>,
}

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self { now: Mutex::new((now, Duration::ZERO)) }
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        now.0 += by;
        now.1 += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Duration {
        self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1
    }
}
