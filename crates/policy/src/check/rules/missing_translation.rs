use domain::Language;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{Spanned, Translations};

pub(super) const RULE: Rule = Rule {
    code: "missing-translation",
    severity: Severity::Warning,
    fires: "A language of the policy lacks its words, a title or a promise, or a text is in a language that the policy does not name.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let others: Vec<&Spanned<Language>> = site.languages().iter().skip(1).collect();
    for language in &others {
        if !site.sources.words.iter().any(|(words, _)| words.as_ref() == Some(&language.value)) {
            let message = format!("there is no policy.{}.md", language.value);
            let help = format!("readers of `{}` see the default language until it is written", language.value);
            found.in_rules(language.span.clone(), message, help);
        }
    }
    for text in site.translations() {
        let missing = missing(&text.value, &others);
        if !missing.is_empty() {
            let message = format!("this text is missing in {}", missing.join(" and "));
            found.in_rules(text.span.clone(), message, "write it as `{ en = \"...\", es = \"...\" }`, with every language of the policy");
        }
    }
    unnamed(site, found);
    (0..site.words.len()).for_each(|at| words(site, at, found));
}

/// The first text of each language that the policy does not name.
fn unnamed(site: &Site<'_>, found: &mut Found) {
    let files = site.sources.words.iter().filter_map(|(language, _)| language.as_ref());
    let mut told: Vec<&Language> = files.collect();
    for text in site.translations() {
        let Translations::ByLanguage(texts) = &text.value else {
            continue;
        };
        for (language, _) in texts {
            if !is_named(site, &language.value) && !told.contains(&&language.value) {
                told.push(&language.value);
                let message = format!("the policy does not name the language `{}`", language.value);
                found.in_rules(language.span.clone(), message, "add it to `languages` in `[policy]`, or take its texts out");
            }
        }
    }
}

fn missing(text: &Translations, others: &[&Spanned<Language>]) -> Vec<String> {
    let has = |language: &Language| match text {
        Translations::Plain(_) => false,
        Translations::ByLanguage(texts) => texts.iter().any(|(known, _)| known.value == *language),
    };
    others.iter().filter(|language| !has(&language.value)).map(|language| format!("`{}`", language.value)).collect()
}

fn is_named(site: &Site<'_>, language: &Language) -> bool {
    site.default_language() == language.as_str() || site.languages().iter().any(|known| known.value == *language)
}

/// A translation that nobody will see, and the rules that one says nothing of.
fn words(site: &Site<'_>, at: usize, found: &mut Found) {
    let Some(language) = &site.sources.words[at].0 else {
        return;
    };
    if !is_named(site, language) {
        let message = format!("the policy does not name the language `{language}`, so nobody will see this file");
        found.in_words(at, 0..0, message, "add it to `languages` in `[policy]`");
        return;
    }
    let Some((_, default)) = site.default_words() else {
        return;
    };
    let mut unsaid: Vec<&str> = default.tagged.iter().flat_map(|text| &text.tags).map(|tag| tag.value.as_str()).collect();
    // A tag that names no rule is a finding of its own.
    unsaid.retain(|tag| !site.words[at].names(tag) && site.rules.ids().any(|id| *id == **tag));
    unsaid.sort_unstable();
    unsaid.dedup();
    if !unsaid.is_empty() {
        let names: Vec<String> = unsaid.iter().map(|tag| format!("`{tag}`")).collect();
        let message = format!("policy.md speaks of {}, and these words do not", names.join(", "));
        found.in_words(at, 0..0, message, "translate the missing texts, with their tags");
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn texts_that_a_language_lacks_are_shown() {
        let folder = library()
            .rules("title = { en = \"News\", es = \"Noticias\" }", "title = \"News\"")
            .rules("does = { en = \"Carries books\", es = \"Lleva libros\" }", "does = { en = \"Carries books\", de = \"Trägt Bücher\" }")
            .spanish(Some("# Privacidad\n\nEscriba. {contact, access-log}\n"));
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_language_without_words_is_shown() {
        insta::assert_snapshot!(library().spanish(None).findings());
    }

    #[test]
    fn words_in_a_language_that_the_policy_does_not_name_are_shown() {
        let folder = library().rules("languages = [\"en\", \"es\"]\n", "");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn warnings_do_not_keep_a_policy_back() {
        assert!(library().spanish(None).report().is_ok());
    }
}
