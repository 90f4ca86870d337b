//! Sockets, connections and the threads that serve them.

mod clock;
mod connection;
mod crowd;
mod framing;
mod stream;
mod tls;
mod unread;
mod watch;
mod worker;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::{Clock, Random};
use policy::assertion::AssertionKeys;
use policy::cookie::SigningKeys;
use policy::{Policy, Revocations};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::{Semaphore, watch as signal};

pub(crate) use clock::WorkerClock;
pub(crate) use connection::Caller;
pub(crate) use stream::StreamState;
pub(crate) use watch::{Phase, Watch};
pub(crate) use worker::Worker;

use crate::forward::{Connector, ConnectorError};
use crate::gate::passed::OwnName;
use crate::{EdgeCounts, KeepSignals, OwnPages, Places, Record, Sessions, Settings, Sightings};
use crowd::Crowd;
use tls::Certificate;
use worker::{Shared, Thread};

/// What the edge is given to decide and to record with. What is behind an `ArcSwap` can be swapped while it runs.
#[derive(Clone)]
pub struct Wiring {
    pub policy: Arc<ArcSwap<Policy>>,
    pub revocations: Arc<ArcSwap<Revocations>>,
    pub keys: Arc<ArcSwap<SigningKeys>>,
    pub recorder: Arc<dyn Record>,
    pub pages: Arc<dyn OwnPages>,
    pub signals: Arc<dyn KeepSignals>,
    /// Asked about tickets that are too old to be believed.
    pub sessions: Arc<dyn Sessions>,
    /// What the site is told of whoever is signed in is signed with these.
    pub assertions: Arc<ArcSwap<AssertionKeys>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Asked where a visitor is, where no trusted proxy says so.
    pub places: Option<Arc<dyn Places>>,
}

impl fmt::Debug for Wiring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wiring")
    }
}

/// Why the edge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("no address to listen on")]
    Nowhere,
    #[error("the site's address {address} is this server's own: name the address that the site itself listens on")]
    Itself { address: SocketAddr },
    #[error("the site cannot be reached over TLS")]
    Upstream(#[from] ConnectorError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

/// Sockets that accept no connection yet.
#[derive(Debug)]
pub struct Bound {
    settings: Settings,
    addresses: Vec<SocketAddr>,
    /// One set of listeners for each worker.
    listeners: Vec<Vec<TcpListener>>,
    certificate: Option<Arc<Certificate>>,
    connector: Option<Connector>,
}

/// Takes the addresses and reads the certificate, so that what is wrong is known before anything runs.
pub fn bind(settings: Settings) -> Result<Bound, BindError> {
    if settings.listen.is_empty() {
        return Err(BindError::Nowhere);
    }
    let connector = settings.upstream.as_ref().map(Connector::new).transpose()?;
    let certificate = settings.tls.clone().map(Certificate::load).transpose()?.map(Arc::new);
    let workers = settings.workers.max(1);
    let mut addresses = Vec::new();
    let mut listeners: Vec<Vec<TcpListener>> = (0..workers).map(|_| Vec::new()).collect();
    for asked in &settings.listen {
        let failed = |source| BindError::Listen { address: *asked, source };
        let address = free(*asked).map_err(failed)?;
        if settings.upstream.as_ref().is_some_and(|upstream| upstream.leads_to(address)) {
            return Err(BindError::Itself { address });
        }
        for worker in &mut listeners {
            worker.push(listen(address, workers > 1).map_err(failed)?);
        }
        addresses.push(address);
    }
    Ok(Bound { settings, addresses, listeners, certificate, connector })
}

/// The address itself, once it is sure that nobody else listens there: sockets that share a port would share it with a stranger too.
fn free(asked: SocketAddr) -> io::Result<SocketAddr> {
    listen(asked, false)?.local_addr()
}

fn listen(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    const BACKLOG: i32 = 4_096;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Bound {
    /// Where visitors can connect.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Starts to serve, on threads of its own.
    pub fn run(self, wiring: Wiring) -> Result<Running, BindError> {
        let settings = Arc::new(self.settings);
        let room = Arc::new(Semaphore::new(settings.limits.connections_max.min(Semaphore::MAX_PERMITS)));
        let crowd = Crowd::new(settings.limits.connections_of_a_client_max);
        let shared = Shared { room, crowd, service_worker: Arc::default(), tickets: Arc::default(), own_name: OwnName::new() };
        let connector = self.connector.map(Arc::new);
        let (stop, stopped) = signal::channel(None);
        let mut threads = Vec::new();
        for listeners in self.listeners {
            let worker = Worker::new(settings.clone(), wiring.clone(), connector.clone(), shared.clone());
            // One worker looks after the certificate that all of them use.
            let reloads = threads.is_empty();
            let certificate = self.certificate.clone().map(|certificate| (certificate, reloads));
            let thread = Thread { worker, listeners, certificate, stop: stopped.clone() };
            threads.push(thread.start(threads.len()).map_err(BindError::Thread)?);
        }
        Ok(Running { addresses: self.addresses, threads, stop })
    }
}

/// An edge at work. Dropping it ends everything at once.
#[derive(Debug)]
pub struct Running {
    addresses: Vec<SocketAddr>,
    threads: Vec<worker::Started>,
    stop: signal::Sender<Option<Duration>>,
}

impl Running {
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub fn counts(&self) -> EdgeCounts {
        self.counter().counts()
    }

    /// Reads the counts from elsewhere.
    pub fn counter(&self) -> Counter {
        Counter { workers: self.threads.iter().map(|thread| thread.worker.clone()).collect() }
    }

    /// Accepts nothing more, lets requests end for as long as `drain`, and then ends them. All their visits are recorded when it returns.
    pub async fn shutdown(self, drain: Duration) {
        // Threads that are gone need no signal.
        let _ = self.stop.send(Some(drain));
        for thread in self.threads {
            thread.ended().await;
        }
    }
}

/// Reads what the edge has done and seen.
#[derive(Clone, Debug)]
pub struct Counter {
    workers: Vec<Arc<Worker>>,
}

impl Counter {
    pub fn counts(&self) -> EdgeCounts {
        let mut sum = EdgeCounts::default();
        for worker in &self.workers {
            worker.counts.add_to(&mut sum);
        }
        sum
    }

    /// Reminds the edge of what was seen before it was started.
    pub fn remember(&self, seen: &Sightings) {
        if let (true, Some(worker)) = (seen.service_worker, self.workers.first()) {
            worker.believe_service_worker();
        }
    }

    /// What the site was seen to do since this was asked the last time. Whoever asks keeps it.
    pub fn take_sightings(&self) -> Sightings {
        let mut sum = Sightings::default();
        for worker in &self.workers {
            sum.merge(std::mem::take(&mut *worker.sightings.lock()));
        }
        sum
    }
}
