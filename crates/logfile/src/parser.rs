use jiff::tz::TimeZone;

use crate::broken::Why;
use crate::entry::Entry;
use crate::find::Format;
use crate::formats::{caddy, haproxy, ncsa, nginx, traefik, w3c};
use crate::time::Times;

/// Reads the lines of one log, in their order.
#[derive(Clone, Debug)]
pub struct Parser {
    format: Format,
    times: Times,
    /// What the lines so far said of those to come, where the format does that.
    heading: w3c::Heading,
}

impl Parser {
    /// Times that name no zone are taken for UTC.
    pub fn new(format: Format) -> Self {
        Self::in_zone(format, TimeZone::UTC)
    }

    /// Times that name no zone are taken for the time of this one. W3C's logs have theirs in UTC by definition.
    pub fn in_zone(format: Format, zone: TimeZone) -> Self {
        Self { format, times: Times::in_zone(zone), heading: w3c::Heading::default() }
    }

    pub const fn format(&self) -> Format {
        self.format
    }

    /// Reads a line without its line break. No entry for one that describes no request and does not mean to: an empty one, a heading, what a server says of
    /// itself.
    pub fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<Entry<'l>>, Why> {
        if line.trim_ascii_start().is_empty() {
            return Ok(None);
        }
        let times = &mut self.times;
        match self.format {
            Format::Common | Format::Combined => ncsa::read(line, ncsa::Kind::Plain, times).map(Some),
            Format::CombinedWithHost => ncsa::read(line, ncsa::Kind::WithHost, times).map(Some),
            Format::Lighttpd => ncsa::read(line, ncsa::Kind::HostForIdentity, times).map(Some),
            Format::TraefikCommon => ncsa::read(line, ncsa::Kind::Traefik, times).map(Some),
            Format::NginxJson => nginx::read(line, times).map(Some),
            Format::CaddyJson => caddy::read(line, times),
            Format::TraefikJson => traefik::read(line, times).map(Some),
            Format::W3cExtended => self.heading.read(line, times),
            Format::HaproxyHttp => haproxy::read(line, times).map(Some),
        }
    }

    /// The lines that say what the next ones mean, empty in most formats. Whoever goes on in the middle of a log gives them to a new parser first. They are
    /// about the log, and hold nothing personal.
    pub fn heading(&self) -> String {
        self.heading.lines()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_lines_are_no_entries() {
        for format in Format::ALL {
            assert_eq!(Parser::new(format).read(b" "), Ok(None));
        }
    }

    #[test]
    fn an_entry_shows_nothing_personal() {
        let line = br#"192.0.2.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /secret HTTP/1.0" 200 2326 "https://from.example/" "Mozilla""#;
        let entry = Parser::new(Format::Combined).read(line).unwrap().unwrap();
        let shown = format!("{entry:?}");
        for value in ["192.0.2.7", "ada", "secret", "from.example", "Mozilla"] {
            assert!(!shown.contains(value), "{shown}");
        }
    }

    #[test]
    fn haproxy_tells_the_time_of_its_zone() {
        let line = br#"192.0.2.7:1 [06/Feb/2009:12:14:14.655] in b/s 1/0/3/6/9 200 27 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1""#;
        let mut parser = Parser::in_zone(Format::HaproxyHttp, TimeZone::get("America/New_York").unwrap());
        assert_eq!(parser.read(line).unwrap().unwrap().time, "2009-02-06T17:14:14.655Z".parse().unwrap());
    }

    #[test]
    fn a_heading_goes_on_in_another_parser() {
        let mut first = Parser::new(Format::W3cExtended);
        first.read(b"#Fields: date time c-ip").unwrap();
        let mut second = Parser::new(Format::W3cExtended);
        for line in first.heading().lines() {
            second.read(line.as_bytes()).unwrap();
        }
        assert!(second.read(b"2024-05-06 07:08:07 192.0.2.7").unwrap().is_some());
    }

    proptest! {
        #[test]
        fn whatever_bytes_come_every_format_reads_or_refuses_them(lines: Vec<Vec<u8>>) {
            for format in Format::ALL {
                let mut parser = Parser::new(format);
                for line in &lines {
                    let _ = parser.read(line);
                }
            }
            let _ = Format::find(&lines.join(&b'\n'));
        }
    }
}
