//! JSON that nginx writes by a `log_format` of its operator's: one flat object a line, whose keys are mostly called like nginx's variables. Apache can be
//! told to write the same.

use crate::broken::Why;
use crate::entry::Entry;
use crate::json::each_member;
use crate::number::{ip, scaled, status, whole, without_port};
use crate::request::{Request, method_of, path_of};
use crate::text::{is_nothing, unescaped, unescaped_if_any, without_query};
use crate::time::Times;

/// What the members say, before it is known which of them there are.
#[derive(Default)]
struct Members<'l> {
    /// The most exact time, and how exact it is.
    time: (u8, &'l [u8]),
    ip: &'l [u8],
    user: &'l [u8],
    request: &'l [u8],
    method: &'l [u8],
    /// With the query if there is one, as `$request_uri` has it.
    target: &'l [u8],
    /// `$uri` is what nginx made of it: good where there is nothing else.
    rewritten: &'l [u8],
    status: &'l [u8],
    bytes_of_body: &'l [u8],
    bytes_of_all: &'l [u8],
    seconds: &'l [u8],
    referrer: &'l [u8],
    browser: &'l [u8],
    /// The host, and how much it says: what was asked for says more than the server's own name.
    host: (u8, &'l [u8]),
}

pub(crate) fn read<'l>(line: &'l [u8], times: &mut Times) -> Result<Entry<'l>, Why> {
    let mut found = Members::default();
    if !each_member(line, |key, value| found.keep(key, value.plain())) {
        return Err(Why::NotJson);
    }
    let (_, time) = found.time;
    if is_nothing(time) {
        return Err(Why::NoTime);
    }
    if [found.request, found.target, found.rewritten, found.method, found.status].into_iter().all(<[u8]>::is_empty) {
        return Err(Why::NoRequest);
    }
    let mut entry = Entry::at(times.any(time).ok_or(Why::BadTime)?);
    found.fill(&mut entry);
    Ok(entry)
}

impl<'l> Members<'l> {
    fn keep(&mut self, key: &[u8], text: &'l [u8]) {
        let better = |kept: &mut (u8, &'l [u8]), rank: u8| {
            if rank > kept.0 && !is_nothing(text) {
                *kept = (rank, text);
            }
        };
        match key {
            b"msec" => better(&mut self.time, 3),
            b"time_iso8601" | b"time" | b"timestamp" | b"@timestamp" | b"ts" | b"date" | b"datetime" => better(&mut self.time, 2),
            b"time_local" => better(&mut self.time, 1),
            b"remote_addr" | b"remote_ip" | b"client_ip" | b"clientip" | b"ip" => self.ip = text,
            b"remote_user" | b"user" | b"auth" => self.user = text,
            b"request" => self.request = text,
            b"request_method" | b"method" | b"verb" => self.method = text,
            b"request_uri" | b"url" | b"path" => self.target = text,
            b"uri" | b"request_path" => self.rewritten = text,
            b"status" | b"response" | b"status_code" => self.status = text,
            b"body_bytes_sent" | b"bytes" => self.bytes_of_body = text,
            b"bytes_sent" => self.bytes_of_all = text,
            b"request_time" => self.seconds = text,
            b"http_referer" | b"http_referrer" | b"referer" | b"referrer" => self.referrer = text,
            b"http_user_agent" | b"user_agent" | b"useragent" | b"agent" => self.browser = text,
            b"host" => better(&mut self.host, 4),
            b"http_host" => better(&mut self.host, 3),
            b"vhost" => better(&mut self.host, 2),
            b"server_name" => better(&mut self.host, 1),
            _ => {}
        }
    }

    fn fill(&self, entry: &mut Entry<'l>) {
        let request = Request::read(self.request, unescaped);
        // Some call the address alone the request.
        let target = [self.target, self.rewritten, self.request].into_iter().find(|target| target.first() == Some(&b'/'));
        entry.ip = ip(self.ip);
        entry.user = unescaped_if_any(self.user);
        entry.method = method_of(self.method).or(request.method);
        entry.path = request.path.or_else(|| target.and_then(|target| path_of(target, unescaped)));
        entry.status = status(self.status);
        entry.bytes = whole(self.bytes_of_body).or_else(|| whole(self.bytes_of_all));
        entry.duration_us = scaled(self.seconds, 6);
        entry.referrer = unescaped_if_any(self.referrer).and_then(without_query);
        entry.browser = unescaped_if_any(self.browser);
        entry.host = unescaped_if_any(without_port(self.host.1));
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

    #[test]
    fn the_usual_variables_are_known() {
        let line = r#"{"msec":"1388574122.123","time_iso8601":"2014-01-01T12:02:02+01:00","remote_addr":"192.0.2.7","remote_user":"ada","request":"GET /a?b HTTP/1.1","status":"200","body_bytes_sent":"2326","http_referer":"https://from.example/?q","http_user_agent":"Mozilla/5.0 \"x\"","request_time":"0.005","host":"a.example"}"#;
        let expected = Facts {
            ip: Some("192.0.2.7".parse().unwrap()),
            user: Some("ada".into()),
            bytes: Some(2326),
            duration_us: Some(5_000),
            referrer: Some("https://from.example/".into()),
            browser: Some("Mozilla/5.0 \"x\"".into()),
            host: Some("a.example".into()),
            ..Facts::new("2014-01-01T11:02:02.123Z", "GET", "/a", 200)
        };
        assert_eq!(read_facts(line), expected);
    }

    #[test]
    fn numbers_may_be_numbers_and_keys_come_in_any_order() {
        let line = r#"{ "status": 404, "request_uri": "/a?b=c", "request_method": "POST", "bytes_sent": 17, "request_time": 1.5, "server_name": "a.example", "host": "", "remote_addr": "::1", "time_local": "01/Jan/2014:12:02:02 +0100" }"#;
        let expected = Facts {
            ip: Some("::1".parse().unwrap()),
            bytes: Some(17),
            duration_us: Some(1_500_000),
            host: Some("a.example".into()),
            ..Facts::new("2014-01-01T11:02:02Z", "POST", "/a", 404)
        };
        assert_eq!(read_facts(line), expected);
    }

    #[test]
    fn a_log_without_json_escapes_is_read_as_well() {
        let line = r#"{"time_iso8601":"2014-01-01T12:02:02Z","request":"GET /\x22a\xC3\xA9 HTTP/1.1","status":,"http_user_agent":"-"}"#;
        let entry = read_facts(line);
        assert_eq!((entry.path.as_deref(), entry.status, entry.browser), (Some("/\"aé"), None, None));
    }

    #[test]
    fn a_request_that_is_an_address_is_a_path() {
        let entry = read_facts(r#"{"time":"2014-01-01T12:02:02Z","verb":"GET","request":"/a?b","response":"200"}"#);
        assert_eq!((entry.method.as_deref(), entry.path.as_deref()), (Some("GET"), Some("/a")));
    }

    #[test]
    fn garbage_that_was_sent_leaves_a_line_without_a_request() {
        let entry = read_facts(
            r#"{"time":"2014-01-01T12:02:02Z","request":"\u0016\u0003\u0001","status":"400","request_method":"","request_uri":""}"#,
        );
        assert_eq!((entry.method, entry.path, entry.status), (None, None, Some(400)));
    }

    #[test]
    fn other_lines_are_refused() {
        assert_eq!(try_read("no json"), Err(Why::NotJson));
        assert_eq!(try_read(r#"{"status":"200"}"#), Err(Why::NoTime));
        assert_eq!(try_read(r#"{"time":"yesterday","status":"200"}"#), Err(Why::BadTime));
        assert_eq!(try_read(r#"{"time":"2014-01-01T12:02:02Z","msg":"hello"}"#), Err(Why::NoRequest));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(facts in facts()) {
            let facts = Facts { duration_us: facts.duration_us.map(|us| us / 1000 * 1000), ..facts }.in_milliseconds();
            prop_assert_eq!(read_facts(&written(&facts)), facts);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>, text in r#"\{("[a-z_]{0,9}":("[^"]{0,9}"|[0-9.]{0,9}|\{\}),?){0,4}\}?"#) {
            let mut times = Times::in_zone(TimeZone::UTC);
            let _ = read(&bytes, &mut times);
            let _ = read(text.as_bytes(), &mut times);
        }
    }

    fn written(facts: &Facts) -> String {
        let text = |text: &Option<String>| json_text(text.as_deref().unwrap_or_default());
        format!(
            "{{\"remote_addr\":\"{}\",\"remote_user\":{},\"request\":{},\"status\":{},\"body_bytes_sent\":{},\"request_time\":{},\"http_referer\":{},\
             \"http_user_agent\":{},\"host\":{},\"time_iso8601\":\"{}\"}}",
            facts.ip.map_or_else(String::new, |ip| ip.to_string()),
            text(&facts.user),
            json_text(&format!("{} {} HTTP/1.1", facts.method.as_deref().unwrap(), facts.path.as_deref().unwrap())),
            facts.status.map_or("000".to_owned(), |status| status.to_string()),
            facts.bytes.unwrap(),
            facts.duration_us.map_or(String::new(), |us| format!("{}.{:03}", us / 1_000_000, us / 1000 % 1000)),
            text(&facts.referrer),
            text(&facts.browser),
            text(&facts.host),
            facts.time,
        )
    }
}
