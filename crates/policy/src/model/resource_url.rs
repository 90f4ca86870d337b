use std::fmt;

use super::pattern::{can_agree, is_like};
use super::{Policy, Resource};
use crate::{Index, Set};

/// The addresses of a third party's resource: a URL in which `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUrl {
    written: String,
    /// Without its scheme: whether a resource comes over TLS does not change whose it is.
    pattern: String,
}

impl ResourceUrl {
    pub fn new(written: &str) -> Self {
        let (host, path) = split(written);
        let host = without_usual_port(host);
        let path = if path.is_empty() { "/" } else { path };
        Self { written: written.to_owned(), pattern: format!("{}{path}", host.to_ascii_lowercase()) }
    }

    /// As the policy writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Host and port, in small letters; a usual port is left out.
    pub fn host(&self) -> &str {
        split(&self.pattern).0
    }

    /// From the first slash on.
    pub fn path(&self) -> &str {
        split(&self.pattern).1
    }

    /// Whether a URL is meant, written as the URL standard serializes it.
    pub fn matches(&self, url: &str) -> bool {
        let (host, path) = split(url);
        is_like(self.host().as_bytes(), without_usual_port(host).as_bytes()) && is_like(self.path().as_bytes(), path.as_bytes())
    }

    /// Whether it may be found on the host of a URL.
    pub fn is_on_host_of(&self, url: &str) -> bool {
        is_like(self.host().as_bytes(), without_usual_port(split(url).0).as_bytes())
    }

    /// Whether some address of such a host and such a path is meant; in both, `*` stands for any characters.
    fn may_mean(&self, host: &str, path: &str) -> bool {
        can_agree(self.host().as_bytes(), host.as_bytes()) && can_agree(self.path().as_bytes(), path.as_bytes())
    }

    /// Whether surely every address of such a host and such a path is meant: their stars are taken by ours, as any other character is.
    fn means_all(&self, host: &str, path: &str) -> bool {
        is_like(self.host().as_bytes(), host.as_bytes()) && is_like(self.path().as_bytes(), path.as_bytes())
    }

    fn exactness(&self) -> (usize, bool) {
        let stars = self.pattern.bytes().filter(|byte| *byte == b'*').count();
        (self.pattern.len() - stars, stars == 0)
    }
}

impl fmt::Display for ResourceUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written)
    }
}

impl Policy {
    /// The declaration an address falls under: the one that names it most exactly, and of equals the first.
    pub fn resource_for(&self, url: &str) -> Option<Index<Resource>> {
        let mut found = None;
        for (at, resource) in self.resources.iter().enumerate().filter(|(_, resource)| resource.matches.matches(url)) {
            let exactness = resource.matches.exactness();
            if found.is_none_or(|(known, _)| exactness > known) {
                found = Some((exactness, at));
            }
        }
        found.map(|(_, at)| Index::new(at))
    }

    /// Whether an address of such a host and such a path may fall under a declaration that is not among these. In both, `*` stands for any characters.
    pub fn falls_outside(&self, among: Set<Resource>, host: &str, path: &str) -> bool {
        let declared = || self.resources.iter().enumerate().map(|(at, resource)| (Index::new(at), &resource.matches));
        let rank = |(at, url): (Index<Resource>, &ResourceUrl)| (url.exactness(), std::cmp::Reverse(at));
        // An address that one among these names falls under no other that names it less exactly.
        let strongest = declared().filter(|(at, url)| among.contains(*at) && url.means_all(host, path)).map(rank).max();
        declared().any(|(at, url)| !among.contains(at) && strongest.is_none_or(|known| rank((at, url)) > known) && url.may_mean(host, path))
    }

    /// Everything that may come from the host of a URL.
    pub fn resources_on_host_of(&self, url: &str) -> Set<Resource> {
        let on_host = |(_, resource): &(usize, &Resource)| resource.matches.is_on_host_of(url);
        self.resources.iter().enumerate().filter(on_host).map(|(at, _)| Index::new(at)).collect()
    }
}

/// Host with port, and the rest from the first slash, question mark or hash on.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // Whoever is named before the host says nothing of whose it is.
    (authority.rsplit_once('@').map_or(authority, |(_, host)| host), path)
}

fn without_usual_port(host: &str) -> &str {
    host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::ResourceUrl;

    #[test]
    fn an_address_is_meant_by_its_host_and_path_whatever_its_scheme() {
        let map = ResourceUrl::new("https://Maps.example:443/embed/*");
        for url in ["https://maps.example/embed/", "http://maps.example/embed/a?b=c", "wss://maps.example:443/embed/x"] {
            assert!(map.matches(url), "{url}");
        }
        for url in [
            "https://maps.example/other",
            "https://maps.example.evil/embed/",
            "https://evil.example/maps.example/embed/",
            "https://a.maps.example/embed/",
        ] {
            assert!(!map.matches(url), "{url}");
        }
        assert!(map.matches("https://somebody:secret@maps.example/embed/"));
        assert!(map.is_on_host_of("https://maps.example/"));
        assert!(ResourceUrl::new("https://*.cdn.example/*").matches("https://a.b.cdn.example/x.js"));
        assert!(ResourceUrl::new("https://cdn.example").matches("https://cdn.example/"));
    }

    #[test]
    fn a_star_in_the_host_never_reaches_into_the_path() {
        let any = ResourceUrl::new("https://*.cdn.example/*");
        assert!(!any.matches("https://evil.example/x.cdn.example/y"));
    }
}
