use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::site::Site;
use crate::model::Policy;
use crate::syntax::{SourceFile, position};

/// How bad it is: nothing is served or published with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing the checker has to say, and the exact place. Lines and columns are counted from 1, columns and lengths in characters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Stable, as `use-without-basis`.
    pub code: &'static str,
    pub severity: Severity,
    pub message: String,
    pub help: String,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

/// A promise, the rules that keep it and the words that make it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PromiseReport {
    pub id: String,
    pub title: String,
    pub rules: Vec<String>,
    /// The texts that its rules are tagged on, in the default language.
    pub words: Vec<String>,
}

/// All that a check found. It serializes as `{ok, findings, promises}`.
#[derive(Clone, Debug)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub promises: Vec<PromiseReport>,
    /// There is one exactly when no finding is an error.
    pub policy: Option<Policy>,
}

impl Report {
    /// Whether the folder may be served and published.
    pub const fn is_ok(&self) -> bool {
        self.policy.is_some()
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Report", 3)?;
        report.serialize_field("ok", &self.is_ok())?;
        report.serialize_field("findings", &self.findings)?;
        report.serialize_field("promises", &self.promises)?;
        report.end()
    }
}

/// One rule of the checker.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    /// When it fires, in one sentence for the reference.
    pub(crate) fires: &'static str,
    pub(crate) stage: Stage,
    pub(crate) check: fn(&Site<'_>, &mut Found),
}

/// What a rule needs to have been read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It looks at the text as it is.
    Text,
    /// It needs to know all rules: it stays silent where the file that holds them is broken.
    Rules,
}

impl Rule {
    pub(crate) fn applies_to(&self, site: &Site<'_>) -> bool {
        self.stage == Stage::Text || !site.rules.is_broken()
    }
}

/// What one rule found.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<(Place, String, String)>);

/// A file of the site, and the bytes in it.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Rules(Range<usize>),
    Words(usize, Range<usize>),
}

impl Found {
    pub(crate) fn in_rules(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.0.push((Place::Rules(span), message.into(), help.into()));
    }

    /// In the words of that place in [`Site::words`].
    pub(crate) fn in_words(&mut self, words: usize, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.0.push((Place::Words(words, span), message.into(), help.into()));
    }

    pub(crate) fn into_findings(self, rule: &Rule, site: &Site<'_>) -> Vec<Finding> {
        let finding = |(place, message, help): (Place, String, String)| {
            let (file, span): (&SourceFile, _) = match place {
                Place::Rules(span) => (&site.sources.rules, span),
                Place::Words(words, span) => (&site.sources.words[words].1, span),
            };
            let at = position(&file.text, &span);
            Finding {
                code: rule.code,
                severity: rule.severity,
                message,
                help,
                file: file.name.clone(),
                line: at.line,
                column: at.column,
                length: at.length,
            }
        };
        self.0.into_iter().map(finding).collect()
    }
}
