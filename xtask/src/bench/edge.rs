//! A page through the proxy: Candor, which verifies a cookie, plans the visit and records it durably, beside nginx, which writes a buffered access log.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use stories::find;

use super::Options;
use super::load::{self, CONNECTIONS, Load};
use super::peers::{Candor, Nginx, pinned};
use super::usage;
use crate::process;

const WARM_UP_SECONDS: u64 = 3;
const MEMORY_EARLY_SECONDS: u64 = 5;
const MEMORY_LATE_SECONDS: u64 = 30;

/// One round of one proxy.
#[derive(Clone, Copy, Debug)]
struct Round {
    load: Load,
    processor_us: f64,
}

/// A proxy, and what was measured of it.
#[derive(Debug)]
struct Measured {
    name: String,
    rounds: Vec<Round>,
    memory_max_kb: u64,
}

pub(crate) fn run(options: &Options) -> Result<String> {
    for (program, package) in [("wrk", "wrk"), ("nginx", "nginx-light"), ("taskset", "util-linux")] {
        ensure!(process::find(program).is_some(), "`{program}` is missing: install Debian's `{package}`");
    }
    // With one thread the proxies get a core of their own, and the site and the load share another.
    let (proxy_core, other_core) = if options.threads == 1 { (Some("0"), Some("1")) } else { (None, None) };
    let site = Nginx::site(other_core)?;
    let nginx = Nginx::proxy(&site.authority, options.threads, proxy_core)?;
    let candor = Candor::start(&site.authority, options.threads, proxy_core)?;
    let urls = [&nginx.authority, candor.server.public()].map(|authority| format!("http://{authority}/page.html"));
    let ids = [nginx.id(), candor.server.id()];
    let mut sent_to_candor = 0;
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..=options.rounds {
        // Who comes first changes from round to round; the first round only warms up.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for peer in order {
            let seconds = if round == 0 { WARM_UP_SECONDS } else { options.seconds };
            let before = usage::processor_us(ids[peer])?;
            let load = load::run(on(other_core, load::command(&urls[peer], seconds, Some(&candor.cookie))))?;
            let used = usage::processor_us(ids[peer])? - before;
            sent_to_candor += if peer == 1 { load.requests } else { 0 };
            if round > 0 {
                eprintln!("round {round}, {}: {:.0} requests/s", ["nginx", "candor"][peer], load.requests_per_second);
                rounds[peer].push(Round { load, processor_us: used as f64 / load.requests as f64 });
            }
        }
    }
    let (memory, sent) = memory_under_load(&candor, &urls[1], other_core)?;
    sent_to_candor += sent;
    let [of_nginx, of_candor] = rounds;
    let alone = load::run(on(other_core, load::command(&format!("http://{}/page.html", site.authority), options.seconds, None)))?;
    let measured = [
        Measured { name: version("nginx", "-v")?, rounds: of_nginx, memory_max_kb: usage::memory_max_kb(ids[0])? },
        Measured { name: "Candor".to_owned(), rounds: of_candor, memory_max_kb: usage::memory_max_kb(ids[1])? },
    ];
    let recorded = candor.stop_and_count()?;
    ensure!(recorded >= sent_to_candor, "{sent_to_candor} pages were answered, {recorded} visits are in the log");
    report(options, &measured, memory, (sent_to_candor, recorded), &alone)
}

/// Resident memory early and late in a long load, in kilobytes.
fn memory_under_load(candor: &Candor, url: &str, core: Option<&str>) -> Result<([u64; 2], u64)> {
    let mut wrk = on(core, load::command(url, MEMORY_LATE_SECONDS + 1, Some(&candor.cookie)));
    let child = wrk.stdout(Stdio::piped()).spawn().context("wrk does not start")?;
    sleep(Duration::from_secs(MEMORY_EARLY_SECONDS));
    let early = usage::memory_kb(candor.server.id())?;
    sleep(Duration::from_secs(MEMORY_LATE_SECONDS - MEMORY_EARLY_SECONDS));
    let late = usage::memory_kb(candor.server.id())?;
    let output = child.wait_with_output()?;
    let load = load::read(&String::from_utf8_lossy(&output.stdout))?;
    Ok(([early, late], load.requests))
}

fn on(core: Option<&str>, wrk: Command) -> Command {
    let mut command = pinned(&find("wrk"), core);
    command.args(wrk.get_args());
    command
}

fn report(options: &Options, measured: &[Measured; 2], memory: [u64; 2], counted: (u64, u64), alone: &Load) -> Result<String> {
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
    writeln!(table, "| proxy | requests/s | p50 ms | p99 ms | µs of CPU a request | peak memory |")?;
    writeln!(table, "|---|---|---|---|---|---|")?;
    for proxy in measured {
        let column = |value: fn(&Round) -> f64, digits: usize| spread(proxy.rounds.iter().map(value).collect(), digits);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {:.1} MB |",
            proxy.name,
            column(|round| round.load.requests_per_second, 0),
            column(|round| round.load.p50_us / 1_000.0, 2),
            column(|round| round.load.p99_us / 1_000.0, 2),
            column(|round| round.processor_us, 1),
            proxy.memory_max_kb as f64 / 1_024.0,
        )?;
    }
    let ratio = |value: fn(&Round) -> f64| {
        median(measured[1].rounds.iter().map(value).collect()) / median(measured[0].rounds.iter().map(value).collect())
    };
    writeln!(
        table,
        "| ratio | {:.2} | {:.2} | {:.2} | {:.2} | |\n",
        ratio(|round| round.load.requests_per_second),
        ratio(|round| round.load.p50_us),
        ratio(|round| round.load.p99_us),
        ratio(|round| round.processor_us),
    )?;
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

fn spread(mut values: Vec<f64>, digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    format!("{:.digits$} ({least:.digits$}-{most:.digits$})", median(values))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn processor() -> Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").context("this is no Linux")?;
    let name =
        text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    Ok(name.trim().to_owned())
}

/// The first words of what a program says of its version, wherever it says it and however it ends.
fn version(program: &str, option: &str) -> Result<String> {
    let output = Command::new(find(program)).arg(option).output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().next().unwrap_or_default();
    Ok(match program {
        "nginx" => line.replace("nginx version: ", "").replace('/', " "),
        _ => line.split(" [").next().unwrap_or_default().to_owned(),
    })
}
