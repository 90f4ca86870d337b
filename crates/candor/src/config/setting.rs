use std::net::SocketAddr;
use std::path::PathBuf;

use http::HeaderName;
use web::Prefix;

/// A value of the configuration, read from the text of a flag, a variable or the file.
pub(crate) trait Setting: Sized {
    /// What a reader should write, to follow "expected".
    const EXPECTED: &'static str;

    fn parse(text: &str) -> Option<Self>;

    /// What a complaint may show of a text that cannot be read.
    fn shown(text: &str) -> String {
        text.to_owned()
    }
}

/// An empty text is none.
impl<T: Setting> Setting for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::parse(text).map(Some) }
    }

    fn shown(text: &str) -> String {
        T::shown(text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) SocketAddr);

impl Setting for Address {
    const EXPECTED: &'static str = "an address and a port, as in \"127.0.0.1:8080\" or \"[::]:443\"";

    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}")).as_deref().unwrap_or(text).parse().ok().map(Self)
    }
}

impl Setting for edge::Upstream {
    const EXPECTED: &'static str = "the site's address without a path, as in \"http://127.0.0.1:3000\" or \"https://backend.example\"";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Where people reach the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) String);

impl Setting for Origin {
    const EXPECTED: &'static str = "a scheme and a host without a path, as in \"https://www.example.org\"";

    fn parse(text: &str) -> Option<Self> {
        text.parse::<edge::Upstream>().ok()?;
        Some(Self(text.trim_end_matches('/').to_ascii_lowercase()))
    }
}

/// Where operators reach the console: a place that browsers make passkeys for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConsoleOrigin(pub(crate) String);

impl Setting for ConsoleOrigin {
    const EXPECTED: &'static str = "https and a name without a path, as in \"https://console.example.org\"; http goes with localhost only";

    fn parse(text: &str) -> Option<Self> {
        let Origin(origin) = Origin::parse(text)?;
        app::passkeys::Party::at(&origin, "").is_ok().then_some(Self(origin))
    }
}

/// The prefixes of our own pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) privacy: Prefix,
    pub(crate) account: Prefix,
}

impl Setting for Paths {
    const EXPECTED: &'static str =
        "prefixes that start with a slash, none inside another, as in { privacy = \"/privacy\", account = \"/account\" }";

    fn parse(text: &str) -> Option<Self> {
        let mut paths = Self { privacy: Prefix::default(), account: Prefix::account() };
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("privacy", prefix) => paths.privacy = Prefix::parse(prefix).ok()?,
                ("account", prefix) => paths.account = Prefix::parse(prefix).ok()?,
                _ => return None,
            }
        }
        let apart = !paths.privacy.covers(paths.account.as_str()) && !paths.account.covers(paths.privacy.as_str());
        apart.then_some(paths)
    }
}

/// Where the master key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MasterKey {
    /// A file of ours in the data folder.
    Own,
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl Setting for MasterKey {
    const EXPECTED: &'static str = "a path, or an environment variable as in \"env:CANDOR_MASTER\"";

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("env:") {
            _ if text.is_empty() => Some(Self::Own),
            Some(name) => is_variable(name).then(|| Self::Variable(name.to_owned())),
            None => PathBuf::parse(text).map(Self::File),
        }
    }
}

/// Where files are that are written once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObjectsPlace {
    Folder(PathBuf),
    Bucket(Box<objects::Address>),
}

impl Setting for ObjectsPlace {
    const EXPECTED: &'static str = "a folder, or \"s3://bucket/prefix\" and perhaps \"?region=…\" or \"?endpoint=https://…\"; `&allow_http=true` where an endpoint \
                                    beyond this machine has no TLS, `&credentials=FILE` where the keys are in a file; never a key itself";

    fn parse(text: &str) -> Option<Self> {
        if objects::Address::is_meant(text) {
            return objects::Address::parse(text).ok().map(|address| Self::Bucket(Box::new(address)));
        }
        PathBuf::parse(text).map(Self::Folder)
    }

    /// Somebody may have written a key into it.
    fn shown(text: &str) -> String {
        match objects::Address::parse(text) {
            Err(objects::BadAddress::Secret | objects::BadAddress::Option) => "…".to_owned(),
            _ => text.to_owned(),
        }
    }
}

/// Where a secret is that is not ours to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretPlace {
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl Setting for SecretPlace {
    const EXPECTED: &'static str = "a path, or an environment variable as in \"env:MAIL_PASSWORD\"";

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("env:") {
            Some(name) => is_variable(name).then(|| Self::Variable(name.to_owned())),
            None => PathBuf::parse(text).map(Self::File),
        }
    }

    /// Somebody may have written the secret itself.
    fn shown(_text: &str) -> String {
        "…".to_owned()
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Setting for post::ServerAddress {
    const EXPECTED: &'static str = "\"smtp://user@host:port\" or \"smtps://user@host:port\", with the password in `mail_password`";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn shown(text: &str) -> String {
        Self::without_secrets(text)
    }
}

/// An address letters come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailAddress(pub(crate) String);

impl Setting for MailAddress {
    const EXPECTED: &'static str = "an e-mail address, as in \"letters@example.org\"";

    fn parse(text: &str) -> Option<Self> {
        post::is_address(text).then(|| Self(text.to_owned()))
    }
}

/// What obligations do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enforcement {
    Enforce,
    Observe,
}

impl Enforcement {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Observe => "observe",
        }
    }
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

/// Networks whose word is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(pub(crate) Vec<edge::Network>);

impl Setting for Networks {
    const EXPECTED: &'static str = "networks or addresses, as in [\"10.0.0.0/8\", \"192.0.2.7\", \"2001:db8::/32\"]";

    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect::<Option<_>>().map(Self)
    }
}

/// Paths of the site that need an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignInPaths(pub(crate) Vec<edge::SignInPath>);

impl Setting for SignInPaths {
    const EXPECTED: &'static str =
        "paths of letters, digits, `-`, `_`, `~` and single dots between slashes, as in [\"/members\", \"/clubs/inner\"]";

    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect::<Option<_>>().map(Self)
    }
}

/// Logs that are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FollowedLogs(pub(crate) Vec<PathBuf>);

impl Setting for FollowedLogs {
    const EXPECTED: &'static str = "the paths of logs, as in [\"/var/log/nginx/access.log\"]";

    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(PathBuf::parse).collect::<Option<_>>().map(Self)
    }
}

/// Where syslog messages come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SyslogAddress {
    Network(SocketAddr),
    Socket(PathBuf),
}

impl Setting for SyslogAddress {
    const EXPECTED: &'static str = "an address and a port, as in \"127.0.0.1:5514\", or a socket, as in \"unix:/run/candor/syslog.sock\"";

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("unix:") {
            Some(path) => PathBuf::parse(path).map(Self::Socket),
            None => Address::parse(text).map(|Address(address)| Self::Network(address)),
        }
    }
}

/// A header's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) HeaderName);

impl Setting for Header {
    const EXPECTED: &'static str = "the name of a header, as in \"CF-Region\"";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| Self::from(text))
    }
}

impl Setting for records::Address {
    const EXPECTED: &'static str = "\"sqlite:PATH\" or \"postgres://USER@HOST/NAME\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn shown(text: &str) -> String {
        Self::without_secrets(text)
    }
}

/// Within which time something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within(pub(crate) domain::Span);

impl Setting for Within {
    const EXPECTED: &'static str = "a length of time, as in \"24 hours\" or \"7 days\"";

    fn parse(text: &str) -> Option<Self> {
        domain::Span::parse(text).ok().map(Self)
    }
}

impl Setting for u16 {
    const EXPECTED: &'static str = "a whole number from 0 to 65535";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
