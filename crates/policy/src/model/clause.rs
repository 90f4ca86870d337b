use domain::{Id, Language};

/// `policy.md` in one language.
#[derive(Clone, Debug)]
pub struct Words {
    pub language: Language,
    /// The heading it begins with, or else "Privacy policy".
    pub title: String,
    /// The file as it was written, tags included.
    pub source: String,
    /// The Markdown without tags.
    pub markdown: String,
    /// Every tagged text, in order.
    pub clauses: Vec<Clause>,
    /// The text taken apart, for whoever compares or shows it.
    pub blocks: Vec<WordsBlock>,
}

/// The text one tag covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Plain text, without Markdown and tags.
    pub text: String,
    /// The rules that make it true; empty for `{-}`.
    pub tags: Vec<Id>,
    /// Where it stands: first byte and the byte past the last in the source.
    pub span: std::ops::Range<usize>,
}

/// A heading or a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordsBlock {
    Heading { level: u8, text: String, anchor: String },
    Text { text: String },
}
