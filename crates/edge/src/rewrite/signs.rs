//! Signs, found in one quick pass, that a page may have something that has to be held back.

/// Names of characters that an address may be written with so that nobody finds it.
const NAMED: [&[u8]; 8] = [b"sol;", b"bsol;", b"colon;", b"period;", b"commat;", b"Tab;", b"NewLine;", b"percnt;"];

/// Something that is worth a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign<'a> {
    /// An element may be marked with a purpose.
    Purpose,
    /// An address may be written so that nobody finds it.
    Disguise,
    /// The inside of a tag that has browsers connect to somebody.
    Connects(&'a [u8]),
    /// A script that says what browsers are to prepare.
    Prepares,
    /// An address names this host.
    Host(Host<'a>),
}

/// A host in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Host<'a> {
    /// With its port if any, in small letters.
    pub(super) name: &'a str,
    text: &'a [u8],
    /// Where in the text it begins.
    at: usize,
}

/// Elements that load what an attribute of theirs names, or decide where others do.
const LOADING: [&[u8]; 23] = [
    b"audio", b"base", b"bgsound", b"body", b"embed", b"feimage", b"frame", b"iframe", b"image", b"img", b"input", b"link", b"object",
    b"script", b"source", b"table", b"tbody", b"td", b"th", b"tr", b"track", b"use", b"video",
];

impl Host<'_> {
    /// Whether it is named in the tag of something that loads. A page that hides it behind a tag in an attribute is not found out here.
    pub(super) fn is_loaded(&self) -> bool {
        let from = self.at.saturating_sub(TAG_BYTES_MAX);
        let Some(open) = memchr::memrchr(b'<', &self.text[from..self.at]) else {
            return false;
        };
        let tag = &self.text[from + open + 1..];
        let name = &tag[..tag.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(tag.len())];
        LOADING.iter().any(|known| name.eq_ignore_ascii_case(known)) && tag_at(tag).len() >= self.at - from - open - 1
    }

    /// The address up to the first thing that is surely not in it.
    pub(super) fn address(&self) -> String {
        const ADDRESS_BYTES_MAX: usize = 1024;
        let rest = &self.text[self.at..];
        let rest = &rest[..rest.len().min(ADDRESS_BYTES_MAX)];
        let ends = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'>' | b'<');
        let path = &rest[rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len())..];
        let path = &path[..path.iter().position(ends).unwrap_or(path.len())];
        let slash = if path.first() == Some(&b'/') { "" } else { "/" };
        format!("https://{}{slash}{}", self.name, String::from_utf8_lossy(path))
    }
}

/// Calls with every sign until one is enough. Returns whether one was.
pub(super) fn any(text: &[u8], mut is_enough: impl FnMut(Sign<'_>) -> bool) -> bool {
    let mut at = 0;
    while let Some(telling) = next_telling(text, at) {
        at = telling;
        let (before, after) = (&text[..at], &text[at + 1..]);
        let found = match text[at] {
            b'-' => {
                let is_purpose =
                    before.last_chunk::<4>().is_some_and(|end| end.eq_ignore_ascii_case(b"data")) && starts_with(after, b"candor-purpose");
                is_purpose && is_enough(Sign::Purpose)
            }
            b'&' => {
                let is_letter = after.first() == Some(&b'#') || NAMED.iter().any(|name| after.starts_with(name));
                is_letter && is_enough(Sign::Disguise)
            }
            b'<' => {
                let link = starts_with(after, b"link").then(|| tag_at(after)).filter(|tag| connects(tag));
                let prepares = || starts_with(after, b"script") && names(tag_at(after), b"speculationrules");
                link.is_some_and(|tag| is_enough(Sign::Connects(tag))) || (prepares() && is_enough(Sign::Prepares))
            }
            byte => {
                let slashes = after.iter().take_while(|byte| is_slash(**byte) || is_dropped(**byte)).count();
                // After a scheme, browsers need no slashes at all; without one, two.
                let leads_to_host = match byte {
                    b':' => ends_in_scheme(before),
                    _ => after[..slashes].iter().any(|byte| is_slash(*byte)),
                };
                at += if leads_to_host { slashes } else { 0 };
                leads_to_host && look_at(text, text.len() - after.len() + slashes, &mut is_enough)
            }
        };
        if found {
            return true;
        }
        at += 1;
    }
    false
}

/// Where the pass has to look closer next. Most of a page is left behind many bytes at a time.
fn next_telling(text: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    let mut at = from;
    while let Some(block) = text.get(at..at + BLOCK + 1) {
        let pairs = || block[..BLOCK].iter().zip(&block[1..]);
        // Without a branch, so that it is done with wide instructions.
        if pairs().fold(false, |any, (byte, next)| any | is_telling(*byte, *next)) {
            return pairs().position(|(byte, next)| is_telling(*byte, *next)).map(|place| at + place);
        }
        at += BLOCK;
    }
    let rest = text.get(at..)?;
    let next = |place: usize| rest.get(place + 1).copied().unwrap_or_default();
    (0..rest.len()).find(|place| is_telling(rest[*place], next(*place))).map(|place| at + place)
}

/// Whether something may begin at a byte that is followed by this one.
const fn is_telling(byte: u8, next: u8) -> bool {
    let slashes = is_slash(byte) & (is_slash(next) | is_dropped(next));
    let tag = (byte == b'<') & ((next | 0x20 == b'l') | (next | 0x20 == b's'));
    slashes | tag | (byte == b':') | (byte == b'&') | ((byte == b'-') & (next | 0x20 == b'c'))
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// Whether a text ends in the name of a scheme that leads to a host, as browsers read it: without what they drop.
fn ends_in_scheme(text: &[u8]) -> bool {
    const SCHEMES: [&[u8]; 4] = [b"http", b"https", b"ws", b"wss"];
    /// Nobody breaks a scheme into more pieces by accident.
    const NEAR: usize = 16;
    let is =
        |end: &[u8]| SCHEMES.iter().any(|scheme| end.len() >= scheme.len() && end[end.len() - scheme.len()..].eq_ignore_ascii_case(scheme));
    let near = &text[text.len().saturating_sub(NEAR)..];
    match near.last() {
        Some(last) if !matches!(last | 0x20, b'p' | b's') && !is_dropped(*last) => false,
        _ if !near.iter().any(|byte| is_dropped(*byte)) => is(near),
        _ => is(&near.iter().copied().filter(|byte| !is_dropped(*byte)).collect::<Vec<_>>()),
    }
}

/// As much of a tag as is looked at.
const TAG_BYTES_MAX: usize = 4096;

/// The inside of a tag at the start of a text.
fn tag_at(text: &[u8]) -> &[u8] {
    let text = &text[..text.len().min(TAG_BYTES_MAX)];
    let mut quote = None;
    let end = text.iter().position(|byte| {
        match (quote, byte) {
            (None, b'>') => return true,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
        false
    });
    &text[..end.unwrap_or(text.len())]
}

/// Whether a `link` has browsers connect to a host before anything is loaded from there.
fn connects(tag: &[u8]) -> bool {
    names(tag, b"preconnect") || names(tag, b"dns-prefetch")
}

fn names(tag: &[u8], word: &[u8]) -> bool {
    tag.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

const fn is_slash(byte: u8) -> bool {
    (byte == b'/') | (byte == b'\\')
}

/// What an address is read without, wherever it stands.
const fn is_dropped(byte: u8) -> bool {
    (byte == b'\t') | (byte == b'\n') | (byte == b'\r')
}

/// Host and port at the start of a text, and the rest.
fn host_at(text: &[u8]) -> (&[u8], &[u8]) {
    const HOST_BYTES_MAX: usize = 1024;
    let text = &text[..text.len().min(HOST_BYTES_MAX)];
    let ends =
        |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b' ' | b',' | b';' | b')' | 0x0c);
    // An address in brackets is a short one.
    const LITERAL_BYTES_MAX: usize = 48;
    let literal = if text.first() == Some(&b'[') { text.iter().take(LITERAL_BYTES_MAX).position(|byte| *byte == b']') } else { None };
    let mut colons = 0;
    let end = text.iter().enumerate().skip(literal.unwrap_or(0)).position(|(at, byte)| {
        colons += usize::from(*byte == b':');
        // A host has one port, and that is a number.
        ends(byte) || (*byte == b':' && (colons > 1 || !text.get(at + 1).is_none_or(|next| next.is_ascii_digit() || ends(next))))
    });
    text.split_at(end.map_or(text.len(), |end| literal.unwrap_or(0) + end))
}

fn look_at(text: &[u8], at: usize, is_enough: &mut impl FnMut(Sign<'_>) -> bool) -> bool {
    const PLAIN: &[u8] = b".-_:[]={}()*|";
    let (host, rest) = host_at(&text[at..]);
    if host.is_empty() {
        return false;
    }
    // A name and a word before the host itself.
    if rest.first() == Some(&b':') {
        return is_enough(Sign::Disguise);
    }
    // A script may write a letter by its number.
    let goes_on = rest.first() == Some(&b'\\') && rest.get(1).is_some_and(|byte| matches!(byte, b'u' | b'x' | b'U'));
    let mut small = [0; 256];
    let small =
        small.get_mut(..host.len()).filter(|_| !goes_on && host.iter().all(|byte| byte.is_ascii_alphanumeric() || PLAIN.contains(byte)));
    let Some(small) = small else {
        return is_enough(Sign::Disguise);
    };
    small.copy_from_slice(host);
    small.make_ascii_lowercase();
    match std::str::from_utf8(small) {
        Ok(host) => match without_last_dot(host) {
            Some(host) => is_enough(Sign::Host(Host { name: &host, text, at })),
            None => is_enough(Sign::Host(Host { name: host, text, at })),
        },
        Err(_) => is_enough(Sign::Disguise),
    }
}

/// `cdn.example.` and `cdn.example.:8080` are the same hosts as without the dot at the end of the name.
pub(super) fn without_last_dot(host: &str) -> Option<String> {
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    name.strip_suffix('.').map(|name| format!("{name}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> bool {
        any(text.as_bytes(), |sign| match sign {
            Sign::Host(host) => host.name == "ads.example" || host.name.ends_with(".cdn.example"),
            Sign::Connects(tag) => tag.ends_with(b"connects"),
            Sign::Purpose | Sign::Disguise | Sign::Prepares => true,
        })
    }

    #[test]
    fn a_link_that_connects_is_a_sign_with_all_that_is_in_it() {
        for text in
            ["<p><LINK rel=PreConnect connects>", "<link title='>' href=/ rel=dns-prefetch connects>", "<link rel=preconnect connects"]
        {
            assert!(found(text), "{text}");
        }
        for text in ["<link rel=stylesheet connects><p>preconnect", "<link rel=preconnect>connects", "<p>preconnect connects"] {
            assert!(!found(text), "{text}");
        }
    }

    #[test]
    fn a_script_that_has_pages_prepared_is_a_sign() {
        assert!(found("<p><script type=speculationrules>"));
        assert!(found("<SCRIPT async type='SpeculationRules'>"));
        assert!(!found("<script>speculationrules</script><style></style>"));
    }

    #[test]
    fn a_host_is_loaded_in_the_tag_of_something_that_loads() {
        let loaded = |text: &str| any(text.as_bytes(), |sign| matches!(sign, Sign::Host(host) if host.is_loaded()));
        for text in [
            "<p><iframe title='a>b' src=//x.example></iframe>",
            "<IMG\nsrcset='/a 1x, https://x.example/b 2x'>",
            "<base href=https://x.example/>",
            "<script src=http:x.example>",
        ] {
            assert!(loaded(text), "{text}");
        }
        for text in [
            "<img src=/a><a href=//x.example>",
            "<img src=/a> see https://x.example",
            "<script>fetch('https://x.example')</script>",
            "https://x.example",
            "<images src=//x.example>",
        ] {
            assert!(!loaded(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_told_as_it_stands() {
        let mut told = Vec::new();
        any(b"<img src='//X.example:81/a?b#c' x><img src=https://y.example>", |sign| {
            if let Sign::Host(host) = sign {
                told.push(host.address());
            }
            false
        });
        assert_eq!(told, ["https://x.example:81/a?b#c", "https://y.example/"]);
    }

    #[test]
    fn a_text_of_colons_is_not_read_again_at_each_of_them() {
        for piece in ["s:", "ws:", "ws:1", "1:", "a:1:", "[", "[:"] {
            let text = piece.repeat(1024);
            let (host, _) = host_at(text.as_bytes());
            assert!(host.len() <= 64 || !host.contains(&b':'), "{piece}: {}", host.len());
        }
        for (text, host) in [("[::1]:8080/x", "[::1]:8080"), ("a:80", "a:80"), ("a:/x", "a:"), ("a:b@c", "a"), ("[::1", "[")] {
            assert_eq!(host_at(text.as_bytes()).0, host.as_bytes(), "{text}");
        }
    }

    #[test]
    fn an_address_on_the_host_is_found_however_it_is_written() {
        for text in [
            "<img src=//ads.example/x>",
            "<img src='https://ADS.example/x'>",
            "<img src=/\\ads.example/x>",
            "<img src=\\\\ads.example/x>",
            "<img src=https:ads.example/x>",
            "<img src='ht\ntps:ads.example/x'>",
            "<img src=HTTP:/ads.example>",
            "<img src='/\n/ads.example/x'>",
            "<img src=//ads.example./x>",
            "<img src=//a.cdn.example/x>",
            "{\"a\":\"https:\\/\\/ads.example\\/x\"}",
            "<img srcset='/a.png 1x,//ads.example/b.png 2x'>",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn a_host_that_is_not_in_plain_letters_is_a_sign() {
        for text in [
            "<img src=//%61ds.example/x>",
            "<img src=//a\tds.example/x>",
            "<img src=//àds.example/x>",
            "<img src=//user@ads.example/x>",
            "<img src=//user:word@ads.example/x>",
            "<img src=http:user:word@ads.example/x>",
            "<img src=&sol;&sol;other.example>",
            "<img src=&#47;/other.example>",
            "<img src=https&colon;other>",
            "\"//a\\u0064s.example\"",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn a_sign_is_found_wherever_it_stands() {
        for sign in ["//ads.example/", "https:ads.example/", "data-candor-purpose", "\\\\ads.example", "/\t/ads.example/", "&sol;"] {
            for before in 0..80 {
                for after in [0, 1, 40] {
                    let text = format!("{}{sign}{}", "p/".repeat(before), " ".repeat(after));
                    assert!(found(&text) && found(&text[before..]), "{text}");
                }
            }
        }
        assert!(!found(&"a-b / ".repeat(80)));
    }

    #[test]
    fn an_element_with_a_purpose_is_a_sign() {
        assert!(found("<div data-candor-purpose=ads>"));
        assert!(found("<div DATA-Candor-Purpose=ads>"));
    }

    #[test]
    fn other_pages_show_none() {
        for text in [
            "<!doctype html><title>Books</title><p>9/10 of all books: good &amp; cheap</p></html>",
            "<a href=\"https://other.example/ads.example\">x</a><link rel=stylesheet href=/a-b.css>",
            "<script>// a comment\nlet a = 1; // another\n/* one more */</script>",
            "<style>a:hover{top:0;stop:1}</style>",
            "<script src=/data-candor.js></script>",
        ] {
            assert!(!found(text), "{text}");
        }
    }
}
