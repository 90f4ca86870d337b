//! What a proxy in front of us says of where a request came from. Only one we were told to trust is believed.

use std::net::{IpAddr, SocketAddr};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::names::tokens;
use crate::Network;

/// Where a request came from, as far as anybody trusted says.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Claims {
    pub(super) client: Option<IpAddr>,
    pub(super) https: Option<bool>,
    pub(super) host: Option<HeaderValue>,
    pub(super) port: Option<HeaderValue>,
}

impl Claims {
    /// `X-Forwarded-For` is what most proxies write, so it wins over `Forwarded`, and both over `X-Real-IP`.
    pub(super) fn read(headers: &HeaderMap, trusted: &[Network]) -> Self {
        let mut chain: Vec<Option<IpAddr>> = list(headers, "x-forwarded-for").map(address).collect();
        let mut claims = Self {
            client: None,
            https: last(headers, "x-forwarded-proto").and_then(scheme),
            host: last(headers, "x-forwarded-host").filter(|host| super::admit::is_authority(host)).and_then(value),
            port: last(headers, "x-forwarded-port").filter(|port| port.len() <= 5 && port.iter().all(u8::is_ascii_digit)).and_then(value),
        };
        if chain.is_empty() {
            let elements: Vec<Element<'_>> = list(headers, "forwarded").map(Element::read).collect();
            chain = elements.iter().filter_map(|element| element.client).map(address).collect();
            if let Some(nearest) = elements.last() {
                claims.https = claims.https.or(nearest.scheme.and_then(scheme));
                claims.host = claims.host.or(nearest.host.filter(|host| super::admit::is_authority(host)).and_then(value));
            }
        }
        if chain.is_empty() {
            chain = list(headers, "x-real-ip").map(address).collect();
        }
        claims.client = nearest_untrusted(&chain, trusted);
        claims
    }
}

/// The chain read from our end: each trusted proxy vouches for the one before it. What cannot be read ends the chain.
fn nearest_untrusted(chain: &[Option<IpAddr>], trusted: &[Network]) -> Option<IpAddr> {
    let mut client = None;
    for address in chain.iter().rev() {
        let Some(address) = *address else { break };
        client = Some(address);
        if !trusted.iter().any(|network| network.contains(address)) {
            break;
        }
    }
    client
}

fn list<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h [u8]> {
    headers.get_all(HeaderName::from_static(name)).iter().flat_map(|value| tokens(value.as_bytes()))
}

fn last<'h>(headers: &'h HeaderMap, name: &'static str) -> Option<&'h [u8]> {
    list(headers, name).last()
}

fn value(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok()
}

fn scheme(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"https") { Some(true) } else { text.eq_ignore_ascii_case(b"http").then_some(false) }
}

/// An address, perhaps in brackets, perhaps with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address: IpAddr = text.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip())).or_else(bare)?;
    Some(address.to_canonical())
}

/// One element of `Forwarded` (RFC 7239, section 4).
#[derive(Default)]
struct Element<'h> {
    client: Option<&'h [u8]>,
    scheme: Option<&'h [u8]>,
    host: Option<&'h [u8]>,
}

impl<'h> Element<'h> {
    fn read(text: &'h [u8]) -> Self {
        let mut element = Self::default();
        for pair in text.split(|byte| *byte == b';') {
            let Some(at) = pair.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii());
            let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
            match name.to_ascii_lowercase().as_slice() {
                b"for" => element.client = Some(value),
                b"proto" => element.scheme = Some(value),
                b"host" => element.host = Some(value),
                _ => {}
            }
        }
        element
    }
}

/// What the site is told instead.
pub(super) fn write(headers: &mut HeaderMap, client: HeaderValue, https: bool, host: Option<HeaderValue>, port: Option<HeaderValue>) {
    const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
    const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
    const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
    headers.insert(FOR, client);
    headers.insert(PROTO, HeaderValue::from_static(if https { "https" } else { "http" }));
    if let Some(host) = host.or_else(|| headers.get(header::HOST).cloned()) {
        headers.insert(HOST, host);
    }
    if let Some(port) = port {
        headers.insert(PORT, port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&'static str, &'static str)]) -> Claims {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Claims::read(&headers, &["10.0.0.0/8".parse().expect("a network")])
    }

    fn client(fields: &[(&'static str, &'static str)]) -> Option<String> {
        read(fields).client.map(|client| client.to_string())
    }

    #[test]
    fn the_client_is_the_nearest_address_that_nobody_trusts() {
        assert_eq!(client(&[("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.2")]).as_deref(), Some("203.0.113.9"));
        assert_eq!(client(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "10.0.0.3,10.0.0.2")]).as_deref(), Some("1.1.1.1"));
        assert_eq!(client(&[("x-forwarded-for", "1.1.1.1, unknown, 10.0.0.2")]).as_deref(), Some("10.0.0.2"));
        assert_eq!(client(&[("x-forwarded-for", "10.9.9.9, 10.0.0.2")]).as_deref(), Some("10.9.9.9"));
        assert_eq!(client(&[("x-forwarded-for", "[2001:db8::1]:4711")]).as_deref(), Some("2001:db8::1"));
        assert_eq!(client(&[]), None);
    }

    #[test]
    fn the_standard_field_is_read_where_the_usual_one_is_absent() {
        let claims = read(&[("forwarded", "for=1.1.1.1;proto=http, for=\"[2001:db8::1]:1234\";Proto=https;host=shop.example")]);
        assert_eq!(claims.client.map(|client| client.to_string()).as_deref(), Some("2001:db8::1"));
        assert_eq!(claims.https, Some(true));
        assert_eq!(claims.host, Some(HeaderValue::from_static("shop.example")));
        assert_eq!(client(&[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]).as_deref(), Some("2.2.2.2"));
        assert_eq!(client(&[("x-real-ip", "3.3.3.3")]).as_deref(), Some("3.3.3.3"));
    }

    #[test]
    fn nonsense_claims_nothing() {
        let nonsense = [("x-forwarded-proto", "gopher"), ("x-forwarded-host", "a/b"), ("x-forwarded-port", "http"), ("forwarded", "for")];
        assert_eq!(read(&nonsense), Claims::default());
    }
}
