//! `policy.md`: plain Markdown in which a tag in braces names the rules that make a text true.

mod blocks;
mod tags;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use blocks::{anchors, markdown_options};

use blocks::{Block, BlockKind, blocks, without_mark, without_raw_html};
use tags::{Braces, Segment, segments};

use super::place::Spanned;
use super::problem::{Problem, ProblemKind};
use crate::model::WordsBlock;

/// The words of one language, read but not yet held against the rules.
#[derive(Debug, Default)]
pub(crate) struct WordsDocument {
    pub(crate) tagged: Vec<TaggedText>,
    pub(crate) uncovered: Vec<Uncovered>,
    pub(crate) problems: Vec<Problem>,
    /// The Markdown without tags, and with raw HTML as the text it is.
    pub(crate) markdown: String,
    pub(crate) blocks: Vec<WordsBlock>,
    /// The heading it begins with.
    pub(crate) title: Option<String>,
}

/// The text one tag covers.
#[derive(Debug)]
pub(crate) struct TaggedText {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    /// Empty for `{-}`.
    pub(crate) tags: Vec<Spanned<String>>,
}

/// Text that no tag covers.
#[derive(Debug)]
pub(crate) struct Uncovered {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
    /// A tag stands alone right behind it, where it covers nothing.
    pub(crate) tag_alone_behind: bool,
    pub(crate) is_code: bool,
}

pub(crate) fn read_words(source: &str) -> WordsDocument {
    let mut document = WordsDocument::default();
    let mut cuts = Vec::new();
    let blocks = blocks(source);
    for (at, block) in blocks.iter().enumerate() {
        let Segment { rest, tagged, braces, cut } = segments(source, block);
        cuts.extend(cut);
        document.problems.extend(braces.into_iter().map(problem));
        let is_heading = matches!(block.kind, BlockKind::Heading(_) | BlockKind::HeaderCell);
        for text in tagged {
            // A tag alone covers nothing, but for the code block before it, which cannot hold a tag of its own.
            let code = at.checked_sub(1).map(|before| &blocks[before]).filter(|before| before.kind == BlockKind::Code);
            match (has_words(&text.text), code) {
                (true, _) => document.tagged.push(text),
                (false, Some(code)) => {
                    let covered = document.uncovered.pop_if(|last| last.span == code.span());
                    document.tagged.extend(covered.map(|code| TaggedText { text: code.text, span: code.span, tags: text.tags }));
                }
                (false, None) => {}
            }
        }
        if let Some((text, span)) = rest.filter(|(text, _)| !is_heading && has_words(text)) {
            let tag_alone_behind = blocks.get(at + 1).is_some_and(|next| is_tag_alone(source, next));
            document.uncovered.push(Uncovered { text, span, tag_alone_behind, is_code: block.kind == BlockKind::Code });
        }
    }
    document.markdown = without_raw_html(without_mark(&cut_out(source, cuts)).to_owned());
    document.blocks = outline(&document.markdown);
    document.title = match document.blocks.first() {
        Some(WordsBlock::Heading { text, .. }) => Some(text.clone()),
        Some(WordsBlock::Text { .. }) | None => None,
    };
    document
}

/// Punctuation alone says nothing.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn is_tag_alone(source: &str, block: &Block) -> bool {
    let Segment { rest, tagged, .. } = segments(source, block);
    rest.is_none_or(|(text, _)| !has_words(&text)) && matches!(tagged.as_slice(), [only] if !has_words(&only.text))
}

fn problem(braces: Braces) -> Problem {
    let (span, message, help) = match braces {
        Braces::Open(span) => (span, "this brace opens no tag".to_owned(), "end the tag with `}`, or write `\\{` for a brace".to_owned()),
        Braces::Nameless(span) => {
            (span, "this tag lacks a name".to_owned(), "a tag is `{id}`, `{one, other}` or `{-}`; write `\\{` for a brace".to_owned())
        }
        Braces::NothingAndSomething(span) => {
            (span, "this tag promises nothing and something at once".to_owned(), "write `{-}` alone, or leave the `-` out".to_owned())
        }
    };
    Problem { span, kind: ProblemKind::Unreadable { message, help } }
}

/// The source without its tags, and without the white space before each.
fn cut_out(source: &str, cuts: Vec<Range<usize>>) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut from = 0;
    for cut in cuts {
        let before = &source[from..cut.start.max(from)];
        // What stands at the start of a line gives the line its meaning: a list item, a quote, an indent.
        let begins_line = is_line_start(source, cut.start);
        kept.push_str(if begins_line { before } else { before.trim_end_matches([' ', '\t']) });
        from = cut.end.max(from);
    }
    kept.push_str(&source[from..]);
    kept
}

/// Whether nothing but marks and white space stands before this place on its line.
fn is_line_start(source: &str, at: usize) -> bool {
    let line_start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    !has_words(&source[line_start..at])
}

/// Headings with their anchors, and paragraphs as plain text.
fn outline(markdown: &str) -> Vec<WordsBlock> {
    let mut anchors = anchors();
    let mut outline = Vec::new();
    for block in blocks(markdown) {
        let text = block.text();
        match block.kind {
            BlockKind::Heading(level) => outline.push(WordsBlock::Heading { level, anchor: anchors(&text), text }),
            _ if text.is_empty() => {}
            _ => outline.push(WordsBlock::Text { text }),
        }
    }
    outline
}
