//! Traefik's access log in JSON, and the end of a line of its other form, which is a relative of NCSA's and read there.

use memchr::{memmem, memrchr};

use crate::broken::Why;
use crate::entry::Entry;
use crate::json::each_member;
use crate::number::{ip, ip_before_port, scaled, status, whole, without_port};
use crate::request::{method_of, path_of};
use crate::text::{is_nothing, lossy, unescaped, unescaped_if_any, without_query};
use crate::time::Times;

#[derive(Default)]
struct Members<'l> {
    started: &'l [u8],
    started_there: &'l [u8],
    /// When it was written down.
    ended: &'l [u8],
    client: &'l [u8],
    client_with_port: &'l [u8],
    user: &'l [u8],
    method: &'l [u8],
    path: &'l [u8],
    status: &'l [u8],
    bytes: &'l [u8],
    nanoseconds: &'l [u8],
    referrer: &'l [u8],
    browser: &'l [u8],
    host: &'l [u8],
}

pub(crate) fn read<'l>(line: &'l [u8], times: &mut Times) -> Result<Entry<'l>, Why> {
    let mut found = Members::default();
    if !each_member(line, |key, value| found.keep(key, value.plain())) {
        return Err(Why::NotJson);
    }
    if found.method.is_empty() && found.path.is_empty() && found.status.is_empty() {
        return Err(Why::NoRequest);
    }
    let time = [found.started, found.started_there, found.ended].into_iter().find(|time| !time.is_empty()).ok_or(Why::NoTime)?;
    let mut entry = Entry::at(times.any(time).ok_or(Why::BadTime)?);
    entry.ip = ip(found.client).or_else(|| ip_before_port(found.client_with_port));
    entry.user = unescaped_if_any(found.user);
    entry.method = method_of(found.method);
    entry.path = path_of(found.path, unescaped);
    entry.status = status(found.status);
    entry.bytes = whole(found.bytes);
    entry.duration_us = whole(found.nanoseconds).map(|nanoseconds| nanoseconds / 1000);
    entry.referrer = unescaped_if_any(found.referrer).and_then(without_query);
    entry.browser = unescaped_if_any(found.browser);
    entry.host = unescaped_if_any(without_port(found.host));
    Ok(entry)
}

/// `"referrer" "browser" 17 "router" "server" 12ms`: what is behind the number of bytes in the other form. No if it is something else.
///
/// Traefik does not escape what it was sent, so it is read from the end, where it wrote all of it itself.
pub(crate) fn read_end<'l>(text: &'l [u8], entry: &mut Entry<'l>) -> bool {
    let read = || {
        let (rest, milliseconds) = split_last(text.trim_ascii_end(), b' ')?;
        let duration_us = scaled(milliseconds.strip_suffix(b"ms")?, 3)?;
        let (rest, _server) = split_last(rest.strip_suffix(b"\"")?, b'"')?;
        let (rest, _router) = split_last(rest.strip_suffix(b"\" ")?, b'"')?;
        let (rest, count) = split_last(rest.strip_suffix(b" ")?, b' ')?;
        (is_nothing(count) || whole(count).is_some()).then_some(())?;
        let both = rest.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let between = memmem::find(both, b"\" \"")?;
        Some((duration_us, &both[..between], &both[between + 3..]))
    };
    let Some((duration_us, referrer, browser)) = read() else { return false };
    entry.duration_us = Some(duration_us);
    entry.referrer = Some(referrer).filter(|text| !is_nothing(text)).and_then(|text| without_query(lossy(text)));
    entry.browser = Some(browser).filter(|text| !is_nothing(text)).map(lossy);
    true
}

/// What stands before the last of these bytes, and what behind it.
fn split_last(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    memrchr(separator, bytes).map(|at| (&bytes[..at], &bytes[at + 1..]))
}

impl<'l> Members<'l> {
    fn keep(&mut self, key: &[u8], text: &'l [u8]) {
        match key {
            b"StartUTC" => self.started = text,
            b"StartLocal" => self.started_there = text,
            b"time" => self.ended = text,
            b"ClientHost" => self.client = text,
            b"ClientAddr" => self.client_with_port = text,
            b"ClientUsername" => self.user = text,
            b"RequestMethod" => self.method = text,
            b"RequestPath" => self.path = text,
            b"DownstreamStatus" => self.status = text,
            b"DownstreamContentSize" => self.bytes = text,
            b"Duration" => self.nanoseconds = text,
            b"RequestHost" => self.host = text,
            // Headers are there where the operator asked for them.
            _ if key.eq_ignore_ascii_case(b"request_Referer") => self.referrer = text,
            _ if key.eq_ignore_ascii_case(b"request_User-Agent") => self.browser = text,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Facts, facts, json_text};

    fn try_read(line: &str) -> Result<Facts, Why> {
        read(line.as_bytes(), &mut Times::in_zone(TimeZone::UTC)).map(|entry| Facts::of(&entry))
    }

    fn read_facts(line: &str) -> Facts {
        try_read(line).unwrap_or_else(|why| panic!("{line}: {why}"))
    }

    const LINE: &str = r#"{"ClientAddr":"192.0.2.7:50854","ClientHost":"192.0.2.7","ClientPort":"50854","ClientUsername":"-","DownstreamContentSize":31,"DownstreamStatus":200,"Duration":1342716,"OriginDuration":1000,"Overhead":342716,"RequestAddr":"a.example:8080","RequestContentSize":0,"RequestCount":1,"RequestHost":"a.example","RequestMethod":"GET","RequestPath":"/a?b","RequestPort":"8080","RequestProtocol":"HTTP/1.1","RequestScheme":"http","RetryAttempts":0,"RouterName":"web@file","StartLocal":"2024-05-06T09:08:07.654321+02:00","StartUTC":"2024-05-06T07:08:07.654321987Z","entryPointName":"web","level":"info","msg":"","request_Referer":"https://from.example/?q","request_User-Agent":"curl/8","time":"2024-05-06T09:08:07+02:00"}"#;

    #[test]
    fn a_line_of_traefik_is_read() {
        let expected = Facts {
            ip: Some("192.0.2.7".parse().unwrap()),
            bytes: Some(31),
            duration_us: Some(1_342),
            referrer: Some("https://from.example/".into()),
            browser: Some("curl/8".into()),
            host: Some("a.example".into()),
            ..Facts::new("2024-05-06T07:08:07.654321Z", "GET", "/a", 200)
        };
        assert_eq!(read_facts(LINE), expected);
    }

    #[test]
    fn fields_may_have_been_dropped() {
        let line = LINE.replace("\"StartUTC\"", "\"x\"").replace("\"ClientHost\"", "\"y\"");
        assert_eq!(read_facts(&line).time, "2024-05-06T07:08:07.654321Z".parse().unwrap());
        assert_eq!(read_facts(&line).ip, Some("192.0.2.7".parse().unwrap()));
        let line = line.replace("\"StartLocal\"", "\"z\"").replace("192.0.2.7:50854", "[2001:db8::7]:50854");
        assert_eq!(read_facts(&line).time, "2024-05-06T07:08:07Z".parse().unwrap());
        assert_eq!(read_facts(&line).ip, Some("2001:db8::7".parse().unwrap()));
        assert_eq!(try_read(&line.replace("\"time\"", "\"t\"")), Err(Why::NoTime));
    }

    #[test]
    fn other_lines_are_refused() {
        assert_eq!(try_read(r#"{"level":"info","msg":"Configuration loaded","time":"2024-05-06T09:08:07+02:00"}"#), Err(Why::NoRequest));
        assert_eq!(try_read("time=\"2024\" level=info"), Err(Why::NotJson));
        assert_eq!(try_read(&LINE.replace("2024-05-06T07:08:07.654321987Z", "late")), Err(Why::BadTime));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(facts in facts()) {
            prop_assert_eq!(read_facts(&written(&facts)), facts);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = read(&bytes, &mut Times::in_zone(TimeZone::UTC));
        }
    }

    fn written(facts: &Facts) -> String {
        let member =
            |name: &str, text: &Option<String>| text.as_ref().map(|text| format!(",\"{name}\":{}", json_text(text))).unwrap_or_default();
        let number = |name: &str, number: Option<u64>| number.map(|number| format!(",\"{name}\":{number}")).unwrap_or_default();
        format!(
            r#"{{"StartUTC":"{}","ClientHost":"{}"{}{}{}{}{}{}{}{}{}}}"#,
            facts.time,
            facts.ip.map_or_else(String::new, |ip| ip.to_string()),
            member("ClientUsername", &facts.user),
            member("RequestMethod", &facts.method),
            member("RequestPath", &facts.path),
            number("DownstreamStatus", facts.status.map(u64::from)),
            number("DownstreamContentSize", facts.bytes),
            number("Duration", facts.duration_us.map(|us| us * 1000)),
            member("request_Referer", &facts.referrer),
            member("request_User-Agent", &facts.browser),
            member("RequestHost", &facts.host),
        )
    }
}
