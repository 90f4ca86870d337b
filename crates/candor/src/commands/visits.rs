use std::io::{IsTerminal, Write};

use app::visit_log::{By, Missing, Question, ShownCounts, ShownVisit};
use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::{Clock, Span, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::chart::{self, Paper};
use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration, person};
use crate::clock::SystemClock;
use crate::owner;
use crate::server::visits_of_folder;

/// List the visits in the log, the oldest first, or count them, as far as the policy allows for a purpose.
#[derive(Args, Debug)]
pub(super) struct Visits {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Only this person's: an e-mail address, a username, or the id of an account or a visitor. `-` reads it from standard input, so that other users of this
    /// machine do not see it.
    #[arg(long, value_name = "PERSON")]
    person: Option<String>,
    /// Only from this address, or from this network as in 192.0.2.0/24; an encrypted address as it is shown.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// Only of this page, or of pages that begin alike as in /articles/*.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Only from here on: a time, a day, or how long ago, as in "2 days".
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// Only before here.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Timestamp>,
    /// What the visits are wanted for: a purpose of the policy. Without it, the one the access log is kept for.
    #[arg(long)]
    purpose: Option<String>,
    /// Count them by this instead: by people and by robots.
    #[arg(long, value_parser = PossibleValuesParser::new(By::ALL.iter().map(|by| by.name())))]
    by: Option<String>,
    /// Tell a group only where it is of so many people; the others are told together.
    #[arg(long, value_name = "PEOPLE", requires = "by")]
    at_least: Option<u64>,
    /// At most so many, the newest; of counts, the largest.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<Date>().ok().and_then(day))
        .or_else(|| Span::parse(text).ok().map(|span| span.before(SystemClock::new().now())))
        .ok_or_else(|| "write a time as 2026-03-01T12:00:00Z, a day as 2026-03-01, or how long ago as \"2 days\"".to_owned())
}

/// So many groups are printed where nobody says how many, and no program reads them.
const GROUPS_PRINTED: usize = 25;

impl Visits {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.data.given())?;
        let folder = configuration.data_folder(&self.site.folder);
        let person = match self.person {
            Some(dash) if dash == "-" => Some(person::read_line()?),
            person => person,
        };
        let is_read_by_somebody = self.by.is_some() && !self.json;
        let question = Question {
            person,
            ip: self.ip,
            path: self.path,
            since: self.since,
            until: self.until,
            purpose: self.purpose,
            limit: self.limit.or(is_read_by_somebody.then_some(GROUPS_PRINTED)),
            by: self.by,
            at_least: self.at_least,
        };
        let mut printer = Printer::new(self.json);
        let mut waiting = Waiting::new();
        let mut end = None;
        let mut each = |answer: owner::Answer| -> anyhow::Result<()> {
            match answer {
                owner::Answer::Visit(row) => printer.row(&row),
                owner::Answer::Progress(hundredths) => {
                    waiting.at(hundredths);
                    Ok(())
                }
                other => {
                    end = Some(other);
                    Ok(())
                }
            }
        };
        match owner::DataFolder::own_existing(&folder) {
            Ok(owned) => visits_of_folder(&owned, (&configuration, &self.site.folder), &question, &mut each)?,
            Err(owner::OwnerError::Owned { .. }) => owner::ask(&folder, &owner::Question::Visits(question), each)?,
            Err(error) => return Err(error.into()),
        }
        waiting.end();
        let missing = match end {
            Some(owner::Answer::Done(missing)) => {
                printer.end(&missing)?;
                missing
            }
            Some(owner::Answer::Counts(counts)) => {
                print_counts(&counts, self.json)?;
                counts.missing
            }
            Some(owner::Answer::Refused(why)) => {
                eprintln!("candor: refused: {why}");
                return Ok(Answer::No);
            }
            Some(owner::Answer::Bad(why) | owner::Answer::Failed(why)) => anyhow::bail!(why),
            _ => anyhow::bail!("the server went away before its answer ended"),
        };
        tell(&missing);
        Ok(if missing.damage.is_empty() { Answer::Yes } else { Answer::No })
    }
}

fn print_counts(counts: &ShownCounts, json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, counts)?;
        writeln!(out)?;
    } else {
        for line in chart::lines(counts, Paper::here()) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// What the log lacks is told wherever rows and counts go.
fn tell(missing: &Missing) {
    for gap in &missing.gaps {
        eprintln!("candor: between {} and {}, {} visits could not be recorded", gap.from, gap.to, gap.lost);
    }
    for damage in &missing.damage {
        eprintln!("candor: {damage}");
    }
}

/// Says on a terminal how far counting is; elsewhere nothing.
struct Waiting {
    is_shown: bool,
    has_shown: bool,
}

impl Waiting {
    fn new() -> Self {
        Self { is_shown: std::io::stderr().is_terminal(), has_shown: false }
    }

    fn at(&mut self, hundredths: u8) {
        if self.is_shown {
            self.has_shown = true;
            eprint!("\rcounting, {hundredths} % done");
        }
    }

    fn end(&self) {
        if self.has_shown {
            eprint!("\r\u{1b}[K");
        }
    }
}

/// Prints rows as they come, so that a long list needs no memory.
struct Printer {
    json: bool,
    rows: u64,
}

impl Printer {
    fn new(json: bool) -> Self {
        Self { json, rows: 0 }
    }

    fn row(&mut self, row: &ShownVisit) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            out.write_all(if self.rows == 0 { b"{\"visits\":[\n" } else { b",\n" })?;
            terminal::write_json(&mut out, row)?;
        } else {
            writeln!(
                out,
                "{:20}  {:15}  {:>3}  {:4} {}{}{}",
                row.time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                row.ip.as_deref().unwrap_or("-"),
                row.status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
                row.method.as_deref().unwrap_or("-"),
                plain(row.path.as_deref().unwrap_or("-")),
                row.referrer.as_deref().map(|page| format!("  from {}", plain(page))).unwrap_or_default(),
                row.browser.as_deref().map(|browser| format!("  {}", plain(browser))).unwrap_or_default(),
            )?;
        }
        self.rows += 1;
        Ok(())
    }

    fn end(&self, missing: &Missing) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            let opening = if self.rows == 0 { "{\"visits\":[" } else { "\n" };
            writeln!(
                out,
                "{opening}],\"gaps\":{},\"damage\":{}}}",
                serde_json::to_string(&missing.gaps)?,
                serde_json::to_string(&missing.damage)?
            )?;
        }
        if self.rows == 0 && !self.json {
            eprintln!("candor: there are no such visits");
        }
        Ok(())
    }
}
