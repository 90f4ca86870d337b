//! The second policy: the site's own things, and of third parties what the visit permits.

use bytes::BytesMut;
use http::HeaderValue;
use policy::model::{Resource, ResourceUrl};
use policy::{Policy, Set};

/// What the site itself does is its own affair: its inline scripts and styles, and what they make up on the spot.
const OWN: &str = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem:";

/// The same for what loads nothing of others, whatever anybody permitted.
pub(crate) const OWN_ONLY: HeaderValue = HeaderValue::from_static(OWN);

/// Servers and browsers refuse a head that is much longer. What does not fit is not let in.
const SOURCES_BYTES_MAX: usize = 12 * 1024;

/// The policy that lets pages load of third parties only what is permitted, and tells us of the rest.
///
/// A source of a policy says less than our declarations do: stars only before a host, paths only whole or from a slash on, and nothing of queries. Where
/// it would have to say more than is permitted, it says so only if nothing that is declared and refused comes with it; else it says less.
pub(crate) fn allow_list(policy: &Policy, permitted: Set<Resource>, report_path: Option<&str>) -> HeaderValue {
    let mut sources: Vec<String> = Vec::new();
    let mut room = SOURCES_BYTES_MAX;
    for source in permitted.iter().flat_map(|resource| sources_for(policy, permitted, &policy.resource(resource).matches)) {
        if source.len() < room && !sources.contains(&source) {
            room -= source.len() + 1;
            sources.push(source);
        }
    }
    // A host alone means pages and files; who may be loaded from may be talked to over a web socket too.
    for at in 0..sources.len() {
        let source = if sources[at] == "*" { "ws:".to_owned() } else { format!("ws://{}", sources[at]) };
        if source.len() < room {
            room -= source.len() + 1;
            sources.push(source);
        }
    }
    let mut text = BytesMut::from(OWN);
    for source in &sources {
        text.extend_from_slice(b" ");
        text.extend_from_slice(source.as_bytes());
    }
    if let Some(path) = report_path {
        text.extend_from_slice(b"; report-uri ");
        text.extend_from_slice(path.as_bytes());
    }
    HeaderValue::from_maybe_shared(text.freeze()).unwrap_or(HeaderValue::from_static(OWN))
}

/// For each place on the network, the widest source that lets in nothing refused.
fn sources_for(policy: &Policy, permitted: Set<Resource>, url: &ResourceUrl) -> Vec<String> {
    let hosts = Hosts::of(url.host());
    let paths = Paths::of(url.path());
    let is_safe = |host: &Hosts, path: &Paths| {
        host.meant().iter().all(|host| path.meant().iter().all(|path| !policy.falls_outside(permitted, host, path)))
    };
    let widest = |host: &Hosts| paths.iter().find(|path| is_safe(host, path)).and_then(|path| host.source(path));
    hosts.iter().filter_map(widest).collect()
}

/// Hosts that a source can speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hosts {
    /// A name, or a star in its place or before its first dot.
    name: String,
    /// None is the usual one of the scheme.
    port: Option<String>,
}

impl Hosts {
    fn of(pattern: &str) -> Vec<Self> {
        let (name, port) = match pattern.rsplit_once(':') {
            Some((name, port)) if port == "*" || (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())) => (name, Some(port)),
            _ => (pattern, None),
        };
        let names: Vec<String> = match name.rsplit_once('*') {
            None => vec![name.to_owned()],
            Some(("", "")) if port.is_none() => vec!["*".to_owned()],
            Some(("", rest)) if rest.starts_with('.') => vec![name.to_owned()],
            // The star may stand for nothing, or end with a dot; for a part of a name there is no source.
            Some(("", rest)) => vec![rest.to_owned(), format!("*.{rest}")],
            // Every name below the first whole one behind the star, unless anybody may have a name there.
            Some((_, rest)) => {
                let parent = rest.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
                parent.map(|parent| format!("*.{parent}")).into_iter().collect()
            }
        };
        let is_name = |name: &str| {
            let rest = name.strip_prefix("*.").unwrap_or(name);
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            name == "*" || rest.split('.').all(|label| !label.is_empty() && label.bytes().all(letter))
        };
        names.into_iter().filter(|name| is_name(name)).map(|name| Self { name, port: port.map(str::to_owned) }).collect()
    }

    /// All that a browser takes for one of them, as patterns.
    fn meant(&self) -> Vec<String> {
        match &self.port {
            // A star alone is any host with any port, and so is one with a star for its port.
            None => vec![self.name.clone()],
            Some(port) if port == "*" => vec![self.name.clone(), format!("{}:*", self.name)],
            Some(port) => vec![format!("{}:{port}", self.name)],
        }
    }

    fn source(&self, path: &Paths) -> Option<String> {
        let path = match path {
            // A star with a path is none that every browser reads alike.
            Paths::Below(path) if self.name == "*" => return (path == "/").then(|| "*".to_owned()),
            Paths::Exactly(_) if self.name == "*" => return None,
            Paths::Below(path) if path == "/" => String::new(),
            Paths::Below(path) | Paths::Exactly(path) => escaped(path),
        };
        let port = self.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}{path}", self.name))
    }
}

/// Paths that a source can speak of, whatever their queries.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Paths {
    /// Everything from here on; it ends with a slash.
    Below(String),
    Exactly(String),
}

impl Paths {
    /// The widest first.
    fn of(pattern: &str) -> Vec<Self> {
        let end = pattern.find(['*', '?', '#']).unwrap_or(pattern.len());
        let literal = pattern[..end].to_owned();
        let Some((folder, file)) = literal.rsplit_once('/') else {
            return Vec::new();
        };
        let below = Self::Below(format!("{folder}/"));
        if file.is_empty() {
            vec![below]
        } else if pattern[end..].starts_with('*') {
            vec![below, Self::Exactly(literal)]
        } else {
            vec![Self::Exactly(literal)]
        }
    }

    /// All that a browser takes for one of them, as patterns.
    fn meant(&self) -> Vec<String> {
        match self {
            Self::Below(path) => vec![format!("{path}*")],
            Self::Exactly(path) => vec![path.clone(), format!("{path}?*"), format!("{path}#*")],
        }
    }
}

/// A path as a source may say it: browsers undo this before they compare.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'%' => escaped.push(char::from(byte)),
            b'!' | b'$' | b'&' | b'(' | b')' | b'*' | b'+' | b'=' | b':' | b'@' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
