use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "missing-retention",
    severity: Severity::Error,
    fires: "Data or a cookie does not say how long it is kept.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for data in site.rules.data.iter().filter(|data| data.keep.is_absent()) {
        let help = "add `keep = \"180 days\"`, or `keep = \"while registered\"` for what lives with an account";
        found.in_rules(data.header.clone(), format!("{} does not say how long it is kept", data.called()), help);
    }
    for cookie in site.rules.cookies.iter().filter(|cookie| cookie.keep.is_absent()) {
        found.in_rules(cookie.header.clone(), format!("{} does not say how long it lives", cookie.called()), "add `keep = \"13 months\"`");
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn what_is_kept_for_nobody_knows_how_long_is_shown() {
        let folder = library().rules("keep = \"2 years\"\n", "").rules("keep = \"30 days\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
