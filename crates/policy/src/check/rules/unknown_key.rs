use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{ProblemKind, list_in_words, nearest};

pub(super) const RULE: Rule = Rule {
    code: "unknown-key",
    severity: Severity::Error,
    fires: "`policy.toml` has a key or a table that the language does not know.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for problem in &site.rules.problems {
        let ProblemKind::UnknownKey { key, section, known } = &problem.kind else {
            continue;
        };
        let help = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", list_in_words(known, "and")),
        };
        found.in_rules(problem.span.clone(), format!("`{section}` has no key `{key}`"), help);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn keys_that_the_language_does_not_know_are_shown() {
        let folder = library()
            .rules("guardians = \"refuse\"", "gaurdians = \"refuse\"\ncolour = \"green\"")
            .rules("contact = { email", "contact = { fax = \"916\", email")
            .more_rules("\n[audience.young]\n");
        insta::assert_snapshot!(folder.findings());
    }
}
