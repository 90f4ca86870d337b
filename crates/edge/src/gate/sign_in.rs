//! The paths that need an account. A site may read one path in several ways, so whatever could be read as one of them is one.

use std::str::FromStr;

use http::header::{HeaderMap, HeaderName};
use memchr::memchr;

use super::names::remove_alike;

/// A path of the site's that only people who are signed in may open, with all that lies under it: `/members`, or `/` for the whole site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInPath {
    segments: Vec<String>,
}

/// Why a text is no such path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path that needs an account starts with a slash and has letters, digits, `-`, `_`, `~` and single dots between slashes, as in `/members`"
)]
pub struct BadSignInPath;

impl FromStr for SignInPath {
    type Err = BadSignInPath;

    fn from_str(text: &str) -> Result<Self, BadSignInPath> {
        let path = text.strip_prefix('/').ok_or(BadSignInPath)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.is_empty() {
            return if text == "/" { Ok(Self { segments: Vec::new() }) } else { Err(BadSignInPath) };
        }
        let is_plain = |segment: &str| {
            let in_segment = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
            !segment.is_empty() && !segment.starts_with('.') && !segment.ends_with('.') && segment.bytes().all(in_segment)
        };
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        if segments.iter().all(|segment| is_plain(segment)) { Ok(Self { segments }) } else { Err(BadSignInPath) }
    }
}

impl SignInPath {
    /// Whether segments that are read in the same order begin with these. The last may carry a file's ending: many a site serves `/members.json` from
    /// where it serves `/members`.
    fn covers<'s>(&self, mut segments: impl Iterator<Item = &'s str>) -> bool {
        let last = self.segments.len().saturating_sub(1);
        let fits = |(place, own): (usize, &String)| {
            let parts = segments.next().and_then(|segment| segment.split_at_checked(own.len()));
            let same = parts.filter(|(name, _)| name.eq_ignore_ascii_case(own));
            same.is_some_and(|(_, rest)| rest.is_empty() || (place == last && rest.starts_with('.')))
        };
        self.segments.iter().enumerate().all(fits)
    }
}

/// Somebody may have escaped a path several times over; nobody does it more often than this.
const DECODINGS_MAX: usize = 6;

/// Whether a path could be read as one of these, or lies under it.
pub(crate) fn needs_account(paths: &[SignInPath], path: &str) -> bool {
    if paths.is_empty() {
        return false;
    }
    if reads_in_one_way(path) {
        return paths.iter().any(|own| own.covers(path.split('/').filter(|segment| !segment.is_empty())));
    }
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..DECODINGS_MAX {
        if may_be_one(paths, &as_plain_text(&bytes)) {
            return true;
        }
        let decoded = decoded_once(&bytes);
        if decoded == bytes {
            return false;
        }
        bytes = decoded;
    }
    true
}

/// Some frameworks believe these instead of the path itself.
const OTHER_PATHS: [HeaderName; 2] = [HeaderName::from_static("x-original-url"), HeaderName::from_static("x-rewrite-url")];

/// Leaves a request no second path beside the one that was looked at.
pub(super) fn remove_other_paths(headers: &mut HeaderMap) {
    for name in &OTHER_PATHS {
        remove_alike(headers, name, false);
    }
}

fn reads_in_one_way(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'~' | b'.');
    path.bytes().all(is_plain) && !["//", "/.", "./"].iter().any(|odd| path.contains(odd)) && !path.ends_with('.')
}

/// One reading of a path. A browser resolves `..` before it asks, so whoever still sends it means to be read in more than one way.
fn may_be_one(paths: &[SignInPath], text: &str) -> bool {
    let segments = || text.split(['/', '\\']).map(essence);
    segments().any(|segment| segment == "..") || {
        let named = || segments().map(|segment| segment.trim_end_matches(['.', ' '])).filter(|segment| !segment.is_empty());
        paths.iter().any(|own| own.covers(named()))
    }
}

/// What is left of a segment where servers cut it: at parameters, at the end of a C string, at a stream's name, at an escaped query.
fn essence(segment: &str) -> &str {
    let cut = |letter: char| matches!(letter, ';' | ':' | '?' | '#') || letter.is_control();
    segment.split(cut).next().unwrap_or_default().trim()
}

/// In small letters, where look-alikes that some servers take for ASCII are ASCII: wide letters, and bytes that encode it in more bytes than UTF-8 does.
fn as_plain_text(bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        rest = match rest {
            [lead @ 0xc0..=0xc1, next @ 0x80..=0xbf, rest @ ..] => {
                plain.push((lead & 1) << 6 | (next & 0x3f));
                rest
            }
            [0xe0, middle @ 0x80..=0x81, next @ 0x80..=0xbf, rest @ ..] => {
                plain.push((middle & 1) << 6 | (next & 0x3f));
                rest
            }
            [byte, rest @ ..] => {
                plain.push(*byte);
                rest
            }
            [] => break,
        };
    }
    let narrow = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        'ſ' => 's',
        letter => letter,
    };
    String::from_utf8_lossy(&plain).chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// `%6d`, and `%u006d` as some servers read it too.
fn decoded_once(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(b'%', rest) {
        decoded.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let wide = |rest: &[u8]| {
            let digits = rest.strip_prefix(b"u").or_else(|| rest.strip_prefix(b"U"))?.get(..4)?;
            number(digits).and_then(char::from_u32)
        };
        if let Some(byte) = rest.get(..2).and_then(number).and_then(|number| u8::try_from(number).ok()) {
            decoded.push(byte);
            rest = &rest[2..];
        } else if let Some(letter) = wide(rest) {
            decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[5..];
        } else {
            decoded.push(b'%');
        }
    }
    decoded.extend_from_slice(rest);
    decoded
}

fn number(digits: &[u8]) -> Option<u32> {
    let all_hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(digits).ok().filter(|_| all_hexadecimal).and_then(|digits| u32::from_str_radix(digits, 16).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(texts: &[&str]) -> Vec<SignInPath> {
        texts.iter().map(|text| text.parse().expect("a path")).collect()
    }

    #[test]
    fn a_path_is_plain_and_starts_with_a_slash() {
        for text in ["/", "/members", "/members/", "/Clubs/inner-circle_2", "/v1.0/people"] {
            assert!(text.parse::<SignInPath>().is_ok(), "{text}");
        }
        for text in
            ["", "members", "//", "//members", "/a//b", "/../a", "/./a", "/a.", "/a b", "/%61", "/a?b", "/a#b", "/a;b", "/a\\b", "/é"]
        {
            assert_eq!(text.parse::<SignInPath>(), Err(BadSignInPath), "{text}");
        }
    }

    #[test]
    fn a_path_is_covered_with_all_that_lies_under_it() {
        let paths = paths(&["/members", "/clubs/inner"]);
        for path in ["/members", "/members/", "/members/list", "/MEMBERS", "/members.json", "/clubs/inner/x", "/Clubs/Inner"] {
            assert!(needs_account(&paths, path), "{path}");
        }
        for path in
            ["/", "/membership", "/members-only", "/clubs", "/clubs/innermost", "/a/members", "/caf%e9", "/%c3%bcber", "/a%2fmembers", "*"]
        {
            assert!(!needs_account(&paths, path), "{path}");
        }
        assert!(["/", "/x", "/x.css", "//"].iter().all(|path| needs_account(&self::paths(&["/"]), path)));
        assert!(!needs_account(&[], "/members/../x"));
    }

    #[test]
    fn no_spelling_slips_by() {
        let paths = paths(&["/members"]);
        for path in [
            "//members",
            "///members//x",
            "/./members",
            "/%6dembers",
            "/%6Dembers",
            "/%256dembers",
            "/%25256dembers",
            "/%u006dembers",
            "/x/../members",
            "/x/%2e%2e/members",
            "/x%2f..%2fmembers",
            "/x%5c..%5cmembers",
            "/x/..;/members",
            "/x/..;a=b/members",
            "/x/..%00/members",
            "/..%20/members",
            "/members%2flist",
            "/members%5clist",
            "/%2fmembers",
            "/%5cmembers",
            "/members;id=1",
            "/;/members",
            "/;a=b/members/x",
            "/members%3bid",
            "/members%00",
            "/members%00.css",
            "/members%0a",
            "/members%20",
            "/%20members",
            "/members.",
            "/members.%20.",
            "/members::$DATA",
            "/members%3fx",
            "/members%23x",
            "/%c1%adembers",
            "/%e0%81%adembers",
            "/%ef%bd%8dembers",
            "/member%c5%bf",
            "/%ef%bc%8fmembers",
            "/./%2e/members",
        ] {
            assert!(needs_account(&paths, path), "{path}");
        }
        assert!(needs_account(&paths, &format!("/%{}6dembers", "25".repeat(10))), "what is escaped without end is not let through");
    }

    proptest! {
        /// However letters are escaped, slashes doubled and dots put between, the path stays the same one.
        #[test]
        fn a_path_is_covered_however_it_is_escaped(
            escaped in proptest::collection::vec(0_u8..4, 13),
            slashes in 1_usize..4,
            dots in any::<bool>(),
            under in "[a-z0-9/%]{0,12}",
        ) {
            let mut path = "/".repeat(slashes) + if dots { "./" } else { "" };
            for (letter, how) in "clubs/members".chars().zip(escaped) {
                match how {
                    0 => path.push(letter),
                    1 => path.push_str(&format!("%{:02x}", u32::from(letter))),
                    2 => path.push_str(&format!("%25{:02X}", u32::from(letter))),
                    _ => path.extend(letter.to_uppercase()),
                }
            }
            let paths = paths(&["/clubs/members"]);
            prop_assert!(needs_account(&paths, &path), "{}", path);
            let under = format!("{path}/{under}");
            prop_assert!(needs_account(&paths, &under), "{}", under);
        }

        #[test]
        fn no_path_breaks_the_reading(path in "\\PC{0,40}") {
            needs_account(&paths(&["/members"]), &path);
        }
    }
}
