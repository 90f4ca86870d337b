//! What `policy.toml` could say of what it does not declare yet.

use std::collections::BTreeSet;
use std::fmt::Write;

use domain::{Basis, Id};
use policy::Policy;
use policy::model::Purpose;

/// What browsers tell whoever they load something from, and a site that sets a cookie.
const TOLD_BY_BROWSERS: [&str; 4] = ["visit.ip", "visit.browser", "visit.referrer", "visit.time"];

/// Proposals whose ids neither the policy has nor another proposal.
pub(super) struct Proposals<'p> {
    pub(super) policy: &'p Policy,
    ids: BTreeSet<String>,
    /// The purpose that a proposal for a cookie brings, where the policy has none that rests on a yes.
    purpose: Option<String>,
}

impl<'p> Proposals<'p> {
    pub(super) fn for_policy(policy: &'p Policy) -> Self {
        let ids = policy.cookies.iter().map(|rule| &rule.id).chain(policy.resources.iter().map(|rule| &rule.id));
        let ids = ids.chain(policy.recipients.iter().map(|rule| &rule.id)).chain(policy.uses.iter().map(|rule| &rule.id));
        let ids = ids.chain(policy.purposes.iter().map(|rule| &rule.id));
        Self { policy, ids: ids.map(Id::to_string).collect(), purpose: None }
    }

    /// A table to paste. None for a name that a policy cannot write.
    pub(super) fn cookie(&mut self, name: &str, seconds_max: Option<u64>) -> Option<String> {
        if name.contains(['*', char::REPLACEMENT_CHARACTER]) {
            return None;
        }
        let bare = name.strip_prefix("__Host-").or_else(|| name.strip_prefix("__Secure-")).unwrap_or(name);
        let mut text = String::new();
        let purpose = self.purpose(&mut text);
        let id = self.id(bare, "-cookie");
        let _ = write!(
            text,
            "[[cookie]]\nid = \"{id}\"\nname = {}\npurpose = \"{purpose}\"{}\nkeep = \"{}\"\n",
            quoted(name),
            other_purposes(self.policy, &purpose),
            keep(seconds_max)
        );
        Some(text)
    }

    /// A purpose that rests on a yes: a proposal that is pasted unread permits nothing more than before. One is brought along where there is none, with
    /// a use that makes it so.
    fn purpose(&mut self, text: &mut String) -> String {
        if let Some(purpose) = on_consent(self.policy) {
            return purpose.id.to_string();
        }
        if let Some(id) = &self.purpose {
            return id.clone();
        }
        let id = self.id("optional cookies", "");
        let rule = self.id("optional cookies", "-use");
        let _ = write!(
            text,
            "[purpose.{id}]\ntitle = \"Cookies that this site can do without\"   # say what they are for\n\n\
             [[use]]\nid = \"{rule}\"\ntitle = \"What these cookies learn\"\ndata = [{}]\npurpose = \"{id}\"\nbasis = \"consent\"\n\n",
            self.told()
        );
        self.purpose = Some(id.clone());
        id
    }

    /// What browsers tell, as far as the policy knows it, as the list of a use.
    pub(super) fn told(&self) -> String {
        let known: Vec<String> =
            TOLD_BY_BROWSERS.iter().filter(|name| self.policy.field_named(name).is_some()).map(|name| quoted(name)).collect();
        if known.is_empty() { quoted("visit.*") } else { known.join(", ") }
    }

    /// An id that nothing has yet, from the words of a text.
    pub(super) fn id(&mut self, text: &str, suffix: &str) -> String {
        let words: Vec<String> = text
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let mut stem = words.join("-");
        stem.truncate(Id::LENGTH_MAX - suffix.len() - "-10000".len());
        let stem = stem.trim_matches('-');
        let stem = if stem.starts_with(|first: char| first.is_ascii_lowercase()) { stem.to_owned() } else { format!("the-{stem}") };
        let stem = stem.trim_end_matches('-');
        let mut id = format!("{stem}{suffix}");
        let mut number = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{stem}{suffix}-{number}");
            number += 1;
        }
        id
    }
}

/// A remark that names the other purposes.
pub(super) fn other_purposes(policy: &Policy, chosen: &str) -> String {
    let others: Vec<&str> = policy.purposes.iter().map(|purpose| purpose.id.as_str()).filter(|id| *id != chosen).collect();
    if others.is_empty() { String::new() } else { format!("   # or what it is really for: {}", others.join(", ")) }
}

/// A purpose that rests on a yes.
pub(super) fn on_consent(policy: &Policy) -> Option<&Purpose> {
    policy.uses.iter().find(|rule| rule.basis == Basis::Consent).map(|rule| policy.purpose(rule.purpose))
}

/// As long as the site keeps it, in whole days, and no longer than browsers would.
fn keep(seconds_max: Option<u64>) -> String {
    const DAYS_MAX: u64 = 400;
    match seconds_max.map_or(1, |seconds| seconds.div_ceil(86_400)).clamp(1, DAYS_MAX) {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// A basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(control));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use policy::syntax::SiteSources;

    use super::*;

    const RULES: &str = include_str!("../../../../../examples/health/policy.toml");
    const WORDS: &str = include_str!("../../../../../examples/health/policy.md");

    fn checked(rules: &str) -> policy::check::Report {
        policy::check::check(&SiteSources::new(rules, WORDS), "2026-03-01".parse().expect("a day"))
    }

    #[test]
    fn a_policy_with_every_proposal_pasted_declares_every_cookie() {
        let before = checked(RULES);
        let policy = before.policy.expect("the example has no errors");
        let mut proposals = Proposals::for_policy(&policy);
        let names = ["PHPSESSID", "phpsessid", "__Host-sid", "9lives", "_", "a\"b\\c", "topics", &"long.".repeat(50), "wp-settings-1"];
        let mut rules = RULES.to_owned();
        for name in names {
            rules.push('\n');
            rules.push_str(&proposals.cookie(name, Some(63_072_000)).expect("a proposal"));
        }
        let after = checked(&rules);
        let errors: Vec<_> = after.findings.iter().filter(|finding| finding.severity == policy::check::Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let policy = after.policy.expect("no errors");
        assert!(names.iter().all(|name| policy.cookie_for(name.as_bytes()).is_some()));
    }

    #[test]
    fn where_nothing_rests_on_a_yes_the_first_proposal_brings_a_purpose_that_does() {
        let (rules, words) = (include_str!("../../../assets/init/policy.toml"), include_str!("../../../assets/init/policy.md"));
        let check = |rules: &str, words: &str| policy::check::check(&SiteSources::new(rules, words), "2026-03-01".parse().expect("a day"));
        let policy = check(rules, words).policy.expect("the starter has no errors");
        let mut proposals = Proposals::for_policy(&policy);
        let pasted = ["_ga", "_fbp"].map(|name| proposals.cookie(name, Some(63_072_000)).expect("a proposal"));
        let rules = format!("{rules}\n{}\n{}", pasted[0], pasted[1]);
        let codes: BTreeSet<_> = check(&rules, words).findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), ["undisclosed-rule"], "only a person can tell people: {rules}");
        let after = check(&rules, &format!("{words}\n\nSome cookies we can do without. {{optional-cookies-use}}\n"));
        assert_eq!(after.findings, [], "{rules}");
        let after = after.policy.expect("no errors");
        let facts = policy::VisitFacts {
            person: policy::Person::default(),
            gpc: false,
            region: domain::Region::UNKNOWN,
            at: "2026-03-01T12:00:00Z".parse().expect("a time"),
        };
        let plan = policy::plan_visit(&after, &policy::Revocations::default(), &facts);
        for name in ["_ga", "_fbp"] {
            let rule = after.cookie_for(name.as_bytes()).expect("it is declared");
            assert!(!plan.cookies.contains(rule), "{name} waits for a yes");
        }
    }

    #[test]
    fn a_proposal_permits_nothing_by_itself_and_says_what_to_think_about() {
        let policy = checked(RULES).policy.expect("the example has no errors");
        let mut proposals = Proposals::for_policy(&policy);
        let text = proposals.cookie("PHPSESSID", None).expect("a proposal");
        assert!(text.starts_with("[[cookie]]\nid = \"phpsessid-cookie\"\nname = \"PHPSESSID\"\npurpose = \""), "{text}");
        assert!(text.ends_with("keep = \"1 day\"\n") && text.contains("# or what it is really for: "), "{text}");
        let purpose = on_consent(&policy).expect("a purpose");
        assert!(policy.uses.iter().any(|rule| rule.basis == Basis::Consent && policy.purpose(rule.purpose).id == purpose.id));
        assert_eq!(proposals.cookie("not \u{fffd} text", None), None);
    }
}
