use std::fmt::Write;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::testing::{Facts, facts};

fn try_read(line: &str, kind: Kind) -> Result<Facts, Why> {
    read(line.as_bytes(), kind, &mut Times::in_zone(TimeZone::UTC)).map(|entry| Facts::of(&entry))
}

fn read_facts(line: &str) -> Facts {
    try_read(line, Kind::Plain).unwrap_or_else(|why| panic!("{line}: {why}"))
}

fn expected() -> Facts {
    Facts {
        ip: Some("192.0.2.7".parse().unwrap()),
        user: Some("ada".into()),
        bytes: Some(2326),
        ..Facts::new("2000-10-10T20:55:36Z", "GET", "/a.gif", 200)
    }
}

const COMMON: &str = r#"192.0.2.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a.gif?b=c HTTP/1.0" 200 2326"#;

#[test]
fn a_common_line_is_read() {
    assert_eq!(read_facts(COMMON), expected());
}

#[test]
fn a_combined_line_has_referrer_and_browser() {
    let line = format!(r#"{COMMON} "https://from.example/a?b" "Mozilla/5.0 (X11; \"Linux\")""#);
    let combined =
        Facts { referrer: Some("https://from.example/a".into()), browser: Some("Mozilla/5.0 (X11; \"Linux\")".into()), ..expected() };
    assert_eq!(read_facts(&line), combined);
    assert_eq!(read_facts(&format!(r#"{line} "10.0.0.1" 0.005 rt=1"#)), combined, "what operators add at the end is passed over");
    assert_eq!(read_facts(&format!(r#"{COMMON} "-" """#)), expected());
}

#[test]
fn a_line_of_apache_may_begin_with_the_site() {
    for (first, host) in [("a.example:443", "a.example"), ("a.example", "a.example"), ("[::1]:80", "[::1]")] {
        let line = format!(r#"{first} {COMMON} "-" "-""#);
        assert_eq!(try_read(&line, Kind::WithHost).unwrap(), Facts { host: Some(host.into()), ..expected() });
    }
}

#[test]
fn lighttpd_has_the_site_in_place_of_the_identity() {
    let line = COMMON.replace("192.0.2.7 -", "192.0.2.7 a.example:8080");
    assert_eq!(try_read(&line, Kind::HostForIdentity).unwrap(), Facts { host: Some("a.example".into()), ..expected() });
    assert_eq!(try_read(COMMON, Kind::HostForIdentity).unwrap(), expected());
    assert_eq!(read_facts(&line), expected(), "elsewhere it is nothing");
}

#[test]
fn traefik_says_how_long_it_took() {
    let line = format!(r#"{COMMON} "-" "curl/8" 17 "web@file" "http://10.0.0.1:80" 12ms"#);
    let traefik = Facts { browser: Some("curl/8".into()), duration_us: Some(12_000), ..expected() };
    assert_eq!(try_read(&line, Kind::Traefik).unwrap(), traefik);
    // It does not escape what visitors send.
    let browser = r#"say "hi" 1 "a" "b" 9ms\"#;
    let nasty = try_read(&line.replace("curl/8", browser), Kind::Traefik).unwrap();
    assert_eq!(nasty, Facts { browser: Some(browser.into()), ..traefik });
    assert_eq!(try_read(COMMON, Kind::Traefik).unwrap(), expected());
}

#[test]
fn a_dash_is_nothing_and_of_bytes_none() {
    let entry = read_facts(r#"- - - [10/Oct/2000:13:55:36 +0000] "-" 408 - "-" "-""#);
    assert_eq!((entry.ip, entry.user, entry.method, entry.path), (None, None, None, None));
    assert_eq!((entry.status, entry.bytes, entry.referrer, entry.browser), (Some(408), Some(0), None, None));
}

#[test]
fn addresses_are_of_both_kinds_and_names_are_none() {
    let ip_of = |address: &str| read_facts(&COMMON.replace("192.0.2.7", address)).ip;
    assert_eq!(ip_of("2001:db8::7"), Some("2001:db8::7".parse().unwrap()));
    assert_eq!(ip_of("[2001:db8::7]"), Some("2001:db8::7".parse().unwrap()));
    assert_eq!(ip_of("fe80::1%eth0"), Some("fe80::1".parse().unwrap()));
    assert_eq!(ip_of("::ffff:192.0.2.7"), Some("192.0.2.7".parse().unwrap()));
    assert_eq!(ip_of("host.example"), None);
}

#[test]
fn users_may_have_any_name() {
    let user_of = |user: &str| read_facts(&COMMON.replace("- ada ", &format!("- {user} "))).user;
    assert_eq!(user_of("Ada Lovelace").as_deref(), Some("Ada Lovelace"));
    assert_eq!(user_of(r#"\"ada\" [x]"#).as_deref(), Some("\"ada\" [x]"));
    assert_eq!(user_of("x [11/Oct/2000:13:55:36 -0700] y").as_deref(), Some("x [11/Oct/2000:13:55:36 -0700] y"));
    assert_eq!(user_of(r#"x [11/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1"#).as_deref().map(str::len), Some(53));
    assert_eq!(user_of("\"\""), None);
}

#[test]
fn requests_may_be_anything() {
    let asked = |request: &str| {
        let entry = read_facts(&COMMON.replace("GET /a.gif?b=c HTTP/1.0", request));
        assert_eq!((entry.status, entry.bytes), (Some(200), Some(2326)), "{request}");
        (entry.method.unwrap_or_default(), entry.path.unwrap_or_default())
    };
    let is = |request: &str, method: &str, path: &str| assert_eq!(asked(request), (method.to_owned(), path.to_owned()), "{request}");
    is("", "", "");
    is(r"\x16\x03\x01", "", "");
    is("GET /", "GET", "/");
    is("GET /a b HTTP/1.1", "GET", "/a b");
    is(r#"GET /\"a\" HTTP/1.1"#, "GET", "/\"a\"");
    is(r"GET /\\ HTTP/1.1", "GET", "/\\");
    is("GET http://x.example/y HTTP/1.1", "GET", "/y");
    is("CONNECT x.example:443 HTTP/1.1", "CONNECT", "x.example:443");
    // Not every server escapes what ends its text.
    is(r#"GET /"a"b HTTP/1.1"#, "GET", "/\"a\"b");
    is(r#"GET /a" "b HTTP/1.1"#, "GET", "/a\" \"b");
}

#[test]
fn quotation_marks_that_nobody_escaped_stay_in_the_browser() {
    let entry = read_facts(&format!(r#"{COMMON} "-" "say "hi"there" 0.1"#));
    assert_eq!(entry.browser.as_deref(), Some("say \"hi\"there"));
    assert_eq!(read_facts(&format!(r#"{COMMON} "-" "cut of"#)).browser, None);
}

#[test]
fn other_lines_are_refused() {
    let why = |line: &str| try_read(line, Kind::Plain).unwrap_err();
    assert_eq!(why(""), Why::NoTime);
    assert_eq!(why("hello"), Why::NoTime);
    assert_eq!(why("a - - [b"), Why::NoTime);
    assert_eq!(why(&COMMON.replace("Oct", "Okt")), Why::BadTime);
    assert_eq!(why(&COMMON[..70]), Why::EndsEarly);
    assert_eq!(why(&COMMON[..50]), Why::EndsEarly);
    assert_eq!(why(&COMMON.replace("200 2326", "abc 1")), Why::NoStatus);
}

#[test]
fn what_syslog_puts_in_front_is_taken_for_nothing_else() {
    let addresses = COMMON.replace("192.0.2.7", "192.0.2.7, 192.0.2.8");
    let with_syslog = ["Oct 10 13:55:36 a nginx: ", "<134>Oct 10 13:55:36 a nginx: ", "2000-10-10T13:55:36Z a.example nginx[1]: "];
    for line in with_syslog.iter().map(|before| format!("{before}{COMMON}")).chain([addresses]) {
        assert_eq!(kind_of(line.as_bytes(), &mut Times::in_zone(TimeZone::UTC)), None, "{line}");
        assert_eq!(try_read(&line, Kind::Plain), Err(Why::OtherBeginning), "{line}");
        assert_eq!(try_read(&line, Kind::HostForIdentity), Err(Why::OtherBeginning), "{line}");
    }
}

#[test]
fn a_line_of_brackets_is_read_once() {
    let brackets = format!("{}] \"", " [".repeat(30_000));
    assert_eq!(try_read(&brackets, Kind::Plain), Err(Why::BadTime));
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(facts in facts(), minutes in -840..840i64) {
        let facts = Facts { duration_us: None, ..facts }.in_seconds();
        let plain = Facts { host: None, ..facts.clone() };
        prop_assert_eq!(try_read(&written(&plain, minutes), Kind::Plain).unwrap(), plain.clone());
        let host = facts.host.clone().unwrap_or_else(|| "-".to_owned());
        let with_host = format!("{host}:443 {}", written(&facts, minutes));
        prop_assert_eq!(&try_read(&with_host, Kind::WithHost).unwrap(), &facts);
        let lighttpd = written(&facts, minutes).replacen(" - ", &format!(" {host} "), 1);
        prop_assert_eq!(&try_read(&lighttpd, Kind::HostForIdentity).unwrap(), &facts);
    }

    #[test]
    fn what_traefik_writes_is_read_again(facts in facts()) {
        // Nobody can tell where an address ended that has quotation marks of its own.
        let address = |text: Option<String>| text.map(|text| text.replace('"', ""));
        let facts = Facts { host: None, path: address(facts.path), referrer: address(facts.referrer), ..facts }.in_seconds();
        let facts = Facts { duration_us: Some(15_000), ..facts };
        prop_assert_eq!(try_read(&written_by_traefik(&facts), Kind::Traefik).unwrap(), facts);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>, head in r#"[a-z\[\] "-]{0,20}"#, tail in r#"[a-z0-9\\ "-]{0,40}"#) {
        let line = format!("{head} [10/Oct/2000:13:55:36 -0700] \"{tail}");
        let mut times = Times::in_zone(TimeZone::UTC);
        for kind in [Kind::Plain, Kind::WithHost, Kind::HostForIdentity, Kind::Traefik] {
            let _ = read(&bytes, kind, &mut times);
            let _ = read(line.as_bytes(), kind, &mut times);
        }
        let _ = kind_of(line.as_bytes(), &mut times);
    }
}

fn written_by_traefik(facts: &Facts) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    format!(
        "{} - {} [{}] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\" 17 \"web@file\" \"-\" {}ms",
        facts.ip.map_or("-".to_owned(), |ip| ip.to_string()),
        text(&facts.user),
        facts.time.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        text(&facts.method),
        text(&facts.path),
        facts.status.map_or("-".to_owned(), |status| status.to_string()),
        facts.bytes.unwrap(),
        text(&facts.referrer),
        text(&facts.browser),
        facts.duration_us.unwrap() / 1000,
    )
}

fn written(facts: &Facts, minutes_east: i64) -> String {
    let zone = jiff::tz::Offset::from_seconds(i32::try_from(minutes_east * 60).unwrap()).unwrap();
    let text = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), escaped);
    format!(
        "{} - {} [{}] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\"",
        facts.ip.map_or("-".to_owned(), |ip| ip.to_string()),
        text(&facts.user),
        zone.to_datetime(facts.time).to_zoned(zone.to_time_zone()).unwrap().strftime("%d/%b/%Y:%H:%M:%S %z"),
        text(&facts.method),
        text(&facts.path),
        facts.status.map_or("-".to_owned(), |status| status.to_string()),
        facts.bytes.unwrap(),
        text(&facts.referrer),
        text(&facts.browser),
    )
}

/// As Apache does it.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b' '..0x7f => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").unwrap(),
        }
        out
    })
}
