//! How long it takes to find all visits of somebody.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use domain::AccountId;
use rustix::fs::{Advice, fadvise};
use serde::Serialize;
use visits::Found;

use crate::log::{FOLDER, Opened, hexadecimal};
use crate::people::{Known, People, Role};
use crate::stopwatch::stopwatch;

/// So often somebody who stands for a kind is looked up, or for so long, but some times at least.
const REPEATS: usize = 200;
const REPEATING_MS: f64 = 20_000.0;
const REPEATS_MIN: usize = 5;

#[derive(Serialize)]
struct Report {
    /// How long the log took to open when its files were in memory.
    open_ms: f64,
    /// Sealed files and segments.
    files: usize,
    bytes: u64,
    found: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    role: Role,
    user: String,
    address: String,
    account: String,
    visits: u64,
    /// Each time, with what is read in memory.
    account_ms: Vec<f64>,
    address_ms: Vec<f64>,
    /// Once, with nothing of the files in memory.
    account_cold_ms: Option<f64>,
    address_cold_ms: Option<f64>,
}

/// Prints as JSON how long each lookup took. What is found is compared with what the generator wrote.
pub(crate) fn run(data: &Path, people: &People) -> Result<()> {
    let files = files(data)?;
    drop(Opened::at(data)?);
    let since = stopwatch();
    let opened = Opened::at(data)?;
    let open_ms = since();
    let accounts = people.known.iter().map(|known| opened.account_of(known)).collect::<Result<Vec<_>>>()?;
    let mut found = Vec::new();
    for (known, account) in people.known.iter().zip(&accounts) {
        found.push(timed(&opened, known, account)?);
    }
    for (row, (known, account)) in found.iter_mut().zip(people.known.iter().zip(&accounts)) {
        if known.role != Role::Many {
            forget(&files)?;
            row.account_cold_ms = Some(lookup(known, || opened.of_account(account))?);
            forget(&files)?;
            row.address_cold_ms = Some(lookup(known, || opened.of_address(known))?);
        }
    }
    let bytes = files.iter().map(|file| Ok(file.metadata()?.len())).sum::<Result<u64>>()?;
    println!("{}", serde_json::to_string(&Report { open_ms, files: opened.log.counts().segments as usize, bytes, found })?);
    Ok(())
}

fn timed(opened: &Opened, known: &Known, account: &AccountId) -> Result<Row> {
    let account_ms = repeated(known, || opened.of_account(account))?;
    let address_ms = repeated(known, || opened.of_address(known))?;
    Ok(Row {
        role: known.role,
        user: known.user.clone(),
        address: known.address.clone(),
        account: hexadecimal(account),
        visits: known.visits,
        account_ms,
        address_ms,
        account_cold_ms: None,
        address_cold_ms: None,
    })
}

fn repeated(known: &Known, find: impl Fn() -> Result<Found>) -> Result<Vec<f64>> {
    if known.role == Role::Many {
        return Ok(vec![lookup(known, find)?]);
    }
    let (mut taken, since) = (Vec::new(), stopwatch());
    while taken.len() < REPEATS_MIN || (taken.len() < REPEATS && since() < REPEATING_MS) {
        taken.push(lookup(known, &find)?);
    }
    Ok(taken)
}

fn lookup(known: &Known, find: impl FnOnce() -> Result<Found>) -> Result<f64> {
    let since = stopwatch();
    let found = find()?;
    let taken = since();
    ensure!(found.visits.len() as u64 == known.visits, "{} visits were found of {known:?}", found.visits.len());
    Ok(taken)
}

fn files(data: &Path) -> Result<Vec<File>> {
    let folder = data.join(FOLDER);
    let entries = folder.read_dir().with_context(|| format!("no log is in {}", data.display()))?;
    entries.map(|entry| Ok(File::open(entry?.path())?)).collect()
}

/// Has the kernel keep nothing of these files in memory: they are synced, so that it may.
fn forget(files: &[File]) -> Result<()> {
    files.iter().try_for_each(|file| Ok(fadvise(file, 0, None, Advice::DontNeed)?))
}
