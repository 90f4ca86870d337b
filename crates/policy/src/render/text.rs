use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::html::{is_safe, title_end};
use super::revised_word;
use crate::model::Policy;
use crate::syntax::markdown_options;

/// The policy as plain text: paragraphs apart, headings underlined, list items with their marks, and links with their addresses.
pub fn text(policy: &Policy, language: &str) -> String {
    let words = policy.words_in(language);
    let mut writer = Writer { revised: Some(format!("{} {}", revised_word(words), policy.revised)), ..Writer::default() };
    if title_end(&words.markdown).is_none() {
        writer.line.push_str(&words.title);
        writer.end_heading(1);
    }
    Parser::new_ext(&words.markdown, markdown_options()).for_each(|event| writer.take(event));
    writer.end_block();
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// The block being written.
    line: String,
    /// The marks before each line of it: of quotes and lists.
    indent: Vec<String>,
    /// The numbers of the lists we are in; none for a list of points.
    lists: Vec<Option<u64>>,
    /// The mark of a list item whose first line is still to be written.
    mark: Option<String>,
    link: Option<String>,
    /// Written under the first heading.
    revised: Option<String>,
    tight: bool,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => self.line.push_str(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => self.line.push_str(&text),
            Event::SoftBreak => self.line.push(' '),
            Event::HardBreak => self.line.push('\n'),
            Event::Rule => {
                self.end_block();
                self.line.push_str("* * *");
                self.end_block();
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number += 1;
                        mark
                    }
                    _ => "- ".to_owned(),
                };
                self.indent.push(" ".repeat(mark.len()));
                self.mark = Some(mark);
            }
            Tag::BlockQuote(_) => {
                self.end_block();
                self.indent.push("> ".to_owned());
            }
            Tag::TableCell if !self.line.is_empty() => self.line.push_str(" | "),
            Tag::TableCell | Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Image { .. } => {}
            _ => self.end_block(),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Link => {
                let address = self.link.take().filter(|address| is_safe(address) && !address.starts_with('#'));
                let address = address.map(|address| address.strip_prefix("mailto:").map(str::to_owned).unwrap_or(address));
                if let Some(address) = address.filter(|address| !self.line.ends_with(address.as_str())) {
                    self.line.push_str(&format!(" ({address})"));
                }
            }
            TagEnd::Heading(level) => self.end_heading(level as u8),
            TagEnd::Item => {
                self.end_block();
                self.indent.pop();
                self.mark = None;
                self.tight = true;
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
                self.tight = !self.lists.is_empty();
            }
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.indent.pop();
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                self.end_block();
                self.tight = true;
            }
            TagEnd::Table => self.tight = false,
            TagEnd::TableCell | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Image => {}
            _ => self.end_block(),
        }
    }

    fn end_heading(&mut self, level: u8) {
        let width = self.line.trim().chars().count();
        let underline = if level == 1 { "=" } else { "-" };
        self.line = format!("{}\n{}", self.line.trim(), underline.repeat(width));
        self.end_block();
        if let Some(revised) = self.revised.take() {
            self.line = revised;
            self.end_block();
        }
    }

    /// Writes the block, an empty line before it unless it goes on with a list or a table.
    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.line);
        let block = block.trim();
        if block.is_empty() {
            return;
        }
        if !self.text.is_empty() && !std::mem::take(&mut self.tight) {
            self.text.push('\n');
        }
        let inner = self.indent.len();
        for line in block.lines() {
            for (at, indent) in self.indent.iter().enumerate() {
                match self.mark.take_if(|_| at + 1 == inner) {
                    Some(mark) => self.text.push_str(&mark),
                    None => self.text.push_str(indent),
                }
            }
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}
