use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A request as the site received it.
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
}

/// A small site of our own, which remembers what it was asked.
///
/// `/scripted` asks Candor's script; `/slow` thinks for a second; `/status/N` answers with that status; `/cookies` sets cookies, some of them in Candor's name; every other page says its
/// own address and what was posted to it.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    is_closing: Arc<AtomicBool>,
}

impl Site {
    #[expect(clippy::new_without_default, reason = "opening a site is not a default")]
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let site = Self { address, seen: Arc::default(), is_closing: Arc::default() };
        let (seen, is_closing) = (Arc::clone(&site.seen), Arc::clone(&site.is_closing));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closing.load(Ordering::Acquire) {
                    return;
                }
                let (seen, is_closing) = (Arc::clone(&seen), Arc::clone(&is_closing));
                thread::spawn(move || converse(stream, &seen, &is_closing));
            }
        });
        site
    }

    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last request for this target.
    pub fn last(&self, target: &str) -> Seen {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().rev().find(|seen| seen.target == target).unwrap_or_else(|| panic!("nobody asked for {target}")).clone()
    }

    /// How often this target was asked for.
    pub fn count(&self, target: &str) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|seen| seen.target == target).count()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.is_closing.store(true, Ordering::Release);
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(stream: TcpStream, seen: &Mutex<Vec<Seen>>, is_closing: &AtomicBool) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream) {
        if is_closing.load(Ordering::Acquire) {
            return;
        }
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if request.target == "/slow" {
            thread::sleep(Duration::from_secs(1));
        }
        if stream.get_mut().write_all(&answer(&request)).is_err() {
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

fn answer(request: &Seen) -> Vec<u8> {
    let status = request.target.strip_prefix("/status/").unwrap_or("200");
    let posted = String::from_utf8_lossy(&request.body);
    let script = if request.target == "/scripted" { "<script src=\"/privacy/candor.js\"></script>" } else { "" };
    let body = format!("<!doctype html><title>Ours</title>{script}<p>This is {}.</p><pre>{posted}</pre>\n", request.target);
    let cookies = if request.target == "/cookies" {
        "Set-Cookie: theirs=1; Path=/\r\nSet-Cookie: candor=forged; Path=/\r\nSet-Cookie: __Host-candor=forged; Path=/; Secure\r\n"
    } else {
        ""
    };
    let head = format!(
        "HTTP/1.1 {status} Something\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nX-Of-The-Site: kept\r\n{cookies}\r\n",
        body.len()
    );
    let body = if request.method == "HEAD" { "" } else { &body };
    [head.as_bytes(), body.as_bytes()].concat()
}
