//! The pages of the reference that the code itself knows best.

use std::fmt::Write;

use super::finding::Severity;
use super::rules;
use crate::decide::{Code, Obligation};
use crate::syntax::vocabulary;

const GENERATED: &str = "<!-- Generated from the code: a test writes it anew with UPDATE_REFERENCE=1. -->";

const WORDS: &str = "
## Words

`policy.md` is plain Markdown. A tag in braces at the end of a sentence or paragraph names the rules that make it true, as `{access-log}` or
`{one, other}`; it covers the text back to the tag before it, or to the start of the paragraph. `{-}` marks text that promises nothing. Text that no tag
covers is an error. List items, table cells and quotes are paragraphs; headings and the heads of table columns need no tag; a block of code is covered by
a tag alone in the paragraph behind it. `\\{` is a brace. Raw HTML is shown as text, and a picture as its description.

A `use`, `never` and `duty` must be named by a tag. A `purpose`, `cookie`, `resource` and `recipient` must be named by its own id, or by that of a use
or purpose it belongs to; a cookie of a purpose that nobody can refuse by its own id or its purpose's, because nobody is asked about it. The rest needs
no tag.
";

/// Every finding of `candor check`, and when it fires.
pub fn findings_reference() -> String {
    let mut page = format!("# Findings\n\n{GENERATED}\n\n");
    page.push_str("What `candor check` can say about a site folder. A folder with an error is neither served nor published.\n\n");
    page.push_str("| code | severity | it fires when |\n|---|---|---|\n");
    for rule in rules::ALL {
        let _ = writeln!(page, "| `{}` | {} | {} |", rule.code, rule.severity.name(), in_cell(rule.fires));
    }
    let errors = rules::ALL.iter().filter(|rule| rule.severity == Severity::Error).count();
    let _ = write!(page, "\n{errors} of the {} are errors.\n", rules::ALL.len());
    page
}

/// Every table and key of `policy.toml`.
pub fn vocabulary_reference() -> String {
    let mut page = format!("# policy.toml\n\n{GENERATED}\n\n");
    page.push_str("What is enforced. `policy.md` says the same to people, and `candor check` holds the two together.\n");
    page.push_str(WORDS);
    for table in vocabulary() {
        let _ = write!(page, "\n## `{}`\n\n{}\n\n| key | it holds | |\n|---|---|---|\n", table.header, table.about);
        for key in table.keys {
            let _ = writeln!(page, "| `{}` | {} | {} |", key.name, in_cell(&key.form), in_cell(key.about));
        }
    }
    page
}

/// Every code a decision can carry, and every obligation of a permit.
pub fn decisions_reference() -> String {
    let mut page = format!("# Decisions\n\n{GENERATED}\n\n");
    page.push_str("A decision is `{verdict, code, use, clause, basis, reason, obligations}`. The verdict is `permit` with the code `permitted`, and `refuse` with any other.\n\n");
    page.push_str("## Codes\n\n| code | it is the answer when |\n|---|---|\n");
    for code in Code::ALL {
        let _ = writeln!(page, "| `{}` | {} |", code.name(), in_cell(code.meaning()));
    }
    page.push_str("\n## Obligations\n\n| obligation | whoever uses the permit has to |\n|---|---|\n");
    for obligation in Obligation::ALL {
        let _ = writeln!(page, "| `{}` | {} |", obligation.name(), in_cell(obligation.meaning()));
    }
    page
}

fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}
