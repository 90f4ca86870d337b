use std::collections::BTreeSet;

use domain::{Act, RecipientKind};

use crate::check::site::{Addressee, place_of};
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{NeverSection, RecipientSection, Rule as _};

pub(super) const RULE: Rule = Rule {
    code: "contradicts-never",
    severity: Severity::Error,
    fires: "A `use` does what a `never` promises not to do, or a `resource` makes browsers tell somebody what is never shared with them. \
            Promises about third parties cover affiliates.",
    stage: Stage::Rules,
    check,
};

/// What a browser tells whoever it fetches something from.
const TOLD_BY_BROWSERS: [&str; 4] = ["visit.ip", "visit.browser", "visit.referrer", "visit.time"];

fn check(site: &Site<'_>, found: &mut Found) {
    for never in &site.rules.nevers {
        let forbidden = site.fields_in(&never.data);
        let acts: Vec<Act> = never.acts.get().into_iter().flatten().map(|act| act.value).collect();
        uses(site, never, &forbidden, &acts, found);
        if acts.contains(&Act::Share) {
            resources(site, never, &forbidden, found);
        }
    }
}

fn uses(site: &Site<'_>, never: &NeverSection, forbidden: &BTreeSet<usize>, acts: &[Act], found: &mut Found) {
    for rule in site.rules.uses.iter().filter(|rule| acts.contains(&rule.act())) {
        let data = site.fields_in(&rule.data);
        let Some(shared) = data.intersection(forbidden).next().map(|at| field_name(site, *at)) else {
            continue;
        };
        let us = rule.is_for_us() && never.addressees(site).contains(&Addressee::Kind(RecipientKind::Us));
        let other = rule.receivers(&site.rules).into_iter().find(|receiver| names(site, never, receiver));
        let (does, place) = match other {
            Some(receiver) => (passes_on(rule.act(), &shared, &receiver.called()), place_of(&rule.recipients, &rule.header)),
            None if us => (format!("would {} `{shared}`", rule.act().name()), rule.header.clone()),
            None => continue,
        };
        found.in_rules(
            place,
            format!("{} {does}, which {} rules out", rule.called(), never.called()),
            "no permission gets past a promise: change the use, or change the promise in the words and the rules",
        );
    }
}

fn passes_on(act: Act, data: &str, to: &str) -> String {
    match act {
        Act::Process => format!("would have {to} process `{data}`"),
        Act::Share => format!("would share `{data}` with {to}"),
        Act::Sell | Act::Rent | Act::Lease => format!("would {} `{data}` to {to}", act.name()),
    }
}

fn resources(site: &Site<'_>, never: &NeverSection, forbidden: &BTreeSet<usize>, found: &mut Found) {
    let told = TOLD_BY_BROWSERS.iter().filter_map(|name| site.fields_named(name)).flatten().find(|field| forbidden.contains(field));
    let Some(told) = told.map(|field| field_name(site, field)) else {
        return;
    };
    for resource in &site.rules.resources {
        let receiver = resource.recipient.get().and_then(|name| site.rules.recipient(name));
        if let Some(receiver) = receiver.filter(|receiver| names(site, never, receiver)) {
            found.in_rules(
                resource.header.clone(),
                format!(
                    "browsers that load {} share `{told}` with {}, which {} rules out",
                    resource.called(),
                    receiver.called(),
                    never.called()
                ),
                "serve it from your own site, or change the promise in the words and the rules",
            );
        }
    }
}

fn names(site: &Site<'_>, never: &NeverSection, receiver: &RecipientSection) -> bool {
    never.addressees(site).into_iter().any(|addressee| match addressee {
        Addressee::Kind(kind) => receiver.kind.get() == Some(&kind),
        Addressee::Recipient(at) => site.rules.recipients[at].id.get() == receiver.id.get(),
    })
}

fn field_name(site: &Site<'_>, field: usize) -> String {
    let (data, field) = &site.fields[field];
    format!("{data}.{field}")
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_use_that_does_what_is_never_done_is_shown() {
        let folder = library().rules("recipients = [\"map-maker\"]", "recipients = [\"map-maker\"]\nact = \"sell\"").rules(
            "data = [\"account.email\"]\nacts = [\"sell\", \"rent\", \"lease\"]",
            "data = [\"account.email\", \"visit.ip\"]\nacts = [\"sell\", \"rent\", \"lease\"]",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn an_affiliate_is_a_third_party_too() {
        let folder = library()
            .rules("kind = \"processor\"", "kind = \"affiliate\"")
            .rules("recipients = [\"us\", \"book-courier\"]", "recipients = [\"us\", \"book-courier\"]\nact = \"rent\"")
            .rules("to = [\"third-party\", \"affiliate\"]", "to = [\"third-party\"]");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_resource_shares_what_browsers_send_along() {
        let folder = library()
            .rules("act = \"process\"", "act = \"share\"")
            .rules("data = [\"visit.ip\", \"visit.browser\"]", "data = [\"loan.*\"]")
            .rules("data = [\"account.email\"]\nacts = [\"sell\", \"rent\", \"lease\"]", "data = [\"visit.browser\"]\nacts = [\"share\"]")
            .rules("to = [\"third-party\", \"affiliate\"]", "to = [\"map-maker\"]");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_promise_to_everybody_binds_ourselves() {
        let folder = library()
            .rules("acts = [\"sell\", \"rent\", \"lease\"]", "acts = [\"process\"]")
            .rules("to = [\"third-party\", \"affiliate\"]\n", "");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn selling_something_else_or_sharing_the_same_is_no_contradiction() {
        let folder = library().rules("recipients = [\"map-maker\"]", "recipients = [\"map-maker\"]\nact = \"sell\"");
        assert_eq!(folder.findings(), "no errors, no warnings\n");
    }
}
