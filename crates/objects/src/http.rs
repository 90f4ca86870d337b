//! The requests of the library, made with the HTTP and the TLS that the edge has too.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody, HttpService,
};
use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::error::{OnTheWay, OpenError};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// From the first byte of a request to the head of its answer; in between is what is uploaded.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Between two pieces of an answer.
const NEXT_PIECE_WITHIN: Duration = Duration::from_secs(30);

/// Of an answer that is an error, no more is read.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// So many connections to one place stay open when nobody uses them.
const IDLE_MAX: usize = 4;

/// Clones share their connections.
#[derive(Clone)]
pub(crate) struct Client(Arc<Shared>);

struct Shared {
    tls: TlsConnector,
    idle: Mutex<HashMap<String, Vec<SendRequest<HttpRequestBody>>>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").finish_non_exhaustive()
    }
}

impl HttpConnector for Client {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Client {
    /// It follows no redirect: a store sends no one anywhere but where its operator said it is.
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (place, request) = prepared(request)?;
        let (mut sender, is_used) = match self.idle(&place) {
            Some(sender) => (sender, true),
            None => (self.connected(&place).await?, false),
        };
        // A connection that was idle may have been closed by the other side this very moment: the library tries again.
        let kind = if is_used { HttpErrorKind::Request } else { HttpErrorKind::Interrupted };
        let sent = timeout(ANSWER_WITHIN, sender.send_request(request)).await;
        let answer = sent.map_err(|_| slow("the answer"))?.map_err(|error| failed(kind, &error))?;
        self.put_back(&place, sender);
        if answer.status().is_client_error() || answer.status().is_server_error() {
            without_secrets(answer).await
        } else {
            Ok(streamed(answer))
        }
    }
}

/// Where a request goes: host and port, and whether by TLS.
struct Place {
    tls: bool,
    host: String,
    port: u16,
}

impl Place {
    fn key(&self) -> String {
        format!("{}:{}:{}", self.tls, self.host, self.port)
    }
}

/// A request as it goes over a connection to its host.
fn prepared(request: HttpRequest) -> Result<(Place, HttpRequest), HttpError> {
    let bad = || HttpError::new(HttpErrorKind::Unknown, OnTheWay("a request without a host".to_owned()));
    let (mut parts, body) = request.into_parts();
    let tls = parts.uri.scheme() == Some(&Scheme::HTTPS);
    let authority = parts.uri.authority().ok_or_else(bad)?.clone();
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let place = Place { tls, host, port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }) };
    let value = HeaderValue::from_str(authority.as_str()).map_err(|_| bad())?;
    parts.headers.entry(header::HOST).or_insert(value);
    let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    parts.uri = Uri::from(path);
    Ok((place, Request::from_parts(parts, body)))
}

impl Client {
    pub(crate) fn new() -> Result<Self, OpenError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a root certificate cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err(OpenError::NoRoots);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(Shared { tls: TlsConnector::from(Arc::new(config)), idle: Mutex::default() })))
    }

    /// A connection that is ready to carry a request.
    fn idle(&self, place: &Place) -> Option<SendRequest<HttpRequestBody>> {
        let mut idle = self.0.idle.lock();
        let senders = idle.get_mut(&place.key())?;
        senders.retain(|sender| !sender.is_closed());
        let at = senders.iter().position(SendRequest::is_ready)?;
        Some(senders.swap_remove(at))
    }

    /// It becomes ready again when its answer was read to the end.
    fn put_back(&self, place: &Place, sender: SendRequest<HttpRequestBody>) {
        let mut idle = self.0.idle.lock();
        let senders = idle.entry(place.key()).or_default();
        senders.retain(|sender| !sender.is_closed());
        if senders.len() < IDLE_MAX {
            senders.push(sender);
        }
    }

    async fn connected(&self, place: &Place) -> Result<SendRequest<HttpRequestBody>, HttpError> {
        let connecting = async {
            let stream = TcpStream::connect((place.host.as_str(), place.port)).await?;
            stream.set_nodelay(true)?;
            if !place.tls {
                return spoken(stream).await;
            }
            let name = ServerName::try_from(place.host.clone()).map_err(io::Error::other)?;
            spoken(self.0.tls.connect(name, stream).await?).await
        };
        let connected = timeout(CONNECT_WITHIN, connecting).await.map_err(|_| slow("a connection"))?;
        connected.map_err(|error| failed(HttpErrorKind::Connect, &error))
    }
}

async fn spoken(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> io::Result<SendRequest<HttpRequestBody>> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(async move {
        // Whoever waits for an answer over it is told.
        let _ = connection.await;
    });
    Ok(sender)
}

fn failed(kind: HttpErrorKind, error: &(dyn std::error::Error + 'static)) -> HttpError {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text = format!("{text}: {inner}");
        }
        next = error.source();
    }
    HttpError::new(kind, OnTheWay(text))
}

fn slow(what: &str) -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, OnTheWay(format!("{what} took too long")))
}

/// What a store says of an error may repeat what it was sent, key and all. What it calls the error is enough.
async fn without_secrets(answer: Response<Incoming>) -> Result<HttpResponse, HttpError> {
    let (mut parts, body) = answer.into_parts();
    let read = timeout(NEXT_PIECE_WITHIN, Limited::new(body, ERROR_BYTES_MAX).collect()).await;
    let bytes = read.ok().and_then(Result::ok).map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    let is_name = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let told = if is_name { format!("<Error><Code>{code}</Code></Error>") } else { String::new() };
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(HttpResponse::from_parts(parts, told.into()))
}

fn streamed(answer: Response<Incoming>) -> HttpResponse {
    answer.map(|body| HttpResponseBody::new(Pieces { body, late: Mutex::new(Box::pin(sleep(NEXT_PIECE_WITHIN))) }))
}

/// A body of which the next piece comes in time, or not at all.
struct Pieces {
    body: Incoming,
    /// Locked by nobody but whoever polls: a body has to be shared between threads, and a timer cannot be.
    late: Mutex<Pin<Box<Sleep>>>,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                *self.late.get_mut() = Box::pin(sleep(NEXT_PIECE_WITHIN));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(failed(HttpErrorKind::Interrupted, &error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.late.get_mut().as_mut().poll(cx).map(|()| Some(Err(slow("the next piece of an answer")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
