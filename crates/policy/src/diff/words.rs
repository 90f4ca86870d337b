//! What changed in the text that people read.

use serde::Serialize;

use super::compare::{Found, Subject};
use crate::model::{Policy, Words, WordsBlock};

/// A sentence or heading that came or went, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WordsChange {
    pub language: String,
    pub change: WordsChangeKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WordsChangeKind {
    Removed,
    Added,
}

/// In the order of the new text, each removed sentence where it stood. A language that came or went as a whole is told as that.
pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) -> Vec<WordsChange> {
    let mut changes = Vec::new();
    for after in &new.words {
        let Some(before) = old.words.iter().find(|known| known.language == after.language) else {
            continue;
        };
        let texts = |words: &Words| -> Vec<String> { words.blocks.iter().flat_map(sentences).map(str::to_owned).collect() };
        let changed = changed_lines(&texts(before), &texts(after));
        if changed.is_empty() && before.source != after.source {
            found.minor(subject(after), unseen(before, after));
        }
        changes.extend(changed.into_iter().map(|(change, text)| WordsChange { language: after.language.to_string(), change, text }));
    }
    changes
}

fn subject(words: &Words) -> Subject<'_> {
    Subject { kind: "words", id: words.language.as_str(), title: &words.title }
}

/// What changed in a text in which every sentence reads as before.
fn unseen(before: &Words, after: &Words) -> &'static str {
    let tags = |words: &Words| -> Vec<(String, Vec<domain::Id>)> {
        words.clauses.iter().map(|clause| (clause.text.clone(), clause.tags.clone())).collect()
    };
    if tags(before) != tags(after) {
        "the same words now name other rules"
    } else if before.markdown != after.markdown {
        "the same words are set in another way, or a link leads elsewhere"
    } else {
        "the words are written down in another way and read the same"
    }
}

/// A heading as it is, a paragraph by its sentences: one that is added strikes out none of the others. Where a sentence ends is a guess that need not be
/// right, only the same for both texts.
fn sentences(block: &WordsBlock) -> Vec<&str> {
    let text = match block {
        WordsBlock::Heading { text, .. } => return vec![text],
        WordsBlock::Text { text } => text,
    };
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices([' ']) {
        let ends = text[..at].ends_with(['.', '!', '?', '\u{2026}']) && !text[at + 1..].starts_with(char::is_lowercase);
        if ends {
            sentences.push(&text[from..at]);
            from = at + 1;
        }
    }
    sentences.push(&text[from..]);
    sentences
}

/// So many pairs of sentences are held against each other, each pair in a few bytes. Where more changed at once, everything between the first and the
/// last change is told as removed and added.
const PAIRS_MAX: usize = 4_000_000;

/// The shortest list of removals and additions: what is left of both texts besides their longest common subsequence.
fn changed_lines(before: &[String], after: &[String]) -> Vec<(WordsChangeKind, String)> {
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
    let common = common_lengths(before, after);
    let width = after.len() + 1;
    let length = |row: usize, column: usize| common.get(row * width + column).copied().unwrap_or(0);
    let (mut row, mut column, mut changes) = (0, 0, Vec::new());
    while row < before.len() || column < after.len() {
        if !common.is_empty() && row < before.len() && column < after.len() && before[row] == after[column] {
            (row, column) = (row + 1, column + 1);
        } else if column == after.len() || (row < before.len() && length(row + 1, column) >= length(row, column + 1)) {
            changes.push((WordsChangeKind::Removed, before[row].clone()));
            row += 1;
        } else {
            changes.push((WordsChangeKind::Added, after[column].clone()));
            column += 1;
        }
    }
    changes
}

/// For every pair of places, how many sentences both texts have in common from there on. Empty where that would be too much to hold.
fn common_lengths(before: &[String], after: &[String]) -> Vec<u32> {
    let width = after.len() + 1;
    if (before.len() + 1).saturating_mul(width) > PAIRS_MAX {
        return Vec::new();
    }
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
    common
}
