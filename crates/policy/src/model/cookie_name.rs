use super::pattern::is_like;
use super::{Cookie, CookieHolds, Policy};
use crate::Index;

/// A cookie's name, where `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieName(pub String);

impl CookieName {
    /// Whether a cookie of this name is meant: the name as it is written, or what follows its `__Host-` or `__Secure-`, which only say how a browser
    /// guards it.
    pub fn matches(&self, name: &[u8]) -> bool {
        let pattern = self.0.as_bytes();
        !name.is_empty() && (is_like(pattern, name) || unguarded(name).is_some_and(|rest| is_like(pattern, rest)))
    }

    /// How exactly it names: by how many characters, and whether by nothing else.
    fn exactness(&self) -> (usize, bool) {
        let stars = self.0.bytes().filter(|byte| *byte == b'*').count();
        (self.0.len() - stars, stars == 0)
    }
}

impl Policy {
    /// The declaration a cookie of the site falls under: the one that names it most exactly, and of equals the first.
    pub fn cookie_for(&self, name: &[u8]) -> Option<Index<Cookie>> {
        let mut found = None;
        for (at, cookie) in self.cookies.iter().enumerate() {
            if let CookieHolds::Site(pattern) = &cookie.holds
                && pattern.matches(name)
            {
                let exactness = pattern.exactness();
                if found.is_none_or(|(known, _)| exactness > known) {
                    found = Some((exactness, at));
                }
            }
        }
        found.map(|(_, at)| Index::new(at))
    }
}

fn unguarded(name: &[u8]) -> Option<&[u8]> {
    let rest = name.strip_prefix(b"__Host-").or_else(|| name.strip_prefix(b"__Secure-"))?;
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        CookieName(pattern.to_owned()).matches(name.as_bytes())
    }

    #[test]
    fn a_name_is_meant_as_it_is_written_and_a_star_is_anything() {
        for (pattern, name) in [("sid", "sid"), ("_ga*", "_ga"), ("_ga*", "_ga_X1"), ("*_id", "a_id"), ("a*b*c", "axxbyybc"), ("*", "x")] {
            assert!(matches(pattern, name), "{pattern} means {name}");
        }
        for (pattern, name) in [("sid", "SID"), ("sid", "sid2"), ("sid", "xsid"), ("_ga*", "_g"), ("a*b*c", "axxc"), ("*", ""), ("", "a")] {
            assert!(!matches(pattern, name), "{pattern} does not mean {name}");
        }
    }

    #[test]
    fn a_guarded_cookie_is_meant_with_its_prefix_or_without() {
        assert!(matches("sid", "__Host-sid") && matches("sid", "__Secure-sid") && matches("__Host-sid", "__Host-sid"));
        assert!(!matches("__Host-sid", "sid"), "a prefix that is declared has to be there");
        assert!(!matches("sid", "__host-sid") && !matches("sid", "__Host-__Secure-sid"));
    }
}
