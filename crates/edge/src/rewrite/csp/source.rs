//! Whether an address is one of a directive's sources (CSP Level 3, section 6.7.2).

use super::parse::sources;

/// An address that somebody wants to use, in the parts that a source speaks of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    /// None is the scheme's usual one.
    pub(super) port: Option<&'a str>,
    /// Without a query.
    pub(super) path: &'a str,
}

impl<'a> Address<'a> {
    /// None for what has no scheme and no host.
    pub(super) fn new(origin: &'a str, path: &'a str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        let (host, port) = split_port(authority);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        (!host.is_empty()).then_some(Self { scheme, host, port: port.filter(|port| *port != usual_port(scheme)), path })
    }
}

/// Whether any of the sources means an address of the page's own origin.
pub(super) fn means_own(value: &[u8], own: &Address<'_>) -> bool {
    sources(value).any(|source| source.eq_ignore_ascii_case(b"'self'") || means(source, own, own.scheme))
}

/// Whether one source means an address, on a page of this scheme. Keywords, nonces and hashes mean none.
pub(super) fn means(source: &[u8], address: &Address<'_>, page_scheme: &str) -> bool {
    let Ok(source) = std::str::from_utf8(source) else {
        return false;
    };
    if source == "*" {
        return is_of_network(address.scheme) || address.scheme.eq_ignore_ascii_case(page_scheme);
    }
    if source.starts_with('\'') {
        return false;
    }
    if let Some((scheme, "")) = source.split_once(':') {
        return is_scheme(scheme) && scheme_fits(scheme, address.scheme);
    }
    let (scheme, rest) = match source.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => (page_scheme, source),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = split_port(authority);
    scheme_fits(scheme, address.scheme) && host_fits(host, address.host) && port_fits(port, address) && path_fits(path, address.path)
}

/// A source of an insecure scheme means the secure one too.
fn scheme_fits(said: &str, scheme: &str) -> bool {
    let is_secure_form = |plain: &str, secure: &str| said.eq_ignore_ascii_case(plain) && scheme.eq_ignore_ascii_case(secure);
    scheme.eq_ignore_ascii_case(said) || is_secure_form("http", "https") || is_secure_form("ws", "wss")
}

fn host_fits(said: &str, host: &str) -> bool {
    if said == "*" {
        return true;
    }
    match said.strip_prefix('*') {
        Some(rest) => {
            let start = host.len().checked_sub(rest.len());
            let end = start.filter(|start| *start > 0).and_then(|start| host.get(start..));
            rest.starts_with('.') && end.is_some_and(|end| end.eq_ignore_ascii_case(rest))
        }
        None => said.eq_ignore_ascii_case(host),
    }
}

fn port_fits(said: Option<&str>, address: &Address<'_>) -> bool {
    match said {
        None => address.port.is_none(),
        Some("*") => true,
        Some(said) => said == address.port.unwrap_or_else(|| usual_port(address.scheme)),
    }
}

/// A path that ends with a slash means everything below it.
fn path_fits(said: &str, path: &str) -> bool {
    if said.is_empty() || (said == "/" && path.is_empty()) {
        return true;
    }
    let below = said.ends_with('/');
    let mut pieces = path.split('/');
    let mut said = said.split('/').peekable();
    while let Some(piece) = said.next() {
        if below && said.peek().is_none() {
            // Behind the last slash stands nothing, and anything may.
            return pieces.next().is_some();
        }
        let fits = pieces.next().is_some_and(|own| decoded(own.as_bytes()).eq(decoded(piece.as_bytes())));
        if !fits {
            return false;
        }
    }
    pieces.next().is_none()
}

fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *text.get(at)?;
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(text.get(at + 1)), digit(text.get(at + 2)))
        {
            at += 3;
            return u8::try_from(high * 16 + low).ok();
        }
        at += 1;
        Some(byte)
    })
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn usual_port(scheme: &str) -> &'static str {
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "80",
        "https" | "wss" => "443",
        _ => "",
    }
}

fn is_of_network(scheme: &str) -> bool {
    ["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}
