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
    /// An address names this host, with its port if any, in small letters.
    Host(&'a str),
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
                link.is_some_and(|tag| is_enough(Sign::Connects(tag)))
            }
            byte => {
                let slashes = after.iter().take_while(|byte| is_slash(**byte) || is_dropped(**byte)).count();
                // After a scheme, browsers need no slashes at all; without one, two.
                let leads_to_host = match byte {
                    b':' => before.last().is_some_and(|byte| matches!(byte | 0x20, b'p' | b's')),
                    _ => after[..slashes].iter().any(|byte| is_slash(*byte)),
                };
                at += if leads_to_host { slashes } else { 0 };
                leads_to_host && look_at(host_at(&after[slashes..]), &mut is_enough)
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
    let tag = (byte == b'<') & (next | 0x20 == b'l');
    slashes | tag | (byte == b':') | (byte == b'&') | ((byte == b'-') & (next | 0x20 == b'c'))
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// The inside of a tag at the start of a text.
fn tag_at(text: &[u8]) -> &[u8] {
    const TAG_BYTES_MAX: usize = 4096;
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
    let names = |word: &[u8]| tag.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    names(b"preconnect") || names(b"dns-prefetch")
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
    text.split_at(text.iter().position(ends).unwrap_or(text.len()))
}

fn look_at((host, rest): (&[u8], &[u8]), is_enough: &mut impl FnMut(Sign<'_>) -> bool) -> bool {
    const PLAIN: &[u8] = b".-_:[]={}()*|";
    if host.is_empty() {
        return false;
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
            Some(host) => is_enough(Sign::Host(&host)),
            None => is_enough(Sign::Host(host)),
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
            Sign::Host(host) => host == "ads.example" || host.ends_with(".cdn.example"),
            Sign::Connects(tag) => tag.ends_with(b"connects"),
            Sign::Purpose | Sign::Disguise => true,
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
    fn an_address_on_the_host_is_found_however_it_is_written() {
        for text in [
            "<img src=//ads.example/x>",
            "<img src='https://ADS.example/x'>",
            "<img src=/\\ads.example/x>",
            "<img src=\\\\ads.example/x>",
            "<img src=https:ads.example/x>",
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
