//! Who is a program that comes by itself and no person with a browser, by what it says of itself. Whoever lies about it is not found out.

mod table;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use table::{NO_ROBOTS, TOKENS, Token, Where};

/// More of what a browser says of itself is not looked at.
const BROWSER_BYTES_MAX: usize = 1024;

/// Whether a user agent calls itself a crawler, a monitor, a feed reader, a library or a tool. One that says nothing at all is not known to be one.
pub fn is_robot(browser: &str) -> bool {
    let browser = &browser.as_bytes()[..browser.len().min(BROWSER_BYTES_MAX)];
    SEARCH.find_overlapping_iter(browser).any(|found| {
        let token = &TOKENS[found.pattern().as_usize()];
        fits(token, browser, found.start(), found.end())
    })
}

static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = TOKENS.iter().map(|token| token.word);
    let mut builder = AhoCorasick::builder();
    // Every line of a log is looked at: the table of all steps is worth its memory.
    builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
    builder.build(words).expect("the table of robots is small")
});

fn fits(token: &Token, browser: &[u8], start: usize, end: usize) -> bool {
    let is_letter = |at: Option<usize>| at.and_then(|at| browser.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let begins_word = !is_letter(start.checked_sub(1));
    let ends_word = !is_letter(Some(end));
    match token.place {
        Where::Anywhere => true,
        Where::AtTheStart => start == 0,
        Where::Word => begins_word && ends_word,
        Where::EndOfWord => ends_word && !is_no_robot(&browser[..end]),
    }
}

/// Names that end like those of robots and are something else.
fn is_no_robot(until_end_of_word: &[u8]) -> bool {
    NO_ROBOTS.iter().any(|name| {
        let at = until_end_of_word.len().checked_sub(name.len());
        at.is_some_and(|at| until_end_of_word[at..].eq_ignore_ascii_case(name.as_bytes()))
    })
}
