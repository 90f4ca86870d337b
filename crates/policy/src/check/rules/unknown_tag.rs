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
                None if domain::Id::parse(&tag.value).is_ok() => {
                    format!("add a rule with the id `{}` to policy.toml, or name one that is there", tag.value)
                }
                None => "a tag names the `id` of a rule in policy.toml; write `\\{` where a brace is meant".to_owned(),
            };
            found.in_words(at, tag.span.clone(), format!("no rule has the id `{}`", tag.value), help);
        }
    }
}

/// Promises have free ids; those that look like a rule's may be named by a tag.
fn promises<'s>(site: &'s Site<'_>) -> impl Iterator<Item = &'s str> {
    site.rules
        .promises
        .iter()
        .filter_map(|promise| promise.number.get())
        .map(String::as_str)
        .filter(|number| domain::Id::parse(number).is_ok())
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_tag_that_names_no_rule_is_shown() {
        let folder = library()
            .words("{lending, shelf-cookie}", "{lendng, shelf-cookie}")
            .words("{no-email-sale}", "{no-email-sale, brand-new}")
            .words("{shine-the-light}", "{shine-the-light, P06}");
        insta::assert_snapshot!(folder.findings());
    }
}
