use std::ops::Range;

use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{Entry, Rule as _, nearest};

pub(super) const RULE: Rule = Rule {
    code: "undeclared-purpose",
    severity: Severity::Error,
    fires: "A `use`, `cookie` or `resource` names a purpose that no `[purpose.…]` declares, or none at all.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let rules = &site.rules;
    rules.uses.iter().for_each(|rule| one(site, found, &rule.called(), &rule.purpose, &rule.header));
    rules.cookies.iter().for_each(|cookie| one(site, found, &cookie.called(), &cookie.purpose, &cookie.header));
    rules.resources.iter().for_each(|resource| one(site, found, &resource.called(), &resource.purpose, &resource.header));
}

fn one(site: &Site<'_>, found: &mut Found, called: &str, purpose: &Entry<String>, header: &Range<usize>) {
    if purpose.is_absent() {
        let help = "say what it is for, as `purpose = \"operate\"`, and declare that as `[purpose.operate]`";
        found.in_rules(header.clone(), format!("{called} names no purpose"), help);
    }
    if let Some(name) = purpose.get().filter(|name| site.rules.purpose(name).is_none()) {
        let known = site.rules.purposes.iter().filter_map(|purpose| purpose.id.get()).map(domain::Id::as_str);
        let help = match nearest(name, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("declare it as `[purpose.{name}]`, or name one that is there"),
        };
        found.in_rules(place_of(purpose, header), format!("{called} is for `{name}`, which is not declared"), help);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn purposes_that_nothing_declares_are_shown() {
        let folder = library()
            .rules("purpose = \"lend\"\nkeep", "purpose = \"lent\"\nkeep")
            .rules("purpose = \"map\"\nrecipient", "purpose = \"charts\"\nrecipient")
            .rules("purpose = \"statistics\"\nkeep", "keep");
        insta::assert_snapshot!(folder.findings());
    }
}
