use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Seen;
use crate::listener::{Conduct, Listener};

/// A small site of our own, which remembers what it was asked.
///
/// `/scripted` asks Candor's script; `/slow` thinks for a second; `/status/N` answers with that status; `/cookies` sets cookies, some of them in Candor's
/// name; `/topics-cookie` sets one that the example's policy declares, for longer than it may live; every other page says its
/// own address and what was posted to it.
#[derive(Debug)]
pub struct Site {
    listener: Listener,
    asked: Arc<Asked>,
}

impl Site {
    #[expect(clippy::new_without_default, reason = "opening a site is not a default")]
    pub fn new() -> Self {
        let asked = Arc::new(Asked::default());
        Self { listener: Listener::open(Arc::clone(&asked)), asked }
    }

    fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub fn authority(&self) -> String {
        self.address().to_string()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The last request for this target.
    pub fn last(&self, target: &str) -> Seen {
        let seen = self.asked.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().rev().find(|seen| seen.target == target).unwrap_or_else(|| panic!("nobody asked for {target}")).clone()
    }

    /// How often this target was asked for.
    pub fn count(&self, target: &str) -> usize {
        self.asked.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|seen| seen.target == target).count()
    }
}

/// Everything anybody asked for.
#[derive(Debug, Default)]
struct Asked {
    seen: Mutex<Vec<Seen>>,
}

impl Conduct for Asked {
    fn answer(&self, request: Seen) -> Vec<u8> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if request.target == "/slow" {
            thread::sleep(Duration::from_secs(1));
        }
        answer(&request)
    }
}

fn answer(request: &Seen) -> Vec<u8> {
    let status = request.target.strip_prefix("/status/").unwrap_or("200");
    let posted = String::from_utf8_lossy(&request.body);
    let script = if request.target == "/scripted" { "<script src=\"/privacy/candor.js\"></script>" } else { "" };
    let body = format!("<!doctype html><title>Ours</title>{script}<p>This is {}.</p><pre>{posted}</pre>\n", request.target);
    let cookies = if request.target == "/cookies" {
        "Set-Cookie: theirs=1; Path=/\r\nSet-Cookie: candor=forged; Path=/\r\nSet-Cookie: __Host-candor=forged; Path=/; Secure\r\n"
    } else if request.target == "/topics-cookie" {
        "Set-Cookie: thistledown_topics=sleep; Max-Age=63072000; Path=/\r\n"
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
