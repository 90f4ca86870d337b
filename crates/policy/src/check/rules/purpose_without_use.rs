use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "purpose-without-use",
    severity: Severity::Error,
    fires: "No `use` is for a purpose, so that nothing about it could ever be permitted.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for purpose in &site.rules.purposes {
        if let Some(id) = purpose.id.get().filter(|id| !site.rules.uses.iter().any(|rule| rule.is_for(id.as_str()))) {
            found.in_rules(
                purpose.header.clone(),
                format!("no use is for {}", purpose.called()),
                format!("add a `[[use]]` with `purpose = \"{id}\"`, or take the purpose out"),
            );
        }
    }
}
