//! A page through the proxy: Candor, which verifies a cookie, plans the visit and records it durably, beside nginx, which writes a buffered access log.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Options;
use super::load::{self, CONNECTIONS, Load};
use super::peers::{Candor, Nginx, page};
use super::rounds::{Peer, alternate, on, processor, table, version};
use super::usage;
use crate::process;

const PAGE_BYTES: usize = 10 * 1024;
const MEMORY_EARLY_SECONDS: u64 = 5;
const MEMORY_LATE_SECONDS: u64 = 30;

pub(crate) fn run(options: &Options) -> Result<String> {
    super::ensure_programs()?;
    let (proxy_core, other_core) = options.cores();
    let site = Nginx::site(&page(PAGE_BYTES, &[]), other_core)?;
    let nginx = Nginx::proxy(&site.authority, options.threads, "", proxy_core)?;
    let candor = Candor::start(&site.authority, options.threads, "", proxy_core)?;
    let cookie = format!("Cookie: {}", candor.choose()?);
    let url = |authority: &str| format!("http://{authority}/page.html");
    let peers = [
        Peer { name: version("nginx", "-v")?, url: url(&nginx.authority), process: nginx.id() },
        Peer { name: "Candor".to_owned(), url: url(candor.server.public()), process: candor.server.id() },
    ];
    let rounds = alternate(options, &peers, &[&cookie], other_core)?;
    let (memory, sent) = memory_under_load(&candor, &peers[1].url, &cookie, other_core)?;
    let alone = load::run(on(other_core, load::command(&url(&site.authority), options.seconds, &[])))?;
    let measured = table(&peers, &rounds)?;
    let sent_to_candor = rounds.sent[1] + sent;
    let recorded = candor.stop_and_count()?;
    ensure!(recorded >= sent_to_candor, "{sent_to_candor} pages were answered, {recorded} visits are in the log");
    report(options, &measured, memory, (sent_to_candor, recorded), &alone)
}

/// Resident memory early and late in a long load, in kilobytes.
fn memory_under_load(candor: &Candor, url: &str, cookie: &str, core: Option<&str>) -> Result<([u64; 2], u64)> {
    let mut wrk = on(core, load::command(url, MEMORY_LATE_SECONDS + 1, &[cookie]));
    let child = wrk.stdout(Stdio::piped()).spawn().context("wrk does not start")?;
    sleep(Duration::from_secs(MEMORY_EARLY_SECONDS));
    let early = usage::memory_kb(candor.server.id())?;
    sleep(Duration::from_secs(MEMORY_LATE_SECONDS - MEMORY_EARLY_SECONDS));
    let late = usage::memory_kb(candor.server.id())?;
    let output = child.wait_with_output()?;
    let load = load::read(&String::from_utf8_lossy(&output.stdout))?;
    Ok(([early, late], load.requests))
}

fn report(options: &Options, measured: &str, memory: [u64; 2], counted: (u64, u64), alone: &Load) -> Result<String> {
    let mut table = String::new();
    let cores = process::output(&mut Command::new("nproc"))?;
    writeln!(
        table,
        "`cargo xtask bench edge --threads {} --seconds {} --rounds {}`: a page of 10 KB, {CONNECTIONS} connections that stay open, {} proxy thread(s), {} cores ({}), {}. \
         Median of {} alternating rounds, with the least and the most.\n",
        options.threads,
        options.seconds,
        options.rounds,
        options.threads,
        cores.trim(),
        processor()?,
        version("wrk", "-v")?,
        options.rounds,
    )?;
    table.push_str(measured);
    writeln!(table, "The site behind them answers {:.0} requests/s by itself.", alone.requests_per_second)?;
    writeln!(
        table,
        "Candor answered {} pages by wrk's count, which leaves out those under way when it stops; {} visits of the page are in its log, read back afterwards.",
        counted.0, counted.1
    )?;
    write!(
        table,
        "Its memory after {MEMORY_EARLY_SECONDS} s of load was {:.1} MB, after {MEMORY_LATE_SECONDS} s {:.1} MB.",
        memory[0] as f64 / 1_024.0,
        memory[1] as f64 / 1_024.0
    )?;
    Ok(table)
}
