use std::io;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use parking_lot::Mutex;
use socket2::SockRef;
use tokio::net::TcpStream;

/// What a connection to the site, the stream under it and the request on it share.
///
/// It is also the connection's waker. A connection is polled by whichever request uses it, so what wakes it must wake that request's task; and reading an
/// answer's body out of hyper's channel must not wake anybody, because the reader polls the connection next anyway.
#[derive(Default)]
pub(super) struct Wires {
    user: Mutex<Option<Waker>>,
    muted: AtomicBool,
    /// The site has sent something since the request began.
    received: AtomicBool,
    /// Ask the socket itself, at the next read, whether the site has closed the connection.
    probe: AtomicBool,
    keeping: AtomicBool,
    /// The request as it was written, to be sent once more if the connection turns out to be dead.
    written: Mutex<Vec<u8>>,
}

/// A request that is longer is not kept.
const WRITTEN_BYTES_MAX: usize = 128 * 1024;

impl Wake for Wires {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.muted.load(Ordering::Relaxed)
            && let Some(user) = &*self.user.lock()
        {
            user.wake_by_ref();
        }
    }
}

impl Wires {
    pub(super) fn used_by(&self, waker: &Waker) {
        let mut user = self.user.lock();
        if !user.as_ref().is_some_and(|user| user.will_wake(waker)) {
            *user = Some(waker.clone());
        }
    }

    pub(super) fn unused(&self) {
        *self.user.lock() = None;
    }

    /// Nothing that happens meanwhile wakes the request, which is running and looks again by itself.
    pub(super) fn quietly<T>(&self, work: impl FnOnce() -> T) -> T {
        self.muted.store(true, Ordering::Relaxed);
        let result = work();
        self.muted.store(false, Ordering::Relaxed);
        result
    }

    pub(super) fn begin(&self, keep: bool) {
        self.received.store(false, Ordering::Relaxed);
        self.keeping.store(keep, Ordering::Relaxed);
        if keep {
            self.written.lock().clear();
        }
    }

    pub(super) fn on_read(&self) {
        self.received.store(true, Ordering::Relaxed);
    }

    pub(super) fn on_written(&self, bytes: &[u8]) {
        if self.keeping.load(Ordering::Relaxed) {
            let mut written = self.written.lock();
            if written.len() + bytes.len() <= WRITTEN_BYTES_MAX {
                written.extend_from_slice(bytes);
            } else {
                written.clear();
                self.keeping.store(false, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn is_keeping(&self) -> bool {
        self.keeping.load(Ordering::Relaxed)
    }

    pub(super) fn has_received(&self) -> bool {
        self.received.load(Ordering::Relaxed)
    }

    pub(super) fn take_written(&self) -> Vec<u8> {
        self.keeping.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.written.lock())
    }

    pub(super) fn ask_socket(&self) {
        self.probe.store(true, Ordering::Relaxed);
    }

    /// What the socket itself says, where it was to be asked: an idle connection on which anything came is of no use.
    pub(super) fn probed(&self, socket: &TcpStream) -> io::Result<()> {
        if !self.probe.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        match SockRef::from(socket).peek(&mut [MaybeUninit::uninit()]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }
}
