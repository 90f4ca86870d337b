use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::framing::{Ambiguous, HeadReader};
use super::unread;
use super::watch::Watch;

/// After an answer that the client may not have read because it is still sending, its bytes are read and thrown away for this long: closing at once
/// would reset the connection and the answer with it.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The bytes between us and a client.
pub(crate) struct ClientStream {
    transport: Option<Transport>,
    /// Bytes that were read before it was known who should read them.
    read_before: Bytes,
    watch: Arc<Watch>,
    state: Arc<StreamState>,
    reader: HeadReader,
    /// The connection carries streams, which have watches of their own.
    carries_streams: bool,
    ended: bool,
    /// Words of ours that are still to be written.
    unwritten: Bytes,
}

pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What the stream and those who answer on it tell each other.
#[derive(Debug, Default)]
pub(crate) struct StreamState {
    pub(crate) ambiguous: Ambiguous,
    /// A request's body was not read to its end.
    unread: AtomicBool,
}

impl StreamState {
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }
}

impl ClientStream {
    pub(super) fn new(transport: Transport, watch: Arc<Watch>, state: Arc<StreamState>) -> Self {
        Self {
            transport: Some(transport),
            read_before: Bytes::new(),
            watch,
            state,
            reader: HeadReader::default(),
            carries_streams: false,
            ended: false,
            unwritten: Bytes::new(),
        }
    }

    /// The same stream, which now carries several requests at a time. These bytes are read again first.
    pub(super) fn carrying(mut self, read_before: Bytes) -> Self {
        self.read_before = read_before;
        self.carries_streams = true;
        self
    }

    fn transport(&mut self) -> io::Result<&mut Transport> {
        self.transport.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.read_before.is_empty() {
            let count = this.read_before.len().min(buffer.remaining());
            buffer.put_slice(&this.read_before[..count]);
            this.read_before.advance(count);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let polled = match this.transport()? {
            Transport::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        match &polled {
            Poll::Ready(Ok(())) => {
                let read = &buffer.filled()[before..];
                if read.is_empty() {
                    this.ended = true;
                } else if !this.carries_streams {
                    this.watch.received();
                    this.reader.read(read, &this.state.ambiguous);
                }
            }
            Poll::Ready(Err(_)) => this.ended = true,
            Poll::Pending => {}
        }
        polled
    }
}

impl ClientStream {
    fn poll_unwritten(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let words = self.unwritten.clone();
            let polled = match self.transport()? {
                Transport::Plain(stream) => Pin::new(stream).poll_write(cx, &words),
                Transport::Tls(stream) => Pin::new(stream).poll_write(cx, &words),
            };
            match ready!(self.wrote(polled))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.unwritten.advance(count),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn wrote(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &polled {
            Poll::Ready(Ok(count)) if *count > 0 && !self.carries_streams => self.watch.sent(),
            Poll::Ready(Err(_)) => self.ended = true,
            _ => {}
        }
        polled
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !self.carries_streams
            && bytes.starts_with(b"HTTP/1.1 4")
            && let Some(words) = unread::in_words(bytes)
        {
            self.unwritten = words;
            return match self.poll_unwritten(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                // What the socket does not take now, it takes when it is flushed.
                _ => Poll::Ready(Ok(bytes.len())),
            };
        }
        let polled = match self.transport()? {
            Transport::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        self.wrote(polled)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        // One slice, as a request is, goes the shorter way through the kernel.
        if let [only] = slices {
            return self.poll_write(cx, only);
        }
        let polled = match self.transport()? {
            Transport::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Transport::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        self.wrote(polled)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Some(Transport::Plain(stream)) => stream.is_write_vectored(),
            Some(Transport::Tls(stream)) => stream.is_write_vectored(),
            None => false,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx))?;
        match self.transport()? {
            // A socket has no buffer of ours to flush.
            Transport::Plain(_) => Poll::Ready(Ok(())),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx))?;
        match self.transport()? {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl Drop for ClientStream {
    fn drop(&mut self) {
        let unread = self.state.unread.load(Ordering::Relaxed) && !self.ended && !self.watch.is_ended();
        if let (true, Some(transport), Ok(runtime)) = (unread, self.transport.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(linger(transport));
        }
    }
}

async fn linger(transport: Transport) {
    let drained = async {
        match transport {
            Transport::Plain(mut stream) => drain(&mut stream).await,
            Transport::Tls(mut stream) => drain(&mut *stream).await,
        }
    };
    // Whatever ends it, the connection is over.
    let _ = tokio::time::timeout(LINGER, drained).await;
}

async fn drain(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(LINGER_BYTES_MAX), &mut tokio::io::sink()).await?;
    Ok(())
}
