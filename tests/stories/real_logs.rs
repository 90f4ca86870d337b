//! Servers as Debian has them, asked for nasty things over bare sockets: what they write down is read as what it was.
//!
//! They ask the room that reads logs itself, because what it says of each byte is more than what the policy lets our log keep.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logfile::{Entry, Format, Parser};
use stories::{LOG_ZONE, LogStyle, LogWriter};

/// One request, and what a log should say that it was.
struct Asked {
    what: &'static str,
    bytes: Vec<u8>,
    method: &'static str,
    path: String,
}

impl Asked {
    fn new(what: &'static str, method: &'static str, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { what, bytes: bytes.into(), method, path: path.to_owned() }
    }
}

/// What the log said of each, by name. What a server does not write down is not there.
type Told<'l> = BTreeMap<&'static str, Entry<'l>>;

const REST: &str = "Host: a.example\r\nConnection: close\r\n\r\n";

fn all() -> Vec<Asked> {
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\n{headers}{REST}");
    let long = format!("/{}", "x".repeat(7000));
    // `Ada "the" \Lovelace`, with a password.
    let nasty_user = "Authorization: Basic QWRhICJ0aGUiIFxMb3ZlbGFjZVxcOndvcmQ=\r\n";
    let nasty_browser = [b"GET /plain HTTP/1.1\r\nUser-Agent: a\tb\x01\x1b\x7f \xf0\x9f\x98\x80 \xfc#{|}\r\n", REST.as_bytes()].concat();
    let browser = "User-Agent: Mozilla/5.0 (X11)\r\nReferer: https://from.example/x?secret\r\n";
    vec![
        Asked::new("ordinary", "GET", "/plain", get("/plain?secret=1", browser)),
        Asked::new("old", "GET", "/plain", "GET /plain HTTP/1.0\r\n\r\n"),
        Asked::new("older", "GET", "/plain", "GET /plain\r\n\r\n"),
        Asked::new("quotes", "GET", r#"/a"b\c"#, get(r#"/a"b\c"#, "User-Agent: say \"hi\" \\o/ \\\r\n")),
        Asked::new("control bytes in the browser", "GET", "/plain", nasty_browser),
        Asked::new("control bytes in the path", "GET", "/\u{1}\u{7f}", get("/\u{1}\u{7f}", "")),
        Asked::new("UTF-8", "GET", "/grüße", get("/grüße", "")),
        Asked::new("Latin-1", "GET", "/gr\u{fffd}", [&b"GET /gr\xfc HTTP/1.1\r\n"[..], REST.as_bytes()].concat()),
        Asked::new("long", "GET", &long, get(&long, "")),
        Asked::new("a space", "GET", "/with space", get("/with space", "")),
        Asked::new("escaped", "GET", "/a%20b%22", get("/a%20b%22?secret", "")),
        Asked::new("somebody", "GET", "/known", get("/known", "Authorization: Basic YWRhOndvcmQ=\r\n")),
        Asked::new("somebody else", "GET", "/known", get("/known", nasty_user)),
        Asked::new("TLS", "", "", &b"\x16\x03\x01\x02\x01\x01\x01\x01\xfc\x03\x03\"] \"GET\r\n\r\n"[..]),
        Asked::new("garbage", "", "", "hello\r\n\r\n"),
        Asked::new("half", "", "", "GET\r\n\r\n"),
        Asked::new("as to a proxy", "GET", "/plain", get("http://other.example/plain?secret", "")),
        Asked::new("a tunnel", "CONNECT", "other.example:443", format!("CONNECT other.example:443 HTTP/1.1\r\n{REST}")),
        Asked::new("everything", "OPTIONS", "*", format!("OPTIONS * HTTP/1.1\r\n{REST}")),
        Asked::new("a head", "HEAD", "/plain", format!("HEAD /plain HTTP/1.1\r\n{REST}")),
        Asked::new("a body", "POST", "/plain", format!("POST /plain HTTP/1.1\r\nContent-Length: 2\r\n{REST}ab")),
    ]
}

/// What a server leaves out, by name.
#[derive(Clone, Copy, Default)]
struct Gaps {
    /// It answered before it knew what it was asked for.
    without_request: &'static [&'static str],
    without_path: &'static [&'static str],
    unwritten: &'static [&'static str],
}

/// Asks for all of it, the last over IPv6, and looks at what every server should have written.
fn asked(style: LogStyle, format: Format, gaps: Gaps, look: impl FnOnce(&Told<'_>)) {
    let writer = LogWriter::start(style);
    for asked in all() {
        writer.send(&asked.bytes, false);
    }
    writer.send(format!("GET /last HTTP/1.1\r\n{REST}").as_bytes(), true);
    let log = writer.log_with(1, "/last");
    assert_eq!(Format::find(&log), Some(format));

    let mut parser = Parser::in_zone(format, TimeZone::get(LOG_ZONE).unwrap());
    let lines = log.split(|byte| *byte == b'\n');
    let mut entries = lines.filter_map(|line| parser.read(line).unwrap_or_else(|why| panic!("{style:?}: {why}: {}", line.escape_ascii())));
    let mut told = Told::new();
    for asked in all().iter().filter(|asked| !gaps.unwritten.contains(&asked.what)) {
        let entry = entries.next().unwrap_or_else(|| panic!("{style:?}: no line for {}", asked.what));
        let is_known = !gaps.without_request.contains(&asked.what);
        let method = Some(asked.method).filter(|method| is_known && !method.is_empty());
        let path = Some(asked.path.as_str()).filter(|path| is_known && !path.is_empty() && !gaps.without_path.contains(&asked.what));
        assert_eq!([entry.method.as_deref(), entry.path.as_deref()], [method, path], "{style:?}: {}", asked.what);
        assert_eq!(entry.ip, Some("127.0.0.1".parse().unwrap()), "{style:?}: {}", asked.what);
        assert!(entry.status.is_some() && entry.bytes.is_some(), "{style:?}: {}", asked.what);
        told.insert(asked.what, entry);
    }
    let last = entries.next().expect("a line for the last");
    assert_eq!((last.ip, last.path.as_deref()), (Some("::1".parse().unwrap()), Some("/last")));
    assert_eq!(entries.count(), 0, "{style:?}: as many lines as requests");

    // The file was written when it says that it was asked, although the server stands in another zone.
    let written = Timestamp::try_from(writer.written()).unwrap();
    assert!((written.as_second() - last.time.as_second()).abs() < 20, "{style:?}: {} at {written}", last.time);
    look(&told);
}

fn browser_of<'t>(told: &'t Told<'_>, what: &str) -> Option<&'t str> {
    told[what].browser.as_deref()
}

/// What all say that write down browser and referrer.
fn has_browsers(told: &Told<'_>) {
    assert_eq!(browser_of(told, "ordinary"), Some("Mozilla/5.0 (X11)"));
    assert_eq!(told["ordinary"].referrer.as_deref(), Some("https://from.example/x"));
    assert_eq!(browser_of(told, "old"), None);
    assert_eq!(browser_of(told, "quotes"), Some(r#"say "hi" \o/ \"#));
    assert_eq!(told["ordinary"].bytes, Some(22));
}

fn has_users(told: &Told<'_>) {
    assert_eq!(told["somebody"].user.as_deref(), Some("ada"));
    assert_eq!(told["somebody else"].user.as_deref(), Some(r#"Ada "the" \Lovelace\\"#));
    assert_eq!(told["ordinary"].user, None);
}

#[test]
fn nginx() {
    asked(LogStyle::NginxCombined, Format::Combined, Gaps::default(), |told| {
        has_browsers(told);
        has_users(told);
        assert_eq!(browser_of(told, "control bytes in the browser"), Some("a\tb\u{1}\u{1b}\u{7f} 😀 \u{fffd}#{|}"));
    });
}

#[test]
fn nginx_in_json() {
    asked(LogStyle::NginxJson, Format::NginxJson, Gaps::default(), |told| {
        has_browsers(told);
        has_users(told);
        assert_eq!(browser_of(told, "control bytes in the browser"), Some("a\tb\u{1}\u{1b}\u{7f} 😀 \u{fffd}#{|}"));
        assert_eq!(told["ordinary"].host.as_deref(), Some("a.example"));
        assert!(told["ordinary"].duration_us.is_some());
    });
}

#[test]
fn apache() {
    asked(LogStyle::ApacheCommon, Format::Common, Gaps::default(), has_users);
    asked(LogStyle::ApacheCombined, Format::Combined, Gaps::default(), |told| {
        has_users(told);
        assert_eq!(told["everything"].bytes, Some(0), "Apache writes a dash for it");
        has_browsers(told);
    });
    asked(LogStyle::ApacheCombinedWithHost, Format::CombinedWithHost, Gaps::default(), |told| {
        has_users(told);
        assert!(told.values().all(|entry| entry.host.as_deref() == Some("a.example")));
    });
}

#[test]
fn lighttpd() {
    let gaps = Gaps { without_request: &["older"], without_path: &["a tunnel"], ..Gaps::default() };
    asked(LogStyle::Lighttpd, Format::Lighttpd, gaps, |told| {
        has_browsers(told);
        assert_eq!(told["ordinary"].host.as_deref(), Some("a.example"));
        assert_eq!(told["old"].host, None);
    });
}

#[test]
fn caddy() {
    // What is no request to Go's library is none to Caddy.
    const UNWRITTEN: &[&str] =
        &["older", "control bytes in the browser", "control bytes in the path", "a space", "TLS", "garbage", "half", "everything"];
    asked(LogStyle::Caddy, Format::CaddyJson, Gaps { unwritten: UNWRITTEN, ..Gaps::default() }, |told| {
        has_browsers(told);
        assert_eq!(told["ordinary"].host.as_deref(), Some("a.example"));
        assert!(told["ordinary"].duration_us.is_some());
    });
}

#[test]
fn haproxy() {
    const REFUSED: &[&str] = &["older", "UTF-8", "Latin-1", "control bytes in the path", "as to a proxy", "a tunnel", "a space"];
    for style in [LogStyle::Haproxy, LogStyle::HaproxyBehindSyslog] {
        asked(style, Format::HaproxyHttp, Gaps { without_request: REFUSED, ..Gaps::default() }, |told| {
            assert!(told["ordinary"].duration_us.is_some());
            assert_eq!(told["garbage"].duration_us, Some(0));
        });
    }
}
