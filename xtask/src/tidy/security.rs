//! Whether `docs/security.md` has a line for everything the standard asks for, and every test it names is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const PAGE: &str = "docs/security.md";

/// The sections of OWASP ASVS 5.0.0 that the page is about, and how many requirements of the first two levels each has.
const SECTIONS: [(&str, usize); 19] = [
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
];

/// What a line can say of its requirement. All but the last have to name a test.
const VERDICTS: [&str; 4] = ["met", "partly", "written", "does not apply"];

pub(crate) fn problems(root: &Path) -> Result<Vec<String>> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("{PAGE} says how safe accounts are, and must be there"))?;
    let mut problems = in_page(&page);
    for (file, test) in tests_named(&page) {
        match fs::read_to_string(root.join(&file)) {
            Ok(text) if has_test(&text, &test) => {}
            Ok(_) => problems.push(format!("{PAGE}: there is no test `{test}` in {file}")),
            Err(_) => problems.push(format!("{PAGE}: there is no file {file}")),
        }
    }
    Ok(problems)
}

fn in_page(page: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [number, _, verdict, done, shown] = cells[..] else { continue };
        if !is_number(number) {
            continue;
        }
        *lines.entry(number.to_owned()).or_default() += 1;
        if !VERDICTS.contains(&verdict) {
            problems.push(format!("{PAGE}: {number} is `{verdict}`, and can be one of {}", VERDICTS.join(", ")));
        }
        if done.is_empty() || shown.is_empty() {
            problems.push(format!("{PAGE}: {number} leaves a cell empty"));
        }
        if verdict != "does not apply" && tests_named(shown).is_empty() {
            problems.push(format!("{PAGE}: {number} names no test"));
        }
    }
    for (section, count) in SECTIONS {
        for number in (1..=count).map(|at| format!("{section}.{at}")) {
            match lines.remove(&number) {
                Some(1) => {}
                Some(_) => problems.push(format!("{PAGE}: {number} is there more than once")),
                None => problems.push(format!("{PAGE}: {number} is missing")),
            }
        }
    }
    problems.extend(lines.keys().map(|number| format!("{PAGE}: the standard has no {number} in its first two levels")));
    problems
}

fn is_number(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every `file.rs::test` in backticks.
fn tests_named(text: &str) -> Vec<(String, String)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|quoted| quoted.split_once("::")).map(|(file, test)| (file.to_owned(), test.to_owned())).collect()
}

/// A function of this name with `#[test]` or the like above it, or one that is told on both databases.
fn has_test(text: &str, test: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let heads = [format!("fn {test}("), format!("async fn {test}(")];
    let Some(at) = lines.iter().position(|line| heads.iter().any(|head| line.starts_with(head))) else {
        return false;
    };
    let is_marked = lines[..at].iter().rev().take_while(|line| line.starts_with("#[")).any(|line| line.contains("test"));
    let in_block = |opening: &str| lines[..at].iter().any(|line| line.starts_with(opening));
    is_marked || (in_block("stories::on_both!") && lines.iter().any(|line| *line == format!("{test},")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> String {
        let numbers = SECTIONS.iter().flat_map(|(section, count)| (1..=*count).map(move |at| format!("{section}.{at}")));
        numbers.map(|number| format!("| {number} | 1 | met | A row | `a.rs::it_works` |\n")).collect()
    }

    #[test]
    fn every_requirement_has_one_line_with_a_test() {
        assert_eq!(in_page(&whole()), Vec::<String>::new());
        assert_eq!(in_page(&whole().replace("| 7.4.5 |", "| 7.4.6 |")).len(), 2, "one is missing and one is none");
        assert_eq!(in_page(&whole().replacen("| met |", "| nearly |", 1)).len(), 1);
        assert_eq!(in_page(&whole().replacen("`a.rs::it_works`", "see the code", 1)).len(), 1);
        assert_eq!(in_page(&whole().replacen("| A row |", "| |", 1)).len(), 1);
        assert_eq!(in_page(&format!("{0}{0}", whole())).len(), in_page("").len(), "twice is as wrong as never");
    }

    #[test]
    fn a_test_is_a_function_that_is_run_as_one() {
        let text = "#[test]\nfn one() {}\n\n    #[tokio::test(flavor = \"multi_thread\")]\n    #[expect(x)]\n    async fn two() {}\n\nfn three() {}\n";
        assert!(has_test(text, "one") && has_test(text, "two"));
        assert!(!has_test(text, "three") && !has_test(text, "on") && !has_test(text, "four"));
        assert!(has_test("stories::on_both! {\n    five,\n}\nfn five(database: Database) {}\n", "five"));
        assert_eq!(
            tests_named("x `a/b.rs::c`<br>`d.rs::e` and `f`"),
            [("a/b.rs".to_owned(), "c".to_owned()), ("d.rs".to_owned(), "e".to_owned())]
        );
    }
}
