use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{CookieSection, PurposeSection, RecipientSection, ResourceSection, Rule as _};

pub(super) const RULE: Rule = Rule {
    code: "undisclosed-rule",
    severity: Severity::Error,
    fires: "No tag names a `use`, `never` or `duty`; or none names a `purpose`, `cookie`, `resource` or `recipient`, or a use or purpose it belongs to. A cookie of a purpose that nobody can refuse does not belong to a use: its own id or its purpose's is named.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    // Without any words in the default language one finding says it all.
    if site.default_words().is_none() {
        return;
    }
    let rules = &site.rules;
    undisclosed(&rules.uses, found, |rule| named(site, rule));
    undisclosed(&rules.nevers, found, |rule| named(site, rule));
    undisclosed(&rules.duties, found, |rule| named(site, rule));
    undisclosed(&rules.purposes, found, |purpose| purpose_is_named(site, purpose));
    undisclosed(&rules.cookies, found, |cookie| cookie_is_named(site, cookie));
    undisclosed(&rules.resources, found, |resource| resource_is_named(site, resource));
    undisclosed(&rules.recipients, found, |recipient| recipient_is_named(site, recipient));
}

fn undisclosed<R: crate::syntax::Rule>(rules: &[R], found: &mut Found, is_named: impl Fn(&R) -> bool) {
    for rule in rules {
        // One without a readable id is refused for that.
        if let Some(id) = rule.id().get().filter(|_| !is_named(rule)) {
            let message = format!("the words say nothing about {}", rule.called());
            found.in_rules(rule.header(), message, format!("end the text in policy.md that says it with `{{{id}}}`"));
        }
    }
}

fn named<R: crate::syntax::Rule>(site: &Site<'_>, rule: &R) -> bool {
    rule.id().get().is_some_and(|id| site.is_named(id.as_str()))
}

fn purpose_is_named(site: &Site<'_>, purpose: &PurposeSection) -> bool {
    let uses_are = |id: &str| site.rules.uses.iter().any(|rule| rule.is_for(id) && named(site, rule));
    named(site, purpose) || purpose.id.get().is_some_and(|id| uses_are(id.as_str()))
}

fn belongs_to_named(site: &Site<'_>, purpose: Option<&String>) -> bool {
    purpose.and_then(|purpose| site.rules.purpose(purpose)).is_some_and(|purpose| purpose_is_named(site, purpose))
}

/// What a page says of a log does not tell anybody of a cookie that is set for the same purpose. People are told of it where they are asked; of one that
/// is set without asking only the words tell.
fn cookie_is_named(site: &Site<'_>, cookie: &CookieSection) -> bool {
    let purpose = cookie.purpose.get();
    let is_asked_about = || purpose.is_some_and(|purpose| site.can_be_refused(purpose));
    named(site, cookie)
        || purpose.is_some_and(|purpose| site.rules.purpose(purpose).is_some_and(|purpose| named(site, purpose)))
        || (is_asked_about() && belongs_to_named(site, purpose))
}

fn resource_is_named(site: &Site<'_>, resource: &ResourceSection) -> bool {
    named(site, resource) || belongs_to_named(site, resource.purpose.get())
}

fn recipient_is_named(site: &Site<'_>, recipient: &RecipientSection) -> bool {
    let Some(id) = recipient.id.get() else {
        return false;
    };
    let by_use = site.rules.uses.iter().any(|rule| {
        let receives = rule.receivers(&site.rules).iter().any(|receiver| receiver.is(id.as_str()));
        receives && (named(site, rule) || rule.purpose.get().is_some_and(|purpose| site.is_named(purpose)))
    });
    let by_resource = || {
        site.rules
            .resources
            .iter()
            .any(|resource| resource.recipient.get().is_some_and(|name| *id == **name) && resource_is_named(site, resource))
    };
    named(site, recipient) || by_use || by_resource()
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn rules_that_the_words_keep_quiet_about_are_shown() {
        let folder = library()
            .words("{lending, shelf-cookie}", "{-}")
            .words("{no-email-sale}", "{-}")
            .words("{contact}", "{-}")
            .more_rules("[[cookie]]\nid = \"quiet\"\nname = \"quiet\"\npurpose = \"lend\"\nkeep = \"1 day\"\n");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_cookie_that_nobody_can_refuse_needs_words_of_its_own() {
        let cookie = |purpose: &str| format!("[[cookie]]\nid = \"quiet\"\nname = \"quiet\"\npurpose = \"{purpose}\"\nkeep = \"1 day\"\n");
        let silent = "error[undisclosed-rule]: the words say nothing about the cookie `quiet`";
        let findings = |purpose, words: &str| library().more_rules(&cookie(purpose)).more_words(words).findings();
        for always_on in ["operate", "lend"] {
            assert!(findings(always_on, "").contains(silent), "{}", findings(always_on, ""));
            assert!(!findings(always_on, "\nA quiet cookie. {quiet}\n").contains(silent));
            assert!(!findings(always_on, &format!("\nAll of it. {{{always_on}}}\n")).contains(silent));
        }
        assert!(!findings("statistics", "").contains(silent), "people are told of it where they are asked");
    }

    #[test]
    fn a_tag_that_stands_alone_discloses_nothing() {
        let folder = library().words("{contact}", "{-}").more_words("\n{contact}\n");
        assert!(
            folder.findings().contains("error[undisclosed-rule]: the words say nothing about the duty `contact`"),
            "{}",
            folder.findings()
        );
    }
}
