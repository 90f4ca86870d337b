//! From the bytes of a line to text.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// What is not UTF-8 becomes replacement characters, so that a log in Latin-1 loses letters and not its lines.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    // `from_utf8` goes through plain ASCII many bytes at a time, which `from_utf8_lossy` does not.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn lossy_owned(bytes: Vec<u8>) -> Cow<'static, str> {
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A dash is how nearly all servers write that there is nothing.
pub(crate) fn is_nothing(bytes: &[u8]) -> bool {
    matches!(bytes, b"" | b"-")
}

/// Text in which `\"`, `\\`, `\n`, `\xhh` and `\uhhhh` stand for other bytes: Apache, nginx, lighttpd and Go between them need all of these, and none
/// of them writes one that means something else to another.
pub(crate) fn unescaped(bytes: &[u8]) -> Cow<'_, str> {
    match memchr(b'\\', bytes) {
        None => lossy(bytes),
        Some(first) => lossy_owned(without_backslashes(bytes, first)),
    }
}

/// The same where there may be nothing.
pub(crate) fn unescaped_if_any(bytes: &[u8]) -> Option<Cow<'_, str>> {
    (!is_nothing(bytes)).then(|| unescaped(bytes)).filter(|text| !text.is_empty())
}

fn without_backslashes(bytes: &[u8], first: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..first]);
    let mut rest = &bytes[first..];
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((kind, behind)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        let taken = match kind {
            b'"' | b'\\' | b'/' => put(&mut out, *kind, 1),
            b'a' => put(&mut out, 0x07, 1),
            b'b' => put(&mut out, 0x08, 1),
            b't' => put(&mut out, b'\t', 1),
            b'n' => put(&mut out, b'\n', 1),
            b'v' => put(&mut out, 0x0b, 1),
            b'f' => put(&mut out, 0x0c, 1),
            b'r' => put(&mut out, b'\r', 1),
            b'x' => hex(behind, 2).and_then(|value| u8::try_from(value).ok()).map_or(0, |byte| put(&mut out, byte, 3)),
            b'u' => put_utf16(&mut out, behind),
            b'U' => hex(behind, 8).and_then(char::from_u32).map_or(0, |letter| put_char(&mut out, letter, 9)),
            _ => 0,
        };
        if taken == 0 {
            // No escape that anybody writes: the backslash was meant.
            out.push(b'\\');
        }
        rest = &rest[taken..];
    }
    out.extend_from_slice(rest);
    out
}

/// Gives back how many bytes of the escape this was for, as do the two below.
fn put(out: &mut Vec<u8>, byte: u8, taken: usize) -> usize {
    out.push(byte);
    taken
}

fn put_char(out: &mut Vec<u8>, letter: char, taken: usize) -> usize {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    taken
}

/// JSON writes what is beyond 16 bits as two escapes. Half of a pair stays as it was written.
fn put_utf16(out: &mut Vec<u8>, behind: &[u8]) -> usize {
    let Some(first) = hex(behind, 4) else { return 0 };
    if let Some(letter) = char::from_u32(first) {
        return put_char(out, letter, 5);
    }
    let second = behind.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(|rest| hex(rest, 4));
    let pair = second.filter(|second| first < 0xDC00 && (0xDC00..0xE000).contains(second));
    let letter = pair.and_then(|second| char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)));
    letter.map_or(0, |letter| put_char(out, letter, 11))
}

/// Text in which a mark and two digits stand for a byte: `%20` in addresses, `#22` in what HAProxy writes.
pub(crate) fn unmarked(bytes: &[u8], mark: u8) -> Cow<'_, str> {
    if memchr(mark, bytes).is_none() {
        return lossy(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(mark, rest) {
        out.extend_from_slice(&rest[..at]);
        match hex(&rest[at + 1..], 2).and_then(|value| u8::try_from(value).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &rest[at + 3..];
            }
            None => {
                out.push(mark);
                rest = &rest[at + 1..];
            }
        }
    }
    out.extend_from_slice(rest);
    lossy_owned(out)
}

fn hex(bytes: &[u8], digits: usize) -> Option<u32> {
    let digits = bytes.get(..digits)?;
    digits.iter().try_fold(0u32, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// An address without its query and without the part that only browsers see.
pub(crate) fn without_query(address: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let end = memchr2(b'?', b'#', address.as_bytes()).unwrap_or(address.len());
    let cut = match address {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    };
    (!cut.is_empty()).then_some(cut)
}

/// What stands before the first byte of this kind, and what behind it.
pub(crate) fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    memchr(separator, bytes).map(|at| (&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(unescaped(b"/index.html"), Cow::Borrowed("/index.html")));
        assert!(matches!(unescaped("/grüße".as_bytes()), Cow::Borrowed("/grüße")));
    }

    #[test]
    fn what_is_not_utf_8_loses_letters_and_not_the_text() {
        assert_eq!(unescaped(b"/gr\xfc\xdfe"), "/gr\u{fffd}\u{fffd}e");
        assert_eq!(unescaped(br"/gr\xfc\xc3\x9fe"), "/gr\u{fffd}ße");
    }

    #[test]
    fn the_escapes_of_every_server_are_undone() {
        assert_eq!(unescaped(br#"say \"hi\" \\ \x22 \x5C"#), r#"say "hi" \ " \"#);
        assert_eq!(unescaped(br"\a\b\t\n\v\f\r\/"), "\x07\x08\t\n\x0b\x0c\r/");
        assert_eq!(unescaped(br"\u00e9\ud83d\ude00\U0001f600"), "é😀😀");
    }

    #[test]
    fn what_only_looks_like_an_escape_stays() {
        for text in [r"\", r"a\", r"\q", r"\x", r"\xg0", r"\x1", r"\u12", r"\ud83d", r"\ud83dA", r"\udc00\udc00", r"\U00110000"] {
            assert_eq!(unescaped(text.as_bytes()), text);
        }
    }

    #[test]
    fn marks_are_undone() {
        assert_eq!(unmarked(b"a#22b#23#C3#A9#", b'#'), "a\"b#é#");
        assert_eq!(unmarked(b"Mozilla/5.0%20(X11)%2", b'%'), "Mozilla/5.0 (X11)%2");
    }

    #[test]
    fn queries_are_cut_however_they_were_written() {
        assert_eq!(without_query(Cow::Borrowed("/a?b?c")).as_deref(), Some("/a"));
        assert_eq!(without_query(Cow::Borrowed("https://a.example/#token")).as_deref(), Some("https://a.example/"));
        assert_eq!(without_query(unescaped(br"/a\x3Fb")).as_deref(), Some("/a"));
        assert_eq!(without_query(Cow::Borrowed("?b")), None);
    }
}
