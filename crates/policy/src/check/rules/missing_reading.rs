use domain::Basis;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "missing-reading",
    severity: Severity::Error,
    fires: "A `use` on the basis `vital-interests` does not say how the law reads that wider word.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let rests_on_vital = |basis: Option<&Basis>| basis == Some(&Basis::VitalInterests);
    for rule in site.rules.uses.iter().filter(|rule| rests_on_vital(rule.basis.get()) && rule.reading.is_absent()) {
        found.in_rules(
            rule.header.clone(),
            format!("{} rests on vital interests and does not say how the law reads that", rule.called()),
            "add `reading = \"legal-claims\"` or `reading = \"legitimate-interests\"`: Art. 6(1)(d) GDPR itself covers life and limb only",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn vital_interests_that_the_law_may_read_otherwise_are_shown() {
        let folder = library().rules("reading = \"legal-claims\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
