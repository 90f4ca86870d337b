//! Names that are taken, reserved, or too many.

use std::collections::HashSet;

use crate::Set;
use crate::check::{Found, Site};
use crate::model::Use;
use crate::syntax::{Entry, Rule, Spanned};

/// Rules are counted in sets, and a set has room for so many.
const RULES_OF_A_KIND_MAX: usize = Set::<Use>::CAPACITY;

/// As many as the preference cookie can carry.
const PREFERENCE_CHARACTERS_MAX: usize = 64;

pub(super) fn check(site: &Site<'_>, found: &mut Found) {
    let rules = &site.rules;
    of_kind(&rules.data, found);
    of_kind(&rules.purposes, found);
    of_kind(&rules.uses, found);
    of_kind(&rules.nevers, found);
    of_kind(&rules.recipients, found);
    of_kind(&rules.duties, found);
    of_kind(&rules.cookies, found);
    of_kind(&rules.resources, found);
    of_kind(&rules.preferences, found);
    of_kind(&rules.stores, found);
    unique(found, "promise", rules.promises.iter().filter_map(|promise| promise.number.spanned()));
    rules.data.iter().for_each(|data| unique(found, "field", data.fields.get().into_iter().flatten()));
    rules.preferences.iter().for_each(|preference| values(found, &preference.values));
    for store in &rules.stores {
        unique(found, "table", store.tables().iter().filter_map(|table| table.name.spanned()));
    }
    languages(site, found);
    reserved(site, found);
    if site.fields.len() > RULES_OF_A_KIND_MAX {
        let message = format!("the policy declares {} fields of data, and {RULES_OF_A_KIND_MAX} is the most", site.fields.len());
        found.in_rules(rules.top(), message, "declare what belongs together as one field");
    }
    let agreements: HashSet<&String> = rules.uses.iter().filter_map(|rule| rule.agreement.get()).collect();
    if agreements.len() > RULES_OF_A_KIND_MAX {
        found.in_rules(
            rules.top(),
            format!("the policy names {} agreements, and {RULES_OF_A_KIND_MAX} is the most", agreements.len()),
            HELP_MANY,
        );
    }
}

const HELP_MANY: &str = "put together what belongs together";

fn of_kind<R: Rule>(rules: &[R], found: &mut Found) {
    let mut taken = HashSet::new();
    for rule in rules {
        if let Some(id) = rule.id().spanned().filter(|id| !taken.insert(id.value.clone())) {
            found.in_rules(id.span.clone(), format!("there is another {} `{}`", R::KIND, id.value), "give one of them another id");
        }
    }
    if let Some(first_too_many) = rules.get(RULES_OF_A_KIND_MAX) {
        let message = format!("this is one {} too many: a policy has {RULES_OF_A_KIND_MAX} of a kind at most", R::KIND);
        found.in_rules(first_too_many.header(), message, HELP_MANY);
    }
}

fn unique<'n>(found: &mut Found, kind: &str, names: impl Iterator<Item = &'n Spanned<String>>) {
    let mut taken = HashSet::new();
    for name in names.filter(|name| !taken.insert(&name.value)) {
        found.in_rules(name.span.clone(), format!("there is another {kind} `{}`", name.value), "each has a name of its own");
    }
}

fn values(found: &mut Found, values: &Entry<Vec<Spanned<String>>>) {
    unique(found, "value", values.get().into_iter().flatten());
    for value in values.get().into_iter().flatten().filter(|value| value.value.chars().count() > PREFERENCE_CHARACTERS_MAX) {
        let message =
            format!("a value has {PREFERENCE_CHARACTERS_MAX} characters at most, and this one has {}", value.value.chars().count());
        found.in_rules(value.span.clone(), message, "it is kept in a cookie: use a short name for it");
    }
}

fn languages(site: &Site<'_>, found: &mut Found) {
    let languages = site.rules.policy.as_ref().and_then(|policy| policy.languages.spanned());
    if let Some(none) = languages.filter(|languages| languages.value.is_empty()) {
        found.in_rules(none.span.clone(), "the policy has no language", "name one, as `languages = [\"en\"]`");
    }
    let mut taken = HashSet::new();
    for language in site.languages().iter().filter(|language| !taken.insert(&language.value)) {
        found.in_rules(language.span.clone(), format!("`{}` is named twice", language.value), "name each language once");
    }
    for (at, (language, file)) in site.sources.words.iter().enumerate() {
        let again = site.sources.words[..at].iter().any(|(earlier, _)| earlier == language);
        let is_default = language.as_ref().is_some_and(|language| language.as_str() == site.default_language());
        if again || is_default {
            let message = format!("{} holds words in a language that another file holds already", file.name);
            found.in_words(at, 0..0, message, "policy.md holds the default language, and each other language has one file");
        }
    }
}

/// Names that mean something else where a rule of that kind is named.
fn reserved(site: &Site<'_>, found: &mut Found) {
    for id in site.rules.purposes.iter().filter_map(|purpose| purpose.id.spanned()).filter(|id| id.value == *"return") {
        let help = "the choices form has a field of that name, which says where to go afterwards: call the purpose something else";
        found.in_rules(id.span.clone(), "a purpose cannot be called `return`", help);
    }
    const KINDS: [&str; 5] = ["us", "affiliate", "processor", "third-party", "authority"];
    for id in site.rules.recipients.iter().filter_map(|recipient| recipient.id.spanned()).filter(|id| KINDS.contains(&id.value.as_str())) {
        let message = format!("a recipient cannot be called `{}`", id.value);
        found.in_rules(id.span.clone(), message, "that is what a kind of recipients is called: use another id");
    }
}
