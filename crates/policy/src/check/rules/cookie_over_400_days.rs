use super::days::days_max;
use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "cookie-over-400-days",
    severity: Severity::Error,
    fires: "A cookie is to live for more than 400 days, which no browser grants it (RFC 6265bis).",
    stage: Stage::Rules,
    check,
};

pub(super) const DAYS_MAX: u32 = 400;

fn check(site: &Site<'_>, found: &mut Found) {
    for cookie in &site.rules.cookies {
        if let Some(keep) = cookie.keep.spanned().filter(|keep| days_max(keep.value) > DAYS_MAX) {
            found.in_rules(
                keep.span.clone(),
                format!("{} is to live for {}", cookie.called(), keep.value),
                "browsers end every cookie after 400 days: write `keep = \"13 months\"` or less",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_cookie_that_no_browser_keeps_is_shown() {
        let folder = library().rules("purpose = \"lend\"\nkeep = \"30 days\"", "purpose = \"lend\"\nkeep = \"401 days\"").rules(
            "holds = \"visitor\"\npurpose = \"statistics\"\nkeep = \"13 months\"",
            "holds = \"visitor\"\npurpose = \"statistics\"\nkeep = \"2 years\"",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn four_hundred_days_are_fine() {
        let folder = library().rules("purpose = \"lend\"\nkeep = \"30 days\"", "purpose = \"lend\"\nkeep = \"400 days\"");
        assert_eq!(folder.findings(), "no errors, no warnings\n");
    }
}
