use domain::Keep;

use super::days::days_max;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{CookiePart, DataSection, Rule as _};

pub(super) const RULE: Rule = Rule {
    code: "retention-over-limit",
    severity: Severity::Error,
    fires: "The access log (`[data.visit]`) is kept for more than 12 months, or a cookie that holds a visitor id for more than 13.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let limits = site.circumstances.limits;
    site.rules.data.iter().filter(|data| data.is("visit")).for_each(|data| access_log(data, limits.access_log_days, found));
    for cookie in site.rules.cookies.iter().filter(|cookie| cookie.holds.get() == Some(&CookiePart::Visitor)) {
        // Beyond the limit of any cookie, that finding says enough.
        let past = u32::from(limits.visitor_cookie_days) + 1..=super::cookie_over_400_days::DAYS_MAX;
        if let Some(keep) = cookie.keep.spanned().filter(|keep| past.contains(&days_max(keep.value))) {
            found.in_rules(
                keep.span.clone(),
                format!("{} knows a visitor again for {}, which is longer than 13 months", cookie.called(), keep.value),
                "an audience cookie that nobody asked for lives 13 months at most: write `keep = \"13 months\"` or less",
            );
        }
    }
}

fn access_log(data: &DataSection, days_limit: u16, found: &mut Found) {
    let Some(keep) = data.keep.spanned() else {
        return;
    };
    let message = match &keep.value {
        Keep::For(span) if days_max(*span) <= u32::from(days_limit) => return,
        Keep::For(span) => format!("visits are kept for {span}, which is longer than 12 months"),
        Keep::WhileRegistered => "visits are kept while somebody is registered, and most visitors never are".to_owned(),
    };
    found.in_rules(keep.span.clone(), message, "an access log is kept for 12 months at most: `180 days` is usual");
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_log_and_a_visitor_cookie_that_live_too_long_are_shown() {
        let folder = library().rules("keep = \"180 days\"", "keep = \"367 days\"").rules(
            "holds = \"visitor\"\npurpose = \"statistics\"\nkeep = \"13 months\"",
            "holds = \"visitor\"\npurpose = \"statistics\"\nkeep = \"398 days\"",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_log_kept_for_registered_people_has_no_end() {
        let folder = library().rules("keep = \"180 days\"", "keep = \"while registered\"");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn twelve_and_thirteen_months_are_fine() {
        let folder = library().rules("keep = \"180 days\"", "keep = \"12 months\"");
        assert_eq!(folder.findings(), "no errors, no warnings\n");
    }
}
