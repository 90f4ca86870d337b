use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "missing-contact",
    severity: Severity::Error,
    fires: "The policy does not say where people reach the controller.",
    stage: Stage::Rules,
    check,
};

const HELP: &str = "add `contact = { email = \"...\", address = \"...\" }`: every request may come that way";

fn check(site: &Site<'_>, found: &mut Found) {
    let Some(policy) = &site.rules.policy else {
        found.in_rules(site.rules.top(), "the policy does not say where people reach you", HELP);
        return;
    };
    if policy.contact.is_absent() {
        found.in_rules(policy.header.clone(), "the policy does not say where people reach you", HELP);
    }
    let without_email = policy.contact.spanned().filter(|contact| contact.value.email.is_absent());
    if let Some(contact) = without_email {
        found.in_rules(contact.span.clone(), "the contact has no e-mail address", HELP);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_policy_that_nobody_can_answer_is_shown() {
        let folder = library()
            .rules("contact = { email = \"privacy@lantern.example\", address = \"7 Wharf Road, Sacramento, CA 95814, USA\" }\n", "");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_contact_without_an_e_mail_address_is_shown() {
        let folder = library().rules("email = \"privacy@lantern.example\", ", "");
        insta::assert_snapshot!(folder.findings());
    }
}
