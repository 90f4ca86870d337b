use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::link::Link;
use crate::listen::WorkerClock;

/// The connections to the site that a worker is not using. The one used last is taken first, so that the others can grow old and go.
pub(crate) struct Pool {
    #[expect(clippy::vec_box, reason = "a connection is handed from request to request, and only its address is copied")]
    idle: Mutex<Vec<Box<Link>>>,
    clock: Arc<WorkerClock>,
    connections_max: usize,
}

impl Pool {
    pub(crate) fn new(clock: Arc<WorkerClock>, connections_max: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), clock, connections_max }
    }

    pub(super) fn take(&self) -> Option<Box<Link>> {
        self.idle.lock().pop()
    }

    pub(super) fn put(&self, mut link: Box<Link>) {
        link.idle_since = self.clock.coarse();
        link.wires.unused();
        let mut idle = self.idle.lock();
        if idle.len() < self.connections_max {
            idle.push(link);
        }
    }

    /// Closes what nobody has used for so many milliseconds.
    pub(crate) fn sweep(&self, idle_max: u64) {
        let now = self.clock.coarse();
        let mut idle = self.idle.lock();
        let old = idle.iter().take_while(|link| now.saturating_sub(link.idle_since) >= idle_max).count();
        let closed: Vec<Box<Link>> = idle.drain(..old).collect();
        drop(idle);
        drop(closed);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool").field("idle", &self.idle.lock().len()).finish_non_exhaustive()
    }
}
