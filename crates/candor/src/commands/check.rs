use std::io::{IsTerminal, Write};

use clap::Args;

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

/// Nothing is promised here that a program cannot know.
const COMPARED: &str = "ok: every sentence names its rules, every rule has its words, and lengths of time in both were compared; whether a sentence says \
                        what its rules do is for a person to read";

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let site = checked_site(&self.site.folder)?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &site.report)?;
            writeln!(out)?;
        } else {
            let terminal = out.is_terminal();
            print_findings(&site, &mut out, terminal)?;
            for promise in &site.report.promises {
                let rules: Vec<&str> = promise.rules.iter().map(AsRef::as_ref).collect();
                writeln!(out, "{:>4}  {}  ({})", promise.id, promise.title, rules.join(", "))?;
            }
            if site.report.policy.is_none() {
                writeln!(out, "this policy cannot be served yet")?;
            } else {
                match site.report.promises.len() {
                    0 => {}
                    1 => writeln!(out, "ok: 1 promise, with the rules that keep it")?,
                    kept => writeln!(out, "ok: {kept} promises, each with the rules that keep it")?,
                }
                writeln!(out, "{COMPARED}")?;
            }
        }
        Ok(if site.report.policy.is_some() { Answer::Yes } else { Answer::No })
    }
}
