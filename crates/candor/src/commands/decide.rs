use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use domain::Clock;
use policy::{Policy, Revocations};

use super::{Answer, SiteFlag, policy_or_findings};
use crate::clock::SystemClock;

/// Decide whether a use of data may happen, and say why. The answer is JSON; exit status 1 is a refusal.
#[derive(Args, Debug)]
pub(super) struct Decide {
    #[command(flatten)]
    site: SiteFlag,
    /// A file of facts as JSON; `-` reads standard input.
    #[arg(value_name = "FACTS.json")]
    facts: PathBuf,
    /// Each line of the file is one set of facts; answer each with one line.
    #[arg(long)]
    lines: bool,
    /// Print JSON. It is always so; scripts may ask for it all the same.
    #[arg(long)]
    json: bool,
}

/// No facts are longer.
const FACTS_BYTES_MAX: u64 = 1024 * 1024;

impl Decide {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let input = open(&self.facts)?;
        let Some(policy) = policy_or_findings(&self.site.folder)? else {
            return Ok(Answer::No);
        };
        let mut out = std::io::stdout().lock();
        if self.lines {
            return decide_lines(&policy, input, &mut out);
        }
        let mut text = String::new();
        input.take(FACTS_BYTES_MAX).read_to_string(&mut text).with_context(|| format!("{}: it cannot be read", self.facts.display()))?;
        let pretty = out.is_terminal();
        let answer = decide_one(&policy, &text, &mut out, pretty).with_context(|| self.facts.display().to_string())?;
        writeln!(out)?;
        Ok(answer)
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = std::fs::File::open(path).with_context(|| format!("{}: it cannot be read", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Answers line by line. A line that is not facts is answered with its error, and the rest goes on; the command then ends with status 2.
fn decide_lines(policy: &Policy, mut input: impl BufRead, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (mut answer, mut bad, mut number) = (Answer::Yes, 0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        if input.by_ref().take(FACTS_BYTES_MAX).read_line(&mut line).context("the facts cannot be read")? == 0 {
            break;
        }
        number += 1;
        if line.trim().is_empty() {
            continue;
        }
        match decide_one(policy, &line, out, false) {
            Ok(Answer::Yes) => {}
            Ok(Answer::No) => answer = Answer::No,
            Err(error) => {
                bad += 1;
                serde_json::to_writer(&mut *out, &serde_json::json!({ "error": error.to_string(), "line": number }))?;
            }
        }
        writeln!(out)?;
    }
    if bad > 0 {
        anyhow::bail!("{bad} of {number} lines are not facts; each is answered with its error");
    }
    Ok(answer)
}

fn decide_one(policy: &Policy, text: &str, out: &mut impl Write, pretty: bool) -> anyhow::Result<Answer> {
    let facts = policy::read_facts(policy, text, SystemClock::new().now())?;
    let decision = policy::decide(policy, &Revocations::default(), &facts.facts());
    if pretty {
        serde_json::to_writer_pretty(&mut *out, &decision)?;
    } else {
        serde_json::to_writer(&mut *out, &decision)?;
    }
    Ok(if decision.is_permitted() { Answer::Yes } else { Answer::No })
}
