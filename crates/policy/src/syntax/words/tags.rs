use std::ops::Range;

use super::TaggedText;
use super::blocks::{Block, BlockKind, Glyph, span_of, text_of};
use crate::syntax::place::Spanned;

/// A block taken apart at its tags.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) tagged: Vec<TaggedText>,
    /// What stands behind the last tag, with its place.
    pub(super) rest: Option<(String, Range<usize>)>,
    pub(super) braces: Vec<Braces>,
    /// The tags themselves, to be cut out.
    pub(super) cut: Vec<Range<usize>>,
}

/// A brace that makes no tag.
#[derive(Debug)]
pub(super) enum Braces {
    Open(Range<usize>),
    Nameless(Range<usize>),
    NothingAndSomething(Range<usize>),
}

pub(super) fn segments(source: &str, block: &Block) -> Segment {
    let mut segment = Segment::default();
    let glyphs = &block.glyphs;
    let mut covered_from = 0;
    let mut at = 0;
    while block.kind != BlockKind::Code && at < glyphs.len() {
        if !is(&glyphs[at], '{') {
            at += 1;
            continue;
        }
        let Some(close) = closing(glyphs, at) else {
            segment.braces.push(Braces::Open(glyphs[at].span.clone()));
            at += 1;
            continue;
        };
        let tag = glyphs[at].span.start..glyphs[close].span.end;
        match names(&glyphs[at + 1..close], tag.clone()) {
            Ok(tags) => {
                let covered = &glyphs[covered_from..at];
                segment.tagged.push(TaggedText { text: text_of(covered), span: span_of(covered), tags });
            }
            Err(braces) => segment.braces.push(braces),
        }
        debug_assert!(source.is_char_boundary(tag.start) && source.is_char_boundary(tag.end), "glyphs end where characters do");
        segment.cut.push(tag);
        covered_from = close + 1;
        at = close + 1;
    }
    let rest = &glyphs[covered_from..];
    segment.rest = (!rest.is_empty()).then(|| (text_of(rest), span_of(rest)));
    segment
}

fn is(glyph: &Glyph, character: char) -> bool {
    glyph.character == character && !glyph.literal
}

/// The brace that ends the tag, if nothing that cannot be in a tag comes first.
fn closing(glyphs: &[Glyph], open: usize) -> Option<usize> {
    let behind = open + 1;
    let end = glyphs[behind..].iter().position(|glyph| glyph.literal || matches!(glyph.character, '{' | '}'))? + behind;
    is(&glyphs[end], '}').then_some(end)
}

/// The names in a tag; none for `-`. Whether a rule has them is for the checker to say.
fn names(inside: &[Glyph], tag: Range<usize>) -> Result<Vec<Spanned<String>>, Braces> {
    let parts: Vec<Spanned<String>> =
        inside.split(|glyph| glyph.character == ',').map(|part| Spanned::new(text_of(part), span_of(part))).collect();
    match parts.as_slice() {
        [only] if only.value == "-" => Ok(Vec::new()),
        parts if parts.iter().any(|part| part.value.is_empty()) => Err(Braces::Nameless(tag)),
        parts if parts.iter().any(|part| part.value == "-") => Err(Braces::NothingAndSomething(tag)),
        _ => Ok(parts),
    }
}
