use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::answer::Answer;
use crate::listener::{Conduct, Listener, Seen};

/// Somebody else's server, which answers everything and forgets nothing.
#[derive(Debug)]
pub struct Tracker {
    listener: Listener,
    log: Log,
}

impl Tracker {
    pub(super) fn new() -> Self {
        let log = Log::default();
        Self { listener: Listener::open(Arc::new(log.clone())), log }
    }

    pub fn port(&self) -> u16 {
        self.listener.address().port()
    }

    pub(super) fn log(&self) -> Log {
        self.log.clone()
    }

    /// The ways it was reached since it was last looked at, each once.
    pub fn reached(&self) -> BTreeSet<String> {
        let taken = self.log.taken();
        let ways = taken["requests"].as_array().into_iter().flatten();
        ways.filter_map(|request| request["way"].as_str()).map(str::to_owned).collect()
    }
}

/// Who came to a tracker.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    came: Arc<Mutex<Came>>,
}

#[derive(Debug, Default)]
struct Came {
    connections: usize,
    requests: Vec<Value>,
}

impl Log {
    /// What there is, and from now on only what comes later. A connection tells a tracker something too, even if nobody asks anything over it.
    pub(super) fn taken(&self) -> Value {
        let came = std::mem::take(&mut *self.came.lock().unwrap_or_else(PoisonError::into_inner));
        json!({"connections": came.connections, "requests": came.requests})
    }
}

impl Conduct for Log {
    fn connected(&self) {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).connections += 1;
    }

    fn answer(&self, request: Seen) -> Vec<u8> {
        let way = way(&request.target);
        let entry = json!({
            "way": way,
            "host": request.header("host"),
            "method": request.method,
            "kind": request.header("sec-fetch-dest"),
            "referrer": request.header("referer"),
        });
        self.came.lock().unwrap_or_else(PoisonError::into_inner).requests.push(entry);
        content(&way, request.path()).header("Access-Control-Allow-Origin", "*").header("Access-Control-Allow-Headers", "*").wire(&request)
    }
}

/// The last part of the address, without what stands behind its last dot.
fn way(target: &str) -> String {
    let last = target.rsplit('/').next().unwrap_or_default();
    last.split('.').next().unwrap_or_default().to_owned()
}

fn content(way: &str, path: &str) -> Answer {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => Answer::of("text/javascript", format!("globalThis.tracked = [...(globalThis.tracked ?? []), \"{way}\"];\n")),
        "css" => Answer::of("text/css", "h6 { color: red }\n"),
        "html" => Answer::of("text/html", "<!doctype html><title>Theirs</title><p>Theirs.</p>\n"),
        "gif" => Answer::of("image/gif", super::answer::PIXEL),
        "vtt" => Answer::of("text/vtt", "WEBVTT\n"),
        "mp4" => Answer::of("video/mp4", ""),
        "mp3" => Answer::of("audio/mpeg", ""),
        "woff2" => Answer::of("font/woff2", ""),
        _ if way == "event-source" => Answer::of("text/event-stream", "data: x\n\n"),
        _ => Answer::of("text/plain", "ok\n"),
    }
    .header("Cache-Control", "no-store")
    .header("Set-Cookie", "theirs=1; Path=/")
}
