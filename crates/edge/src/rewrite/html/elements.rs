//! Which elements of a page have to be looked at. Every kind that a parser has to stop for makes it slower, and a page has few of them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use lol_html::Selector;
use memchr::{memchr_iter, memmem};
use parking_lot::Mutex;

/// Elements that load something, that say how others are read, or that decide where something can be put.
const NAMES: [&str; 27] = [
    "audio", "base", "bgsound", "body", "embed", "feimage", "frame", "frameset", "head", "iframe", "image", "img", "input", "link", "math",
    "meta", "noframes", "noscript", "object", "script", "select", "source", "svg", "template", "track", "use", "video",
];

/// An image behind a whole part of the page, in the way of old.
const BACKGROUND: u32 = 1 << 27;

/// The mark of a purpose.
const PURPOSE: u32 = 1 << 28;

/// The type of a script that lists addresses.
const LIST: u32 = 1 << 29;

/// Every element there is.
const EVERY: u32 = 1 << 30;

const NOSCRIPT: u32 = bit("noscript");
const SCRIPT: u32 = bit("script");
const BODY: u32 = bit("body");
const FRAMESET: u32 = bit("frameset");

/// The kinds of elements that a page may have. One that is named here may be missing, but none that is there is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Elements(u32);

impl Elements {
    /// Nobody knows what comes.
    pub(crate) const ALL: Self = Self(EVERY - 1);

    /// The kinds that a whole text may have, as tags are told from text byte by byte. It is of no matter where in the text they stand.
    pub(crate) fn in_text(text: &[u8]) -> Self {
        // Kinds and names are the same in any letters.
        let text = text.to_ascii_lowercase();
        let mut found = memchr_iter(b'<', &text).fold(0, |found, at| found | bit_at(&text[at + 1..]));
        found |= if has_attribute(&text, &BACKGROUND_FINDER) { BACKGROUND } else { 0 };
        found |= if has_attribute(&text, &PURPOSE_FINDER) { PURPOSE } else { 0 };
        let lists = found & SCRIPT != 0 && LIST_FINDERS.iter().any(|finder| finder.find(&text).is_some());
        Self(found | if lists { LIST } else { 0 })
    }

    /// Whether a page of these begins its body without saying so. One of frames has none.
    pub(crate) const fn hide_body(self) -> bool {
        self.0 & (BODY | FRAMESET) == 0
    }

    /// These, and every other.
    pub(crate) const fn and_every_other(self) -> Self {
        Self(self.0 | EVERY)
    }

    pub(super) const fn are_every(self) -> bool {
        self.0 & EVERY != 0
    }

    pub(super) const fn have_lists(self) -> bool {
        self.0 & LIST != 0
    }

    pub(super) const fn have_noscript(self) -> bool {
        self.0 & NOSCRIPT != 0
    }

    /// What finds them in a page; None where there are none.
    pub(super) fn selector(self) -> Option<Arc<Selector>> {
        /// The pages of a site are much alike. More than that many kinds of them are read anew each time.
        const KNOWN_MAX: usize = 256;
        static KNOWN: LazyLock<Mutex<HashMap<u32, Arc<Selector>>>> = LazyLock::new(Mutex::default);

        let wanted = if self.are_every() { EVERY } else { self.0 & !LIST };
        if wanted == 0 {
            return None;
        }
        let mut known = KNOWN.lock();
        if let Some(selector) = known.get(&wanted) {
            return Some(selector.clone());
        }
        let selector = Arc::new(written(wanted).parse().ok()?);
        if known.len() < KNOWN_MAX {
            known.insert(wanted, Arc::clone(&selector));
        }
        Some(selector)
    }
}

static BACKGROUND_FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("background"));
static PURPOSE_FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("data-candor-purpose"));
static LIST_FINDERS: LazyLock<[memmem::Finder<'static>; 2]> = LazyLock::new(|| ["importmap", "speculationrules"].map(memmem::Finder::new));

fn written(wanted: u32) -> String {
    if wanted == EVERY {
        return "*".to_owned();
    }
    let named = NAMES.iter().enumerate().filter(|(at, _)| wanted & (1 << at) != 0).map(|(_, name)| *name);
    let marked = [(BACKGROUND, "[background]"), (PURPOSE, "[data-candor-purpose]")];
    named.chain(marked.into_iter().filter(|(bit, _)| wanted & bit != 0).map(|(_, mark)| mark)).collect::<Vec<_>>().join(", ")
}

const fn bit(name: &str) -> u32 {
    let mut at = 0;
    while at < NAMES.len() {
        if is_same(NAMES[at].as_bytes(), name.as_bytes()) {
            return 1 << at;
        }
        at += 1;
    }
    0
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    one.len() == other.len()
}

/// The names that begin with each letter.
const BEGINNING_WITH: [u32; 256] = {
    let mut beginning = [0; 256];
    let mut at = 0;
    while at < NAMES.len() {
        beginning[NAMES[at].as_bytes()[0] as usize] |= 1 << at;
        at += 1;
    }
    beginning
};

/// The name that a tag begins with, in small letters.
fn bit_at(tag: &[u8]) -> u32 {
    let mut candidates = tag.first().map_or(0, |first| BEGINNING_WITH[usize::from(*first)]);
    while candidates != 0 {
        let at = candidates.trailing_zeros();
        let name = NAMES[at as usize].as_bytes();
        if tag.starts_with(name) && tag.get(name.len()).is_none_or(|byte| matches!(byte, b'/' | b'>') || is_space(*byte)) {
            return 1 << at;
        }
        candidates &= candidates - 1;
    }
    0
}

/// Whether an attribute of this name may be somewhere.
fn has_attribute(text: &[u8], name: &memmem::Finder<'_>) -> bool {
    let stands_alone = |at: usize| {
        let before = at.checked_sub(1).is_some_and(|before| matches!(text[before], b'/' | b'"' | b'\'') || is_space(text[before]));
        let after = text.get(at + name.needle().len());
        before && after.is_some_and(|byte| matches!(byte, b'=' | b'/' | b'>') || is_space(*byte))
    };
    name.find_iter(text).any(stands_alone)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let Elements(found) = Elements::in_text(text.as_bytes());
        let marks = [(BACKGROUND, "background"), (PURPOSE, "purpose"), (LIST, "list")];
        let names = NAMES.iter().enumerate().filter(|(at, _)| found & (1 << at) != 0).map(|(_, name)| *name);
        names.chain(marks.into_iter().filter(|(bit, _)| found & bit != 0).map(|(_, mark)| mark)).collect()
    }

    #[test]
    fn elements_are_found_however_they_are_written() {
        for (text, names) in [
            ("<p><IMG\nsrc=x><iframe/src=x><b>", vec!["iframe", "img"]),
            ("<ScRiPt>", vec!["script"]),
            ("<!-- <use> -->", vec!["use"]),
            ("<<object\x0cdata=x>", vec!["object"]),
            ("a < img, <header><images><link-list>", vec![]),
            ("<frameset><image>", vec!["frameset", "image"]),
            ("<td BackGround=x>", vec!["background"]),
            ("<td a='b'background>", vec!["background"]),
            ("<td background\n=x>", vec!["background"]),
            ("<style>p{background:red}.background{}</style><p class=background-image>", vec![]),
            ("<p data-x=1 Data-Candor-Purpose=ads>", vec!["purpose"]),
            ("<script type=ImportMap>", vec!["script", "list"]),
            ("<script type='speculationrules'>", vec!["script", "list"]),
            ("<p>importmap", vec![]),
        ] {
            assert_eq!(found(text), names, "{text}");
        }
    }

    #[test]
    fn every_kind_can_be_selected() {
        for elements in (0..27).map(|at| Elements(1 << at)).chain([Elements(BACKGROUND), Elements(PURPOSE), Elements::ALL]) {
            assert!(elements.selector().is_some(), "{elements:?}");
            assert!(elements.and_every_other().selector().is_some());
        }
        assert!(Elements(0).selector().is_none());
    }

    #[test]
    fn the_names_are_in_order_and_fit() {
        assert!(NAMES.is_sorted());
        assert_eq!(NAMES.len(), BACKGROUND.trailing_zeros() as usize);
        for name in ["noscript", "script", "body", "frameset"] {
            assert_ne!(bit(name), 0, "{name}");
        }
    }
}
