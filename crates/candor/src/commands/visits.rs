use std::io::Write;

use clap::Args;
use domain::{Clock, Span, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::clock::SystemClock;
use crate::owner::{self, Done, Question, VisitRow, VisitsQuestion};
use crate::server::visits_of_folder;

/// List the visits in the log, the oldest first, as far as the policy allows for a purpose.
#[derive(Args, Debug)]
pub(super) struct Visits {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Only this visitor's, by the visitor's id.
    #[arg(long, value_name = "PERSON")]
    person: Option<String>,
    /// Only from this address, or from this network as in 192.0.2.0/24.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// Only from here on: a time, a day, or how long ago, as in "2 days".
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// Only before here.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Timestamp>,
    /// What the visits are wanted for: a purpose of the policy. Without it, the one the access log is kept for.
    #[arg(long)]
    purpose: Option<String>,
    /// At most so many, the newest.
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

impl Visits {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.data.given())?;
        let folder = configuration.data_folder(&self.site.folder);
        let question = VisitsQuestion {
            person: self.person,
            ip: self.ip,
            since: self.since,
            until: self.until,
            purpose: self.purpose,
            limit: self.limit,
        };
        let mut printer = Printer::new(self.json);
        let mut end = None;
        let mut each = |answer: owner::Answer| -> anyhow::Result<()> {
            match answer {
                owner::Answer::Visit(row) => printer.row(&row),
                other => {
                    end = Some(other);
                    Ok(())
                }
            }
        };
        match owner::DataFolder::own_existing(&folder) {
            Ok(owned) => visits_of_folder(&owned, (&configuration, &self.site.folder), &question, &mut each)?,
            Err(owner::OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Visits(question), each)?,
            Err(error) => return Err(error.into()),
        }
        match end {
            Some(owner::Answer::Done(done)) => {
                printer.end(&done)?;
                Ok(if done.damage.is_empty() { Answer::Yes } else { Answer::No })
            }
            Some(owner::Answer::Refused(why)) => {
                eprintln!("candor: refused: {why}");
                Ok(Answer::No)
            }
            Some(owner::Answer::Bad(why) | owner::Answer::Failed(why)) => anyhow::bail!(why),
            _ => anyhow::bail!("the server went away before its answer ended"),
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

    fn row(&mut self, row: &VisitRow) -> anyhow::Result<()> {
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

    fn end(&self, done: &Done) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            let opening = if self.rows == 0 { "{\"visits\":[" } else { "\n" };
            writeln!(
                out,
                "{opening}],\"gaps\":{},\"damage\":{}}}",
                serde_json::to_string(&done.gaps)?,
                serde_json::to_string(&done.damage)?
            )?;
        }
        if self.rows == 0 && !self.json {
            eprintln!("candor: there are no such visits");
        }
        for gap in &done.gaps {
            eprintln!("candor: between {} and {}, {} visits could not be recorded", gap.from, gap.to, gap.lost);
        }
        for damage in &done.damage {
            eprintln!("candor: {damage}");
        }
        Ok(())
    }
}
