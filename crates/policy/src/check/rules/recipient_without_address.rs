use domain::RecipientKind;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::Rule as _;

pub(super) const RULE: Rule = Rule {
    code: "recipient-without-address",
    severity: Severity::Error,
    fires: "A recipient other than an authority has no postal address, which people may ask for (Cal. Civ. Code 1798.83).",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    // An authority's address is named by the case.
    let needs_one = |kind: Option<&RecipientKind>| kind.is_some_and(|kind| *kind != RecipientKind::Authority);
    for recipient in site.rules.recipients.iter().filter(|recipient| recipient.address.is_absent() && needs_one(recipient.kind.get())) {
        found.in_rules(
            recipient.header.clone(),
            format!("{} has no address", recipient.called()),
            "add `address = \"...\"`: people may ask for the names and addresses of all who got their data",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_recipient_that_nobody_can_write_to_is_shown() {
        let folder = library().rules("address = \"3 Chart Lane, Leeds, United Kingdom\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
