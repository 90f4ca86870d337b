//! What changed in the text that people read.

use serde::Serialize;

use crate::model::{Policy, WordsBlock};

/// A paragraph or heading that came or went, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WordsChange {
    pub language: String,
    pub change: Kind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Removed,
    Added,
}

/// In the order of the new text, each removed paragraph where it stood.
pub(super) fn compare(old: &Policy, new: &Policy) -> Vec<WordsChange> {
    let mut changes = Vec::new();
    for words in &new.words {
        let before = old.words.iter().find(|known| known.language == words.language);
        let before: Vec<&str> = before.map(|words| words.blocks.iter().map(text).collect()).unwrap_or_default();
        let after: Vec<&str> = words.blocks.iter().map(text).collect();
        for (change, text) in changed_lines(&before, &after) {
            changes.push(WordsChange { language: words.language.to_string(), change, text: text.to_owned() });
        }
    }
    changes
}

fn text(block: &WordsBlock) -> &str {
    match block {
        WordsBlock::Heading { text, .. } | WordsBlock::Text { text } => text,
    }
}

/// The shortest list of removals and additions: what is left of both texts besides their longest common subsequence.
fn changed_lines<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<(Kind, &'t str)> {
    let width = after.len() + 1;
    let mut common = vec![0_u32; (before.len() + 1) * width];
    for row in (0..before.len()).rev() {
        for column in (0..after.len()).rev() {
            common[row * width + column] = if before[row] == after[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column, mut changes) = (0, 0, Vec::new());
    while row < before.len() || column < after.len() {
        if row < before.len() && column < after.len() && before[row] == after[column] {
            (row, column) = (row + 1, column + 1);
        } else if column == after.len() || (row < before.len() && common[(row + 1) * width + column] >= common[row * width + column + 1]) {
            changes.push((Kind::Removed, before[row]));
            row += 1;
        } else {
            changes.push((Kind::Added, after[column]));
            column += 1;
        }
    }
    changes
}
