use super::{contents, html, html_document, markdown, text};
use crate::Policy;
use crate::check::testing::{Folder, library};

fn policy(folder: &Folder) -> Policy {
    folder.report().policy.unwrap_or_else(|| panic!("{}", folder.findings()))
}

#[test]
fn the_words_become_a_page() {
    insta::assert_snapshot!(html(&policy(&library()), "en"));
}

#[test]
fn the_words_become_markdown() {
    insta::assert_snapshot!(markdown(&policy(&library()), "en"));
}

#[test]
fn the_words_become_plain_text() {
    insta::assert_snapshot!(text(&policy(&library()), "en"));
}

#[test]
fn each_language_has_its_own_words_and_an_unknown_one_the_default() {
    let policy = policy(&library());
    assert!(
        text(&policy, "es")
            .starts_with("Privacidad en la Biblioteca Linterna\n====================================\n\nRevisado 2026-07-01\n")
    );
    assert_eq!(text(&policy, "fr"), text(&policy, "en"));
}

#[test]
fn words_without_a_heading_have_a_title_all_the_same() {
    let folder = library()
        .words("# Privacy at the Lantern Library\n\n", "")
        .words("## When you visit\n\n", "")
        .words("## What never happens\n\n", "");
    let policy = policy(&folder);
    assert!(
        html(&policy, "en").starts_with(
            "<h1>Privacy policy</h1>\n<p class=\"revised\">Revised <time datetime=\"2026-07-01\">2026-07-01</time></p>\n<p>The"
        )
    );
    assert!(markdown(&policy, "en").starts_with("# Privacy policy\n\n*Revised 2026-07-01*\n\nThe"));
    assert!(text(&policy, "en").starts_with("Privacy policy\n==============\n\nRevised 2026-07-01\n\nThe"));
}

#[test]
fn nothing_in_the_words_runs() {
    let evil = r#"
Press <img src=x onerror="alert(1)"> [here](javascript:alert) or [there](JavaScript&colon;alert), ![picture](https://tracker.example/1.gif) too. {-}

<script>alert(1)</script> {-}

A [good](/privacy/choices), [mail](mailto:a@b.example) and [web](https://example.org/?a=b&c) link. {-}

```html onload=x
<b>
```

{-}
"#;
    let policy = policy(&library().more_words(evil));
    let page = html(&policy, "en");
    let shown = page.split("got what").nth(1).expect("the new words come last");
    insta::assert_snapshot!(shown);
    for form in [page.as_str(), &markdown(&policy, "en")] {
        assert!(!form.contains("<script") || form.contains("\\<script"), "{form}");
    }
}

#[test]
fn a_page_of_its_own_says_its_language_and_title() {
    let policy = policy(&library().words("# Privacy at the Lantern Library", "# Privacy <&> us"));
    let page = html_document(&policy, "en");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"), "{page}");
    assert!(page.contains("<title>Privacy &lt;&amp;&gt; us</title>"), "{page}");
    assert!(page.ends_with("</main>\n</body>\n</html>\n"), "{page}");
}

#[test]
fn the_contents_link_to_headings_that_are_there() {
    let policy = policy(&library());
    let contents = contents(&policy, "en");
    assert_eq!(
        contents.iter().map(|entry| (entry.level, entry.text)).collect::<Vec<_>>(),
        [(2, "When you visit"), (2, "What never happens")]
    );
    let page = html(&policy, "en");
    assert!(contents.iter().all(|entry| page.contains(&format!("id=\"{}\"", entry.anchor))));
}
