//! Which header fields go no further, in either direction.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use policy::cookie;

/// What a message's fields are to us, found in one pass over their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen(u32);

impl Seen {
    pub(crate) const CONNECTION: u32 = 1;
    pub(crate) const KEEP_ALIVE: u32 = 1 << 1;
    pub(crate) const PROXY: u32 = 1 << 2;
    pub(crate) const TE: u32 = 1 << 3;
    pub(crate) const TRANSFER_ENCODING: u32 = 1 << 4;
    pub(crate) const UPGRADE: u32 = 1 << 5;
    /// A name that only we may use, or that says where a request came from.
    pub(crate) const CLAIM: u32 = 1 << 6;
    pub(crate) const FORWARDED: u32 = 1 << 7;
    pub(crate) const COOKIE: u32 = 1 << 8;
    pub(crate) const SET_COOKIE: u32 = 1 << 9;
    pub(crate) const GPC: u32 = 1 << 10;
    pub(crate) const EXPECT: u32 = 1 << 11;
    pub(crate) const CONTENT_LENGTH: u32 = 1 << 12;
    pub(crate) const LINK: u32 = 1 << 13;
    pub(crate) const CLEAR_SITE_DATA: u32 = 1 << 14;
    pub(crate) const FETCH_DESTINATION: u32 = 1 << 15;
    pub(crate) const SERVICE_WORKER: u32 = 1 << 16;

    pub(crate) fn in_headers(headers: &HeaderMap) -> Self {
        Self(headers.keys().fold(0, |seen, name| seen | kind(name.as_str().as_bytes())))
    }

    pub(crate) const fn has(self, kinds: u32) -> bool {
        self.0 & kinds != 0
    }
}

fn kind(name: &[u8]) -> u32 {
    match name.first() {
        Some(b'c') => match name {
            b"connection" => Seen::CONNECTION,
            b"cookie" => Seen::COOKIE,
            b"content-length" => Seen::CONTENT_LENGTH,
            b"clear-site-data" => Seen::CLEAR_SITE_DATA,
            _ if is_ours(name) => Seen::CLAIM,
            _ => 0,
        },
        Some(b'e') if name == b"expect" => Seen::EXPECT,
        Some(b'f') if name == b"forwarded" => Seen::CLAIM | Seen::FORWARDED,
        Some(b'h') if name == b"http2-settings" => Seen::PROXY,
        Some(b'k') if name == b"keep-alive" => Seen::KEEP_ALIVE,
        Some(b'l') if name == b"link" => Seen::LINK,
        Some(b'p') if PROXY.iter().any(|proxy| name == proxy.as_bytes()) => Seen::PROXY,
        Some(b's') => match name {
            b"sec-gpc" => Seen::GPC,
            b"sec-fetch-dest" => Seen::FETCH_DESTINATION,
            b"service-worker" => Seen::SERVICE_WORKER,
            b"set-cookie" => Seen::SET_COOKIE,
            _ => 0,
        },
        Some(b't') => match name {
            b"te" => Seen::TE,
            b"transfer-encoding" => Seen::TRANSFER_ENCODING,
            _ => 0,
        },
        Some(b'u') if name == b"upgrade" => Seen::UPGRADE,
        Some(b'x') if is_forwarded(name) => Seen::CLAIM | Seen::FORWARDED,
        _ => 0,
    }
}

/// Fields between a client and the first proxy, which we are. `HTTP2-Settings` belongs to an upgrade that we do not make.
const PROXY: [&str; 5] = ["proxy-connection", "proxy-authorization", "proxy-authenticate", "proxy-authentication-info", "http2-settings"];

/// What a proxy says of where a request came from.
const FORWARDED: [&str; 5] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"];

/// Names under which the site gets what we decided. A site may read `-`, `_` and other punctuation in a name alike (RFC 3875, section 4.1.18), so any
/// of it is one.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    name.len() > 6 && name[..6].eq_ignore_ascii_case(b"candor") && !name[6].is_ascii_alphanumeric()
}

fn is_forwarded(name: &[u8]) -> bool {
    FORWARDED.iter().any(|known| reads_as(name, known))
}

fn reads_as(name: &[u8], known: &str) -> bool {
    name.len() == known.len()
        && name
            .iter()
            .zip(known.bytes())
            .all(|(byte, known)| byte.eq_ignore_ascii_case(&known) || (known == b'-' && !byte.is_ascii_alphanumeric()))
}

/// Removes every field that claims to be ours or to say where a request came from.
pub(crate) fn remove_claims(headers: &mut HeaderMap) {
    let claims: Vec<HeaderName> = headers.keys().filter(|name| kind(name.as_str().as_bytes()) & Seen::CLAIM != 0).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
}

/// Removes a field of this name and, because a site may read its punctuation alike, all that read the same; the name itself only if it is not believed.
pub(crate) fn remove_alike(headers: &mut HeaderMap, known: &HeaderName, believed: bool) {
    let alike = |name: &&HeaderName| reads_as(name.as_str().as_bytes(), known.as_str()) && !(believed && *name == known);
    let alike: Vec<HeaderName> = headers.keys().filter(alike).cloned().collect();
    for name in alike {
        headers.remove(name);
    }
}

/// Removes the fields that belong to one connection (RFC 9110, section 7.6.1): those that `Connection` names, and those that belong to it in any case.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap, seen: Seen) {
    const HOP: u32 = Seen::CONNECTION | Seen::KEEP_ALIVE | Seen::PROXY | Seen::TE | Seen::TRANSFER_ENCODING | Seen::UPGRADE;
    if !seen.has(HOP) {
        return;
    }
    if seen.has(Seen::CONNECTION) {
        remove_named_by_connection(headers);
    }
    if seen.has(Seen::KEEP_ALIVE) {
        headers.remove("keep-alive");
    }
    if seen.has(Seen::TE) {
        headers.remove(header::TE);
    }
    if seen.has(Seen::TRANSFER_ENCODING) {
        headers.remove(header::TRANSFER_ENCODING);
    }
    if seen.has(Seen::UPGRADE) {
        headers.remove(header::UPGRADE);
    }
    if seen.has(Seen::PROXY) {
        for name in PROXY {
            headers.remove(name);
        }
    }
}

/// Taking these away would change whom a message is for or where it ends, which no client decides for us.
const NEVER_NAMED: [HeaderName; 2] = [header::HOST, header::CONTENT_LENGTH];

fn remove_named_by_connection(headers: &mut HeaderMap) {
    let values: Vec<HeaderValue> = match headers.entry(header::CONNECTION) {
        header::Entry::Occupied(entry) => entry.remove_entry_mult().1.collect(),
        header::Entry::Vacant(_) => return,
    };
    for name in values.iter().flat_map(|value| tokens(value.as_bytes())) {
        // The most common ones name no field.
        if name.eq_ignore_ascii_case(b"keep-alive") || name.eq_ignore_ascii_case(b"close") {
            continue;
        }
        if let Ok(name) = HeaderName::from_bytes(name)
            && !NEVER_NAMED.contains(&name)
        {
            headers.remove(name);
        }
    }
}

/// The elements of a comma-separated list.
pub(crate) fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// Whether any field of this name lists the token.
pub(crate) fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers.get_all(name).iter().flat_map(|value| tokens(value.as_bytes())).any(|listed| listed.eq_ignore_ascii_case(token.as_bytes()))
}

/// The site sets none of our cookies, not even through one without a name, which a browser sends back as it stands.
pub(crate) fn remove_our_set_cookies(headers: &mut HeaderMap) {
    let sets_ours = |value: &HeaderValue| {
        let pair = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let pair = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii();
        is_our_cookie(pair)
    };
    if !headers.get_all(header::SET_COOKIE).iter().any(sets_ours) {
        return;
    }
    let header::Entry::Occupied(entry) = headers.entry(header::SET_COOKIE) else {
        return;
    };
    let kept: Vec<HeaderValue> = entry.remove_entry_mult().1.filter(|value| !sets_ours(value)).collect();
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Whether a pair of a cookie header, as `name=value`, is one of ours.
pub(crate) fn is_our_cookie(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    std::str::from_utf8(name).is_ok_and(cookie::is_ours)
}
