//! A connection that visitor and site have switched to another protocol, as WebSocket: bytes both ways until either ends it.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderMap};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::stream::SiteStream;
use crate::gate::names::{lists, tokens};
use crate::listen::{Caller, Phase, Watch};
use crate::record::Visiting;

/// Whether a request asks for a protocol that may be spoken through us. HTTP itself and TLS may not: what came after would be requests that nobody judged,
/// with fields in our name that nobody removed.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    let may_be_spoken = |protocol: &[u8]| {
        let name = protocol.split(|byte| *byte == b'/').next().unwrap_or_default();
        ![b"h2c".as_slice(), b"h2", b"http", b"tls"].iter().any(|never| name.eq_ignore_ascii_case(never))
    };
    let mut protocols = headers.get_all(header::UPGRADE).iter().flat_map(|value| tokens(value.as_bytes())).peekable();
    lists(headers, header::CONNECTION, "upgrade") && protocols.peek().is_some() && protocols.all(may_be_spoken)
}

/// Both ends of a tunnel, and what must outlive the connection's task.
pub(super) struct Tunnel {
    pub(super) client: OnUpgrade,
    pub(super) site: SiteStream,
    /// What the site sent right behind its `101`.
    pub(super) read_before: Bytes,
    pub(super) visiting: Box<Visiting>,
    pub(super) watch: Arc<Watch>,
    /// The connection counts as open as long as the tunnel is.
    pub(super) caller: Arc<Caller>,
}

impl Tunnel {
    pub(super) async fn run(self) {
        let Self { client, site, read_before, mut visiting, watch, caller } = self;
        let Ok(client) = client.await else { return };
        watch.enter(Phase::Tunnel);
        let mut client = Counted { stream: TokioIo::new(client), written: 0 };
        {
            let carried = pin!(carry(&mut client, site, read_before));
            until_ended(carried, &watch).await;
        }
        visiting.tunnelled(client.written);
        drop((visiting, caller));
    }
}

async fn carry(client: &mut (impl AsyncRead + AsyncWrite + Unpin), mut site: SiteStream, read_before: Bytes) -> io::Result<()> {
    client.write_all(&read_before).await?;
    tokio::io::copy_bidirectional(client, &mut site).await?;
    Ok(())
}

/// Whatever ends a tunnel, it is over: nobody is left to tell.
async fn until_ended(mut carried: Pin<&mut impl Future<Output = io::Result<()>>>, watch: &Watch) {
    std::future::poll_fn(|cx| {
        watch.watched_by(cx.waker());
        if watch.is_ended() {
            return Poll::Ready(());
        }
        carried.as_mut().poll(cx).map(|_| ())
    })
    .await;
}

/// Counts what the visitor gets.
struct Counted<S> {
    stream: S,
    written: u64,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = polled {
            self.written += count as u64;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
