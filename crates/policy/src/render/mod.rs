//! The words as they are published: without tags, with their title and their Revised date, and with nothing in them that runs.

mod html;
#[cfg(test)]
mod tests;
mod text;

pub use html::{html, html_document};
pub use text::text;

use crate::model::{Policy, Words, WordsBlock};

/// One line of the table of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentsEntry<'w> {
    pub level: u8,
    pub text: &'w str,
    /// What the heading is called in a link: `#anchor`.
    pub anchor: &'w str,
}

/// The headings behind the title, in order.
pub fn contents<'p>(policy: &'p Policy, language: &str) -> Vec<ContentsEntry<'p>> {
    let blocks = &policy.words_in(language).blocks;
    let begins_with_title = matches!(blocks.first(), Some(WordsBlock::Heading { .. }));
    let headings = blocks.iter().skip(usize::from(begins_with_title)).filter_map(|block| match block {
        WordsBlock::Heading { level, text, anchor } => Some(ContentsEntry { level: *level, text, anchor }),
        WordsBlock::Text { .. } => None,
    });
    headings.collect()
}

/// The policy as Markdown.
pub fn markdown(policy: &Policy, language: &str) -> String {
    let words = policy.words_in(language);
    let revised = format!("*{} {}*", revised_word(words), policy.revised);
    let (title, body) = match html::title_end(&words.markdown) {
        Some(end) => (words.markdown[..end].trim().to_owned(), &words.markdown[end..]),
        None => (format!("# {}", words.title), words.markdown.as_str()),
    };
    format!("{title}\n\n{revised}\n\n{}\n", body.trim())
}

/// "Revised" in the language of the words; in others the English word, which the policy itself speaks of.
fn revised_word(words: &Words) -> &'static str {
    match words.language.as_str().split('-').next() {
        Some("de") => "Überarbeitet",
        Some("es") => "Revisado",
        Some("fr") => "Révisé",
        Some("it") => "Aggiornato",
        Some("nl") => "Herzien",
        Some("pt") => "Revisto",
        _ => "Revised",
    }
}
