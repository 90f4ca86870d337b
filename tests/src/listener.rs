use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A request as a server of ours received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What a server of ours does with those who come.
pub(crate) trait Conduct: Send + Sync + 'static {
    /// Somebody connected, who may or may not ask for something.
    fn connected(&self) {}

    /// The whole answer, as it goes over the wire. An empty one closes the connection.
    fn answer(&self, request: Seen) -> Vec<u8>;
}

/// A plain HTTP/1.1 server on a free port of loopback, a thread for each connection.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    is_closing: Arc<AtomicBool>,
}

impl Listener {
    pub(crate) fn open(conduct: Arc<impl Conduct>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let opened = Self { address, is_closing: Arc::default() };
        let is_closing = Arc::clone(&opened.is_closing);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closing.load(Ordering::Acquire) {
                    return;
                }
                conduct.connected();
                let (conduct, is_closing) = (Arc::clone(&conduct), Arc::clone(&is_closing));
                thread::spawn(move || converse(stream, &*conduct, &is_closing));
            }
        });
        opened
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_closing.store(true, Ordering::Release);
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(stream: TcpStream, conduct: &impl Conduct, is_closing: &AtomicBool) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream) {
        if is_closing.load(Ordering::Acquire) {
            return;
        }
        let answer = conduct.answer(request);
        if answer.is_empty() || stream.get_mut().write_all(&answer).is_err() {
            return;
        }
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut lines = head.trim_end().split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    let mut seen = Seen { method, target, headers, body: Vec::new() };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    seen.body.resize(length, 0);
    stream.read_exact(&mut seen.body).ok()?;
    Some(seen)
}
