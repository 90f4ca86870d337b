use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{Rule as _, Spanned, nearest};

pub(super) const RULE: Rule = Rule {
    code: "undeclared-recipient",
    severity: Severity::Error,
    fires: "A `use`, `never` or `resource` names a recipient that no `[[recipient]]` declares, or a resource names none.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for rule in &site.rules.uses {
        for name in rule.recipients.get().into_iter().flatten().filter(|name| name.value != "us") {
            known(site, found, &rule.called(), name, &[]);
        }
    }
    for never in &site.rules.nevers {
        for name in never.to.get().into_iter().flatten().filter(|name| site.addressee(&name.value).is_none()) {
            known(site, found, &never.called(), name, &["us", "affiliate", "processor", "third-party", "authority"]);
        }
    }
    for resource in &site.rules.resources {
        if resource.recipient.is_absent() {
            let help = "say whose it is, as `recipient = \"map-maker\"`, and declare that as a `[[recipient]]`";
            found.in_rules(resource.header.clone(), format!("{} names no recipient", resource.called()), help);
        }
        resource.recipient.spanned().into_iter().for_each(|name| known(site, found, &resource.called(), name, &[]));
    }
}

fn known(site: &Site<'_>, found: &mut Found, called: &str, name: &Spanned<String>, kinds: &[&str]) {
    if site.rules.recipient(&name.value).is_some() {
        return;
    }
    let ids = site.rules.recipients.iter().filter_map(|recipient| recipient.id.get()).map(domain::Id::as_str);
    let help = match nearest(&name.value, ids.chain(kinds.iter().copied())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("declare it as a `[[recipient]]` with `id = \"{}\"`, or name one that is there", name.value),
    };
    found.in_rules(name.span.clone(), format!("{called} names the recipient `{}`, which is not declared", name.value), help);
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn recipients_that_nothing_declares_are_shown() {
        let folder = library()
            .rules("recipients = [\"us\", \"book-courier\"]", "recipients = [\"us\", \"book-currier\"]")
            .rules("to = [\"third-party\", \"affiliate\"]", "to = [\"third-parties\", \"stranger\"]")
            .rules("recipient = \"map-maker\"\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
