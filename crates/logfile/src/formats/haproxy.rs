//! HAProxy's own format (`option httplog` and `option httpslog`), bare or behind whatever syslog puts in front:
//!
//! ```text
//! 192.0.2.7:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /a HTTP/1.1"
//! ```
//!
//! Its time has no zone. Which headers it captured, if any, only its configuration tells.

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::broken::Why;
use crate::entry::Entry;
use crate::number::{ip_before_port, scaled, status, whole};
use crate::request::Request;
use crate::text::unmarked;
use crate::time::{TIME_BYTES_MAX, Times};

pub(crate) fn read<'l>(line: &'l [u8], times: &Times) -> Result<Entry<'l>, Why> {
    let (client, time, rest) = opening(line, times)?;
    let mut entry = Entry::at(time);
    entry.ip = ip_before_port(client);
    let mut words = rest.split(|byte| *byte == b' ');
    let (frontend_and_server, timers) = ((words.next(), words.next()), words.next().ok_or(Why::EndsEarly)?);
    if frontend_and_server.1.is_none_or(|server| memchr(b'/', server).is_none()) {
        return Err(Why::EndsEarly);
    }
    let (status_word, bytes) = (words.next().ok_or(Why::EndsEarly)?, words.next().ok_or(Why::EndsEarly)?);
    entry.status = status(status_word);
    if entry.status.is_none() && status_word != b"-1" {
        return Err(Why::NoStatus);
    }
    entry.duration_us = total_us(timers);
    entry.bytes = whole(without_plus(bytes));
    // Quotation marks in what was captured are written as `#22`: the first one begins the request.
    let Some(start) = memmem::find(rest, b" \"") else { return Err(Why::EndsEarly) };
    let request = &rest[start + 2..];
    // A line that was cut at syslog's limit has no mark at its end.
    let request = &request[..memchr(b'"', request).unwrap_or(request.len())];
    let request = Request::read(request, |text| unmarked(text, b'#'));
    entry.method = request.method;
    entry.path = request.path;
    Ok(entry)
}

/// The client with its port, the time, and what follows. Syslog's own beginning may hold brackets, too, but no such time in them.
fn opening<'l>(line: &'l [u8], times: &Times) -> Result<(&'l [u8], domain::Timestamp, &'l [u8]), Why> {
    for open in memchr_iter(b'[', line) {
        let Some(before) = line[..open].strip_suffix(b" ") else { continue };
        let behind = &line[open + 1..];
        let Some(close) = memchr(b']', &behind[..behind.len().min(TIME_BYTES_MAX)]) else { continue };
        let (Some(rest), Some(b'.')) = (behind[close + 1..].strip_prefix(b" "), behind.get(20)) else { continue };
        if let Some(time) = times.common_with_fraction(&behind[..close]) {
            return Ok((&before[memrchr(b' ', before).map_or(0, |at| at + 1)..], time, rest));
        }
    }
    Err(Why::NoTime)
}

/// The last of the five is how long all of it took, in milliseconds; below zero it was not reached.
fn total_us(timers: &[u8]) -> Option<u64> {
    scaled(without_plus(&timers[memrchr(b'/', timers)? + 1..]), 3)
}

/// With `option logasap` the line is written before the end, and says so with a plus sign.
fn without_plus(number: &[u8]) -> &[u8] {
    number.strip_prefix(b"+").unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{Facts, facts};

    fn utc() -> Times {
        Times::in_zone(TimeZone::UTC)
    }

    fn read_facts(line: &str) -> Facts {
        Facts::of(&read(line.as_bytes(), &utc()).unwrap())
    }

    const LINE: &str = r#"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html?a=b HTTP/1.1""#;

    fn expected() -> Facts {
        Facts {
            ip: Some("10.0.1.2".parse().unwrap()),
            duration_us: Some(109_000),
            bytes: Some(2750),
            ..Facts::new("2009-02-06T12:14:14.655Z", "GET", "/index.html", 200)
        }
    }

    #[test]
    fn a_line_of_the_manual_is_read() {
        assert_eq!(read_facts(LINE), expected());
    }

    #[test]
    fn syslog_may_put_in_front_what_it_likes() {
        for before in [
            "Feb  6 12:14:14 localhost haproxy[14389]: ",
            "<134>Feb  6 12:14:14 haproxy[1]: ",
            "<134>1 2009-02-06T12:14:14.655+01:00 h haproxy 1 - [a b=\"c\"] ",
        ] {
            assert_eq!(read_facts(&format!("{before}{LINE}")), expected());
        }
    }

    #[test]
    fn ipv6_has_no_brackets_here() {
        let line = LINE.replace("10.0.1.2", "2001:db8::7");
        assert_eq!(read_facts(&line).ip, Some("2001:db8::7".parse().unwrap()));
        assert_eq!(read_facts(&LINE.replace("10.0.1.2:33317", "unix:1")).ip, None);
    }

    #[test]
    fn what_was_not_reached_is_absent() {
        let bad =
            r#"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in http-in/<NOSRV> -1/-1/-1/-1/-1 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>""#;
        let entry = read_facts(bad);
        assert_eq!((entry.method, entry.path, entry.duration_us, entry.status), (None, None, None, Some(400)));
        let entry = read_facts(&bad.replace(" 400 187", " -1 +187"));
        assert_eq!((entry.status, entry.bytes), (None, Some(187)));
    }

    #[test]
    fn escapes_are_undone_and_a_line_may_be_cut() {
        let line = LINE.replace("/index.html?a=b HTTP/1.1\"", "/a#22b#23c#C3#A9 HTTP/1.1\" 0/0/0/0/0 -/-/TLSv1.3");
        assert_eq!(read_facts(&line).path.unwrap(), "/a\"b");
        assert_eq!(read_facts(&LINE.replace("/index.html?a=b HTTP/1.1\"", "/a/very/long/pa")).path.unwrap(), "/a/very/long/pa");
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "Feb  6 12:14:14 localhost haproxy[14389]: Proxy http-in started.",
            "10.0.1.2:1 [06/Feb/2009:12:14:14.655] http-in s/s 1/2/3 5 17 -- 1/1/1/1/0 0/0",
            "10.0.1.2:1 [06/Feb/2009:12:14:14.655] http-in/1: SSL handshake failure",
        ] {
            assert!(read(line.as_bytes(), &utc()).is_err(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(facts in facts()) {
            let facts = Facts { user: None, referrer: None, browser: None, host: None, ..facts };
            let facts = Facts { duration_us: facts.duration_us.map(|us| us / 1000 * 1000), ..facts }.in_milliseconds();
            prop_assert_eq!(read_facts(&written(&facts)), facts);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = read(&bytes, &utc());
        }
    }

    fn written(facts: &Facts) -> String {
        let client = facts.ip.map_or_else(|| "unix:1".to_owned(), |ip| format!("{ip}:4711"));
        let marked = |text: &str| -> String {
            let plain = |byte: u8| (b' '..0x7f).contains(&byte) && !b"\"#".contains(&byte);
            text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("#{byte:02X}") }).collect()
        };
        format!(
            "{client} [{}] in back/one 1/0/2/3/{} {} {} - - ---- 1/1/1/1/0 0/0 \"{} {} HTTP/1.1\"",
            facts.time.strftime("%d/%b/%Y:%H:%M:%S.%3f"),
            facts.duration_us.map_or(-1, |us| i64::try_from(us / 1000).unwrap()),
            facts.status.map_or("-1".to_owned(), |status| status.to_string()),
            facts.bytes.unwrap(),
            facts.method.as_deref().unwrap(),
            marked(facts.path.as_deref().unwrap()),
        )
    }
}
