//! Just enough JSON to read logs, without copying and more patient than the standard: nginx writes no number where it knows none, and bytes that are no
//! text where a visitor sent such.

use memchr::memchr2;

/// What stands behind a key, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'l> {
    /// Between the quotes, escapes and all.
    Text(&'l [u8]),
    /// A number, `true`, `false` or `null`, or nothing at all.
    Bare(&'l [u8]),
    Object(&'l [u8]),
    Array(&'l [u8]),
}

impl<'l> Value<'l> {
    /// The text or number: some quote their numbers. `null` and what has parts is nothing.
    pub(crate) fn plain(self) -> &'l [u8] {
        match self {
            Self::Text(text) | Self::Bare(text) if text != b"null" => text,
            _ => b"",
        }
    }

    /// The first text of a list, or the text itself.
    pub(crate) fn first(self) -> &'l [u8] {
        match self {
            Self::Array(list) => Cursor { rest: &list[1..list.len() - 1] }.value().map_or(b"", Value::plain),
            other => other.plain(),
        }
    }
}

/// Calls back with each member of an object, in their order. What is inside of a member stays closed. No if it is not an object to its end.
#[must_use]
pub(crate) fn each_member<'l>(object: &'l [u8], mut member: impl FnMut(&'l [u8], Value<'l>)) -> bool {
    Cursor { rest: object }.members(&mut member).is_some()
}

struct Cursor<'l> {
    rest: &'l [u8],
}

impl<'l> Cursor<'l> {
    fn members(&mut self, member: &mut impl FnMut(&'l [u8], Value<'l>)) -> Option<()> {
        self.skip_space();
        self.expect(b'{')?;
        self.skip_space();
        if self.expect(b'}').is_none() {
            loop {
                self.skip_space();
                let key = self.text()?;
                self.skip_space();
                self.expect(b':')?;
                self.skip_space();
                member(key, self.value()?);
                self.skip_space();
                if self.expect(b',').is_none() {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        self.skip_space();
        self.rest.is_empty().then_some(())
    }

    fn value(&mut self) -> Option<Value<'l>> {
        match self.rest.first()? {
            b'"' => self.text().map(Value::Text),
            b'{' => self.nested().map(Value::Object),
            b'[' => self.nested().map(Value::Array),
            _ => {
                let end = self.rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t')).unwrap_or(self.rest.len());
                self.take(end).map(Value::Bare)
            }
        }
    }

    /// From the quote to the one that ends it.
    fn text(&mut self) -> Option<&'l [u8]> {
        self.expect(b'"')?;
        let text = self.take(end_of_text(self.rest, 0)?)?;
        self.expect(b'"')?;
        Some(text)
    }

    /// From the bracket to the one that ends it. Which kind closes which is left to whoever opens it.
    fn nested(&mut self) -> Option<&'l [u8]> {
        let (mut at, mut depth) = (0, 0usize);
        loop {
            match self.rest.get(at)? {
                b'"' => at = end_of_text(self.rest, at + 1)?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return self.take(at);
            }
        }
    }

    fn take(&mut self, bytes: usize) -> Option<&'l [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }
}

/// Where the quote is that ends the text which is open at this place.
fn end_of_text(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(object: &str) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        each_member(object.as_bytes(), |key, value| found.push((text(key), text(value.first())))).then_some(found)
    }

    #[test]
    fn members_come_in_their_order() {
        let found = members(r#" { "a":"1", "b" : 2,"c":null,"d":["x","y"],"e":{"f":"}"},"g":[] } "#).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, [("a", "1"), ("b", "2"), ("c", ""), ("d", "x"), ("e", ""), ("g", "")]);
        assert_eq!(members("{}"), Some(Vec::new()));
    }

    #[test]
    fn escapes_do_not_end_a_text() {
        assert_eq!(members(r#"{"a\"b":"c\\"}"#).unwrap(), [(r#"a\"b"#.to_owned(), r"c\\".to_owned())]);
        assert_eq!(members(r#"{"a":"\x22"}"#).unwrap(), [("a".to_owned(), r"\x22".to_owned())]);
    }

    #[test]
    fn a_number_that_is_missing_is_nothing() {
        assert_eq!(members(r#"{"a":,"b":}"#).unwrap(), [("a".to_owned(), String::new()), ("b".to_owned(), String::new())]);
    }

    #[test]
    fn what_ends_early_or_goes_on_is_no_object() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"a"}"#,
            r#"{"a":1"#,
            r#"{"a":"b}"#,
            r#"{"a":"b\"#,
            r#"{"a":1}}"#,
            r#"{"a":1}{"b":2}"#,
            r#"{"a":[{}"#,
            r#"{"a":1,}"#,
            "{a:1}",
        ] {
            assert_eq!(members(text), None, "{text}");
        }
    }
}
