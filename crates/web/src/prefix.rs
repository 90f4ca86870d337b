use std::fmt;

/// Where our pages live on the site, as `/privacy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

/// Why a text is not a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a prefix is a path of letters, digits, `-`, `_` and single dots between slashes, without one at the end, as in `/privacy`")]
pub struct BadPrefix;

impl Prefix {
    pub fn parse(text: &str) -> Result<Self, BadPrefix> {
        let plain = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        let path = text.strip_prefix('/').ok_or(BadPrefix)?;
        if path.split('/').all(plain) { Ok(Self(text.to_owned())) } else { Err(BadPrefix) }
    }

    /// Where accounts live, unless told otherwise.
    pub fn account() -> Self {
        Self("/account".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a path is the prefix itself or lies under it.
    pub fn covers(&self, path: &str) -> bool {
        path.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("/privacy".to_owned())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_plain_path() {
        for text in ["/privacy", "/legal/privacy", "/p", "/privacy-centre_2.0"] {
            assert_eq!(Prefix::parse(text).map(|prefix| prefix.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["", "/", "privacy", "/privacy/", "//privacy", "/../privacy", "/{page}", "/pri vacy", "/.well-known", "/a?b", "/a#b", "/é"]
        {
            assert_eq!(Prefix::parse(text), Err(BadPrefix), "{text}");
        }
    }

    #[test]
    fn a_prefix_covers_whole_segments() {
        let prefix = Prefix::default();
        assert!(prefix.covers("/privacy") && prefix.covers("/privacy/") && prefix.covers("/privacy/choices"));
        assert!(!prefix.covers("/privacy-notice") && !prefix.covers("/") && !prefix.covers("/a/privacy"));
    }
}
