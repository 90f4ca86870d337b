//! What browsers report that pages were kept from loading, until it is kept with all else that was seen.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::Timestamp;
use edge::Sightings;
use parking_lot::Mutex;

/// So many places are kept of what is only reported. Whoever makes up reports fills this, and nothing else.
pub(super) const PLACES_MAX: usize = 500;

#[derive(Default)]
pub(super) struct Reported {
    seen: Mutex<Sightings>,
    blocked: AtomicU64,
    dropped: AtomicU64,
}

impl Reported {
    /// What was reported since this was asked the last time. Whoever asks keeps it.
    pub(super) fn take(&self) -> Sightings {
        std::mem::take(&mut *self.seen.lock())
    }

    /// Loads that browsers reported.
    pub(super) fn blocked(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Reports that were not taken.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl web::Reports for Reported {
    fn blocked(&self, address: Option<&str>, now: Timestamp) {
        self.blocked.fetch_add(1, Ordering::Relaxed);
        if let Some(address) = address {
            let mut seen = self.seen.lock();
            seen.note_resource(address, now);
            seen.keep_commonest_resources(PLACES_MAX);
        }
    }

    fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}
