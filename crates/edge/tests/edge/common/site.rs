//! A site that says exactly what a test tells it to, byte for byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A site behind the edge.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    /// The requests it got, head and body as they came.
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
    _serving: tokio::task::JoinSet<()>,
}

impl Site {
    /// Answers every request with these bytes, on connections that stay open.
    pub(crate) async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::answering(move |_| answer.to_vec()).await
    }

    /// Answers every request with what the function makes of it. An empty answer closes the connection.
    pub(crate) async fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::serving(move |mut connection| {
            let answer = answer.clone();
            async move {
                while let Some(request) = connection.request().await {
                    let bytes = answer(&request);
                    if bytes.is_empty() || connection.say(bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }

    /// Serves each connection as the function says.
    pub(crate) async fn serving<F>(serve: impl Fn(Connection) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (requests, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(Mutex::new(0)));
        let mut serving = tokio::task::JoinSet::new();
        serving.spawn({
            let (requests, connections) = (requests.clone(), connections.clone());
            async move {
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a socket");
                    *connections.lock().expect("unbroken") += 1;
                    tokio::spawn(serve(Connection { stream, unread: Vec::new(), requests: requests.clone() }));
                }
            }
        });
        Self { address, requests, connections, _serving: serving }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("unbroken").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("unbroken")
    }

    /// The one request it got.
    pub(crate) fn request(&self) -> String {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests[0].clone()
    }
}

/// A connection as the site sees it.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Connection {
    /// Reads a head, without its body. None at the end of the connection.
    pub(crate) async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                let rest = self.unread.split_off(end + 4);
                let head = std::mem::replace(&mut self.unread, rest);
                let head = String::from_utf8(head).expect("text");
                self.requests.lock().expect("unbroken").push(head.clone());
                return Some(head);
            }
            self.more().await?;
        }
    }

    /// Reads a head and the body that it announces.
    pub(crate) async fn request(&mut self) -> Option<String> {
        let mut request = self.head().await?;
        let length =
            request.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |digits| digits.parse().expect("a number"));
        let body = if request.contains("transfer-encoding: chunked") {
            self.through(b"0\r\n").await? + &self.through(b"\r\n").await?
        } else {
            self.bytes(length).await?
        };
        request.push_str(&body);
        if let Some(last) = self.requests.lock().expect("unbroken").last_mut() {
            last.clone_from(&request);
        }
        Some(request)
    }

    pub(crate) async fn bytes(&mut self, count: usize) -> Option<String> {
        while self.unread.len() < count {
            self.more().await?;
        }
        let rest = self.unread.split_off(count);
        Some(String::from_utf8_lossy(&std::mem::replace(&mut self.unread, rest)).into_owned())
    }

    /// Reads up to the end of a line that is exactly this, or, for an empty line, through any trailers.
    async fn through(&mut self, end: &[u8]) -> Option<String> {
        let mut read = String::new();
        loop {
            while find(&self.unread, b"\n").is_none() {
                self.more().await?;
            }
            let at = find(&self.unread, b"\n").expect("just found") + 1;
            let line = self.bytes(at).await?;
            read.push_str(&line);
            if line.as_bytes() == end {
                return Some(read);
            }
        }
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// Whether the edge has closed the connection, or closes it now.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.more().await.is_none()
    }

    async fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 16_384];
        let count = self.stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        self.unread.extend_from_slice(&buffer[..count]);
        Some(())
    }
}

pub(crate) fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}
