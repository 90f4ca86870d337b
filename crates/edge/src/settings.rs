use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use http::HeaderName;
use http::uri::{Authority, Scheme, Uri};

use crate::SignInPath;

/// How the edge listens and where the site is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where visitors connect. Port 0 takes a free one.
    pub listen: Vec<SocketAddr>,
    /// Threads that serve; each has its own listener, connections and pool.
    pub workers: usize,
    /// The site. Without one only our own pages answer.
    pub upstream: Option<Upstream>,
    /// Who may say where a request came from.
    pub trusted_proxies: Vec<Network>,
    /// The header in which a trusted proxy says where the visitor is.
    pub region_header: Option<HeaderName>,
    pub enforcement: Enforcement,
    /// Where people reach the site; none is wherever a request went.
    pub origin: Option<String>,
    /// What of the site only people who are signed in may open.
    pub sign_in: Vec<SignInPath>,
    pub limits: Limits,
    pub tls: Option<TlsFiles>,
}

/// Whether what the policy obliges to is done to what the site sends and gets, or only counted. It is about what the site does: what Candor
/// itself keeps and sets always follows the policy, and nobody's recorded choice is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    #[default]
    Enforce,
    Observe,
}

/// Files in PEM form. They are read again when they change.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by those that lead to a root.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What a request, an answer or a connection may take. Beyond it somebody gets an error instead of our memory.
#[derive(Clone, Debug)]
pub struct Limits {
    pub header_bytes_max: usize,
    pub headers_max: usize,
    pub uri_bytes_max: usize,
    pub connections_max: usize,
    /// Of one IPv4 address, or one /64 of IPv6. Trusted proxies hold as many as there are.
    pub connections_of_a_client_max: usize,
    /// From the first byte of a head, or of a TLS handshake, to its end.
    pub header_read: Duration,
    /// Between two signs of progress of a body, whichever way it goes.
    pub body_idle: Duration,
    /// From the head of a request for a page of ours to the end of its body. Our forms are small, and nobody is waited for who sends one byte now and then.
    pub own_body: Duration,
    /// Between two requests of a connection.
    pub keep_alive: Duration,
    /// Between two signs of progress of an upgraded connection.
    pub tunnel_idle: Duration,
    pub connect: Duration,
    /// From the end of a request to the head of its answer.
    pub answer_head: Duration,
    /// How long an unused connection to the site is kept.
    pub pool_idle: Duration,
    /// How many unused connections to the site a worker keeps.
    pub pool_connections_max: usize,
    /// How long a body waits for the site's `100 Continue`.
    pub expect_continue: Duration,
    /// How long somebody waits to hear whether their session goes on.
    pub renewal: Duration,
    /// How often the limits above are looked at.
    pub sweep: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes_max: 64 * 1024,
            headers_max: Self::HEADERS_MAX_INLINE,
            uri_bytes_max: 16 * 1024,
            connections_max: 10_000,
            connections_of_a_client_max: 256,
            header_read: Duration::from_secs(10),
            body_idle: Duration::from_secs(60),
            own_body: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            tunnel_idle: Duration::from_secs(600),
            connect: Duration::from_secs(5),
            answer_head: Duration::from_secs(60),
            pool_idle: Duration::from_secs(30),
            pool_connections_max: 1_024,
            expect_continue: Duration::from_secs(1),
            renewal: Duration::from_secs(2),
            sweep: Duration::from_secs(1),
        }
    }
}

impl Limits {
    /// Up to here hyper parses headers on the stack; beyond, each request costs two allocations.
    pub(crate) const HEADERS_MAX_INLINE: usize = 100;
}

/// The site: `http://` or `https://`, a host and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) authority: Authority,
}

/// Why a text names no upstream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an upstream is `http://` or `https://`, a host and perhaps a port, as in `http://127.0.0.1:3000`")]
pub struct BadUpstream;

impl Upstream {
    /// Whether connecting to it means connecting to whoever listens there, as far as that can be known without asking anybody: for an address, and for
    /// `localhost`.
    pub fn leads_to(&self, listener: SocketAddr) -> bool {
        let addresses: Vec<IpAddr> = match self.host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) if self.host.eq_ignore_ascii_case("localhost") => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Err(_) => return false,
        };
        let listens_on = listener.ip().to_canonical();
        let is_there = |address: IpAddr| {
            // Connecting to the address that stands for all means this machine.
            let address = address.to_canonical();
            let address = if address.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address };
            // What a socket can be bound to is an address of this machine.
            listens_on == address || (listens_on.is_unspecified() && UdpSocket::bind((address, 0)).is_ok())
        };
        self.port == listener.port() && addresses.into_iter().any(is_there)
    }
}

impl FromStr for Upstream {
    type Err = BadUpstream;

    fn from_str(text: &str) -> Result<Self, BadUpstream> {
        let uri: Uri = text.parse().map_err(|_| BadUpstream)?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return Err(BadUpstream),
        };
        let authority = uri.authority().ok_or(BadUpstream)?.clone();
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
        let names_port = authority.as_str().len() > authority.host().len();
        let port_fits = !names_port || authority.port_u16().is_some_and(|port| port > 0);
        if !bare || authority.host().is_empty() || !port_fits {
            return Err(BadUpstream);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { tls, host, port, authority })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", if self.tls { "https" } else { "http" }, self.authority)
    }
}

/// A network in CIDR form, as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address, or an address and the length of its prefix, as in `10.0.0.0/8`")]
pub struct BadNetwork;

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| BadNetwork)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) => digits.parse().ok().filter(|prefix| *prefix <= longest).ok_or(BadNetwork)?,
        };
        Ok(Self { address, prefix })
    }
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(network) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(network) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_scheme_a_host_and_perhaps_a_port() {
        let upstream: Upstream = "https://site.example".parse().expect("an upstream");
        assert_eq!((upstream.tls, upstream.host.as_str(), upstream.port), (true, "site.example", 443));
        let upstream: Upstream = "http://[::1]:3000/".parse().expect("an upstream");
        assert_eq!((upstream.tls, upstream.host.as_str(), upstream.port), (false, "::1", 3000));
        for text in [
            "",
            "site.example",
            "ftp://site.example",
            "http://",
            "http://site.example/path",
            "http://user@site.example",
            "http://site.example:0",
            "/",
        ] {
            assert_eq!(text.parse::<Upstream>(), Err(BadUpstream), "{text}");
        }
    }

    #[test]
    fn an_upstream_that_leads_back_to_a_listener_is_known() {
        let leads = |upstream: &str, listener: &str| {
            upstream.parse::<Upstream>().expect("an upstream").leads_to(listener.parse().expect("an address and a port"))
        };
        for (upstream, listener) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://localhost:8080", "127.0.0.1:8080"),
            ("http://localhost:8080", "[::1]:8080"),
            ("http://127.0.0.1", "0.0.0.0:80"),
            ("http://0.0.0.0:8080", "127.0.0.1:8080"),
            ("http://127.0.0.1:8080", "[::]:8080"),
        ] {
            assert!(leads(upstream, listener), "{upstream} {listener}");
        }
        for (upstream, listener) in [
            ("http://127.0.0.1:3000", "127.0.0.1:8080"),
            ("http://127.0.0.2:8080", "127.0.0.1:8080"),
            ("http://192.0.2.1:8080", "0.0.0.0:8080"),
            ("http://site.example:8080", "0.0.0.0:8080"),
        ] {
            assert!(!leads(upstream, listener), "{upstream} {listener}");
        }
    }

    #[test]
    fn a_network_holds_the_addresses_of_its_prefix() {
        let network: Network = "10.1.0.0/16".parse().expect("a network");
        assert!(network.contains("10.1.255.1".parse().expect("an address")));
        assert!(network.contains("::ffff:10.1.2.3".parse().expect("an address")));
        assert!(!network.contains("10.2.0.1".parse().expect("an address")));
        let everybody: Network = "::/0".parse().expect("a network");
        assert!(everybody.contains("2001:db8::1".parse().expect("an address")));
        assert!(!everybody.contains("10.0.0.1".parse().expect("an address")));
        for text in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::/129", "localhost"] {
            assert_eq!(text.parse::<Network>(), Err(BadNetwork), "{text}");
        }
    }
}
