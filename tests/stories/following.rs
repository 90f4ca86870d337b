//! Beside another server, which writes its log: what it says is in ours soon after, once, whatever happens to the log or to us.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use serde_json::Value;
use stories::{LogStyle, LogWriter, Place, Server, Site, eventually, free_port, world_time};

/// Asks for these pages, one after the other.
fn asked(writer: &LogWriter, pages: std::ops::Range<u32>) {
    for page in pages {
        writer.send(
            format!("GET /n/{page}?secret=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: Story/1.0\r\nConnection: close\r\n\r\n").as_bytes(),
            false,
        );
    }
}

fn follow(place: &Place, writer: &LogWriter) -> Server {
    let mut command = place.command_to_serve(&Site::new().url());
    command.arg("--follow").arg(writer.path());
    Server::start(command, place.folder().path())
}

/// How often each of these pages is in the log.
fn times(place: &Place) -> BTreeMap<u32, usize> {
    let mut times = BTreeMap::new();
    for visit in place.visits() {
        if let Some(page) = visit["path"].as_str().and_then(|path| path.strip_prefix("/n/")) {
            *times.entry(page.parse().expect("our own pages")).or_default() += 1;
        }
    }
    times
}

fn each_once(pages: std::ops::Range<u32>) -> BTreeMap<u32, usize> {
    pages.map(|page| (page, 1)).collect()
}

fn soon(place: &Place, pages: std::ops::Range<u32>) {
    let expected = each_once(pages);
    eventually("all of them in the log", Duration::from_secs(40), || (times(place).len() >= expected.len()).then_some(()));
    assert_eq!(times(place), expected);
}

#[test]
fn what_nginx_logs_is_in_our_log_soon_and_once_through_rotation_and_kills() {
    let (place, writer) = (Place::health(), LogWriter::start(LogStyle::NginxCombined));
    asked(&writer, 0..10);
    let server = follow(&place, &writer);
    asked(&writer, 10..20);
    soon(&place, 0..20);
    server.kill();

    asked(&writer, 20..25);
    writer.rotate();
    asked(&writer, 25..30);
    let server = follow(&place, &writer);
    soon(&place, 0..30);
    asked(&writer, 30..35);
    writer.rotate();
    asked(&writer, 35..40);
    soon(&place, 0..40);
    assert_eq!(server.stop(), Some(0));

    let rotated =
        place.candor(&["import", "--rotated", "--json", "--data", place.data().to_str().unwrap(), writer.path().to_str().unwrap()]);
    assert_eq!((rotated.code, &rotated.json()["imported"]), (Some(0), &Value::from(0)), "{rotated:#?}");
    let visit = &place.visits()[0];
    assert_eq!((&visit["browser"], &visit["ip"], &visit["status"]), (&"Story/1.0".into(), &"127.0.0.1".into(), &404.into()));
}

#[test]
fn a_log_that_is_copied_away_and_cut_is_followed_on() {
    let place = Place::health();
    let writer = LogWriter::start(LogStyle::NginxCombined);
    let server = follow(&place, &writer);
    asked(&writer, 0..12);
    soon(&place, 0..12);
    std::fs::OpenOptions::new().write(true).open(writer.path()).unwrap().set_len(0).unwrap();
    asked(&writer, 12..15);
    soon(&place, 0..15);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_log_that_is_not_there_yet_is_waited_for() {
    let place = Place::health();
    let log = place.folder().join("later.log");
    let mut command = place.command_to_serve(&Site::new().url());
    command.arg("--follow").arg(&log);
    let server = Server::start(command, place.folder().path());
    eventually("a complaint", Duration::from_secs(20), || server.complaints().contains("cannot be followed now").then_some(()));
    let now = world_time().strftime("%d/%b/%Y:%H:%M:%S");
    std::fs::write(&log, format!("192.0.2.1 - - [{now} +0000] \"GET /n/0 HTTP/1.1\" 200 5\n")).unwrap();
    soon(&place, 0..1);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn nginx_sends_what_it_logs_by_syslog() {
    let (place, port) = (Place::health(), free_port());
    let mut command = place.command_to_serve(&Site::new().url());
    command.args(["--syslog", &format!("127.0.0.1:{port}")]);
    let server = Server::start(command, place.folder().path());
    let writer = LogWriter::start(LogStyle::NginxSyslog(port));
    asked(&writer, 0..10);
    soon(&place, 0..10);

    let now = world_time().strftime("%d/%b/%Y:%H:%M:%S").to_string();
    let line = |page: u32| format!("192.0.2.1 - - [{now} +0000] \"GET /n/{page} HTTP/1.1\" 200 5 \"-\" \"Sent/1.0\"");
    let framed = format!("<190>1 2026-03-01T00:00:00Z web nginx - - - {}", line(10));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "{} {framed}<190>Mar  1 00:00:00 web nginx: {}\n{}\n", framed.len(), line(11), line(12)).unwrap();
    soon(&place, 0..13);

    // What is no log does no harm.
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for nonsense in [&b""[..], b"\0", b"<190>", b"<999999>x", &[0xff; 9_000], b"<190>Mar  1 00:00:00 web sshd: password hunter2 accepted"] {
        sender.send_to(nonsense, ("127.0.0.1", port)).unwrap();
    }
    let mut endless = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _ = endless.write_all(&vec![b'9'; 1 << 20]);
    drop(endless);
    sender.send_to(line(13).as_bytes(), ("127.0.0.1", port)).unwrap();
    soon(&place, 0..14);
    assert!(!server.complaints().contains("hunter2"), "{}", server.complaints());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_socket_of_this_machine_receives_as_well() {
    let place = Place::health();
    let path = place.folder().join("syslog.sock");
    let start = || {
        let mut command = place.command_to_serve(&Site::new().url());
        command.arg("--syslog").arg(format!("unix:{}", path.display()));
        Server::start(command, place.folder().path())
    };
    let now = world_time().strftime("%d/%b/%Y:%H:%M:%S").to_string();
    let send = |page: u32| {
        let line = format!("<190>Mar  1 00:00:00 nginx: 192.0.2.1 - - [{now} +0000] \"GET /n/{page} HTTP/1.1\" 200 5 \"-\" \"Sent/1.0\"");
        UnixDatagram::unbound().unwrap().send_to(line.as_bytes(), &path).unwrap();
    };
    let server = start();
    send(0);
    soon(&place, 0..1);
    server.kill();
    let server = start();
    send(1);
    soon(&place, 0..2);
    assert_eq!(server.stop(), Some(0));
}
