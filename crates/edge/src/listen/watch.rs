use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::clock::{WorkerClock, milliseconds};
use crate::Limits;

/// The signs of life of one connection, or of one stream of a connection that carries several. Whoever makes progress stamps it, which costs a store;
/// one sweep a second looks at all of a worker's watches, so that no request needs a timer of its own.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: Arc<WorkerClock>,
    phase: AtomicU8,
    /// The last sign of progress, or the start of the phase where progress does not count, in coarse milliseconds.
    since: AtomicU64,
    /// When the client's body has to be there, in coarse milliseconds. Until then progress gains time, and no longer.
    body_due: AtomicU64,
    verdict: AtomicU8,
    waker: Mutex<Option<Waker>>,
    /// The last thing that was waited for was the client's body.
    on_client: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// A head or a handshake is being read. A client that trickles gains no time by it.
    Head,
    /// Nothing is asked for.
    Idle,
    /// A request waits for the head of its answer.
    Waiting,
    /// An answer's body is on its way.
    Answering,
    /// Bytes go both ways and mean nothing to us.
    Tunnel,
    /// A connection whose streams have watches of their own.
    Carrying,
}

const NEVER: u64 = u64::MAX;

const NOTHING: u8 = 0;
const EXPIRED: u8 = 1;
const ENDED: u8 = 2;

impl Watch {
    pub(crate) fn new(clock: Arc<WorkerClock>) -> Self {
        let since = AtomicU64::new(clock.coarse());
        Self {
            clock,
            phase: AtomicU8::new(Phase::Head as u8),
            since,
            body_due: AtomicU64::new(NEVER),
            verdict: AtomicU8::new(NOTHING),
            waker: Mutex::new(None),
            on_client: AtomicBool::new(false),
        }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.on_client.store(false, Ordering::Relaxed);
        self.progress();
    }

    pub(crate) fn is_in(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }

    pub(crate) fn progress(&self) {
        self.since.store(self.clock.coarse(), Ordering::Relaxed);
    }

    /// Bytes came from the client. The first ones after a pause begin a head, and a head gains no time by coming slowly.
    pub(crate) fn received(&self) {
        if self.is_in(Phase::Idle) {
            self.enter(Phase::Head);
        } else if !self.is_in(Phase::Head) && !self.is_in(Phase::Carrying) {
            self.progress();
        }
    }

    /// Bytes went to the client.
    pub(crate) fn sent(&self) {
        if !self.is_in(Phase::Head) && !self.is_in(Phase::Carrying) {
            self.progress();
        }
    }

    /// From now on the client's body has to be there within this time.
    pub(crate) fn expect_body(&self, within: Duration) {
        self.body_due.store(self.clock.coarse().saturating_add(milliseconds(within)), Ordering::Relaxed);
    }

    /// It is there, or nobody wants it any more.
    pub(crate) fn expect_no_body(&self) {
        self.body_due.store(NEVER, Ordering::Relaxed);
    }

    pub(crate) fn waits_for_client(&self, waits: bool) {
        self.on_client.store(waits, Ordering::Relaxed);
    }

    pub(crate) fn is_waiting_for_client(&self) -> bool {
        self.on_client.load(Ordering::Relaxed)
    }

    /// No answer came in time. Whoever waits for it can still give one.
    pub(crate) fn is_expired(&self) -> bool {
        self.verdict.load(Ordering::Relaxed) == EXPIRED
    }

    /// Nothing is left but to end it.
    pub(crate) fn is_ended(&self) -> bool {
        self.verdict.load(Ordering::Relaxed) == ENDED
    }

    pub(crate) fn forgive(&self) {
        self.verdict.store(NOTHING, Ordering::Relaxed);
    }

    /// The task to wake when time is up.
    pub(crate) fn watched_by(&self, waker: &Waker) {
        let mut known = self.waker.lock();
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = &*self.waker.lock() {
            waker.wake_by_ref();
        }
    }

    fn judge(&self, now: u64, limits: &SweepLimits) {
        let phase = self.phase.load(Ordering::Relaxed);
        let on_client = self.is_waiting_for_client();
        let limit = match phase {
            phase if phase == Phase::Head as u8 => limits.head,
            phase if phase == Phase::Idle as u8 => limits.idle,
            phase if phase == Phase::Waiting as u8 && !on_client => limits.answer,
            phase if phase == Phase::Tunnel as u8 => limits.tunnel,
            phase if phase == Phase::Carrying as u8 => return,
            _ => limits.body,
        };
        if phase == Phase::Waiting as u8 && on_client && now > self.body_due.load(Ordering::Relaxed) {
            self.verdict.store(EXPIRED, Ordering::Relaxed);
            self.wake();
            return;
        }
        if now.saturating_sub(self.since.load(Ordering::Relaxed)) < limit {
            return;
        }
        // Somebody who did not take the hint within another limit is ended.
        let verdict = if phase == Phase::Waiting as u8 && !self.is_expired() { EXPIRED } else { ENDED };
        self.verdict.store(verdict, Ordering::Relaxed);
        self.progress();
        self.wake();
    }
}

struct SweepLimits {
    head: u64,
    idle: u64,
    answer: u64,
    body: u64,
    tunnel: u64,
}

/// All watches of a worker.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    slots: Mutex<Slots>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Slots {
    watches: Vec<Option<Arc<Watch>>>,
    free: Vec<usize>,
}

/// A place in the sweep, until it is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    watches: Arc<Watches>,
    at: usize,
}

impl Watches {
    pub(crate) fn add(self: &Arc<Self>, watch: Arc<Watch>) -> Watched {
        let mut slots = self.slots.lock();
        let at = match slots.free.pop() {
            Some(at) => {
                slots.watches[at] = Some(watch);
                at
            }
            None => {
                slots.watches.push(Some(watch));
                slots.watches.len() - 1
            }
        };
        Watched { watches: self.clone(), at }
    }

    /// Stamps are as old as the last sweep, so a limit is over only a whole sweep after it.
    pub(crate) fn sweep(&self, clock: &WorkerClock, limits: &Limits) {
        let after = |limit| milliseconds(limit).saturating_add(milliseconds(limits.sweep));
        let limits = SweepLimits {
            head: after(limits.header_read),
            idle: after(limits.keep_alive),
            answer: after(limits.answer_head),
            body: after(limits.body_idle),
            tunnel: after(limits.tunnel_idle),
        };
        let now = clock.coarse();
        for watch in self.slots.lock().watches.iter().flatten() {
            watch.judge(now, &limits);
        }
    }

    pub(crate) fn wake_all(&self) {
        for watch in self.slots.lock().watches.iter().flatten() {
            watch.wake();
        }
    }

    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.slots.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

impl Slots {
    fn is_empty(&self) -> bool {
        self.free.len() == self.watches.len()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut slots = self.watches.slots.lock();
        slots.watches[self.at] = None;
        slots.free.push(self.at);
        if slots.is_empty() {
            self.watches.emptied.notify_waiters();
        }
    }
}
