use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "missing-minimum-age",
    severity: Severity::Error,
    fires: "The policy does not say from which age people may use the site.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    if site.rules.policy.as_ref().is_none_or(|policy| policy.minimum_age.is_absent()) {
        found.in_rules(
            site.rules.top(),
            "the policy does not say from which age people may use the site",
            "add `minimum_age = 18` to `[policy]`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn silence_about_age_is_shown() {
        let folder = library().rules("minimum_age = 18\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
