use std::fmt;

/// Where a mail server is, and as whom one comes: `smtp://user@host:port`.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
    pub security: Security,
}

/// Whether others on the way can listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Encrypted from the first byte.
    Tls,
    /// Encrypted once the server was asked to (`STARTTLS`); a server that does not do so is not used.
    StartTls,
    /// Not at all.
    None,
}

/// The port for mail of one's own users (RFC 6409), and the same with TLS from the first byte (RFC 8314).
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

impl ServerAddress {
    /// Reads `smtp://user@host:port` or `smtps://…`. A name may be percent-encoded, and must come without a password. With `smtp:`, what does not stay on
    /// this machine is encrypted, unless `?tls=none` is said; `?tls=required` asks for it here, too.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (user, authority) =
            rest.trim_end_matches('/').rsplit_once('@').map_or((None, rest.trim_end_matches('/')), |(user, host)| (Some(user), host));
        let user = match user {
            Some(user) => Some(percent_decoded(user).filter(|name| !name.is_empty() && !user.contains(':'))?),
            None => None,
        };
        let default_port = if scheme == "smtps" { SUBMISSIONS } else { SUBMISSION };
        let (host, port) = host_and_port(authority, default_port)?;
        let security = match (scheme, query) {
            ("smtps", None) => Security::Tls,
            ("smtp", Some("tls=required")) => Security::StartTls,
            ("smtp", Some("tls=none")) => Security::None,
            ("smtp", None) if is_this_machine(&host) => Security::None,
            ("smtp", None) => Security::StartTls,
            _ => return None,
        };
        Some(Self { host, port, user, security })
    }

    /// The text without anything that may be a secret, for a complaint about it.
    pub fn without_secrets(text: &str) -> String {
        match text.split_once("://").and_then(|(scheme, rest)| rest.rsplit_once('@').map(|(_, host)| (scheme, host))) {
            Some((scheme, host)) => format!("{scheme}://…@{host}"),
            None if text.contains('@') => "…".to_owned(),
            None => text.to_owned(),
        }
    }

    /// Whether somebody on the way could read a password.
    pub fn is_open_to_others(&self) -> bool {
        self.security == Security::None && !is_this_machine(&self.host)
    }
}

/// Without the name, which is somebody's.
impl fmt::Debug for ServerAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}

fn host_and_port(authority: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let is_host = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'));
    let port = port.map_or(Some(default), |port| port.parse().ok().filter(|port| *port > 0))?;
    is_host.then(|| (host.to_ascii_lowercase(), port))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, u16, Option<String>, Security) {
        let address = ServerAddress::parse(text).unwrap_or_else(|| panic!("{text} is an address"));
        (address.host, address.port, address.user, address.security)
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_unless_told_otherwise() {
        assert_eq!(parsed("smtp://mail.example.org"), ("mail.example.org".to_owned(), 587, None, Security::StartTls));
        assert_eq!(parsed("smtps://Mail.Example.org/"), ("mail.example.org".to_owned(), 465, None, Security::Tls));
        assert_eq!(parsed("smtp://192.0.2.7:2525"), ("192.0.2.7".to_owned(), 2525, None, Security::StartTls));
        for here in ["localhost", "127.0.0.1", "[::1]", "127.8.9.1"] {
            assert_eq!(parsed(&format!("smtp://{here}:25")).3, Security::None, "{here}");
        }
        assert_eq!(parsed("smtp://localhost?tls=required").3, Security::StartTls);
        let open = ServerAddress::parse("smtp://relay:25?tls=none").expect("an address");
        assert!(open.security == Security::None && open.is_open_to_others());
    }

    #[test]
    fn a_name_may_be_an_address_itself() {
        assert_eq!(parsed("smtps://anna%40example.org@mail.example.org").2.as_deref(), Some("anna@example.org"));
        assert_eq!(parsed("smtps://anna@example.org@mail.example.org").2.as_deref(), Some("anna@example.org"));
        let address = ServerAddress::parse("smtps://anna@mail.example.org").expect("an address");
        assert_eq!(format!("{address:?}"), "mail.example.org:465 (Tls)");
    }

    #[test]
    fn a_password_has_no_place_in_it_and_is_not_shown() {
        assert_eq!(ServerAddress::parse("smtp://anna:secret@mail.example.org"), None);
        assert_eq!(ServerAddress::without_secrets("smtp://anna:secret@mail.example.org"), "smtp://…@mail.example.org");
        assert_eq!(ServerAddress::without_secrets("anna:secret@mail"), "…");
        assert_eq!(ServerAddress::without_secrets("mail.example.org"), "mail.example.org");
    }

    #[test]
    fn whatever_else_is_no_address() {
        for text in [
            "",
            "mail.example.org",
            "http://mail",
            "smtp://",
            "smtp://:25",
            "smtp://host:0",
            "smtp://host:65536",
            "smtp://host:x",
            "smtp://[::1",
            "smtp://[x]",
            "smtp://@host",
            "smtp://%zz@host",
            "smtp://%ff@host",
            "smtp://host?tls=maybe",
            "smtps://host?tls=none",
            "smtp://ho st",
            "smtp://host/path",
        ] {
            assert_eq!(ServerAddress::parse(text), None, "{text:?}");
        }
    }
}
