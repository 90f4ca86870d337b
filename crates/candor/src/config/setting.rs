use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// A value of the configuration, read from the text of a flag, a variable or the file.
pub(crate) trait Setting: Sized {
    /// What a reader should write, to follow "expected".
    const EXPECTED: &'static str;

    fn parse(text: &str) -> Option<Self>;
}

/// An empty text is none.
impl<T: Setting> Setting for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::parse(text).map(Some) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) SocketAddr);

impl Setting for Address {
    const EXPECTED: &'static str = "an address and a port, as in \"127.0.0.1:8080\" or \"[::]:443\"";

    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("localhost:")
            .map(|port| format!("127.0.0.1:{port}"))
            .as_deref()
            .unwrap_or(text)
            .parse()
            .ok()
            .map(Self)
    }
}

/// Scheme, host and port of the site behind Candor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) https: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Setting for Upstream {
    const EXPECTED: &'static str = "the site's address without a path, as in \"http://127.0.0.1:3000\" or \"https://backend.example\"";

    fn parse(text: &str) -> Option<Self> {
        let (https, host, port) = scheme_and_host(text)?;
        Some(Self { https, host, port: port.unwrap_or(if https { 443 } else { 80 }) })
    }
}

/// Where people reach the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) String);

impl Setting for Origin {
    const EXPECTED: &'static str = "a scheme and a host without a path, as in \"https://www.example.org\"";

    fn parse(text: &str) -> Option<Self> {
        scheme_and_host(text)?;
        Some(Self(text.trim_end_matches('/').to_ascii_lowercase()))
    }
}

fn scheme_and_host(text: &str) -> Option<(bool, String, Option<u16>)> {
    let (https, rest) = match text.split_once("://")? {
        ("http", rest) => (false, rest),
        ("https", rest) => (true, rest),
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
        _ => (rest, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let is_host = match bracketed {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')),
    };
    is_host.then(|| (https, bracketed.unwrap_or(host).to_owned(), port))
}

/// The prefixes of our own pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) privacy: String,
}

impl Setting for Paths {
    const EXPECTED: &'static str = "prefixes that start with a slash, as in { privacy = \"/privacy\" }";

    fn parse(text: &str) -> Option<Self> {
        let mut paths = Self { privacy: "/privacy".to_owned() };
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            let (name, prefix) = pair.split_once('=')?;
            let segments_are_plain = prefix.strip_prefix('/')?.split('/').all(|segment| {
                !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
            });
            match (name.trim(), segments_are_plain) {
                ("privacy", true) => paths.privacy = prefix.to_owned(),
                _ => return None,
            }
        }
        Some(paths)
    }
}

/// What obligations do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enforcement {
    Enforce,
    Observe,
}

impl Setting for Enforcement {
    const EXPECTED: &'static str = "\"enforce\" or \"observe\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "enforce" => Some(Self::Enforce),
            "observe" => Some(Self::Observe),
            _ => None,
        }
    }
}

/// Networks, as addresses with the length of their prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(pub(crate) Vec<(IpAddr, u8)>);

impl Setting for Networks {
    const EXPECTED: &'static str = "networks or addresses, as in [\"10.0.0.0/8\", \"192.0.2.7\", \"2001:db8::/32\"]";

    fn parse(text: &str) -> Option<Self> {
        let network = |text: &str| {
            let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(address, length)| (address, Some(length)));
            let address: IpAddr = address.parse().ok()?;
            let longest = if address.is_ipv4() { 32 } else { 128 };
            let length = length.map_or(Some(longest), |length| length.parse().ok())?;
            (length <= longest).then_some((address, length))
        };
        text.split(',').filter(|part| !part.trim().is_empty()).map(network).collect::<Option<_>>().map(Self)
    }
}

/// A header's name, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) String);

impl Setting for Header {
    const EXPECTED: &'static str = "the name of a header, as in \"CF-Region\"";

    fn parse(text: &str) -> Option<Self> {
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        is_token.then(|| Self(text.to_ascii_lowercase()))
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| Self::from(text))
    }
}

impl Setting for u16 {
    const EXPECTED: &'static str = "a whole number from 0 to 65535";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
