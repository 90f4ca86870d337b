use proptest::prelude::*;

use super::read_words;
use crate::model::WordsBlock;

/// Every tagged text with its tags, and every text without one.
fn read(source: &str) -> String {
    let words = read_words(source);
    let mut shown = String::new();
    for text in &words.tagged {
        let tags: Vec<&str> = text.tags.iter().map(|tag| tag.value.as_str()).collect();
        shown.push_str(&format!("[{}] {}\n", tags.join(", "), text.text));
        for tag in &text.tags {
            assert_eq!(&source[tag.span.clone()], tag.value, "a tag's place is where it stands");
        }
    }
    words.uncovered.iter().for_each(|text| shown.push_str(&format!("[none] {}\n", text.text)));
    words.problems.iter().for_each(|problem| shown.push_str(&format!("[problem] {}\n", &source[problem.span.clone()])));
    shown
}

#[test]
fn a_tag_covers_the_text_back_to_the_one_before() {
    assert_eq!(
        read("We log visits. {log} We sell nothing. {no-sale, no-rent}\n"),
        "[log] We log visits.\n[no-sale, no-rent] We sell nothing.\n"
    );
    assert_eq!(read("One.\n\nTwo. {two}"), "[two] Two.\n[none] One.\n");
    assert_eq!(read("# Head\nText,\nthat goes on. {a}"), "[a] Text, that goes on.\n");
    assert_eq!(read("We log visits {log}."), "[log] We log visits\n");
    assert_eq!(read("We log. {log}\nThen what?"), "[log] We log.\n[none] Then what?\n");
}

#[test]
fn items_cells_and_quotes_are_paragraphs() {
    assert_eq!(read("- one {a}\n- two\n  - three {b}\n- **four {c}**\n"), "[a] one\n[b] three\n[c] four\n[none] two\n");
    assert_eq!(read("> said {a}\n>\n> unsaid\n"), "[a] said\n[none] unsaid\n");
    assert_eq!(read("| head | of all |\n|---|---|\n| one {a} | two |\n| | three {b} |\n"), "[a] one\n[b] three\n[none] two\n");
}

#[test]
fn headings_need_no_tag_and_may_have_one() {
    assert_eq!(read("# Title\n\nSub\n---\n\n## We never sell {no-sale}\n"), "[no-sale] We never sell\n");
}

#[test]
fn a_brace_that_is_escaped_or_code_is_a_brace() {
    assert_eq!(read(r"A \{brace} and `{code}` and &#123;entity}. {a}"), "[a] A {brace} and {code} and {entity}.\n");
    assert_eq!(read(r"Two backslashes \\{a}"), "[a] Two backslashes \\\n");
    assert_eq!(read("```\n{code}\n```\n\n{-}\n\n    {more}\n"), "[] {code}\n[none] {more}\n");
}

#[test]
fn braces_that_make_no_tag_are_problems_where_they_stand() {
    assert_eq!(read("Some {} text. {a}"), "[a] text.\n[problem] {}\n");
    assert_eq!(read("Some {a,, b} text. {-, a}"), "[problem] {a,, b}\n[problem] {-, a}\n");
    assert_eq!(read("Some {open. {a}"), "[a] Some {open.\n[problem] {\n");
}

#[test]
fn raw_html_is_text() {
    assert_eq!(
        read("Press <b>here {a}</b>\n\n<p class=\"x\">So {b}</p>\n"),
        "[a] Press <b>here\n[b] <p class=\"x\">So\n[none] </b>\n[none] </p>\n"
    );
    let words = read_words("<script>\nalert(1)\n</script>\n\n<b>bold</b> <https://example.org> {-}\n");
    assert_eq!(words.markdown, "\\<script>\nalert(1)\n\\</script>\n\n\\<b>bold\\</b> <https://example.org>\n");
}

#[test]
fn what_is_shown_has_no_tags() {
    let words = read_words(
        "# Head {a}\n\nOne. {a} Two. {b, c}\n{-}\n\n- item {a}\n- {-}\n\n| x {a} | {-} |\n|---|---|\n| a\\{b {a} | `{c}` {-} |\n",
    );
    assert_eq!(words.markdown, "# Head\n\nOne. Two.\n\n\n- item\n- \n\n| x | |\n|---|---|\n| a\\{b | `{c}` |\n");
}

#[test]
fn anchors_are_words_and_never_the_same() {
    let words = read_words("# A & B!\n\n## Cookies\n\n## Cookies\n\n## Cookies-2\n\n## ¿Qué?\n\n## !\n");
    let anchors: Vec<&str> = words
        .blocks
        .iter()
        .filter_map(|block| match block {
            WordsBlock::Heading { anchor, .. } => Some(anchor.as_str()),
            WordsBlock::Text { .. } => None,
        })
        .collect();
    assert_eq!(anchors, ["a-b", "cookies", "cookies-2", "cookies-2-2", "qué", "section"]);
    assert_eq!(words.title.as_deref(), Some("A & B!"));
}

fn id() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9]|-[a-z0-9]){0,8}"
}

proptest! {
    #[test]
    fn any_text_can_be_read(source in "(\\PC|[{}\\\\`|>#*<\n\r\t -]){0,120}") {
        let words = read_words(&source);
        for text in words.tagged.iter().map(|text| &text.span).chain(words.uncovered.iter().map(|text| &text.span)) {
            prop_assert!(source.get(text.clone()).is_some(), "{text:?} is a place in the text");
        }
    }

    #[test]
    fn tags_come_back_as_they_were_written(texts in prop::collection::vec(("[A-Z][a-z]{0,9}( [a-z]{1,9}){0,5}\\.", prop::collection::vec(id(), 0..4), any::<bool>()), 1..8)) {
        let mut source = String::new();
        for (text, ids, ends_paragraph) in &texts {
            let tag = if ids.is_empty() { "-".to_owned() } else { ids.join(", ") };
            source.push_str(&format!("{text} {{{tag}}}{}", if *ends_paragraph { "\n\n" } else { " " }));
        }
        let words = read_words(&source);
        let read: Vec<(String, Vec<String>)> =
            words.tagged.iter().map(|text| (text.text.clone(), text.tags.iter().map(|tag| tag.value.clone()).collect())).collect();
        let written: Vec<(String, Vec<String>)> = texts.into_iter().map(|(text, ids, _)| (text, ids)).collect();
        prop_assert_eq!(read, written);
        prop_assert!(words.uncovered.is_empty() && words.problems.is_empty());
        prop_assert!(!words.markdown.contains('{'), "no tag is shown: {}", words.markdown);
    }
}
