use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "untagged-words",
    severity: Severity::Error,
    fires: "A text in the words carries no tag, so that nothing says which rule makes it true, or that it promises nothing.",
    stage: Stage::Text,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for (at, words) in site.words.iter().enumerate() {
        for text in &words.uncovered {
            let help = if text.is_code {
                "a block of code cannot hold a tag: put it alone in a paragraph right behind the block"
            } else if text.tag_alone_behind {
                "the tag behind it stands alone, where it covers nothing: move it to the end of this text"
            } else {
                "end it with the rules that make it true, as `{access-log}`, or with `{-}` if it promises nothing"
            };
            found.in_words(at, text.span.clone(), format!("no tag covers \"{}\"", beginning(&text.text)), help);
        }
    }
}

/// Enough of a text to know it by.
fn beginning(text: &str) -> String {
    const SHOWN_CHARACTERS_MAX: usize = 40;
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].rsplit_once(' ').map_or(&text[..end], |(words, _)| words)),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn words_without_a_tag_are_shown() {
        let folder = library()
            .words(" {contact}", "")
            .words("The library lends books, and this page says what its website learns about you. {-}",
                "The library lends books. {-} This page says what its website learns about you and about everybody else.\n\n```\nGET /\n```")
            .words("Courts may ask for data to stop abuse. {abuse-disclosure}", "Courts may ask for data to stop abuse.\n\n{abuse-disclosure}");
        insta::assert_snapshot!(folder.findings());
    }
}
