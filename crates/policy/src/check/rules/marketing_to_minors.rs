use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "marketing-to-minors",
    severity: Severity::Error,
    fires: "A purpose is marketing or personalises while the policy's minimum age is under 18.",
    stage: Stage::Rules,
    check,
};

const AGE_OF_MAJORITY: u8 = 18;

fn check(site: &Site<'_>, found: &mut Found) {
    let minimum_age = site.rules.policy.as_ref().and_then(|policy| policy.minimum_age.get());
    let Some(minimum_age) = minimum_age.filter(|age| **age < AGE_OF_MAJORITY) else {
        return;
    };
    for purpose in &site.rules.purposes {
        let (entry, does) = match (purpose.marketing.is_true(), purpose.personalises.is_true()) {
            (true, _) => (&purpose.marketing, "is marketing"),
            (false, true) => (&purpose.personalises, "personalises"),
            (false, false) => continue,
        };
        found.in_rules(
            place_of(entry, &purpose.header),
            format!("{} {does}, and people from {minimum_age} may use the site", purpose.called()),
            "nothing is marketed to minors: set `minimum_age = 18`, or give the purpose up",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn marketing_where_minors_may_be_is_shown() {
        let folder =
            library().rules("minimum_age = 18", "minimum_age = 16").rules("[purpose.lend]\n", "[purpose.lend]\npersonalises = true\n");
        insta::assert_snapshot!(folder.findings());
    }
}
