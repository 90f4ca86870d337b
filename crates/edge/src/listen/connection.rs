use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;

use super::crowd::Place;
use super::stream::{ClientStream, StreamState, Transport};
use super::watch::{Phase, Watch, Watched};
use super::worker::Worker;
use crate::counts::add;
use crate::gate::Remembered;
use crate::places::Whereabouts;
use crate::{AnswerBody, Limits};

/// The other end of a connection, as all its requests see it.
pub(crate) struct Caller {
    pub(crate) peer: IpAddr,
    peer_value: HeaderValue,
    /// We were told to believe what this peer says of where requests come from.
    pub(crate) trusted: bool,
    pub(crate) https: bool,
    /// The connection carries several requests at a time.
    pub(crate) multiplexed: bool,
    pub(crate) stream: Arc<StreamState>,
    pub(crate) remembered: Remembered,
    pub(crate) whereabouts: Whereabouts,
    requests: AtomicU64,
    /// Streams that are open, on a connection that carries several.
    streams: AtomicU64,
    watch: Arc<Watch>,
    worker: Arc<Worker>,
    _watched: Watched,
    _held: Held,
}

/// Who connected, and what it takes of the room there is.
pub(super) struct Peer {
    pub(super) address: IpAddr,
    /// We were told to believe what it says of where requests come from.
    pub(super) trusted: bool,
    pub(super) held: Held,
}

/// A connection's part of what there is for all, and for its client, until it is dropped.
pub(super) struct Held {
    pub(super) _room: OwnedSemaphorePermit,
    pub(super) _place: Option<Place>,
}

impl Caller {
    pub(crate) fn address_of(&self, client: IpAddr) -> HeaderValue {
        if client == self.peer { self.peer_value.clone() } else { address_value(client) }
    }

    /// Whether this request, the next one of its connection, can be read in more than one way.
    pub(crate) fn next_is_ambiguous(&self) -> bool {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        !self.multiplexed && self.stream.ambiguous.is(number)
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        add(&self.worker.counts.connections_closed, 1);
    }
}

fn address_value(address: IpAddr) -> HeaderValue {
    HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("unknown"))
}

pub(super) async fn serve(worker: Arc<Worker>, stream: TcpStream, peer: Peer, acceptor: Option<TlsAcceptor>) {
    let Peer { address: peer, trusted, held } = peer;
    let https = acceptor.is_some();
    let watch = Arc::new(Watch::new(worker.clock.clone()));
    let watched = worker.watches.add(watch.clone());
    let (transport, multiplexed) = match acceptor {
        None => (Transport::Plain(stream), false),
        Some(acceptor) => match until_ended(&watch, acceptor.accept(stream)).await {
            Some(Ok(stream)) => {
                let multiplexed = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                (Transport::Tls(Box::new(stream)), multiplexed)
            }
            ended => {
                if ended.is_some() {
                    add(&worker.counts.parse_errors, 1);
                }
                add(&worker.counts.connections_closed, 1);
                return;
            }
        },
    };
    let state = Arc::new(StreamState::default());
    let client = ClientStream::new(transport, watch.clone(), state.clone());
    let caller = Caller {
        peer,
        peer_value: address_value(peer),
        trusted,
        https,
        multiplexed,
        stream: state,
        remembered: Remembered::default(),
        whereabouts: Whereabouts::default(),
        requests: AtomicU64::new(0),
        streams: AtomicU64::new(0),
        watch,
        worker,
        _watched: watched,
        _held: held,
    };
    if multiplexed { carry(client.carrying(Bytes::new()), caller).await } else { converse(client, caller).await }
}

/// Waits for something as long as the watch lets it.
async fn until_ended<T>(watch: &Watch, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        watch.watched_by(cx.waker());
        if watch.is_ended() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(cx).map(Some)
    })
    .await
}

/// HTTP/1: one request after the other.
async fn converse(client: ClientStream, caller: Caller) {
    let (worker, watch) = (caller.worker.clone(), caller.watch.clone());
    let caller = Arc::new(caller);
    let answers = {
        let (worker, watch, caller) = (worker.clone(), watch.clone(), caller.clone());
        service_fn(move |request| answered(request, worker.clone(), caller.clone(), watch.clone()))
    };
    let mut connection = one_by_one(&worker.settings.limits).serve_connection(TokioIo::new(client), answers).with_upgrades();
    let mut told_to_stop = false;
    let ended = std::future::poll_fn(|cx| {
        watch.watched_by(cx.waker());
        if watch.is_ended() {
            return Poll::Ready(None);
        }
        if worker.is_draining() && !std::mem::replace(&mut told_to_stop, true) {
            Pin::new(&mut connection).graceful_shutdown();
        }
        Pin::new(&mut connection).poll(cx).map(Some)
    })
    .await;
    let Some(Err(error)) = ended else { return };
    if !error.is_parse() {
        return;
    }
    let Some(parts) = connection.into_parts() else { return };
    if !error.is_parse_version_h2() {
        add(&worker.counts.parse_errors, 1);
        caller.stream.leave_unread();
        return;
    }
    // Somebody speaks HTTP/2 at once, knowing that we do.
    let client = parts.io.into_inner().carrying(parts.read_buf);
    drop(parts.service);
    if let Some(mut caller) = Arc::into_inner(caller) {
        caller.multiplexed = true;
        carry(client, caller).await;
    }
}

async fn answered(
    request: Request<Incoming>,
    worker: Arc<Worker>,
    caller: Arc<Caller>,
    watch: Arc<Watch>,
) -> Result<Response<AnswerBody>, Infallible> {
    Ok(crate::serve::serve(request, worker, caller, watch).await)
}

fn one_by_one(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .auto_date_header(false)
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes_max)
        .max_buf_size(limits.header_bytes_max.max(64 * 1024));
    if limits.headers_max != Limits::HEADERS_MAX_INLINE {
        builder.max_headers(limits.headers_max);
    }
    builder
}

/// HTTP/2: many requests at a time, each in a task of its own.
async fn carry(client: ClientStream, caller: Caller) {
    let (worker, watch) = (caller.worker.clone(), caller.watch.clone());
    watch.enter(Phase::Idle);
    let streams = Streams { caller: Arc::new(caller), opened: Arc::default() };
    let answers = {
        let (worker, streams) = (worker.clone(), streams.clone());
        service_fn(move |request| {
            let watch = Arc::new(Watch::new(worker.clock.clone()));
            *streams.opened.lock() = Some(watch.clone());
            answered(request, worker.clone(), streams.caller.clone(), watch)
        })
    };
    let connection = many_at_a_time(&worker.settings.limits, streams).serve_connection(TokioIo::new(client), answers);
    let mut connection = pin!(connection);
    let mut told_to_stop = false;
    std::future::poll_fn(|cx| {
        watch.watched_by(cx.waker());
        let idle_too_long = watch.is_ended();
        if (idle_too_long || worker.is_draining()) && !std::mem::replace(&mut told_to_stop, true) {
            watch.forgive();
            connection.as_mut().graceful_shutdown();
        } else if idle_too_long {
            return Poll::Ready(());
        }
        connection.as_mut().poll(cx).map(|ended| {
            if ended.is_err_and(|error| error.is_parse()) {
                add(&worker.counts.parse_errors, 1);
            }
        })
    })
    .await;
}

fn many_at_a_time(limits: &Limits, streams: Streams) -> http2::Builder<Streams> {
    const STREAMS_MAX: u32 = 128;
    const WINDOW: u32 = 256 * 1024;
    let mut builder = http2::Builder::new(streams);
    builder
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(4 * WINDOW)
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(u32::try_from(limits.header_bytes_max).unwrap_or(u32::MAX));
    builder
}

/// Runs the streams of a connection, each under the watch that was made with it.
#[derive(Clone)]
struct Streams {
    caller: Arc<Caller>,
    /// The watch of the stream that was opened last, until its task is started: hyper does the one right after the other.
    opened: Arc<Mutex<Option<Arc<Watch>>>>,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let Some(watch) = self.opened.lock().take() else {
            tokio::spawn(stream);
            return;
        };
        let open = OpenStream::new(self.caller.clone(), &watch);
        tokio::spawn(async move {
            until_ended(&watch, stream).await;
            drop(open);
        });
    }
}

/// Counts a stream as open until it is dropped.
struct OpenStream {
    caller: Arc<Caller>,
    _watched: Watched,
}

impl OpenStream {
    fn new(caller: Arc<Caller>, watch: &Arc<Watch>) -> Self {
        if caller.streams.fetch_add(1, Ordering::Relaxed) == 0 {
            caller.watch.enter(Phase::Carrying);
        }
        let watched = caller.worker.watches.add(watch.clone());
        Self { caller, _watched: watched }
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        if self.caller.streams.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.caller.watch.enter(Phase::Idle);
        }
    }
}
