use domain::Basis;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "missing-balancing",
    severity: Severity::Error,
    fires: "A `use` on the basis `legitimate-interests` does not say why that interest outweighs the person's.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let rests_on_interests = |basis: Option<&Basis>| basis == Some(&Basis::LegitimateInterests);
    for rule in site.rules.uses.iter().filter(|rule| rests_on_interests(rule.basis.get()) && rule.balancing.is_absent()) {
        found.in_rules(
            rule.header.clone(),
            format!("{} rests on legitimate interests and does not weigh them", rule.called()),
            "add `balancing = \"...\"`: why you need it, what it means for people, and why that is fair to them",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn interests_that_nobody_weighed_are_shown() {
        let folder = library().rules("balancing = { en = \"Only totals come out.\", es = \"Solo salen totales.\" }\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
