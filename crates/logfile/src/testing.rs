//! What the tests of all formats share.

use std::net::IpAddr;

use domain::Timestamp;
use proptest::prelude::*;

use crate::entry::Entry;

/// An entry that owns what it says, and shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) time: Timestamp,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) user: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) bytes: Option<u64>,
    pub(crate) duration_us: Option<u64>,
    pub(crate) referrer: Option<String>,
    pub(crate) browser: Option<String>,
    pub(crate) host: Option<String>,
}

impl Facts {
    pub(crate) fn new(time: &str, method: &str, path: &str, status: u16) -> Self {
        Self {
            time: time.parse().unwrap(),
            ip: None,
            user: None,
            method: Some(method.to_owned()),
            path: Some(path.to_owned()),
            status: Some(status),
            bytes: None,
            duration_us: None,
            referrer: None,
            browser: None,
            host: None,
        }
    }

    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Self {
            time: entry.time,
            ip: entry.ip,
            user: text(&entry.user),
            method: text(&entry.method),
            path: text(&entry.path),
            status: entry.status,
            bytes: entry.bytes,
            duration_us: entry.duration_us,
            referrer: text(&entry.referrer),
            browser: text(&entry.browser),
            host: text(&entry.host),
        }
    }

    /// As a format has it that knows no smaller times.
    pub(crate) fn in_milliseconds(self) -> Self {
        Self { time: Timestamp::from_millisecond(self.time.as_millisecond()).unwrap(), ..self }
    }

    pub(crate) fn in_seconds(self) -> Self {
        Self { time: Timestamp::from_second(self.time.as_second()).unwrap(), ..self }
    }
}

/// Letters of all kinds, and whatever else could be mistaken for something in a log.
const NASTY: &str = r#"[ a-zA-Z0-9"\\\[\]{}()|#%+:;,<>=~é😀\x01\x07\t\r\x1b\x7f-]"#;

/// Anything that a server could have to write down.
pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    let in_address = NASTY.replace('#', "");
    let ip = prop::option::of(any::<IpAddr>().prop_map(|ip| ip.to_canonical()));
    let user = prop::option::of(text(format!("{NASTY}{{1,9}}")).prop_filter("a dash is nobody", |user| user != "-"));
    let path = text(format!("/{in_address}{{0,20}}"));
    let referrer = prop::option::of(text(format!("https://[a-z]{{1,5}}\\.example/{in_address}{{0,9}}")));
    let browser = prop::option::of(text(format!("[a-zA-Z]{NASTY}{{0,30}}")));
    let host = prop::option::of(r"[a-z][a-z0-9-]{0,9}\.example");
    let time = (0..4_000_000_000_000_000i64)
        .prop_filter_map("not before 1973", |us| (us > 100_000_000_000_000).then(|| Timestamp::from_microsecond(us).unwrap()));
    let numbers = (prop::option::of(100..1000u16), any::<u32>(), prop::option::of(0..100_000_000_000u64));
    (time, ip, user, "[A-Z]{1,9}", path, referrer, browser, host, numbers).prop_map(
        |(time, ip, user, method, path, referrer, browser, host, (status, bytes, duration_us))| Facts {
            time,
            ip,
            user,
            method: Some(method),
            path: Some(path),
            status,
            bytes: Some(u64::from(bytes)),
            duration_us,
            referrer,
            browser,
            host,
        },
    )
}

fn text(pattern: String) -> impl Strategy<Value = String> {
    prop::string::string_regex(&pattern).unwrap()
}

/// As nginx and Go write a text in JSON.
pub(crate) fn json_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|letter| match letter {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            letter if letter < ' ' => format!("\\u{:04x}", u32::from(letter)),
            letter => letter.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}
