//! How the bytes of a page are read as letters (the encoding standard, and "determining the character encoding" of the HTML standard).

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How much of a page is looked at for a `meta` that names its encoding.
pub(super) const PRESCAN_BYTES: usize = 1024;

/// The encoding of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charset {
    pub(super) encoding: &'static Encoding,
    /// The page's own start or its header says so; nothing that follows can change it.
    pub(super) is_known: bool,
}

impl Charset {
    /// What a browser makes of the start of a page under this header.
    pub(super) fn of(header: Option<&'static Encoding>, start: &[u8]) -> Self {
        let marked = Encoding::for_bom(start).map(|(encoding, _)| encoding);
        match marked.or(header).or_else(|| in_meta(&start[..start.len().min(PRESCAN_BYTES)])) {
            Some(encoding) => Self { encoding, is_known: true },
            None => Self { encoding: WINDOWS_1252, is_known: false },
        }
    }

    /// Whether tags cannot be told from text byte by byte.
    pub(super) fn hides_tags(self) -> bool {
        !self.encoding.is_ascii_compatible()
    }
}

/// Turns a page into UTF-8 while it passes.
pub(super) struct Transcoder {
    decoder: Decoder,
}

impl Transcoder {
    pub(super) fn from(encoding: &'static Encoding) -> Self {
        Self { decoder: encoding.new_decoder_with_bom_removal() }
    }

    pub(super) fn write(&mut self, mut bytes: &[u8], last: bool) -> Vec<u8> {
        let mut text = String::new();
        loop {
            let room = self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len());
            text.reserve(room.max(16));
            let (result, read, _) = self.decoder.decode_to_string(bytes, &mut text, last);
            bytes = &bytes[read..];
            if result == CoderResult::InputEmpty {
                return text.into_bytes();
            }
        }
    }
}

/// The encoding that a `meta` at the start of a page names.
fn in_meta(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            // `<!-->` is a whole comment.
            let end = memchr::memmem::find(&rest[1..], b"-->").unwrap_or(comment.len());
            rest = rest.get(end + 4..).unwrap_or_default();
            continue;
        }
        let is_meta = rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
            && rest.get(4).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        if is_meta {
            let (attributes, after) = attributes(&rest[4..]);
            if let Some(encoding) = named_by(&attributes) {
                return Some(encoding);
            }
            rest = after;
        } else if rest.first().is_some_and(u8::is_ascii_alphabetic) || rest.starts_with(b"/") {
            rest = attributes_of_tag(rest);
        } else if matches!(rest.first(), Some(b'!' | b'?')) {
            rest = rest.get(memchr::memchr(b'>', rest).map_or(rest.len(), |end| end + 1)..).unwrap_or_default();
        }
    }
    None
}

fn attributes_of_tag(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>').unwrap_or(text.len());
    attributes(&text[end..]).1
}

type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

/// The attributes of a tag, and what follows it.
fn attributes(mut text: &[u8]) -> (Attributes, &[u8]) {
    let mut found = Attributes::new();
    loop {
        text = text.get(text.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'/').count()..).unwrap_or_default();
        match text.first() {
            None => return (found, text),
            Some(b'>') => return (found, &text[1..]),
            Some(_) => {}
        }
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/' | b'>');
        // An equals sign that begins a name belongs to it.
        let length = 1 + text[1..].iter().position(ends_name).unwrap_or(text.len() - 1);
        let name = text[..length].to_ascii_lowercase();
        text = text[length..].trim_ascii_start();
        let mut value = Vec::new();
        if let Some(after) = text.strip_prefix(b"=") {
            text = after.trim_ascii_start();
            let quote = text.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
            let (inside, end) = match quote {
                Some(quote) => {
                    let inside = &text[1..];
                    let length = memchr::memchr(quote, inside).unwrap_or(inside.len());
                    (&inside[..length], (length + 2).min(text.len()))
                }
                None => {
                    let length = text.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>').unwrap_or(text.len());
                    (&text[..length], length)
                }
            };
            value = inside.to_ascii_lowercase();
            text = &text[end..];
        }
        if !found.iter().any(|(known, _)| *known == name) {
            found.push((name, value));
        }
    }
}

fn named_by(attributes: &Attributes) -> Option<&'static Encoding> {
    let of = |name: &[u8]| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
    let encoding = match of(b"charset") {
        Some(label) => Encoding::for_label(label)?,
        None => {
            of(b"http-equiv").filter(|kind| *kind == b"content-type")?;
            Encoding::for_label(label_in(of(b"content")?)?)?
        }
    };
    // A page in which this can be read is in neither of them.
    Some(match encoding {
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
        encoding if encoding == X_USER_DEFINED => WINDOWS_1252,
        encoding => encoding,
    })
}

/// The label in a text like `text/html; charset=utf-8`.
pub(super) fn label_in(content: &[u8]) -> Option<&[u8]> {
    let mut rest = content;
    loop {
        let at = rest.windows(7).position(|window| window.eq_ignore_ascii_case(b"charset"))?;
        rest = rest[at + 7..].trim_ascii_start();
        if let Some(value) = rest.strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            return match value.first() {
                Some(quote @ (b'"' | b'\'')) => {
                    let inside = &value[1..];
                    Some(&inside[..memchr::memchr(*quote, inside)?])
                }
                _ => Some(value.split(|byte| byte.is_ascii_whitespace() || *byte == b';').next().unwrap_or_default()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{ISO_2022_JP, REPLACEMENT, SHIFT_JIS};

    use super::*;

    fn of(start: &str) -> Charset {
        Charset::of(None, start.as_bytes())
    }

    #[test]
    fn a_mark_counts_more_than_a_header_and_a_header_more_than_a_meta() {
        let known = |encoding| Charset { encoding, is_known: true };
        assert_eq!(Charset::of(Some(SHIFT_JIS), b"\xff\xfe<\0"), known(UTF_16LE));
        assert_eq!(Charset::of(Some(SHIFT_JIS), b"\xef\xbb\xbf<meta charset=iso-2022-jp>"), known(UTF_8));
        assert_eq!(Charset::of(Some(SHIFT_JIS), b"<meta charset=utf-8>"), known(SHIFT_JIS));
        assert_eq!(of("<p>"), Charset { encoding: WINDOWS_1252, is_known: false });
    }

    #[test]
    fn a_meta_is_found_as_browsers_find_it() {
        for (page, encoding) in [
            ("<!doctype html><html lang=en><head><meta charset=Shift_JIS>", SHIFT_JIS),
            ("<!-- <meta charset=utf-8> --><meta name=a content='charset=utf-8'/><META  CharSet = 'iso-2022-jp' >", ISO_2022_JP),
            ("<meta http-equiv=content-type content='text/html; charset=\"shift_jis\"'>", SHIFT_JIS),
            ("<a title='<meta charset=utf-8>'></a><meta charset=shift_jis>", SHIFT_JIS),
            ("<meta charset=utf-16le>", UTF_8),
            ("<meta charset=x-user-defined>", WINDOWS_1252),
            ("<meta charset=hz-gb-2312>", REPLACEMENT),
            ("<!--><meta charset=shift_jis>", SHIFT_JIS),
        ] {
            assert_eq!(of(page), Charset { encoding, is_known: true }, "{page}");
        }
        for page in ["<meta charset=nothing>", "<metacharset=utf-8>", "<meta name=content-type content='charset=utf-8'>", "<meta", "<"] {
            assert!(!of(page).is_known, "{page}");
        }
        let late = format!("{}<meta charset=shift_jis>", " ".repeat(PRESCAN_BYTES));
        assert!(!of(&late).is_known);
    }

    #[test]
    fn letters_cut_in_two_come_out_whole() {
        let mut transcoder = Transcoder::from(UTF_16LE);
        let mut text = Vec::new();
        for byte in "\u{feff}<p>Bücher 📚</p>".encode_utf16().flat_map(u16::to_le_bytes) {
            text.extend(transcoder.write(&[byte], false));
        }
        text.extend(transcoder.write(&[], true));
        assert_eq!(String::from_utf8(text).expect("text"), "<p>Bücher 📚</p>");
    }
}
