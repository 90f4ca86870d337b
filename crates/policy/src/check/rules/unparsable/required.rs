//! Keys that have to be there and have no finding of their own.

use crate::check::{Found, Site};
use crate::syntax::{Entry, Rule, Section, Translations};

pub(super) fn check(site: &Site<'_>, found: &mut Found) {
    let rules = &site.rules;
    if site.default_words().is_none() {
        found.in_rules(rules.top(), "there is no policy.md", "write the words that people read into policy.md");
    }
    match &rules.policy {
        None => found.in_rules(rules.top(), "there is no `[policy]`", "begin the file with `[policy]` and `controller = \"...\"`"),
        Some(policy) => required(found, "the policy", policy, &[("controller", policy.controller.is_absent())]),
    }
    if let Some(choices) = &rules.choices {
        required(found, "this table", choices, &[("default", choices.default.is_absent())]);
    }
    rules.data.iter().for_each(|data| of_rule(found, data, &[("fields", data.fields.is_absent())]));
    rules.uses.iter().for_each(|rule| of_listed(found, rule, &[]));
    rules.nevers.iter().for_each(|rule| of_listed(found, rule, &[("data", is_empty(&rule.data)), ("acts", is_empty(&rule.acts))]));
    rules.recipients.iter().for_each(|rule| of_listed(found, rule, &[("kind", rule.kind.is_absent()), ("name", rule.name.is_absent())]));
    rules.duties.iter().for_each(|rule| of_listed(found, rule, &[("kind", rule.kind.is_absent())]));
    rules.cookies.iter().for_each(|rule| of_listed(found, rule, &[]));
    rules.resources.iter().for_each(|rule| of_listed(found, rule, &[("match", rule.matches.is_absent())]));
    rules.preferences.iter().for_each(|rule| of_rule(found, rule, &[("values", is_empty(&rule.values))]));
    rules.promises.iter().for_each(|promise| required(found, "this promise", promise, &[("id", promise.number.is_absent())]));
    for store in &rules.stores {
        of_listed(found, store, &[("kind", store.kind.is_absent())]);
        for table in store.tables() {
            required(found, &table.called(), table, &[("name", table.name.is_absent())]);
            let all_say = table.owners().iter().all(|owner| !owner.value.erase.is_absent());
            if table.erase.is_absent() && (!all_say || table.owners().is_empty()) {
                let help = "add `erase = \"delete\"`, `{ null = [...], set = { ... } }` or `{ keep = \"reason\" }`";
                found.in_rules(
                    table.header.clone(),
                    format!("{} does not say what erasing a person does to its rows", table.called()),
                    help,
                );
            }
        }
    }
    default_texts(site, found);
}

fn is_empty<T>(list: &Entry<Vec<T>>) -> bool {
    list.is_absent() || list.get().is_some_and(Vec::is_empty)
}

fn of_listed<R: Rule>(found: &mut Found, rule: &R, keys: &[(&str, bool)]) {
    required(found, &rule.called(), rule, &[("id", rule.id().is_absent())]);
    of_rule(found, rule, keys);
}

fn of_rule<R: Rule>(found: &mut Found, rule: &R, keys: &[(&str, bool)]) {
    required(found, &rule.called(), rule, keys);
}

fn required<S: Section>(found: &mut Found, called: &str, section: &S, keys: &[(&str, bool)]) {
    for (key, _) in keys.iter().filter(|(_, is_missing)| *is_missing) {
        let form =
            S::shape().keys.into_iter().find(|known| known.name == *key).map_or_else(String::new, |known| format!(": {}", known.form));
        found.in_rules(section.header(), format!("{called} has no `{key}`"), format!("add `{key}`{form}"));
    }
}

/// A text by language says it in the default one, at least.
fn default_texts(site: &Site<'_>, found: &mut Found) {
    let default = site.default_language();
    for text in site.translations() {
        if matches!(text.value, Translations::ByLanguage(_)) && text.value.in_default(default).is_empty() {
            let message = format!("this text is missing in the default language, `{default}`");
            found.in_rules(text.span.clone(), message, format!("add `{default} = \"...\"`"));
        }
    }
}
