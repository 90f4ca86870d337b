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
    // What a broken file says about its values is a guess.
    let is_broken = site.rules.is_broken();
    let problems = site.rules.problems.iter().filter(|problem| !is_broken || matches!(problem.kind, ProblemKind::Broken { .. }));
    for (problem, message, help) in problems.filter_map(unreadable) {
        found.in_rules(problem.span.clone(), message, help);
    }
    for (at, words) in site.words.iter().enumerate() {
        let problems = words.problems.iter().filter_map(unreadable);
        problems.for_each(|(problem, message, help)| found.in_words(at, problem.span.clone(), message, help));
    }
    if !is_broken {
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

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_broken_file_is_shown_and_nothing_is_guessed_about_the_rest() {
        let folder = library()
            .rules("minimum_age = 18", "minimum_age = ")
            .rules("controller = \"Lantern Library\"", "controller = \"Lantern Library");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn values_that_are_not_what_they_have_to_be_are_shown() {
        let folder = library()
            .rules("minimum_age = 18", "minimum_age = \"eighteen\"")
            .rules("time_zone = \"America/Los_Angeles\"", "time_zone = \"Mars/Olympus\"")
            .rules("keep = \"2 years\"", "keep = \"3 fortnights\"")
            .rules("basis = \"contract\"", "basis = \"contracts\"")
            .rules("[purpose.lend]", "[purpose.Lend_Books]")
            .rules("person = { email = \"email\" }", "person = { email = \"email\", visitor = \"visitor\" }")
            .rules("become = \"origin\"", "become = \"family\"")
            .rules("values = [\"en\", \"es\"]", "values = [\"en\", \"en\", \"\"]");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn an_address_that_would_be_truncated_after_it_was_encrypted_is_shown() {
        let becomes = |form: &str, days: u8| format!("{{ field = \"ip\", after = \"{days} days\", become = \"{form}\" }}");
        let ageing = |days: u8| format!("{}, {}", becomes("encrypted", 30), becomes("truncated", days));
        let with = |days| library().rules(&becomes("truncated", 30), &ageing(days));
        assert_eq!(with(7).findings(), library().findings());
        insta::assert_snapshot!(with(60).findings());
    }

    #[test]
    fn keys_that_have_to_be_there_are_shown() {
        let folder = library()
            .rules("controller = \"Lantern Library\"\n", "")
            .rules("id = \"map-maker\"\nkind = \"third-party\"\n", "id = \"map-maker\"\n")
            .rules("acts = [\"sell\", \"rent\", \"lease\"]\n", "acts = []\n")
            .rules("holds = \"choices\"\n", "")
            .rules("person = { email = \"email\" }\nerase = \"delete\"", "person = { email = \"email\" }")
            .rules("title = { en = \"Language\", es = \"Idioma\" }", "title = { es = \"Idioma\" }");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn names_that_are_taken_or_reserved_are_shown() {
        let folder = library()
            .rules("id = \"P06\"", "id = \"P01\"")
            .more_rules("\n[purpose.return]\n\n[[recipient]]\nid = \"us\"\nkind = \"authority\"\nname = \"We\"\n")
            .more_rules("\n[[duty]]\nid = \"contact\"\nkind = \"access\"\n\n[[use]]\nid = \"back\"\ndata = [\"loan.*\"]\npurpose = \"return\"\nbasis = \"consent\"\n")
            .more_words("\nMore. {back, us}\n");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn braces_that_make_no_tag_are_shown() {
        let folder = library()
            .more_words("\nAn {open brace.\n\nNot {An Id}, and {-, contact} at once. {-}\n\n`{code}` and \\{escaped} are none. {-}\n");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn more_rules_of_a_kind_than_fit_are_refused() {
        let purposes: String = (0..130).map(|at| format!("\n[purpose.p{at}]\n")).collect();
        let findings = library().more_rules(&purposes).findings();
        assert!(findings.contains("this is one purpose too many: a policy has 128 of a kind at most"), "{findings}");
    }
}
