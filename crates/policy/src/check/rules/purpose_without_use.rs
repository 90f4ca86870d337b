use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "purpose-without-use",
    severity: Severity::Error,
    fires: "No `use` is for a purpose, so that nothing about it could ever be permitted.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for purpose in &site.rules.purposes {
        if let Some(id) = purpose.id.get().filter(|id| !site.rules.uses.iter().any(|rule| rule.is_for(id.as_str()))) {
            found.in_rules(
                purpose.header.clone(),
                format!("no use is for {}", purpose.called()),
                format!("add a `[[use]]` with `purpose = \"{id}\"`, or take the purpose out"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_purpose_that_no_use_is_for_is_shown() {
        let folder = library().more_rules("\n[purpose.dream]\ntitle = { en = \"Dream\", es = \"Soñar\" }\n").words("{-} |", "{dream} |");
        insta::assert_snapshot!(folder.findings());
    }
}
