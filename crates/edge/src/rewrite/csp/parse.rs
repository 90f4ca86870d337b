//! Serialized policies (CSP Level 3, section 2.2), with the places where everything stands, so that one of them can be changed and the rest cannot.

use std::ops::Range;

/// A directive that counts: the first of its name in its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive<'t> {
    pub(super) value: &'t [u8],
    /// From the name to the last character of the value.
    pub(super) place: Range<usize>,
    pub(super) value_place: Range<usize>,
}

/// Where each policy of a header's value stands. A comma always ends one.
pub(super) fn policies(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    pieces(text, 0..text.len(), b',')
}

/// The directive of this name in one of the policies. Whatever is not ASCII is no directive at all.
pub(super) fn directive<'t>(text: &'t [u8], policy: Range<usize>, name: &str) -> Option<Directive<'t>> {
    pieces(text, policy, b';').find_map(|piece| {
        let place = trimmed(text, piece);
        let token = &text[place.clone()];
        let name_end = token.iter().position(u8::is_ascii_whitespace).unwrap_or(token.len());
        if !token[..name_end].eq_ignore_ascii_case(name.as_bytes()) || !token.is_ascii() {
            return None;
        }
        let value_place = trimmed(text, place.start + name_end..place.end);
        Some(Directive { value: &text[value_place.clone()], place, value_place })
    })
}

/// The sources of a directive's value.
pub(super) fn sources(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(u8::is_ascii_whitespace).filter(|source| !source.is_empty())
}

fn pieces(text: &[u8], within: Range<usize>, separator: u8) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(within.start);
    std::iter::from_fn(move || {
        let start = next?;
        let end = memchr::memchr(separator, &text[start..within.end]).map(|at| start + at);
        next = end.map(|end| end + 1);
        Some(start..end.unwrap_or(within.end))
    })
}

fn trimmed(text: &[u8], place: Range<usize>) -> Range<usize> {
    let piece = &text[place.clone()];
    let start = place.start + (piece.len() - piece.trim_ascii_start().len());
    start..start + piece.trim_ascii().len()
}
