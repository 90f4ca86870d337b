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
        if let Translations::ByLanguage(texts) = &text.value {
            texts.iter().filter(|(language, _)| !is_named(site, &language.value)).for_each(|(language, _)| {
                let message = format!("the policy does not name the language `{}`", language.value);
                found.in_rules(language.span.clone(), message, "add it to `languages` in `[policy]`, or take the text out");
            });
        }
    }
    (0..site.words.len()).for_each(|at| words(site, at, found));
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
    unsaid.retain(|tag| !site.words[at].names(tag));
    unsaid.sort_unstable();
    unsaid.dedup();
    if !unsaid.is_empty() {
        let names: Vec<String> = unsaid.iter().map(|tag| format!("`{tag}`")).collect();
        let message = format!("these words never say what {} does, and policy.md does", names.join(", "));
        found.in_words(at, 0..0, message, "translate the missing texts, with their tags");
    }
}
