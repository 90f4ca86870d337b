//! All visits of one person, beside DuckDB on the same files and ripgrep on the text.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use stories::{find, stopwatch};

use super::super::Options;
use super::super::percentile::{median, percentile};
use super::super::rounds::version;
use super::logged::{Logged, Programs, Role, kept};
use super::peers::{Python, ensure_debian, parquet_files};
use super::{grouped, headline};
use crate::process;

/// So often ripgrep goes through the text.
const GREPS: usize = 3;

#[derive(Deserialize)]
struct Report {
    open_ms: f64,
    files: u64,
    bytes: u64,
    found: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    role: Role,
    user: String,
    address: String,
    account: String,
    visits: u64,
    account_ms: Vec<f64>,
    address_ms: Vec<f64>,
    account_cold_ms: Option<f64>,
    address_cold_ms: Option<f64>,
}

/// By what somebody is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum By {
    #[serde(rename = "account")]
    Account,
    #[serde(rename = "ip")]
    Address,
}

impl By {
    const ALL: [Self; 2] = [Self::Account, Self::Address];

    const fn told(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
        }
    }
}

impl Row {
    fn ms(&self, by: By) -> &[f64] {
        match by {
            By::Account => &self.account_ms,
            By::Address => &self.address_ms,
        }
    }

    const fn cold_ms(&self, by: By) -> Option<f64> {
        match by {
            By::Account => self.account_cold_ms,
            By::Address => self.address_cold_ms,
        }
    }
}

#[derive(Serialize)]
struct Question<'a> {
    column: By,
    value: &'a str,
}

#[derive(Deserialize)]
struct DuckDb {
    version: String,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    visits: u64,
    ms: Vec<f64>,
}

/// What was measured of one log.
struct Looked {
    visits: u64,
    report: Report,
    duckdb: DuckDb,
    /// None where the text is not kept. In milliseconds, in the order of the questions.
    greps: Option<Vec<Vec<f64>>>,
}

pub(crate) fn run(options: &Options) -> Result<String> {
    ensure_debian(&[("rg", "ripgrep")])?;
    let (programs, python) = (Programs::build(options)?, Python::prepare()?);
    let looked = options.visits.iter().map(|visits| look(*visits, &programs, &python)).collect::<Result<Vec<_>>>()?;
    tell(&looked, &options.visits)
}

fn look(visits: u64, programs: &Programs, python: &Python) -> Result<Looked> {
    let logged = Logged::of(visits)?;
    let data = logged.data(programs)?;
    let report: Report = programs.ask("lookup", &data, &logged)?;
    let asked = asked(&report);
    let questions = asked.iter().map(|(row, by)| {
        let value = if *by == By::Account { &row.account } else { &row.address };
        serde_json::to_string(&Question { column: *by, value })
    });
    let questions = questions.collect::<Result<Vec<_>, _>>()?.join("\n");
    let file = kept()?.join("questions");
    fs::write(&file, questions)?;
    let (duckdb, _): (DuckDb, _) = python.run("with_duckdb.py", &[Path::new("lookup"), &parquet_files(&data), &file], None)?;
    ensure!(duckdb.answers.len() == asked.len(), "DuckDB answered other questions");
    for ((row, by), answer) in asked.iter().zip(&duckdb.answers) {
        ensure!(
            answer.visits == row.visits,
            "by {}, DuckDB finds {} visits of {}, and not {}",
            by.told(),
            answer.visits,
            row.user,
            row.visits
        );
    }
    let greps = if logged.has_text() {
        let text = logged.text(programs)?;
        Some(asked.iter().map(|(row, by)| grep(&text, row, *by)).collect::<Result<Vec<_>>>()?)
    } else {
        None
    };
    Ok(Looked { visits, report, duckdb, greps })
}

/// Who stands for a kind, by each of the ways.
fn asked(report: &Report) -> Vec<(&Row, By)> {
    let kinds = Role::KINDS.iter().filter_map(|role| report.found.iter().find(|row| row.role == *role));
    kinds.flat_map(|row| By::ALL.map(|by| (row, by))).collect()
}

/// How long it takes to go through the text for somebody.
fn grep(text: &Path, row: &Row, by: By) -> Result<Vec<f64>> {
    let (option, pattern) = match by {
        By::Account => ("--fixed-strings", format!(" - {} [", row.user)),
        By::Address => ("--regexp", address_pattern(&row.address)),
    };
    (0..GREPS)
        .map(|_| {
            let since = stopwatch();
            let lines = process::output(Command::new(find("rg")).args(["--no-config", option, &pattern]).arg(text))?;
            let taken = since().as_secs_f64() * 1e3;
            let found = lines.lines().count() as u64;
            ensure!(found == row.visits, "ripgrep finds {found} lines of {}, and not {}", row.user, row.visits);
            Ok(taken)
        })
        .collect()
}

/// Lines that begin with this address, and with no longer one.
fn address_pattern(address: &str) -> String {
    format!("^{} ", address.replace('.', "\\."))
}

fn tell(looked: &[Looked], visits: &[u64]) -> Result<String> {
    let mut table = headline("lookup", visits, "")?;
    let duckdb = &looked.first().context("nothing was looked up")?.duckdb.version;
    writeln!(
        table,
        "\n\nWhat is read is in memory, but where it says cold. Candor asks on one thread, with the log open; DuckDB and ripgrep have \
         all cores. ms; of Candor's and of many people p50 and p99, of the others the median.\n"
    )?;
    writeln!(
        table,
        "| visits | somebody | visits of theirs | by | Candor | Candor, cold | DuckDB {duckdb}, same files | {}, the text |",
        version("rg", "--version")?.split(" (").next().unwrap_or_default()
    )?;
    writeln!(table, "|---|---|---|---|---|---|---|---|")?;
    for Looked { visits, report, duckdb, greps } in looked {
        for (at, (row, by)) in asked(report).into_iter().enumerate() {
            writeln!(
                table,
                "| {} | {} | {} | {} | {} | {} | {:.1} | {} |",
                grouped(*visits),
                row.role.told(),
                grouped(row.visits),
                by.told(),
                percentiles(row.ms(by).to_vec()),
                row.cold_ms(by).map_or_else(String::new, |ms| format!("{ms:.1}")),
                median(duckdb.answers[at].ms.clone()),
                greps.as_ref().map_or_else(|| "text not kept".to_owned(), |greps| format!("{:.0}", median(greps[at].clone()))),
            )?;
        }
        for by in By::ALL {
            let many: Vec<&Row> = report.found.iter().filter(|row| row.role == Role::Many).collect();
            let mut of_them: Vec<u64> = many.iter().map(|row| row.visits).collect();
            of_them.sort_unstable();
            writeln!(
                table,
                "| {} | {} others, each once | {}-{} | {} | {} | | | |",
                grouped(*visits),
                many.len(),
                of_them.first().copied().unwrap_or_default(),
                grouped(of_them.last().copied().unwrap_or_default()),
                by.told(),
                percentiles(many.iter().flat_map(|row| row.ms(by)).copied().collect()),
            )?;
        }
    }
    writeln!(table)?;
    for Looked { visits, report, .. } in looked {
        writeln!(
            table,
            "{} visits: {:.1} MB in files of the log, {} of them; it opens in {:.1} ms.",
            grouped(*visits),
            report.bytes as f64 / 1e6,
            report.files,
            report.open_ms
        )?;
    }
    write!(table, "Whoever is looked up was found by everybody with as many visits as the generator wrote.")?;
    Ok(table)
}

fn percentiles(ms: Vec<f64>) -> String {
    format!("{:.2} / {:.2}", percentile(ms.clone(), 0.5), percentile(ms, 0.99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_name_columns_of_the_files_and_lines_begin_with_addresses() {
        let question = |column| serde_json::to_string(&Question { column, value: "x" }).expect("JSON");
        assert_eq!(question(By::Account), r#"{"column":"account","value":"x"}"#);
        assert_eq!(question(By::Address), r#"{"column":"ip","value":"x"}"#);
        assert_eq!(address_pattern("10.0.0.1"), r"^10\.0\.0\.1 ");
    }

    #[test]
    fn what_the_log_says_of_lookups_is_read_and_asked_of_the_others() {
        let row = |role: &str| {
            format!(
                r#"{{"role":"{role}","user":"u","address":"::1","account":"00","visits":2,"account_ms":[1.0],"address_ms":[2.0],"account_cold_ms":null,"address_cold_ms":9.5}}"#
            )
        };
        let all = ["many", "single", "heavy", "median"].map(row).join(",");
        let report: Report = serde_json::from_str(&format!(r#"{{"open_ms":0.5,"files":1,"bytes":10,"found":[{all}]}}"#)).expect("read");
        let asked: Vec<(Role, By)> = asked(&report).into_iter().map(|(row, by)| (row.role, by)).collect();
        let expected = Role::KINDS.into_iter().flat_map(|role| By::ALL.map(|by| (role, by))).collect::<Vec<_>>();
        assert_eq!(asked, expected);
    }
}
