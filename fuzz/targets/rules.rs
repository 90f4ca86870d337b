//! `policy.toml`: any text is read to its end, and every finding has a place in it.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use policy::check::check;
use policy::syntax::SiteSources;

const RULES: &str = include_str!("../../crates/candor/assets/init/policy.toml");
const WORDS: &str = include_str!("../../crates/candor/assets/init/policy.md");

fuzz_target!(|text: &str| {
    // Behind rules that are whole, and alone.
    for rules in [format!("{RULES}\n{text}"), text.to_owned()] {
        let report = check(&SiteSources::new(rules.clone(), WORDS), date(2026, 3, 1));
        for finding in &report.findings {
            let source = if finding.file == "policy.md" { WORDS } else { rules.as_str() };
            let line = source.split('\n').nth(finding.line - 1).unwrap_or_else(|| panic!("no such line: {finding:?}"));
            assert!(finding.column - 1 <= line.chars().count(), "no such column: {finding:?}");
        }
        assert_eq!(report.policy.is_some(), report.findings.iter().all(|finding| finding.severity.name() != "error"));
    }
});
