//! Reading a log of millions of lines allocates for none of the ordinary ones.

use allocation_counter::measure;
use logfile::{Format, LineReader, Parser};

const LINES: usize = 1_000;

const ORDINARY: [(Format, &str); 9] = [
    (Format::Common, r#"192.0.2.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a.gif?b=c HTTP/1.0" 200 2326"#),
    (
        Format::Combined,
        r#"2001:db8::7 - - [10/Oct/2000:13:55:36 -0700] "GET /grüße HTTP/1.1" 200 2326 "https://from.example/?q" "Mozilla/5.0""#,
    ),
    (Format::CombinedWithHost, r#"a.example:443 192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#),
    (Format::Lighttpd, r#"192.0.2.7 a.example - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#),
    (
        Format::TraefikCommon,
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET /?q HTTP/1.0" 200 26 "-" "x" 1 "web@file" "http://10.0.0.1:80" 12ms"#,
    ),
    (
        Format::NginxJson,
        r#"{"time_iso8601":"2014-01-01T12:02:02+01:00","remote_addr":"192.0.2.7","request":"GET /?q HTTP/1.1","status":"200"}"#,
    ),
    (
        Format::CaddyJson,
        r#"{"ts":1646861401.5,"request":{"client_ip":"192.0.2.7","uri":"/?q","headers":{"User-Agent":["x"]}},"status":200}"#,
    ),
    (Format::TraefikJson, r#"{"StartUTC":"2024-05-06T07:08:07.5Z","ClientHost":"192.0.2.7","RequestPath":"/?q","DownstreamStatus":200}"#),
    (Format::HaproxyHttp, r#"192.0.2.7:1 [06/Feb/2009:12:14:14.655] in b/s 1/0/3/6/9 200 27 - - ---- 1/1/1/1/0 0/0 {} "GET /?q HTTP/1.1""#),
];

#[test]
fn no_ordinary_line_allocates() {
    for (format, line) in ORDINARY {
        let log = format!("{line}\n").repeat(LINES);
        let mut lines = LineReader::open(log.as_bytes()).unwrap();
        let mut parser = Parser::new(format);
        let mut entries = 0;
        let allocations = measure(|| {
            while let Some(line) = lines.next().unwrap() {
                line.read(&mut parser).unwrap().unwrap();
                entries += 1;
            }
        });
        assert_eq!((entries, allocations.count_total), (LINES, 0), "{}", format.name());
    }
}
