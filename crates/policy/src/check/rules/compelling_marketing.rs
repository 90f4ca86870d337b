use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "compelling-marketing",
    severity: Severity::Error,
    fires: "A purpose is marketing and claims to stand against objections, which nothing does for marketing (GDPR Art. 21(2)-(3)).",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for purpose in site.rules.purposes.iter().filter(|purpose| purpose.marketing.is_true() && !purpose.compelling.is_absent()) {
        found.in_rules(
            place_of(&purpose.compelling, &purpose.header),
            format!("{} is marketing, and an objection to marketing always counts", purpose.called()),
            "take `compelling` out",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn marketing_that_would_not_take_no_is_shown() {
        let folder = library().rules("marketing = true", "marketing = true\ncompelling = { en = \"We like it.\", es = \"Nos gusta.\" }");
        insta::assert_snapshot!(folder.findings());
    }
}
