//! A visitor who sends bytes and reads bytes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::site::find;

/// Longer than anything here takes, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Visitor<S = TcpStream> {
    pub(crate) stream: S,
    unread: Vec<u8>,
}

/// An answer as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Visitor {
    pub(crate) async fn of(edge: SocketAddr) -> Self {
        let stream = TcpStream::connect(edge).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self::on(stream)
    }

    /// The same from another address of this machine.
    pub(crate) async fn from(address: &str, edge: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(address.parse().expect("an address"), 0)).expect("an address of this machine");
        Self::on(socket.connect(edge).await.expect("a connection"))
    }
}

/// One request on a connection of its own, to its last byte.
pub(crate) async fn ask(edge: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut visitor = Visitor::of(edge).await;
    visitor.say(request).await;
    visitor.answer().await
}

/// A request for a page with these fields.
pub(crate) fn get(path: &str, fields: &[&str]) -> String {
    let mut request = format!("GET {path} HTTP/1.1\r\nHost: books.example\r\n");
    for field in fields {
        request.push_str(field);
        request.push_str("\r\n");
    }
    request + "\r\n"
}

impl<S: AsyncRead + AsyncWrite + Unpin> Visitor<S> {
    pub(crate) fn on(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("the edge listens");
    }

    /// An answer with its body, as long as its head says, or else to the end of the connection.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let body = if head.starts_with("HTTP/1.1 304") || head.starts_with("HTTP/1.1 204") || head.starts_with("HTTP/1.1 1") {
            Vec::new()
        } else if let Some(length) = field(&head, "content-length") {
            self.bytes(length.parse().expect("a number")).await
        } else if field(&head, "transfer-encoding").as_deref() == Some("chunked") {
            self.chunks().await
        } else {
            self.rest().await
        };
        Answer { head, body }
    }

    pub(crate) async fn head(&mut self) -> String {
        let end = self.until(b"\r\n\r\n").await;
        String::from_utf8(self.take(end)).expect("text")
    }

    /// The chunks of a body as they came, through the empty line at its end.
    pub(crate) async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = self.chunk_length().await;
            if length == 0 {
                return body;
            }
            body.extend(self.bytes(length).await);
            self.bytes(2).await;
        }
    }

    /// The line before a chunk.
    pub(crate) async fn chunk_length(&mut self) -> usize {
        let end = self.until(b"\r\n").await;
        let line = self.take(end);
        usize::from_str_radix(std::str::from_utf8(&line).expect("text").trim(), 16).expect("a number")
    }

    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.unread.len() < count {
            assert!(self.more().await, "the connection ended {} bytes early", count - self.unread.len());
        }
        self.take(count)
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.unread)
    }

    pub(crate) async fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && !self.more().await
    }

    async fn until(&mut self, pattern: &[u8]) -> usize {
        loop {
            if let Some(at) = find(&self.unread, pattern) {
                return at + pattern.len();
            }
            assert!(self.more().await, "the connection ended after {:?}", String::from_utf8_lossy(&self.unread));
        }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.unread.split_off(count);
        std::mem::replace(&mut self.unread, rest)
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 16_384];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("the edge says nothing for too long");
        let count = read.unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

/// The field that everything gets which has a content and is neither a page nor a worker.
pub(crate) const OWN_ONLY: &str = "content-security-policy: default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem:\r\n";

impl Answer {
    /// Head and body as the site sent them.
    pub(crate) fn as_sent(&self) -> String {
        format!("{}{}", self.head.replacen(OWN_ONLY, "", 1), self.text())
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    pub(crate) fn field(&self, name: &str) -> Option<String> {
        field(&self.head, name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The values of a field, joined.
pub(crate) fn field(head: &str, name: &str) -> Option<String> {
    let values: Vec<&str> = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}
