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
