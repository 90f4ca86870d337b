//! What `policy.toml` could say of a third party's place that it does not declare yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use policy::Policy;
use policy::model::Recipient;

use super::proposal::{Proposals, on_consent, other_purposes, quoted};

/// So many folders of a host are proposed one by one; of a host with more, or with something in no folder, the whole is.
const FOLDERS_MAX: usize = 3;

/// Proposals for resources, each host's recipient proposed once.
pub(super) struct ResourceProposals<'a, 'p> {
    proposals: &'a mut Proposals<'p>,
    /// Hosts that are proposed as a whole.
    whole: BTreeSet<String>,
    /// Addresses that a proposal names already.
    proposed: BTreeSet<String>,
    /// Ids of recipients that a proposal brings, by host.
    recipients: BTreeMap<String, String>,
    /// The purpose that a proposal brings, where the policy has none that fits.
    purpose: Option<String>,
}

impl<'a, 'p> ResourceProposals<'a, 'p> {
    /// For these places, none of which the policy declares.
    pub(super) fn new<'u>(proposals: &'a mut Proposals<'p>, undeclared: impl Iterator<Item = &'u str>) -> Self {
        let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (host, path) in undeclared.filter_map(split) {
            folders.entry(host).or_default().insert(path);
        }
        let is_whole = |paths: &BTreeSet<&str>| paths.len() > FOLDERS_MAX || paths.contains("/");
        let whole = folders.iter().filter(|(_, paths)| is_whole(paths)).map(|(host, _)| (*host).to_owned()).collect();
        Self { proposals, whole, proposed: BTreeSet::new(), recipients: BTreeMap::new(), purpose: None }
    }

    /// Tables to paste: the resource, and whoever receives what browsers tell there. None where an earlier proposal says it, or a policy cannot.
    pub(super) fn resource(&mut self, url: &str) -> Option<String> {
        let (host, path) = split(url)?;
        if url.contains(['*', '"', '\\']) || url.contains(char::is_control) {
            return None;
        }
        // What comes over TLS and what does not is the same place.
        let address = format!("https://{host}{}*", if self.whole.contains(host) { "/" } else { path });
        if !self.proposed.insert(address.clone()) {
            return None;
        }
        let mut text = String::new();
        let (purpose, remark) = self.purpose(&mut text);
        let recipient = match receives(self.proposals.policy, url, &purpose) {
            Some(known) => known.id.to_string(),
            None => self.recipient(&mut text, host, &purpose),
        };
        let id = self.proposals.id(host, "-resource");
        let _ = write!(
            text,
            "[[resource]]\nid = \"{id}\"\nmatch = {}\npurpose = \"{purpose}\"{remark}\nrecipient = \"{recipient}\"\n",
            quoted(&address)
        );
        Some(text)
    }

    /// A purpose that rests on a yes, with a remark. One is brought along where there is none: under any other the resource would be loaded at once.
    fn purpose(&mut self, text: &mut String) -> (String, String) {
        if let Some(purpose) = on_consent(self.proposals.policy) {
            return (purpose.id.to_string(), other_purposes(self.proposals.policy, purpose.id.as_str()));
        }
        if let Some(id) = &self.purpose {
            return (id.clone(), other_purposes(self.proposals.policy, id));
        }
        let id = self.proposals.id("content of others", "");
        let _ = write!(text, "[purpose.{id}]\ntitle = \"Content of others\"   # say what it is for\n\n");
        let others = other_purposes(self.proposals.policy, &id);
        self.purpose = Some(id.clone());
        (id, others)
    }

    /// Whoever is behind a host, and what browsers tell them.
    fn recipient(&mut self, text: &mut String, host: &str, purpose: &str) -> String {
        if let Some(id) = self.recipients.get(host) {
            return id.clone();
        }
        let id = self.proposals.id(host, "");
        let rule = self.proposals.id(host, "-loads");
        let told = self.proposals.told();
        let _ = write!(
            text,
            "[[recipient]]\nid = \"{id}\"\nkind = \"third-party\"   # or \"processor\", where they act for you alone\n\
             name = {}   # who is behind it\n# address = \"where people can write to them\"\n\n\
             [[use]]\nid = \"{rule}\"\ntitle = {}\ndata = [{told}]\npurpose = \"{purpose}\"\nbasis = \"consent\"\nrecipients = [\"{id}\"]\n\n",
            quoted(host),
            quoted(&format!("Things of {host} on our pages"))
        );
        self.recipients.insert(host.to_owned(), id.clone());
        id
    }
}

/// Whoever is declared to receive what something else on this host is told, if a use for this purpose says so.
fn receives<'p>(policy: &'p Policy, url: &str, purpose: &str) -> Option<&'p Recipient> {
    let there = policy.resources_on_host_of(url);
    let named = policy.purpose_named(purpose)?;
    let recipients = there.iter().map(|resource| policy.resource(resource).recipient);
    let mut told =
        recipients.filter(|recipient| policy.uses.iter().any(|rule| rule.purpose == named && rule.recipients.contains(*recipient)));
    told.next().map(|recipient| policy.recipient(recipient))
}

/// Host and path.
fn split(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    Some(rest.split_at(rest.find('/')?))
}

#[cfg(test)]
mod tests {
    use policy::check::Severity;
    use policy::syntax::SiteSources;

    use super::*;

    const RULES: &str = include_str!("../../../../../examples/health/policy.toml");
    const WORDS: &str = include_str!("../../../../../examples/health/policy.md");
    const STARTER_RULES: &str = include_str!("../../../assets/init/policy.toml");
    const STARTER_WORDS: &str = include_str!("../../../assets/init/policy.md");

    const SEEN: [&str; 9] = [
        "http://fonts.example/",
        "https://ads.example/a/",
        "https://ads.example/b/",
        "https://ads.example/c/",
        "https://ads.example/d/",
        "https://fonts.example/",
        "https://fonts.example/css/",
        "https://fonts.example:8443/x/y/",
        "https://maps.example/tiles/",
    ];

    fn checked(rules: &str, words: &str) -> policy::check::Report {
        policy::check::check(&SiteSources::new(rules, words), "2026-03-01".parse().expect("a day"))
    }

    fn proposed(policy: &Policy) -> Vec<Option<String>> {
        let mut proposals = Proposals::for_policy(policy);
        let mut resources = ResourceProposals::new(&mut proposals, SEEN.into_iter());
        SEEN.iter().map(|url| resources.resource(url)).collect()
    }

    /// The codes of what is wrong with a policy that has every proposal pasted, but for what was wrong before.
    fn complaints(rules: &str, words: &str) -> BTreeSet<&'static str> {
        let policy = checked(rules, words).policy.expect("no errors");
        let pasted: String = proposed(&policy).into_iter().flatten().map(|text| format!("\n{text}")).collect();
        let report = checked(&format!("{rules}{pasted}"), words);
        report.findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.code).collect()
    }

    #[test]
    fn pasted_proposals_lack_what_only_a_person_can_say() {
        for (rules, words) in [(RULES, WORDS), (STARTER_RULES, STARTER_WORDS)] {
            let expected = ["recipient-without-address", "undisclosed-rule"];
            assert_eq!(complaints(rules, words).into_iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn with_addresses_and_words_they_check_clean_and_permit_nothing_by_themselves() {
        for (rules, words) in [(RULES, WORDS), (STARTER_RULES, STARTER_WORDS)] {
            let before = checked(rules, words).policy.expect("no errors");
            let pasted: String = proposed(&before).into_iter().flatten().map(|text| format!("\n{text}")).collect();
            let pasted = pasted.replace("# address = ", "address = ");
            let tags = ["ads-example-loads", "fonts-example-loads", "fonts-example-8443-loads", "maps-example-loads"].join(", ");
            let report = checked(&format!("{rules}{pasted}"), &format!("{words}\n\nOthers are told when you load something. {{{tags}}}\n"));
            let errors: Vec<_> = report.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:#?}\n{pasted}");
            let after = report.policy.expect("no errors");
            assert!(SEEN.iter().all(|url| after.resource_for(url).is_some()));
            let facts = policy::VisitFacts {
                person: policy::Person::default(),
                gpc: false,
                region: domain::Region::UNKNOWN,
                at: "2026-03-01T12:00:00Z".parse().expect("a time"),
            };
            let plan = policy::plan_visit(&after, &policy::Revocations::default(), &facts);
            assert!(plan.resources.is_empty(), "{plan:?}");
            assert!(before.purposes.iter().zip(&after.purposes).all(|(one, other)| one.id == other.id));
            let purposes = policy::plan_visit(&before, &policy::Revocations::default(), &facts).purposes;
            assert_eq!(plan.purposes, purposes, "what was permitted still is");
        }
    }

    #[test]
    fn a_host_is_proposed_once_and_its_folders_only_where_they_are_few() {
        let policy = checked(RULES, WORDS).policy.expect("no errors");
        let matches: Vec<Option<String>> = proposed(&policy)
            .into_iter()
            .map(|text| text.and_then(|text| text.lines().find(|line| line.starts_with("match")).map(str::to_owned)))
            .collect();
        let line = |address: &str| Some(format!("match = \"{address}\""));
        assert_eq!(
            matches,
            [
                line("https://fonts.example/*"),
                line("https://ads.example/*"),
                None,
                None,
                None,
                None,
                None,
                line("https://fonts.example:8443/x/y/*"),
                line("https://maps.example/tiles/*"),
            ]
        );
        let mut proposals = Proposals::for_policy(&policy);
        let mut resources = ResourceProposals::new(&mut proposals, std::iter::empty());
        assert_eq!(resources.resource("https://*.example/x/"), None);
    }

    #[test]
    fn whoever_is_known_to_be_there_is_not_proposed_again() {
        let policy = checked(RULES, WORDS).policy.expect("no errors");
        let mut proposals = Proposals::for_policy(&policy);
        let url = "https://www.openstreetmap.org/export/";
        assert!(policy.resource_for(url).is_some(), "all of this host is declared");
        let found = receives(&policy, url, "map").map(|recipient| recipient.id.as_str());
        assert_eq!(found, Some("openstreetmap"));
        assert_eq!(receives(&policy, url, "news").map(|recipient| recipient.id.as_str()), None);
        assert!(ResourceProposals::new(&mut proposals, std::iter::empty()).resource("https://other.example/").is_some());
    }
}
