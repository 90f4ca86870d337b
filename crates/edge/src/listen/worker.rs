use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch as signal};
use tokio_rustls::TlsAcceptor;

use super::Wiring;
use super::clock::{WorkerClock, milliseconds};
use super::connection::{self, Held, Peer};
use super::crowd::Crowd;
use super::tls::Certificate;
use super::watch::Watches;
use crate::counts::{Counts, add};
use crate::forward::{Connector, Pool};
use crate::gate::passed::OwnName;
use crate::gate::{Introductions, Plans, Tickets};
use crate::{Settings, Sightings};

/// What one thread needs to serve, and shares with no other but for what never changes.
pub(crate) struct Worker {
    pub(crate) settings: Arc<Settings>,
    pub(crate) wiring: Wiring,
    pub(crate) clock: Arc<WorkerClock>,
    pub(crate) counts: Counts,
    pub(crate) plans: Plans,
    pub(crate) introductions: Introductions,
    pub(crate) tickets: Arc<Tickets>,
    pub(crate) sightings: Mutex<Sightings>,
    /// Whether the site was seen to use a service worker, by any thread or before the start.
    service_worker: Arc<AtomicBool>,
    /// When a page that passes as it is was last looked at, by the coarse clock.
    looked: AtomicU64,
    /// What this server is known by where a request comes back to it.
    pub(crate) own_name: OwnName,
    /// Without one there is no site.
    pub(crate) connector: Option<Arc<Connector>>,
    pub(crate) pool: Arc<Pool>,
    pub(super) watches: Arc<Watches>,
    draining: AtomicBool,
    room: Arc<Semaphore>,
    crowd: Arc<Crowd>,
}

/// What all threads share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) room: Arc<Semaphore>,
    pub(super) crowd: Arc<Crowd>,
    pub(super) service_worker: Arc<AtomicBool>,
    pub(super) tickets: Arc<Tickets>,
    pub(super) own_name: OwnName,
}

impl fmt::Debug for Worker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Worker").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Worker {
    /// One that serves nobody.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn idle(settings: Settings, wiring: Wiring) -> Arc<Self> {
        let room = Arc::new(Semaphore::new(1));
        let shared =
            Shared { room, crowd: Crowd::new(1), service_worker: Arc::default(), tickets: Arc::default(), own_name: OwnName::new() };
        Self::new(Arc::new(settings), wiring, None, shared)
    }

    pub(super) fn new(settings: Arc<Settings>, wiring: Wiring, connector: Option<Arc<Connector>>, shared: Shared) -> Arc<Self> {
        let clock = Arc::new(WorkerClock::new(wiring.clock.clone()));
        let pool = Arc::new(Pool::new(clock.clone(), settings.limits.pool_connections_max));
        let report_path = wiring.pages.report_path();
        Arc::new(Self {
            settings,
            wiring,
            clock,
            counts: Counts::default(),
            plans: Plans::new(report_path),
            introductions: Introductions::default(),
            tickets: shared.tickets,
            sightings: Mutex::default(),
            service_worker: shared.service_worker,
            own_name: shared.own_name,
            looked: AtomicU64::new(0),
            connector,
            pool,
            watches: Arc::default(),
            draining: AtomicBool::new(false),
            room: shared.room,
            crowd: shared.crowd,
        })
    }

    /// Whether the site was seen to use a service worker.
    pub(crate) fn has_service_worker(&self) -> bool {
        self.service_worker.load(Ordering::Relaxed)
    }

    pub(crate) fn note_service_worker(&self) {
        if !self.service_worker.swap(true, Ordering::Relaxed) {
            self.sightings.lock().service_worker = true;
        }
    }

    /// Whether a page that passes as it is may be looked at, which takes longer than passing it: one page in each step of the coarse clock may.
    pub(crate) fn has_time_to_look(&self) -> bool {
        // The clock may start at nought.
        let now = self.clock.coarse() + 1;
        self.looked.swap(now, Ordering::Relaxed) != now
    }

    /// The same, from somebody who keeps it.
    pub(super) fn believe_service_worker(&self) {
        self.service_worker.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.watches.wake_all();
    }

    /// Looks once a moment at everything that may have taken too long.
    async fn sweep(self: Arc<Self>) {
        let limits = &self.settings.limits;
        loop {
            tokio::time::sleep(limits.sweep).await;
            self.clock.tick();
            self.watches.sweep(&self.clock, limits);
            self.pool.sweep(milliseconds(limits.pool_idle));
        }
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, acceptor: Option<TlsAcceptor>) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Where there is no room, this one waits here and the others in the kernel.
                    let Ok(room) = self.room.clone().acquire_owned().await else { return };
                    self.welcome(stream, peer, acceptor.clone(), room);
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    // Out of files, most likely: others must end first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn welcome(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, acceptor: Option<TlsAcceptor>, room: OwnedSemaphorePermit) {
        let peer = peer.ip().to_canonical();
        let trusted = self.settings.trusted_proxies.iter().any(|network| network.contains(peer));
        // A proxy brings everybody's connections. From whoever else has too many, one more is closed unread.
        let place = if trusted { None } else { self.crowd.place_for(peer) };
        if !trusted && place.is_none() {
            add(&self.counts.connections_refused, 1);
            return;
        }
        add(&self.counts.connections_accepted, 1);
        // A connection that is already gone shows when it is read.
        let _ = stream.set_nodelay(true);
        let peer = Peer { address: peer, trusted, held: Held { _room: room, _place: place } };
        tokio::spawn(connection::serve(self.clone(), stream, peer, acceptor));
    }
}

/// How often the certificate's files are looked at.
const CERTIFICATE_LOOK: Duration = Duration::from_secs(5);

/// A worker, and what its thread starts with.
pub(super) struct Thread {
    pub(super) worker: Arc<Worker>,
    pub(super) listeners: Vec<std::net::TcpListener>,
    /// The certificate, and whether this thread reads it again.
    pub(super) certificate: Option<(Arc<Certificate>, bool)>,
    pub(super) stop: signal::Receiver<Option<Duration>>,
}

/// A thread that serves.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) worker: Arc<Worker>,
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<()>,
}

impl Started {
    pub(super) async fn ended(self) {
        // The sender is dropped when the thread ends, in whatever way.
        let _ = self.ended.await;
        if self.thread.join().is_err() {
            tracing::error!("a thread of the edge panicked");
        }
    }
}

impl Thread {
    pub(super) fn start(self, number: usize) -> io::Result<Started> {
        let worker = self.worker.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (ends, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name(format!("edge-{number}")).spawn(move || {
            if let Err(error) = runtime.block_on(self.run()) {
                tracing::error!(%error, "a thread of the edge cannot serve");
            }
            // What is still open ends here, and its visits are recorded.
            drop(runtime);
            drop(ends);
        })?;
        Ok(Started { worker, thread, ended })
    }

    async fn run(mut self) -> io::Result<()> {
        let acceptor = match &self.certificate {
            Some((certificate, _)) => Some(certificate.acceptor().map_err(io::Error::other)?),
            None => None,
        };
        let mut accepting = Vec::new();
        for listener in self.listeners {
            let listener = TcpListener::from_std(listener)?;
            accepting.push(tokio::spawn(self.worker.clone().accept(listener, acceptor.clone())));
        }
        tokio::spawn(self.worker.clone().sweep());
        if let Some((certificate, true)) = self.certificate {
            tokio::spawn(keep_fresh(certificate));
        }
        // Without anybody left who could ask for a drain there is none.
        let drain = self.stop.wait_for(Option::is_some).await.map_or(None, |drain| *drain).unwrap_or(Duration::ZERO);
        accepting.iter().for_each(tokio::task::JoinHandle::abort);
        for listener in accepting {
            let _ = listener.await;
        }
        self.worker.drain();
        if tokio::time::timeout(drain, self.worker.watches.emptied()).await.is_err() && !drain.is_zero() {
            tracing::warn!("requests that had not ended are cut off");
        }
        Ok(())
    }
}

async fn keep_fresh(certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(CERTIFICATE_LOOK).await;
        certificate.refresh();
    }
}
