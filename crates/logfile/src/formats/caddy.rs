//! Caddy's access log: JSON with the request in an object of its own, and each of its headers in a list.

use std::borrow::Cow;

use memchr::memchr;

use crate::broken::Why;
use crate::entry::Entry;
use crate::json::{Value, each_member};
use crate::number::{go_duration_us, ip, ip_before_port, scaled, status, whole, without_port};
use crate::request::{method_of, path_of};
use crate::text::{unescaped, unescaped_if_any, without_query};
use crate::time::Times;

/// A whole number of at least this much is a duration in nanoseconds. No request takes longer than this in milliseconds, or hardly any.
const NANOSECONDS_MIN: u64 = 10_000;

#[derive(Default)]
struct Members<'l> {
    logger: &'l [u8],
    time: &'l [u8],
    request: Option<&'l [u8]>,
    user: &'l [u8],
    duration: &'l [u8],
    size: &'l [u8],
    status: &'l [u8],
}

/// What Caddy says of itself between requests, and of errors on the way to an answer, is no request.
pub(crate) fn read<'l>(line: &'l [u8], times: &mut Times) -> Result<Option<Entry<'l>>, Why> {
    let mut found = Members::default();
    let is_object = each_member(line, |key, value| match (key, value) {
        (b"request", Value::Object(request)) => found.request = Some(request),
        (b"logger", _) => found.logger = value.plain(),
        (b"ts", _) => found.time = value.plain(),
        (b"user_id", _) => found.user = value.plain(),
        (b"duration", _) => found.duration = value.plain(),
        (b"size", _) => found.size = value.plain(),
        (b"status", _) => found.status = value.plain(),
        _ => {}
    });
    if !is_object {
        return Err(Why::NotJson);
    }
    let is_of_requests = found.logger.is_empty() || found.logger.starts_with(b"http.log.access");
    let Some(request) = found.request.filter(|_| is_of_requests) else { return Ok(None) };
    if found.time.is_empty() {
        return Err(Why::NoTime);
    }
    let mut entry = Entry::at(times.any(found.time).ok_or(Why::BadTime)?);
    entry.user = unescaped_if_any(found.user);
    entry.status = status(found.status);
    entry.bytes = whole(found.size);
    entry.duration_us = duration_us(found.duration);
    if !read_request(request, &mut entry) {
        return Err(Why::NotJson);
    }
    Ok(Some(entry))
}

/// Whether a line is Caddy's and no other's.
pub(crate) fn is_like(line: &[u8], times: &mut Times) -> bool {
    matches!(read(line, times), Ok(Some(_)))
}

fn read_request<'l>(request: &'l [u8], entry: &mut Entry<'l>) -> bool {
    let (mut connected, mut visitor) = (None, None);
    let mut headers = None;
    let is_object = each_member(request, |key, value| match key {
        b"remote_addr" => connected = ip_before_port(value.plain()),
        b"remote_ip" => connected = ip(value.plain()),
        // Behind other proxies, those whom Caddy trusts say who asked.
        b"client_ip" => visitor = ip(value.plain()),
        b"method" => entry.method = method_of(value.plain()),
        b"uri" => entry.path = path_of(value.plain(), unescaped),
        b"host" => entry.host = host(value.plain()),
        b"headers" => headers = Some(value),
        _ => {}
    });
    entry.ip = visitor.or(connected);
    let Some(Value::Object(headers)) = headers else { return is_object };
    let mut take = |key: &[u8], value: Value<'l>| {
        if key.eq_ignore_ascii_case(b"user-agent") {
            entry.browser = unescaped_if_any(value.first());
        } else if key.eq_ignore_ascii_case(b"referer") {
            entry.referrer = unescaped_if_any(value.first()).and_then(without_query);
        }
    };
    is_object && each_member(headers, &mut take)
}

fn host(text: &[u8]) -> Option<Cow<'_, str>> {
    unescaped_if_any(without_port(text))
}

/// Seconds with a fraction, unless the log's encoder was told otherwise: no request takes a number of seconds to the nanosecond, so what is whole is something else.
fn duration_us(text: &[u8]) -> Option<u64> {
    match whole(text) {
        Some(nanoseconds @ NANOSECONDS_MIN..) => Some(nanoseconds / 1000),
        Some(milliseconds) => Some(milliseconds * 1000),
        _ if text.last()?.is_ascii_alphabetic() && memchr(b's', text).is_some() => go_duration_us(text),
        _ => scaled(text, 6),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Facts, facts, json_text};

    fn try_read(line: &str) -> Result<Option<Facts>, Why> {
        read(line.as_bytes(), &mut Times::in_zone(TimeZone::UTC)).map(|entry| entry.map(|entry| Facts::of(&entry)))
    }

    fn read_facts(line: &str) -> Facts {
        try_read(line).unwrap_or_else(|why| panic!("{line}: {why}")).unwrap()
    }

    const LINE: &str = r#"{"level":"info","ts":1646861401.5241024,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"localhost:8443","uri":"/a?b","headers":{"User-Agent":["curl/7.82.0"],"Referer":["https://from.example/?q"],"Accept":["*/*"]},"tls":{"resumed":false}},"bytes_read":0,"user_id":"ada","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}"#;

    fn expected() -> Facts {
        Facts {
            ip: Some("192.0.2.7".parse().unwrap()),
            user: Some("ada".into()),
            bytes: Some(10_900),
            duration_us: Some(929),
            referrer: Some("https://from.example/".into()),
            browser: Some("curl/7.82.0".into()),
            host: Some("localhost".into()),
            ..Facts::new("2022-03-09T21:30:01.524102Z", "GET", "/a", 200)
        }
    }

    #[test]
    fn a_line_of_the_manual_is_read() {
        assert_eq!(read_facts(LINE), expected());
    }

    #[test]
    fn times_and_durations_may_be_written_otherwise() {
        for time in ["1646861401524.1024", "1646861401524102400", r#""2022-03-09T21:30:01.524102Z""#, r#""2022/03/09 21:30:01.524102400""#]
        {
            assert_eq!(read_facts(&LINE.replace("1646861401.5241024", time)), expected());
        }
        for duration in ["929675", "\"929.675µs\"", "\"929675ns\""] {
            assert_eq!(read_facts(&LINE.replace("0.000929675", duration)), expected());
        }
        assert_eq!(read_facts(&LINE.replace("0.000929675", "2.5")).duration_us, Some(2_500_000));
        assert_eq!(read_facts(&LINE.replace("0.000929675", "25")).duration_us, Some(25_000), "in whole milliseconds");
    }

    #[test]
    fn older_lines_have_address_and_port_in_one() {
        let line = LINE
            .replace(r#""remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"192.0.2.7""#, r#""remote_addr":"[2001:db8::7]:41342""#);
        assert_eq!(read_facts(&line).ip, Some("2001:db8::7".parse().unwrap()));
    }

    #[test]
    fn what_is_no_request_is_passed_over() {
        assert_eq!(try_read(r#"{"level":"info","ts":1646861401.5,"msg":"serving initial configuration"}"#), Ok(None));
        // Caddy tells of the same request once more, as it tells of all.
        assert_eq!(try_read(&LINE.replace("http.log.access.log0", "http.log.error")), Ok(None));
        assert_eq!(try_read("not JSON"), Err(Why::NotJson));
        assert_eq!(try_read(&LINE[..LINE.len() - 1]), Err(Why::NotJson));
        assert_eq!(try_read(&LINE.replace("\"ts\"", "\"t\"")), Err(Why::NoTime));
        assert_eq!(try_read(&LINE.replace("1646861401.5241024", "\"noon\"")), Err(Why::BadTime));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(facts in facts()) {
            let facts = Facts { duration_us: Some(facts.duration_us.unwrap_or_default()), ..facts };
            prop_assert_eq!(read_facts(&written(&facts)), facts);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>, request in r#"[{}\[\]",:a-z]{0,30}"#) {
            let mut times = Times::in_zone(TimeZone::UTC);
            let _ = read(&bytes, &mut times);
            let _ = read(format!(r#"{{"ts":1646861401.5,"request":{{{request}}}}}"#).as_bytes(), &mut times);
        }
    }

    fn written(facts: &Facts) -> String {
        let header = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("\"{name}\":[{}]", json_text(text)));
        let headers: Vec<String> =
            [header("User-Agent", &facts.browser), header("Referer", &facts.referrer)].into_iter().flatten().collect();
        let text = |text: &Option<String>| json_text(text.as_deref().unwrap_or_default());
        let (us, duration_us) = (facts.time.as_microsecond(), facts.duration_us.unwrap());
        format!(
            r#"{{"ts":{}.{:06},"logger":"http.log.access","request":{{"remote_ip":"{}","method":{},"host":{},"uri":{},"headers":{{{}}}}},"user_id":{},"duration":{}.{:06},"size":{},"status":{}}}"#,
            us / 1_000_000,
            us % 1_000_000,
            facts.ip.map_or_else(String::new, |ip| ip.to_string()),
            text(&facts.method),
            text(&facts.host),
            text(&facts.path),
            headers.join(","),
            text(&facts.user),
            duration_us / 1_000_000,
            duration_us % 1_000_000,
            facts.bytes.unwrap(),
            facts.status.unwrap_or(0),
        )
    }
}
