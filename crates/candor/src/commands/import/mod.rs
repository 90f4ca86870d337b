mod progress;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, ImportQuestion, LogReport, Question};
use crate::rotated;
use crate::server::import_into_folder;
use progress::Progress;

/// Take the access logs of another server into the visit log, as far as the policy lets visits be kept.
///
/// Reads the formats common, combined and vhost-combined of Apache and nginx, lighttpd's, nginx's and Traefik's in JSON, Caddy's, HAProxy's and W3C extended (IIS), plain or
/// packed with gzip or zstd, and finds out which it is. What was imported before is not imported again, also when the log grew or was rotated and packed since: run
/// it as often as you like. When it is interrupted, the next run goes on from there.
///
/// Exit status: 0 all logs are imported, broken lines left out; 2 one of them could not be read.
#[derive(Args, Debug)]
pub(super) struct Import {
    /// The logs; `-` is standard input.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// Also those that were rotated away from beside each, as access.log.1 and access.log-20260301.gz.
    #[arg(long)]
    rotated: bool,
    /// Where the server stood, as in Europe/Berlin, for logs whose times do not say it. Without it, the policy's time zone.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Import a log even if it looks like an older copy of one that is imported already.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What `candor import --json` prints: the sums, and each log by itself.
#[derive(Default, Serialize)]
struct Report {
    read: u64,
    imported: u64,
    already: u64,
    dropped: u64,
    robots: u64,
    broken_lines: u64,
    broken: Vec<BrokenRow>,
    logs: Vec<LogRow>,
    failed: Vec<FailedRow>,
}

#[derive(Serialize)]
struct BrokenRow {
    file: String,
    line: u64,
    why: String,
}

#[derive(Serialize)]
struct LogRow {
    file: String,
    format: Option<String>,
    read: u64,
    imported: u64,
    already: u64,
    dropped: u64,
    robots: u64,
    broken_lines: u64,
}

#[derive(Serialize)]
struct FailedRow {
    file: String,
    why: String,
}

/// Takes one log in.
type Take<'a> = &'a mut dyn FnMut(&ImportQuestion, &mut (dyn Read + Send)) -> anyhow::Result<owner::Answer>;

impl Import {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let site: &Path = &self.site.folder;
        let configuration = load_configuration(site, &self.data.given())?;
        let folder = configuration.data_folder(site);
        let report = match owner::DataFolder::own(&folder) {
            Ok(owned) => import_into_folder(&owned, (&configuration, site), |take| {
                self.import(&mut |question, source| Ok(take(question, &mut { source })))
            })?,
            Err(owner::OwnerError::Owned { .. }) => self.import(&mut |question, source| ask(&folder, question, source)),
            Err(error) => return Err(error.into()),
        };
        report.print(self.json)?;
        anyhow::ensure!(report.failed.is_empty(), "{} could not be imported to the end", count(report.failed.len() as u64, "log"));
        Ok(Answer::Yes)
    }

    fn import(&self, take: Take<'_>) -> Report {
        let question = ImportQuestion { again: self.again, zone: self.zone.clone() };
        let mut report = Report::default();
        for log in &self.logs {
            let rotated = if self.rotated && log.as_os_str() != "-" { rotated::beside(log) } else { Ok(Vec::new()) };
            match rotated {
                Ok(rotated) => rotated.iter().chain([log]).for_each(|log| report.add(log, take_in(log, &question, take))),
                Err(error) => report.add(log, Err(anyhow::anyhow!("its folder cannot be listed: {error}"))),
            }
        }
        report
    }
}

fn take_in(log: &Path, question: &ImportQuestion, take: Take<'_>) -> anyhow::Result<LogReport> {
    let name = plain(&log.display().to_string());
    let answer = if log.as_os_str() == "-" {
        take(question, &mut Progress::new("standard input", None).over(io::stdin()))
    } else {
        let file = File::open(log)?;
        let about = file.metadata()?;
        anyhow::ensure!(!about.is_dir(), "it is a folder; name the logs in it");
        take(question, &mut Progress::new(&name, about.is_file().then_some(about.len())).over(file))
    };
    match answer? {
        owner::Answer::Imported(report) => Ok(report),
        owner::Answer::Bad(why) | owner::Answer::Failed(why) | owner::Answer::Refused(why) => Err(anyhow::anyhow!(why)),
        _ => Err(anyhow::anyhow!("the server answered something else; is it of this version?")),
    }
}

fn ask(folder: &Path, question: &ImportQuestion, source: &mut (dyn Read + Send)) -> anyhow::Result<owner::Answer> {
    let mut answer = None;
    owner::ask_with(folder, &Question::Import(question.clone()), source, |said| {
        answer = Some(said);
        Ok(())
    })?;
    answer.context("the server went away before its answer ended; run this again to go on from there")
}

impl Report {
    fn add(&mut self, log: &Path, taken: anyhow::Result<LogReport>) {
        let file = log.display().to_string();
        let report = match taken {
            Ok(report) => report,
            Err(error) => {
                self.failed.push(FailedRow { file, why: super::said_once(&error) });
                return;
            }
        };
        let LogReport { format, read, imported, already, dropped, robots, broken_lines, broken, ended } = report;
        self.read += read;
        self.imported += imported;
        self.already += already;
        self.dropped += dropped;
        self.robots += robots;
        self.broken_lines += broken_lines;
        self.broken.extend(broken.into_iter().map(|broken| BrokenRow { file: file.clone(), line: broken.line, why: broken.why }));
        self.failed.extend(ended.map(|why| FailedRow { file: file.clone(), why }));
        self.logs.push(LogRow { file, format, read, imported, already, dropped, robots, broken_lines });
    }

    fn print(&self, json: bool) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if json {
            terminal::write_json(&mut out, self)?;
            writeln!(out)?;
        } else {
            for log in &self.logs {
                writeln!(out, "{}: {}", plain(&log.file), log.told())?;
            }
            if self.logs.len() > 1 {
                writeln!(out, "all together: {}", Counts::of(self))?;
            }
        }
        for broken in &self.broken {
            eprintln!("candor: {}, line {}: {}", plain(&broken.file), broken.line, broken.why);
        }
        let unnamed = self.broken_lines - self.broken.len() as u64;
        if unnamed > 0 {
            eprintln!("candor: and {} more that cannot be read", count(unnamed, "line"));
        }
        for failed in &self.failed {
            eprintln!("candor: {}: {}", plain(&failed.file), plain(&failed.why));
        }
        Ok(())
    }
}

impl LogRow {
    fn told(&self) -> String {
        match &self.format {
            None => "nothing is in it".to_owned(),
            Some(format) => format!("{format}, {}", Counts::of_log(self)),
        }
    }
}

/// What became of the lines, as far as there are any.
struct Counts([(u64, &'static str); 5]);

impl Counts {
    const fn of(report: &Report) -> Self {
        let Report { read, imported, already, dropped, broken_lines, .. } = report;
        Self::new(*read, *imported, *already, *dropped, *broken_lines)
    }

    const fn of_log(log: &LogRow) -> Self {
        Self::new(log.read, log.imported, log.already, log.dropped, log.broken_lines)
    }

    const fn new(read: u64, imported: u64, already: u64, dropped: u64, broken: u64) -> Self {
        Self([
            (read, "lines"),
            (imported, "imported"),
            (already, "imported before"),
            (dropped, "older than the policy keeps visits"),
            (broken, "that cannot be read"),
        ])
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self([(read, lines), parts @ ..]) = self;
        let told: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let lines = if *read == 1 { "line" } else { lines };
        write!(out, "{read} {lines}")?;
        if told.is_empty() { Ok(()) } else { write!(out, ": {}", told.join(", ")) }
    }
}

fn count(number: u64, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}
