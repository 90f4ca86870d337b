//! What holds of every set of words: each language says everything, in words of its own, with the same gaps.

use std::fmt::Debug;

use super::Phrases;

/// Fails where a language leaves out, repeats in English, or fills in otherwise what English says in at least so many sentences.
pub(super) fn assert_said_alike<W: Debug + 'static>(of: impl Fn(&str) -> &'static W, language: impl Fn(&W) -> &str, at_least: usize) {
    let english = sentences(of("en"));
    assert!(english.len() >= at_least, "{} sentences", english.len());
    for phrases in Phrases::ALL {
        let words = of(phrases.language);
        let language = language(words);
        assert_eq!(language, phrases.language);
        let said = sentences(words);
        assert_eq!(said.len(), english.len(), "{language}");
        for (one, other) in english.iter().zip(&said) {
            assert_eq!(gaps(one), gaps(other), "{language}: {other}");
            assert!(!other.ends_with("\"\""), "{language} does not say {one}");
            // A word or two may be the same in two languages; no sentence is.
            assert!(language == "en" || one.len() < 40 || one != other, "{language}: {other}");
            assert!(language != "fr" || !breaks_before_a_sign(other), "an ordinary space, where a line could break: {other}");
        }
    }
}

/// Every sentence, in the order of the fields.
fn sentences(words: &impl Debug) -> Vec<String> {
    let text = format!("{words:#?}");
    let lines = text.lines().filter(|line| line.contains('"'));
    // A space that lines do not break at is shown as its number, in braces as gaps are.
    lines.map(|line| line.trim().trim_end_matches(',').replace("\\u{a0}", "\u{a0}")).collect()
}

/// French sets a space before these signs and inside its quotation marks. A line that could break there would begin with the sign.
fn breaks_before_a_sign(sentence: &str) -> bool {
    [" :", " ;", " ?", " !", " »", "« "].iter().any(|pair| sentence.contains(pair))
}

fn gaps(sentence: &str) -> Vec<&str> {
    let mut gaps: Vec<&str> = sentence.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(gap, _)| gap).collect();
    gaps.sort_unstable();
    gaps
}
