use std::io::Write;

use clap::Args;
use policy::check::Severity;

use super::{Answer, SiteFlag, checked_site, print_findings};

/// Hold the words and the rules of a policy together, and say what is wrong and where.
#[derive(Args, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    site: SiteFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let site = checked_site(&self.site.folder)?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &site.report)?;
            writeln!(out)?;
        } else {
            print_findings(&site, &mut out)?;
            for promise in &site.report.promises {
                let rules: Vec<&str> = promise.rules.iter().map(AsRef::as_ref).collect();
                writeln!(out, "{:>4}  {}  ({})", promise.id, promise.title, rules.join(", "))?;
            }
            let errors = site.report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            let warnings = site.report.findings.len() - errors;
            let kept = site.report.promises.len();
            match (site.report.policy.is_some(), kept) {
                (true, 0) => writeln!(out, "ok: the words and the rules agree, {warnings} warnings")?,
                (true, _) => writeln!(out, "ok: {kept} promises, each with the rules that keep it, {warnings} warnings")?,
                (false, _) => writeln!(out, "{errors} errors, {warnings} warnings: this policy cannot be served yet")?,
            }
        }
        Ok(if site.report.policy.is_some() { Answer::Yes } else { Answer::No })
    }
}
