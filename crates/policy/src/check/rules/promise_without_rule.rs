use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{PromiseSection, nearest};

pub(super) const RULE: Rule = Rule {
    code: "promise-without-rule",
    severity: Severity::Error,
    fires: "A promise names no rule that keeps it, or one that `policy.toml` does not have.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for promise in &site.rules.promises {
        if promise.rules.is_absent() || promise.rules.get().is_some_and(Vec::is_empty) {
            found.in_rules(
                place_of(&promise.rules, &promise.header),
                format!("no rule keeps {}", called(promise)),
                "name the rules that keep it, as `rules = [\"access-log\"]`",
            );
        }
        for rule in promise.rules.get().into_iter().flatten() {
            if site.rules.ids().any(|id| *id == *rule.value) {
                continue;
            }
            let help = match nearest(&rule.value, site.rules.ids().map(domain::Id::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name the `id` of a rule in this file".to_owned(),
            };
            let message = format!("{} is to be kept by `{}`, which no rule is called", called(promise), rule.value);
            found.in_rules(rule.span.clone(), message, help);
        }
    }
}

fn called(promise: &PromiseSection) -> String {
    promise.number.get().map_or_else(|| "this promise".to_owned(), |number| format!("the promise `{number}`"))
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn promises_that_nothing_keeps_are_shown() {
        let folder = library()
            .rules("rules = [\"access-log\"]\n", "")
            .rules("rules = [\"no-email-sale\"]", "rules = [\"no-email-sales\", \"good-will\"]");
        insta::assert_snapshot!(folder.findings());
    }
}
