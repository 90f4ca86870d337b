use domain::Span;

use super::days::days_max;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::CookiePart;

pub(super) const RULE: Rule = Rule {
    code: "choices-forgotten",
    severity: Severity::Error,
    fires: "The cookie that holds choices lives shorter than `ask_again` or `ask_again_after_opt_out` says that nobody is asked again.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let [after_no, after_opt_out] = site.ask_again();
    let longest = if days_max(after_opt_out) < days_max(after_no) { after_no } else { after_opt_out };
    let name = if longest == after_opt_out { "ask_again_after_opt_out" } else { "ask_again" };
    for cookie in site.rules.cookies.iter().filter(|cookie| cookie.holds.get() == Some(&CookiePart::Choices)) {
        if let Some(keep) = cookie.keep.spanned().filter(|keep| days_max(keep.value) < days_max(longest)) {
            found.in_rules(
                keep.span.clone(),
                format!(
                    "{} ends after {}, and every no with it, while `{name}` leaves people in peace for {longest}",
                    cookie.called(),
                    keep.value
                ),
                help(longest, name),
            );
        }
    }
}

fn help(longest: Span, name: &str) -> String {
    if days_max(longest) > super::cookie_over_400_days::DAYS_MAX {
        format!("no browser keeps a cookie for so long: write `{name} = \"12 months\"` under `[choices]`, and `keep = \"13 months\"` here")
    } else {
        format!("write `keep = \"13 months\"`, or a shorter `{name}` under `[choices]`")
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    const KEEP: &str = "holds = \"choices\"\npurpose = \"operate\"\nkeep = \"13 months\"";
    const SHORT: &str = "holds = \"choices\"\npurpose = \"operate\"\nkeep = \"6 months\"";

    #[test]
    fn a_cookie_that_ends_before_people_may_be_asked_again_is_shown() {
        insta::assert_snapshot!(library().rules(KEEP, SHORT).findings());
    }

    #[test]
    fn what_no_cookie_can_hold_is_shown() {
        let folder = library().rules("[choices]\n", "[choices]\nask_again = \"2 years\"\n");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_short_cookie_is_fine_where_people_are_asked_soon() {
        let asked_soon = "[choices]\nask_again = \"30 days\"\nask_again_after_opt_out = \"6 months\"\n";
        let folder = library().rules(KEEP, SHORT).rules("[choices]\n", asked_soon);
        assert_eq!(folder.findings(), "no errors, no warnings\n");
    }
}
