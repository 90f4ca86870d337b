use std::fmt;
use std::str::FromStr;

/// A page, or all pages that begin alike: `/articles/sleep`, `/articles/*`.
///
/// Only a `*` at the end stands for anything; whoever looks for a path that ends in one asks for all that begin so.
#[derive(Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    is_beginning: bool,
}

/// Why a text is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a page is written like /articles/sleep, and all that begin alike like /articles/*; what follows a `?` is not in the log")]
pub struct BadPath;

impl PathPattern {
    pub fn covers(&self, path: &str) -> bool {
        self.covers_bytes(path.as_bytes())
    }

    pub(crate) fn covers_bytes(&self, path: &[u8]) -> bool {
        if self.is_beginning { path.starts_with(self.text.as_bytes()) } else { path == self.text.as_bytes() }
    }
}

impl FromStr for PathPattern {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let beginning = text.strip_suffix('*');
        if !text.starts_with('/') || text.contains('?') {
            return Err(BadPath);
        }
        Ok(Self { text: beginning.unwrap_or(text).to_owned(), is_beginning: beginning.is_some() })
    }
}

/// It may name a person's page, so debug output does not show it.
impl fmt::Debug for PathPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PathPattern(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, path: &str) -> bool {
        pattern.parse::<PathPattern>().expect("a page").covers(path)
    }

    #[test]
    fn a_page_is_itself_and_a_star_at_the_end_is_all_that_begin_so() {
        assert!(covers("/articles/sleep", "/articles/sleep") && !covers("/articles/sleep", "/articles/sleep/2"));
        assert!(covers("/articles/*", "/articles/sleep") && covers("/articles/*", "/articles/") && !covers("/articles/*", "/articles"));
        assert!(covers("/articles*", "/articles") && covers("/*", "/") && covers("/a*b", "/a*b") && !covers("/a*b", "/axb"));
        assert!(covers("/a**", "/a*") && !covers("/a**", "/a"));
    }

    #[test]
    fn what_is_no_page_is_told() {
        for text in ["", "*", "articles", "https://example.org/", "/search?q=x", "/search?*"] {
            assert_eq!(text.parse::<PathPattern>(), Err(BadPath), "{text}");
        }
    }

    #[test]
    fn it_is_not_shown() {
        assert!(!format!("{:?}", "/people/anna".parse::<PathPattern>()).contains("anna"));
    }
}
