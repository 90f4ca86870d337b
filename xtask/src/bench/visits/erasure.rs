//! One person out of the log, beside DuckDB and ClickHouse with the same visits.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::super::Options;
use super::super::percentile::{median, percentile};
use super::logged::{Logged, Programs, Role, bytes_in, empty, kept};
use super::peers::{Python, parquet_files};
use super::{grouped, headline};
use crate::process;

#[derive(Deserialize)]
struct Report {
    one_by_one: Vec<Row>,
    together: Row,
    found_before: u64,
    scan_ms: f64,
    scanned: Scanned,
}

#[derive(Deserialize)]
struct Row {
    role: Role,
    people: u64,
    visits: u64,
    account: String,
    question_ms: f64,
    unseen_asked_ms: f64,
    unseen_ms: f64,
    gone_ms: f64,
    files: u64,
    held_bytes: u64,
    encoded_bytes: u64,
    written_bytes: u64,
}

impl Row {
    /// How much was encoded anew for a byte of the row groups they were in.
    fn share_encoded(&self) -> f64 {
        self.encoded_bytes as f64 / self.held_bytes as f64
    }
}

#[derive(Deserialize)]
struct Scanned {
    files: u64,
    pages: u64,
    decoded_bytes: u64,
    filters: u64,
    filters_maybe: u64,
}

#[derive(Deserialize)]
struct DuckDb {
    version: String,
    ms: f64,
    visits: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct ClickHouse {
    version: String,
    visits: u64,
    erased: Vec<ClickHouseErased>,
}

#[derive(Deserialize)]
struct ClickHouseErased {
    visits: u64,
    hidden_ms: f64,
    gone_ms: f64,
    bytes: u64,
}

/// What was measured of one log.
struct Erased {
    visits: u64,
    bytes: u64,
    report: Report,
    duckdb: Vec<DuckDb>,
    clickhouse: ClickHouse,
}

pub(crate) fn run(options: &Options) -> Result<String> {
    let (programs, python) = (Programs::build(options)?, Python::prepare()?);
    let erased = options.visits.iter().map(|visits| erase(*visits, &programs, &python)).collect::<Result<Vec<_>>>()?;
    tell(&erased, &options.visits)
}

fn erase(visits: u64, programs: &Programs, python: &Python) -> Result<Erased> {
    let logged = Logged::of(visits)?;
    let data = logged.data(programs)?;
    let bytes = bytes_in(&data.join("visits"))?;
    let folder = empty(&kept()?.join("run"))?;
    fs::create_dir_all(&folder)?;
    let copy = folder.join("data");
    process::run(Command::new("cp").args(["-r", "--reflink=auto"]).arg(&data).arg(&copy))?;
    process::run(&mut Command::new("sync"))?;
    let report: Report = programs.ask("erase", &copy, &logged)?;
    // Room for the others.
    empty(&copy)?;
    let kinds = kinds(&report);
    let files = parquet_files(&data);
    let mut duckdb = Vec::new();
    for row in &kinds {
        let parquet = folder.join("visits.parquet");
        let (done, _): (DuckDb, _) =
            python.run("with_duckdb.py", &[Path::new("erase"), &files, &parquet, Path::new(&row.account)], None)?;
        ensure!(done.visits == visits - row.visits, "DuckDB left {} visits of {visits}, and not {} fewer", done.visits, row.visits);
        empty(&parquet)?;
        duckdb.push(done);
    }
    let table = folder.join("clickhouse");
    let mut arguments = vec![files.as_path(), table.as_path()];
    arguments.extend(kinds.iter().map(|row| Path::new(&row.account)));
    let (clickhouse, _): (ClickHouse, _) = python.run("with_clickhouse.py", &arguments, None)?;
    ensure!(clickhouse.visits == visits, "ClickHouse has {} visits of {visits}", clickhouse.visits);
    for (row, done) in kinds.iter().zip(&clickhouse.erased) {
        ensure!(done.visits == row.visits, "ClickHouse finds {} visits of somebody, and not {}", done.visits, row.visits);
    }
    empty(&folder)?;
    Ok(Erased { visits, bytes, report, duckdb, clickhouse })
}

/// Those who stand for a kind.
fn kinds(report: &Report) -> Vec<&Row> {
    Role::KINDS.iter().filter_map(|role| report.one_by_one.iter().find(|row| row.role == *role)).collect()
}

fn tell(erased: &[Erased], visits: &[u64]) -> Result<String> {
    let mut table = headline("erasure", visits, "")?;
    writeln!(
        table,
        "\n\nUnseen: from the call until another thread, which asks for their newest visit again and again, was told that there is none; \
         the first question that was told so was asked somewhat earlier. Gone: until the call returned, with their visits in no file. \
         What was encoded anew is compared with the row groups they were in; the rest of those files is copied as the bytes it is, and \
         what was written counts both.\n"
    )?;
    writeln!(
        table,
        "| visits | erased | visits of theirs | a question for all, before, ms | first asked in vain, ms | unseen, ms | gone, ms | encoded anew | of their row groups | written | files |"
    )?;
    writeln!(table, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    for Erased { visits, report, .. } in erased {
        for row in kinds(report) {
            writeln!(table, "| {} | {} | {} |", grouped(*visits), row.role.told(), of_one(row))?;
        }
        writeln!(table, "| {} | {} |", grouped(*visits), of_many(report))?;
        writeln!(table, "| {} | {} others in one pass | {} |", grouped(*visits), report.together.people, of_one(&report.together))?;
    }
    tell_of_peers(erased, &mut table)?;
    for Erased { visits, report, .. } in erased {
        let Scanned { files, pages, decoded_bytes, filters, filters_maybe } = &report.scanned;
        writeln!(
            table,
            "Of {} visits, the scan went through {files} files afterwards, {} pages and {:.1} MB decoded, in {:.1} s: it had found {} \
             values of theirs before and found none; {filters_maybe} of {} filters say that one may be there, as one in a hundred does \
             by chance.",
            grouped(*visits),
            grouped(*pages),
            megabytes(*decoded_bytes),
            report.scan_ms / 1e3,
            grouped(report.found_before),
            grouped(*filters),
        )?;
    }
    write!(table, "Everybody erased as many visits of each as the generator wrote, and no others.")?;
    Ok(table)
}

fn tell_of_peers(erased: &[Erased], table: &mut String) -> Result<()> {
    let first = erased.first().context("nobody was erased")?;
    let (duckdb, clickhouse) = (&first.duckdb.first().context("nobody was erased by DuckDB")?.version, &first.clickhouse.version);
    writeln!(
        table,
        "\nDuckDB {duckdb} copies everything but them to another file, synced. ClickHouse {clickhouse}, by chDB, has one part for each \
         month in the order of accounts; it hides them by a lightweight delete and then applies that to the parts. Both have all \
         cores.\n"
    )?;
    writeln!(
        table,
        "| visits | erased | DuckDB, gone, ms | written | ClickHouse, unseen, ms | gone, ms | its table | Candor, gone, ms | its files |"
    )?;
    writeln!(table, "|---|---|---|---|---|---|---|---|---|")?;
    for Erased { visits, bytes, report, duckdb, clickhouse } in erased {
        for ((row, duckdb), clickhouse) in kinds(report).into_iter().zip(duckdb).zip(&clickhouse.erased) {
            writeln!(
                table,
                "| {} | {} | {:.0} | {:.1} MB | {:.0} | {:.0} | {:.1} MB | {:.0} | {:.1} MB |",
                grouped(*visits),
                row.role.told(),
                duckdb.ms,
                megabytes(duckdb.bytes),
                clickhouse.hidden_ms,
                clickhouse.gone_ms,
                megabytes(clickhouse.bytes),
                row.gone_ms,
                megabytes(*bytes)
            )?;
        }
    }
    writeln!(table)?;
    Ok(())
}

fn of_one(row: &Row) -> String {
    format!(
        "{} | {:.1} | {:.1} | {:.1} | {:.0} | {:.2} MB | {:.2}x | {:.1} MB | {}",
        grouped(row.visits),
        row.question_ms,
        row.unseen_asked_ms,
        row.unseen_ms,
        row.gone_ms,
        megabytes(row.encoded_bytes),
        row.share_encoded(),
        megabytes(row.written_bytes),
        row.files
    )
}

/// Of those who stand for nothing the median, and in brackets the most.
fn of_many(report: &Report) -> String {
    let many: Vec<&Row> = report.one_by_one.iter().filter(|row| row.role == Role::Many).collect();
    let told = |digits: usize, value: fn(&Row) -> f64| {
        let values: Vec<f64> = many.iter().map(|row| value(row)).collect();
        format!("{:.digits$} ({:.digits$})", median(values.clone()), percentile(values, 1.0))
    };
    let columns = [
        format!("{} others one by one, median (most)", many.len()),
        told(0, |row| row.visits as f64),
        told(1, |row| row.question_ms),
        told(1, |row| row.unseen_asked_ms),
        told(1, |row| row.unseen_ms),
        told(0, |row| row.gone_ms),
        told(2, |row| megabytes(row.encoded_bytes)) + " MB",
        told(2, Row::share_encoded) + "x",
        told(1, |row| megabytes(row.written_bytes)) + " MB",
        told(0, |row| row.files as f64),
    ];
    columns.join(" | ")
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
