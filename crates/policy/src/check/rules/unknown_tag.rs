use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::nearest;

pub(super) const RULE: Rule = Rule {
    code: "unknown-tag",
    severity: Severity::Error,
    fires: "A tag in the words names a rule that `policy.toml` does not have.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let known: Vec<&str> = site.rules.ids().map(domain::Id::as_str).chain(promises(site)).collect();
    for (at, words) in site.words.iter().enumerate() {
        for tag in words.tagged.iter().flat_map(|text| &text.tags).filter(|tag| !known.contains(&tag.value.as_str())) {
            let help = match nearest(&tag.value, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? a tag names the `id` of a rule in policy.toml"),
                None => format!("add a rule with the id `{}` to policy.toml, or name one that is there", tag.value),
            };
            found.in_words(at, tag.span.clone(), format!("no rule has the id `{}`", tag.value), help);
        }
    }
}

fn promises<'s>(site: &'s Site<'_>) -> impl Iterator<Item = &'s str> {
    site.rules.promises.iter().filter_map(|promise| promise.number.get().map(String::as_str))
}
