use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::finding::{Finding, Report, Severity};
use crate::syntax::SiteSources;

const TAB_COLUMNS: usize = 4;

/// Every finding as a person wants to read it, and a line that counts them.
pub fn explain(report: &Report, sources: &SiteSources, colour: bool) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&explain_finding(finding, sources, colour));
        text.push('\n');
    }
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let _ = writeln!(text, "{}, {}", counted(errors, "error"), counted(warnings, "warning"));
    text
}

/// One finding: what is wrong, where, the line itself, and what to do.
pub fn explain_finding(finding: &Finding, sources: &SiteSources, colour: bool) -> String {
    let paint = Paint { colour };
    let severity = format!("{}[{}]", finding.severity.name(), finding.code);
    let line = sources.file(&finding.file).and_then(|file| file.text.lines().nth(finding.line - 1)).unwrap_or("");
    let number = finding.line.to_string();
    let gutter = " ".repeat(number.width());
    let bar = paint.quiet("|");
    let (shown, indent, underline) = underlined(line, finding.column, finding.length);
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}", paint.severity(finding.severity, &severity), paint.loud(&finding.message));
    let _ = writeln!(text, "{gutter}{} {}:{}:{}", paint.quiet("-->"), finding.file, finding.line, finding.column);
    if !shown.trim().is_empty() {
        let _ = writeln!(text, "{gutter} {bar}");
        let _ = writeln!(text, "{} {bar} {shown}", paint.quiet(&number));
        let marks = paint.severity(finding.severity, &"^".repeat(underline));
        let _ = writeln!(text, "{gutter} {bar} {}{marks}", " ".repeat(indent));
    }
    let _ = writeln!(text, "{gutter} {} help: {}", paint.quiet("="), finding.help);
    text
}

/// The line as it is shown, and how many columns of the screen come before the underline and under it.
fn underlined(line: &str, column: usize, length: usize) -> (String, usize, usize) {
    let mut shown = String::new();
    let (mut indent, mut underline) = (0, 0);
    for (at, character) in line.chars().enumerate() {
        let width = match character {
            '\t' => TAB_COLUMNS,
            other => other.width().unwrap_or(0),
        };
        match character {
            '\t' => shown.push_str(&" ".repeat(TAB_COLUMNS)),
            // A file must not be able to move the cursor about.
            other if other.is_control() => {}
            other => shown.push(other),
        }
        if at + 1 < column {
            indent += width;
        } else if at + 1 < column + length {
            underline += width;
        }
    }
    (shown, indent, underline.max(1))
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        many => format!("{many} {noun}s"),
    }
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
        };
        self.with(code, text)
    }

    fn loud(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn quiet(&self, text: &str) -> String {
        self.with("1;34", text)
    }

    fn with(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
