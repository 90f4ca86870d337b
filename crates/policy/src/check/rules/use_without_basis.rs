use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "use-without-basis",
    severity: Severity::Error,
    fires: "A `use` names no legal basis (GDPR Art. 6(1)).",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for rule in site.rules.uses.iter().filter(|rule| rule.basis.is_absent()) {
        found.in_rules(
            rule.header.clone(),
            format!("{} has no legal basis", rule.called()),
            "add `basis = \"...\"`: `consent`, `legitimate-interests`, `contract`, `legal-obligation` or `vital-interests`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_use_without_a_basis_is_shown() {
        let folder = library().rules("basis = \"contract\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
