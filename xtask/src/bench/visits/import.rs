//! A log taken in, beside a report made of it and the same text turned into Parquet.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use stories::find;

use super::super::Options;
use super::super::peers::pinned;
use super::super::percentile::{median, spread};
use super::super::rounds::version;
use super::logged::{Logged, Programs, bytes_in, empty, import, kept, site};
use super::measured::{Measured, measured};
use super::peers::{ONE_CORE, Python, ensure_debian};
use super::{grouped, headline};
use crate::process;

/// Every round of everybody, with the same log.
#[derive(Default)]
struct Rounds {
    candor: Vec<Measured>,
    /// The same log again.
    again: Vec<Measured>,
    goaccess: Vec<Measured>,
    duckdb: Vec<Measured>,
}

/// What became of it, in bytes.
struct Sizes {
    text: u64,
    zstd: u64,
    candor: u64,
    duckdb: u64,
}

#[derive(Deserialize)]
struct DuckDb {
    version: String,
    visits: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct GoAccess {
    general: GoAccessTotals,
}

#[derive(Deserialize)]
struct GoAccessTotals {
    total_requests: u64,
    valid_requests: u64,
}

#[derive(Deserialize)]
struct Found {
    found: Vec<serde::de::IgnoredAny>,
}

pub(crate) fn run(options: &Options) -> Result<String> {
    ensure!(options.rounds > 0, "a measurement takes a round at least");
    ensure_debian(&[("goaccess", "goaccess"), ("zstd", "zstd"), ("taskset", "util-linux")])?;
    let (programs, python) = (Programs::build(options)?, Python::prepare()?);
    let mut table = headline("import", &options.visits, &format!(" --rounds {}", options.rounds))?;
    writeln!(table)?;
    for visits in &options.visits {
        let logged = Logged::of(*visits)?;
        measure(&logged, options, &programs, &python, &mut table)?;
    }
    Ok(table)
}

fn measure(logged: &Logged, options: &Options, programs: &Programs, python: &Python, table: &mut String) -> Result<()> {
    let text = logged.text(programs)?;
    let folder = empty(&kept()?.join("run"))?;
    fs::create_dir_all(&folder)?;
    let site = site(&programs.candor, &folder)?;
    let (data, parquet, report) = (folder.join("data"), folder.join("visits.parquet"), folder.join("report.json"));
    let zstd = zstd_bytes(&text, &folder)?;
    let mut rounds = Rounds::default();
    let mut duckdb = None;
    for round in 0..options.rounds {
        // Who comes first changes from round to round; what was written before is on the disk before the next is measured.
        for turn in 0..3 {
            process::run(&mut Command::new("sync"))?;
            match (turn + round) % 3 {
                0 => {
                    empty(&data)?;
                    rounds.candor.push(taken_in(programs, &text, &site, &data, |said| logged.ensure_imported(said))?);
                    rounds.again.push(taken_in(programs, &text, &site, &data, |said| logged.ensure_known(said))?);
                }
                1 => rounds.goaccess.push(reported(logged, &text, &report)?),
                _ => {
                    let (said, measured): (DuckDb, _) = python.run("with_duckdb.py", &[Path::new("import"), &text, &parquet], ONE_CORE)?;
                    ensure!(said.visits == logged.visits, "DuckDB read {} visits of {}", said.visits, logged.visits);
                    rounds.duckdb.push(measured);
                    duckdb = Some(said);
                }
            }
        }
    }
    let duckdb = duckdb.context("DuckDB was measured")?;
    // What was taken in answers: everybody who is looked up has the visits that the generator wrote.
    let answered: Found = programs.ask("lookup", &data, logged)?;
    let sizes = Sizes { text: fs::metadata(&text)?.len(), zstd, candor: bytes_in(&data.join("visits"))?, duckdb: duckdb.bytes };
    tell(logged, &rounds, &sizes, &duckdb.version, answered.found.len(), table)?;
    empty(&folder)?;
    Ok(())
}

fn taken_in(programs: &Programs, text: &Path, site: &Path, data: &Path, ensure: impl Fn(&str) -> Result<()>) -> Result<Measured> {
    let plain = import(&programs.candor, text, site, data);
    let mut command = pinned(&programs.candor, ONE_CORE);
    command.args(plain.get_args());
    let measured = measured(&mut command)?;
    ensure(&measured.output)?;
    Ok(measured)
}

fn reported(logged: &Logged, text: &Path, report: &Path) -> Result<Measured> {
    let mut command = pinned(&find("goaccess"), ONE_CORE);
    command.arg(text).args(["--log-format=COMBINED", "--no-progress", "-o"]).arg(report);
    let measured = measured(&mut command)?;
    ensure_counted(&fs::read_to_string(report).context("GoAccess wrote no report")?, logged.visits)?;
    Ok(measured)
}

/// GoAccess understood every line.
fn ensure_counted(report: &str, visits: u64) -> Result<()> {
    let said: GoAccess = serde_json::from_str(report).context("GoAccess wrote something unexpected")?;
    let GoAccessTotals { total_requests, valid_requests } = said.general;
    ensure!(
        total_requests == visits && valid_requests == visits,
        "GoAccess counts {total_requests} requests, {valid_requests} of them valid, of {visits}"
    );
    Ok(())
}

fn zstd_bytes(text: &Path, folder: &Path) -> Result<u64> {
    let packed = folder.join("access.log.zst");
    process::run(Command::new(find("zstd")).args(["-3", "--quiet", "--force", "-o"]).arg(&packed).arg(text))?;
    let bytes = fs::metadata(&packed)?.len();
    fs::remove_file(&packed)?;
    Ok(bytes)
}

fn tell(logged: &Logged, rounds: &Rounds, sizes: &Sizes, duckdb: &str, answered: usize, table: &mut String) -> Result<()> {
    let a_line = |bytes: u64| bytes as f64 / logged.visits as f64;
    let of = |rounds: &[Measured], value: fn(&Measured) -> f64| rounds.iter().map(value).collect::<Vec<f64>>();
    let lines_a_second = |rounds: &[Measured]| rounds.iter().map(|round| logged.visits as f64 / round.seconds).collect::<Vec<f64>>();
    writeln!(
        table,
        "\n{} lines in the combined format, {:.0} bytes each, each program on one core. Median of {} rounds in turns, with the least and \
         the most.\n",
        grouped(logged.visits),
        a_line(sizes.text),
        rounds.candor.len()
    )?;
    writeln!(table, "| | lines/s | s of CPU | peak memory | bytes a line on the disk |")?;
    writeln!(table, "|---|---|---|---|---|")?;
    let goaccess = version("goaccess", "--version")?.trim_end_matches('.').replace(" - ", " ");
    for (name, rounds, bytes) in [
        (format!("{goaccess}, to a report"), &rounds.goaccess, None),
        (format!("DuckDB {duckdb}, by a regular expression to Parquet"), &rounds.duckdb, Some(sizes.duckdb)),
        ("Candor, to its log, durable".to_owned(), &rounds.candor, Some(sizes.candor)),
        ("Candor, the same log again".to_owned(), &rounds.again, None),
    ] {
        writeln!(
            table,
            "| {name} | {} | {} | {:.0} MB | {} |",
            spread(lines_a_second(rounds), 0),
            spread(of(rounds, |round| round.processor_seconds), 1),
            median(of(rounds, |round| round.memory_mb)),
            bytes.map_or_else(String::new, |bytes| format!("{:.1}", a_line(bytes)))
        )?;
    }
    writeln!(table, "| `zstd -3` of the text | | | | {:.1} |", a_line(sizes.zstd))?;
    writeln!(
        table,
        "\nCandor takes in {:.1} times as many lines/s as GoAccess reads, and needs {:.2} times the bytes of `zstd -3`. GoAccess and \
         DuckDB count as many requests as Candor took in, and {answered} people were looked up in its log afterwards: each has the \
         visits that the generator wrote.",
        median(lines_a_second(&rounds.candor)) / median(lines_a_second(&rounds.goaccess)),
        sizes.candor as f64 / sizes.zstd as f64
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_counts_other_lines_fails() {
        let report = |total, valid| {
            format!(
                r#"{{"general":{{"total_requests":{total},"valid_requests":{valid},"failed_requests":0,"log_path":["a"]}},"visitors":{{}}}}"#
            )
        };
        assert!(ensure_counted(&report(5, 5), 5).is_ok());
        assert!(ensure_counted(&report(5, 4), 5).is_err() && ensure_counted(&report(6, 6), 5).is_err() && ensure_counted("{}", 5).is_err());
    }
}
