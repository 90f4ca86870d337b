//! Whatever cannot be read as what it has to be.

mod combinations;
mod names;
mod required;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{Problem, ProblemKind};

pub(super) const RULE: Rule = Rule {
    code: "unparsable",
    severity: Severity::Error,
    fires: "A file cannot be read, a key that has to be there is missing, a value is not what it has to be, or two rules share a name.",
    stage: Stage::Text,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    site.rules
        .problems
        .iter()
        .filter_map(unreadable)
        .for_each(|(problem, message, help)| found.in_rules(problem.span.clone(), message, help));
    for (at, words) in site.words.iter().enumerate() {
        let problems = words.problems.iter().filter_map(unreadable);
        problems.for_each(|(problem, message, help)| found.in_words(at, problem.span.clone(), message, help));
    }
    if !site.rules.is_broken() {
        required::check(site, found);
        names::check(site, found);
        combinations::check(site, found);
    }
}

fn unreadable(problem: &Problem) -> Option<(&Problem, &str, &str)> {
    match &problem.kind {
        ProblemKind::Broken { message, help } | ProblemKind::Unreadable { message, help } => Some((problem, message, help)),
        ProblemKind::UnknownKey { .. } => None,
    }
}
