use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "missing-do-not-track",
    severity: Severity::Error,
    fires: "The policy does not say what happens when a browser sends Do Not Track (Cal. B&P 22575-22579).",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    if site.rules.policy.as_ref().is_none_or(|policy| policy.do_not_track.is_absent()) {
        found.in_rules(
            site.rules.top(),
            "the policy does not say what happens when a browser sends Do Not Track",
            "add `do_not_track = \"honoured\"` or `do_not_track = \"not-honoured\"` to `[policy]`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn silence_about_do_not_track_is_shown() {
        let folder = library().rules("do_not_track = \"not-honoured\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
