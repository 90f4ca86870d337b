//! A small site, and what its visitors carry.

use domain::{Region, Timestamp};
use policy::Policy;
use policy::check::check;
use policy::syntax::SiteSources;

use crate::choices::Circumstances;

pub(crate) const RULES: &str = include_str!("../fixtures/site/policy.toml");
pub(crate) const WORDS: &str = include_str!("../fixtures/site/policy.md");
pub(crate) const SPANISH_WORDS: &str = include_str!("../fixtures/site/policy.es.md");

pub(crate) fn sources() -> SiteSources {
    let spanish = domain::Language::parse("es").expect("a language");
    SiteSources::new(RULES, WORDS).with_translation(spanish, SPANISH_WORDS)
}

pub(crate) fn policy() -> Policy {
    policy_with(RULES)
}

pub(crate) fn policy_with(rules: &str) -> Policy {
    let spanish = domain::Language::parse("es").expect("a language");
    let sources = SiteSources::new(rules, WORDS).with_translation(spanish, SPANISH_WORDS);
    let report = check(&sources, at("2026-03-02T12:00:00Z").to_zoned(jiff::tz::TimeZone::UTC).date());
    report.policy.unwrap_or_else(|| panic!("the fixture does not pass its check: {:#?}", report.findings))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Somebody in Germany, without Global Privacy Control, at this time.
pub(crate) fn in_germany(time: &str) -> Circumstances {
    Circumstances { gpc: false, region: Region::parse("DE").expect("a region"), now: at(time) }
}

pub(crate) fn in_california(time: &str) -> Circumstances {
    Circumstances { region: Region::parse("US-CA").expect("a region"), ..in_germany(time) }
}
