use std::ops::Range;

/// Something read, and where it stands: first byte and the byte past the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

impl<T> Spanned<T> {
    pub(crate) const fn new(value: T, span: Range<usize>) -> Self {
        Self { value, span }
    }
}

/// A place as an editor shows it, all counted from 1 and in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// To the end of the place, or of its first line where it has several. At least 1, so that there is something to underline.
    pub(crate) length: usize,
}

pub(crate) fn position(text: &str, span: &Range<usize>) -> Position {
    let start = text.floor_char_boundary(span.start);
    let end = text.floor_char_boundary(span.end.max(start));
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let first_line = text[start..end].lines().next().unwrap_or("");
    Position {
        line: before.matches('\n').count() + 1,
        column: text[line_start..start].chars().count() + 1,
        length: first_line.trim_end().chars().count().max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters_from_one() {
        let text = "año = 1\nkeep = \"días\"\n";
        let at = text.find("\"días\"").expect("it is there");
        assert_eq!(position(text, &(at..at + "\"días\"".len())), Position { line: 2, column: 8, length: 6 });
        assert_eq!(position(text, &(0..text.len())), Position { line: 1, column: 1, length: 7 });
        assert_eq!(position("", &(0..0)), Position { line: 1, column: 1, length: 1 });
        assert_eq!(position("a", &(7..9)), Position { line: 1, column: 2, length: 1 });
    }
}
