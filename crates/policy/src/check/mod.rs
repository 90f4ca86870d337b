//! Holding words and rules together. Each rule of the checker is one file; what passes them all becomes a [`Policy`].

mod compile;
mod explain;
mod finding;
mod links;
mod reference;
mod rules;
mod site;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use explain::{explain, explain_finding};
pub use finding::{Finding, PromiseReport, Report, Severity};
pub use reference::{decisions_reference, findings_reference, vocabulary_reference};
pub use site::{Circumstances, Edition, History, Limits, StoreProbe};

pub(crate) use finding::{Found, Rule, Stage};
pub(crate) use site::Site;

use jiff::civil::Date;

use crate::model::Policy;
use crate::syntax::SiteSources;

/// Checks a folder on its own, as version 1 of today.
pub fn check(sources: &SiteSources, today: Date) -> Report {
    check_with(sources, &Circumstances::of(today))
}

/// Checks a folder under the circumstances it is published or served in.
pub fn check_with(sources: &SiteSources, circumstances: &Circumstances<'_>) -> Report {
    let site = Site::read(sources, circumstances);
    let mut findings: Vec<Finding> = rules::ALL.iter().filter(|rule| rule.applies_to(&site)).flat_map(|rule| run(rule, &site)).collect();
    findings.sort_by_cached_key(|finding| (site.file_order(&finding.file), finding.line, finding.column));
    let has_errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    let policy: Option<Policy> = if has_errors { None } else { compile::compile(&site) };
    if !has_errors && policy.is_none() {
        findings.extend(run(&rules::not_put_together(), &site));
    }
    Report { promises: site.promises(), findings, policy }
}

/// Puts a policy together that passed the check when it was published. A rule the checker learnt later does not undo that: only what cannot be
/// understood any more stands against it.
pub fn recompile(sources: &SiteSources, circumstances: &Circumstances<'_>) -> Option<Policy> {
    let site = Site::read(sources, circumstances);
    let not_understood = rules::UNDERSTANDING.iter().filter(|rule| rule.applies_to(&site)).any(|rule| !run(rule, &site).is_empty());
    if not_understood { None } else { compile::compile(&site) }
}

fn run(rule: &Rule, site: &Site<'_>) -> Vec<Finding> {
    let mut found = Found::default();
    (rule.check)(site, &mut found);
    found.into_findings(rule, site)
}
