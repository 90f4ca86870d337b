//! Registering and signing in, with few people in the records and with many.

mod machine;
mod people;
mod person;
mod registering;
mod signing_in;

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Options;
use super::percentile::{median, percentile, spread};
use super::rounds::processor;
use crate::process;
use machine::computations;
use people::{Peopled, raw_registrations_a_second, raw_sign_ins};
use registering::Registered;
use signing_in::{STEPS, Steps};

/// The clients that register at the same time, each on a connection that stays open.
const CLIENTS: usize = 32;

/// So many people sign in, one after the other; fewer where there are few, whom letters are written to only so often.
const SIGN_INS: u64 = 5_000;

/// So often in a row the same address gets a letter, with room for the first few that are not counted.
const LETTERS_EACH: u64 = 3;

/// What was measured with so many people in the records.
struct Measured {
    people: u64,
    steps: Steps,
    /// What all the steps of somebody take the server, by its own log.
    server_us: Vec<f64>,
    renewal_us: Vec<f64>,
    posts: Registered,
    whole: Vec<Registered>,
}

/// What the same machine does without Candor.
struct Peers {
    registrations: Vec<f64>,
    sign_ins_us: Vec<f64>,
    computations_us: Vec<f64>,
}

pub(super) fn run(options: &Options) -> Result<String> {
    let sizes: Vec<u64> = [options.accounts / 100, options.accounts / 10, options.accounts].into_iter().filter(|size| *size > 0).collect();
    let binary = people::binary(options)?;
    let mut all = Vec::new();
    for size in sizes {
        all.push(measure(size, options, &binary)?);
    }
    let longest = all.iter().map(|measured| median(measured.steps.whole())).fold(0.0, f64::max);
    let peers = Peers {
        registrations: (0..options.rounds).map(|_| raw_registrations_a_second(options.seconds)).collect::<Result<_>>()?,
        sign_ins_us: raw_sign_ins(SIGN_INS)?,
        computations_us: computations(longest, SIGN_INS as usize),
    };
    report(options, &all, peers)
}

fn measure(size: u64, options: &Options, binary: &std::path::Path) -> Result<Measured> {
    let peopled = Peopled::with(size)?;
    let server = peopled.serve(binary)?;
    let (steps, cookies) = signing_in::run(&peopled, &server, size, SIGN_INS.min(size * LETTERS_EACH))?;
    ensure!(server.stop() == Some(0), "candor did not stop as asked");
    let server_us = signing_in::server_times(&peopled, binary)?;
    ensure!(server_us.len() == cookies.len(), "{} signed in, and the log knows of {}", cookies.len(), server_us.len());
    // Tickets say when they were made to the second; the youngest has to be older than the next process.
    std::thread::sleep(Duration::from_millis(1_100));
    // A process that has just started believes no older ticket: the first request of each browser asks its session's row.
    let server = peopled.serve(binary)?;
    let renewal_us = signing_in::renewals(&server, &cookies)?;
    let length = Duration::from_secs(options.seconds);
    let whole = (0..options.rounds).map(|_| registering::run(&peopled, &server, CLIENTS, length, true)).collect::<Result<Vec<_>>>()?;
    // What was answered is kept, whatever happens to the process.
    server.kill();
    let server = peopled.serve(binary)?;
    let confirmed = whole.iter().map(|round| round.confirmed).sum::<u64>();
    let kept = registering::still_there(&peopled, &server, &whole)?;
    eprintln!("{size} people: {confirmed} confirmed, {kept} of the last of them sign in after kill -9");
    // Last, because it leaves more letters waiting than anybody brings.
    let posts = registering::run(&peopled, &server, CLIENTS, length, false)?;
    Ok(Measured { people: size, steps, server_us, renewal_us, posts, whole })
}

fn report(options: &Options, all: &[Measured], peers: Peers) -> Result<String> {
    let mut table = String::new();
    let cores = process::output(&mut Command::new("nproc"))?;
    writeln!(
        table,
        "`cargo xtask bench accounts --accounts {} --seconds {} --rounds {}`: SQLite, {} cores ({}) for server and clients together.\n",
        options.accounts,
        options.seconds,
        options.rounds,
        cores.trim(),
        processor()?,
    )?;
    writeln!(
        table,
        "{SIGN_INS} people sign in one after the other; ms as the client sees them over loopback, p50 and p99. What of it is the server's is what its own log says: \
         from a request's head to the last byte of its answer, of all four steps together.\n"
    )?;
    writeln!(table, "| people | {} | all of it | of it the server's | ticket renewed |", STEPS.join(" | "))?;
    writeln!(table, "|---|{}---|---|---|", "---|".repeat(STEPS.len()))?;
    for measured in all {
        let mut columns: Vec<String> = (0..STEPS.len()).map(|step| percentiles(measured.steps.of(step))).collect();
        columns.extend([
            percentiles(measured.steps.whole()),
            percentiles(measured.server_us.clone()),
            percentiles(measured.renewal_us.clone()),
        ]);
        writeln!(table, "| {} | {} |", measured.people, columns.join(" | "))?;
    }
    let none = "| ".repeat(STEPS.len());
    writeln!(table, "| sqlx 0.9.0 on SQLite, raw: two transactions, no HTTP, no mail {none}| {} | | |", percentiles(peers.sign_ins_us))?;
    writeln!(
        table,
        "| a computation that waits for nothing, as long as the slowest of these medians {none}| {} | | |",
        percentiles(peers.computations_us)
    )?;
    writeln!(
        table,
        "\n{CLIENTS} clients register at once. A form that was posted is kept with its link and its letter; a person who registered said their age, posted the form, \
         got the letter, opened its link and pressed the button. Each is synced before it is answered. Median of {} rounds of {} s, with the least and the most.\n",
        options.rounds, options.seconds
    )?;
    writeln!(table, "| people before | people registered/s | µs of CPU each | forms posted/s, letters waiting |")?;
    writeln!(table, "|---|---|---|---|")?;
    for measured in all {
        let rates: Vec<f64> = measured.whole.iter().map(|round| round.confirmed as f64 / round.seconds).collect();
        let processor = measured.whole.iter().map(|round| round.processor_us as f64 / round.confirmed as f64).collect();
        let posts = measured.posts.posted as f64 / measured.posts.seconds;
        writeln!(table, "| {} | {} | {} | {posts:.0} |", measured.people, spread(rates, 0), spread(processor, 0))?;
    }
    writeln!(
        table,
        "| sqlx 0.9.0 on SQLite, raw: four transactions each, one connection, no HTTP, no mail | {} | | |",
        spread(peers.registrations, 0)
    )?;
    write!(table, "\nThe generator and the raw peer are `bench/accounts`; the last to register before a `kill -9` signed in after it.")?;
    Ok(table)
}

/// The median and the 99th percentile, in milliseconds.
fn percentiles(us: Vec<f64>) -> String {
    format!("{:.2} / {:.2}", percentile(us.clone(), 0.5) / 1_000.0, percentile(us, 0.99) / 1_000.0)
}
