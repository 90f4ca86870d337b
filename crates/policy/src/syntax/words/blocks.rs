use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A heading, a paragraph, a table cell or a block of code, letter by letter.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) glyphs: Vec<Glyph>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    Heading(u8),
    /// The head of a table's column: a heading, too.
    HeaderCell,
    Paragraph,
    Code,
}

/// One character that people see, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) character: char,
    pub(super) span: Range<usize>,
    /// Written so that it cannot be part of a tag: escaped, an entity, or code.
    pub(super) literal: bool,
}

impl Block {
    /// Plain text, white space drawn together.
    pub(super) fn text(&self) -> String {
        text_of(&self.glyphs)
    }

    pub(super) fn span(&self) -> Range<usize> {
        span_of(&self.glyphs)
    }
}

pub(super) fn text_of(glyphs: &[Glyph]) -> String {
    let text: String = glyphs.iter().map(|glyph| glyph.character).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// From the first to the last character that is not white space.
pub(super) fn span_of(glyphs: &[Glyph]) -> Range<usize> {
    let mut visible = glyphs.iter().filter(|glyph| !glyph.character.is_whitespace());
    let first = visible.next().map_or(0..0, |glyph| glyph.span.clone());
    let last = visible.next_back().map_or(first.end, |glyph| glyph.span.end);
    first.start..last.max(first.end)
}

pub(crate) fn markdown_options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Some editors begin a file with a mark of its encoding, which is no text.
pub(super) fn without_mark(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

/// Takes Markdown apart. Raw HTML is text like any other.
pub(super) fn blocks(source: &str) -> Vec<Block> {
    let mut collector = Collector { source, blocks: Vec::new(), open: None, text_end: 0 };
    let begins = source.len() - without_mark(source).len();
    for (event, range) in Parser::new_ext(&source[begins..], markdown_options()).into_offset_iter() {
        collector.take(event, range.start + begins..range.end + begins);
    }
    collector.close();
    collector.blocks
}

struct Collector<'s> {
    source: &'s str,
    blocks: Vec<Block>,
    open: Option<Block>,
    /// Where the last text ended, to tell a backslash that escapes from one that is text.
    text_end: usize,
}

impl Collector<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.begin(BlockKind::Heading(level as u8)),
            Event::Start(Tag::CodeBlock(_)) => self.begin(BlockKind::Code),
            Event::Start(Tag::TableHead) => self.begin(BlockKind::HeaderCell),
            Event::Start(Tag::TableCell) => {
                let in_header = self.open.as_ref().is_some_and(|block| block.kind == BlockKind::HeaderCell);
                self.begin(if in_header { BlockKind::HeaderCell } else { BlockKind::Paragraph });
            }
            // The header's next cell has to know that it is one.
            Event::End(TagEnd::TableCell) => {}
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image) => {}
            Event::Start(_) => self.begin(BlockKind::Paragraph),
            Event::End(_) | Event::Rule => self.close(),
            Event::Text(text) => {
                let is_code = self.open.as_ref().is_some_and(|block| block.kind == BlockKind::Code);
                self.text(&text, range, is_code);
            }
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text, range, false),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, range, true),
            Event::SoftBreak | Event::HardBreak => self.push(Glyph { character: '\n', span: range, literal: false }),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn begin(&mut self, kind: BlockKind) {
        self.close();
        self.open = Some(Block { kind, glyphs: Vec::new() });
    }

    fn close(&mut self) {
        let is_heading = |block: &Block| matches!(block.kind, BlockKind::Heading(_));
        self.blocks.extend(self.open.take().filter(|block| !block.glyphs.is_empty() || is_heading(block)));
    }

    fn text(&mut self, text: &str, range: Range<usize>, literal: bool) {
        let as_written = self.source.get(range.clone()) == Some(text);
        let escaped = range.start > self.text_end && self.source[..range.start].ends_with('\\');
        for (at, character) in text.char_indices() {
            let start = range.start + at;
            let span = if as_written { start..start + character.len_utf8() } else { range.clone() };
            self.push(Glyph { character, span, literal: literal || !as_written || (escaped && at == 0) });
        }
        self.text_end = range.end;
    }

    fn push(&mut self, glyph: Glyph) {
        self.open.get_or_insert(Block { kind: BlockKind::Paragraph, glyphs: Vec::new() }).glyphs.push(glyph);
    }
}

/// Writes raw HTML so that every reader of Markdown takes it for text. What was HTML may hold more of it once it is text, so it is looked at again.
pub(super) fn without_raw_html(mut markdown: String) -> String {
    loop {
        let raw = Parser::new_ext(&markdown, markdown_options())
            .into_offset_iter()
            .filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
        let mut opens: Vec<usize> = raw
            .flat_map(|(_, range)| markdown[range.clone()].match_indices('<').map(move |(at, _)| range.start + at).collect::<Vec<_>>())
            .filter(|at| !markdown[..*at].ends_with('\\'))
            .collect();
        opens.dedup();
        if opens.is_empty() {
            return markdown;
        }
        let mut escaped = String::with_capacity(markdown.len() + opens.len());
        let mut from = 0;
        for at in opens {
            escaped.push_str(&markdown[from..at]);
            escaped.push('\\');
            from = at;
        }
        escaped.push_str(&markdown[from..]);
        markdown = escaped;
    }
}

/// Names headings one after another: words of the heading, and a number where the same words come again.
pub(crate) fn anchors() -> impl FnMut(&str) -> String {
    let mut taken: HashMap<String, usize> = HashMap::new();
    move |heading| {
        let lower = heading.to_lowercase();
        let words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let base = if words.is_empty() { "section".to_owned() } else { words.join("-") };
        let mut anchor = base.clone();
        while taken.contains_key(&anchor) {
            let times = taken.entry(base.clone()).or_insert(1);
            *times += 1;
            anchor = format!("{base}-{times}");
        }
        taken.insert(anchor.clone(), 1);
        anchor
    }
}
