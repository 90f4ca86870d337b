//! Addresses in a page, read as browsers read them.

use std::borrow::Cow;

use url::{Host, Url};

use super::super::signs::without_last_dot;

/// What addresses in a page are relative to.
pub(super) struct Base {
    page: Url,
    base: Option<Url>,
    /// An address that names no host leads somewhere that has to be looked at.
    pub(super) looks_at_relative: bool,
}

impl Base {
    pub(super) const fn of(page: Url) -> Self {
        Self { page, base: None, looks_at_relative: false }
    }

    /// The page's host, without its port.
    pub(super) fn host(&self) -> &str {
        self.page.host_str().unwrap_or_default()
    }

    /// Whether the page's host, with its port if any, is such a one.
    pub(super) fn is_on(&self, is_such: impl Fn(&str) -> bool) -> bool {
        let host = self.page.host_str().unwrap_or_default();
        match self.page.port() {
            Some(port) => is_such(&format!("{host}:{port}")),
            None => is_such(host),
        }
    }

    /// The page's own `base`, of which only the first counts.
    pub(super) fn set(&mut self, written: &str) {
        if self.base.is_none() {
            let base = self.page.join(&htmlize::unescape_attribute(written)).unwrap_or_else(|_| self.page.clone());
            self.looks_at_relative |= base.host() != self.page.host();
            self.base = Some(base);
        }
    }

    /// An address that something is loaded from, if it is worth a look.
    pub(super) fn address(&self, written: &str) -> Option<Address> {
        if !self.looks_at_relative && is_plainly_relative(written) {
            return None;
        }
        let base = self.base.as_ref().unwrap_or(&self.page);
        let url = Url::options().base_url(Some(base)).parse(&unescaped(written)).ok()?;
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return None;
        }
        let is_foreign = url.host() != self.page.host();
        Some(Address { url: plain(url), is_foreign })
    }
}

/// Where something is loaded from.
pub(super) struct Address {
    /// As the URL standard writes it, without what names nobody: user, password and fragment.
    pub(super) url: String,
    /// On another host than the page.
    pub(super) is_foreign: bool,
}

impl Address {
    /// With its port, if any.
    pub(super) fn host(&self) -> &str {
        super::super::obligations::host_of(&self.url)
    }

    pub(super) fn without_query(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }
}

pub(super) fn unescaped(written: &str) -> Cow<'_, str> {
    if written.contains('&') { htmlize::unescape_attribute(written) } else { Cow::Borrowed(written) }
}

/// Whether it surely stays on the host it is relative to.
fn is_plainly_relative(written: &str) -> bool {
    let bytes = written.as_bytes();
    let plain = bytes.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b':' | b'&'));
    plain && !bytes.starts_with(b"//")
}

fn plain(mut url: Url) -> String {
    url.set_fragment(None);
    // These fail only for addresses that have no host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(Host::Domain(name)) = url.host()
        && let Some(name) = without_last_dot(name)
    {
        let _ = url.set_host(Some(&name));
    }
    url.into()
}

/// The addresses in the text of a `srcset`. Cut more finely than the standard has it: a piece that is none of its addresses leads nowhere.
pub(super) fn in_srcset(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split_ascii_whitespace().map(|word| word.trim_matches(','));
    words.flat_map(|word| {
        let pieces = word.contains(',').then(|| word.split(','));
        std::iter::once(word).chain(pieces.into_iter().flatten()).filter(|address| !address.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::of(Url::parse("https://books.example/shelf/page?q=1").expect("an address"))
    }

    fn read(base: &Base, written: &str) -> Option<String> {
        base.address(written).map(|address| address.url)
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let base = base();
        for (written, means) in [
            ("//ads.example/x", "https://ads.example/x"),
            (" \n https://ADS.example:443/a/../x#f", "https://ads.example/x"),
            ("\\\\ads.example\\x", "https://ads.example/x"),
            ("/\t/ads.ex\nample/x", "https://ads.example/x"),
            ("http:ads.example/x", "http://ads.example/x"),
            ("&#x2f;/ads&period;example/x?a&amp;b", "https://ads.example/x?a&b"),
            ("https://user:word@ads.example./x", "https://ads.example/x"),
            ("//%61ds.example/x", "https://ads.example/x"),
            ("//ａds.example/x", "https://ads.example/x"),
            ("ws://ads.example/x", "ws://ads.example/x"),
        ] {
            assert_eq!(read(&base, written).as_deref(), Some(means), "{written}");
        }
        for written in ["/x.png", "x.png?y=//ads.example", "#top", "data:image/png;base64,AAAA", "javascript:void 0", "https://", "blob:x"]
        {
            assert_eq!(read(&base, written), None, "{written}");
        }
    }

    #[test]
    fn the_first_base_counts() {
        let mut base = base();
        base.set("//cdn.example/a/");
        base.set("/elsewhere/");
        assert_eq!(read(&base, "x.js").as_deref(), Some("https://cdn.example/a/x.js"));
        assert_eq!(read(&base, "/x.js").as_deref(), Some("https://cdn.example/x.js"));
    }

    #[test]
    fn a_srcset_hides_no_address() {
        let found: Vec<&str> = in_srcset("/a.png 1x, //ads.example/b.png 2x,//ads.example/c.png").collect();
        for address in ["/a.png", "//ads.example/b.png", "//ads.example/c.png"] {
            assert!(found.contains(&address), "{found:?}");
        }
    }
}
