//! What kind of log it is, by its first lines.

use jiff::tz::TimeZone;
use memchr::memchr;

use crate::formats::{caddy, haproxy, ncsa, nginx, traefik, w3c};
use crate::time::Times;

/// So many of the first lines are looked at.
const LINES_MAX: usize = 200;

/// The ways of writing access logs that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// NCSA's: up to the number of bytes.
    Common,
    /// The same with referrer and browser: the default of nginx and Apache. What else an operator added at the end is passed over.
    Combined,
    /// Apache's `vhost_combined`, which begins with the site.
    CombinedWithHost,
    /// lighttpd's default, which is combined with the site in place of the identity.
    Lighttpd,
    /// What Traefik calls common.
    TraefikCommon,
    /// JSON by an nginx `log_format`.
    NginxJson,
    CaddyJson,
    TraefikJson,
    /// `#Fields:`, as IIS writes it.
    W3cExtended,
    /// HAProxy's `option httplog`.
    HaproxyHttp,
}

impl Format {
    pub const ALL: [Self; 10] = [
        Self::Common,
        Self::Combined,
        Self::CombinedWithHost,
        Self::Lighttpd,
        Self::TraefikCommon,
        Self::NginxJson,
        Self::CaddyJson,
        Self::TraefikJson,
        Self::W3cExtended,
        Self::HaproxyHttp,
    ];

    /// What operators call it, as in `combined`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Combined => "combined",
            Self::CombinedWithHost => "vhost-combined",
            Self::Lighttpd => "lighttpd",
            Self::TraefikCommon => "traefik-common",
            Self::NginxJson => "nginx-json",
            Self::CaddyJson => "caddy-json",
            Self::TraefikJson => "traefik-json",
            Self::W3cExtended => "w3c",
            Self::HaproxyHttp => "haproxy",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether times say where the server stood. Where they do not, [`Parser::in_zone`](crate::Parser::in_zone) has to.
    pub const fn says_its_zone(self) -> bool {
        !matches!(self, Self::HaproxyHttp)
    }

    /// The format that most of the first lines are in. One line is enough where there is but one; otherwise two have to agree, and a third of all. Whatever
    /// follows the last line break is not looked at unless there is nothing else.
    pub fn find(beginning: &[u8]) -> Option<Self> {
        let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
        let mut votes = [0usize; Self::ALL.len()];
        let mut lines = 0;
        let mut times = Times::in_zone(TimeZone::UTC);
        let mut heading = w3c::Heading::default();
        for line in first_lines(beginning) {
            if line.starts_with(b"#") {
                // Not even a heading is read wrongly: it has no entry.
                let _ = heading.read(line, &mut times);
                if heading.is_there() {
                    return Some(Self::W3cExtended);
                }
                continue;
            }
            lines += 1;
            if let Some(format) = Self::of(line, &mut times) {
                votes[format as usize] += 1;
            }
        }
        let best = Self::ALL.into_iter().max_by_key(|format| votes[*format as usize])?;
        let count = votes[best as usize];
        let is_enough = count >= 2 || (count == 1 && lines == 1);
        (is_enough && count * 3 >= lines).then_some(best)
    }

    /// Which format one line is in, as far as it can tell alone.
    fn of(line: &[u8], times: &mut Times) -> Option<Self> {
        if line.first() == Some(&b'{') {
            return if caddy::is_like(line, times) {
                Some(Self::CaddyJson)
            } else if traefik::read(line, times).is_ok() {
                Some(Self::TraefikJson)
            } else {
                nginx::read(line, times).is_ok().then_some(Self::NginxJson)
            };
        }
        if haproxy::read(line, times).is_ok() {
            return Some(Self::HaproxyHttp);
        }
        let (kind, has_browser) = ncsa::kind_of(line, times)?;
        Some(match kind {
            ncsa::Kind::WithHost => Self::CombinedWithHost,
            ncsa::Kind::HostForIdentity => Self::Lighttpd,
            ncsa::Kind::Traefik => Self::TraefikCommon,
            ncsa::Kind::Plain if has_browser => Self::Combined,
            ncsa::Kind::Plain => Self::Common,
        })
    }
}

/// Whole lines that hold something. Many thousands of NUL bytes are none.
fn first_lines(beginning: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = beginning;
    let mut is_first = true;
    let lines = std::iter::from_fn(move || {
        let end = memchr(b'\n', rest).or_else(|| (is_first && !rest.is_empty()).then_some(rest.len()))?;
        is_first = false;
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    });
    lines.filter(|line| !line.trim_ascii().is_empty() && memchr(0, line).is_none()).take(LINES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMBINED: &str = r#"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#;
    const COMMON: &str = r#"192.0.2.7 - ada [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#;

    fn found(lines: &[&str]) -> Option<Format> {
        Format::find(format!("{}\n", lines.join("\n")).as_bytes())
    }

    #[test]
    fn each_format_is_found_by_itself() {
        let examples = [
            (Format::Common, COMMON),
            (Format::Combined, COMBINED),
            (Format::Combined, r#"2001:db8::7 - two words [10/Oct/2000:13:55:36 -0700] "" 408 - "-" "-" 0.005 "more""#),
            (Format::Combined, r#"host.example - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#),
            (
                Format::CombinedWithHost,
                r#"a.example:443 192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#,
            ),
            (
                Format::CombinedWithHost,
                r#"a.example ::1 - two words [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#,
            ),
            (
                Format::CombinedWithHost,
                r#"a.example:80 host.example - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#,
            ),
            (Format::Lighttpd, r#"192.0.2.7 a.example - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/5.0""#),
            (
                Format::TraefikCommon,
                r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 26 "-" "-" 1 "web@file" "http://10.0.0.1:80" 12ms"#,
            ),
            (Format::NginxJson, r#"{"time_iso8601":"2014-01-01T12:02:02+01:00","request":"GET / HTTP/1.1","status":"200"}"#),
            (Format::CaddyJson, r#"{"ts":1646861401.5,"logger":"http.log.access","request":{"uri":"/"},"status":200}"#),
            (Format::TraefikJson, r#"{"StartUTC":"2024-05-06T07:08:07Z","RequestMethod":"GET","DownstreamStatus":200}"#),
            (Format::W3cExtended, "#Fields: date time c-ip cs-method"),
            (
                Format::HaproxyHttp,
                r#"h haproxy[1]: 192.0.2.7:1 [06/Feb/2009:12:14:14.655] in b/s 1/0/3/6/9 200 27 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1""#,
            ),
        ];
        for (format, line) in examples {
            assert_eq!(Format::find(line.as_bytes()), Some(format), "{line}");
            assert_eq!(found(&[line, line]), Some(format), "{line}");
            assert_eq!(Format::named(format.name()), Some(format));
        }
    }

    #[test]
    fn garbage_among_the_lines_does_not_matter() {
        assert_eq!(found(&["hello", COMBINED, "", "\0\0\0", "more", COMBINED]), Some(Format::Combined));
        assert_eq!(found(&[COMBINED, COMBINED, COMBINED, COMMON]), Some(Format::Combined));
        assert_eq!(Format::find(format!("\u{feff}{COMBINED}\r\n{COMBINED}\r\n").as_bytes()), Some(Format::Combined));
    }

    #[test]
    fn several_lines_have_to_agree() {
        assert_eq!(found(&["hello", COMBINED]), None);
        assert_eq!(found(&["a", "b", "c", "d", "e", COMBINED, COMBINED]), None);
        assert_eq!(found(&[]), None);
        assert_eq!(Format::find(b""), None);
        assert_eq!(found(&["just", "some", "text"]), None);
    }
}
