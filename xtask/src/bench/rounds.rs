//! Two proxies in front of the same site under the same load, in turns, and what is said of them afterwards.

use std::fmt::Write;
use std::process::Command;

use anyhow::{Context, Result};
use stories::find;

use super::Options;
use super::load::{self, Load};
use super::peers::pinned;
use super::percentile::{median, spread};
use super::usage;

const WARM_UP_SECONDS: u64 = 3;

/// One of two that are measured.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) process: u32,
}

/// One round of one proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    load: Load,
    processor_us: f64,
}

/// Everything that was measured of two.
#[derive(Debug)]
pub(super) struct Rounds {
    pub(super) of: [Vec<Round>; 2],
    /// How much each answered in all, warming up included.
    pub(super) sent: [u64; 2],
}

/// Each in its turn, with the same headers. Who comes first changes from round to round; the first round only warms up.
pub(super) fn alternate(options: &Options, peers: &[Peer; 2], headers: &[&str], core: Option<&str>) -> Result<Rounds> {
    let mut rounds = Rounds { of: [Vec::new(), Vec::new()], sent: [0, 0] };
    for round in 0..=options.rounds {
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for at in order {
            let peer = &peers[at];
            let seconds = if round == 0 { WARM_UP_SECONDS } else { options.seconds };
            let before = usage::processor_us(peer.process)?;
            let load = load::run(on(core, load::command(&peer.url, seconds, headers)))?;
            let used = usage::processor_us(peer.process)? - before;
            rounds.sent[at] += load.requests;
            if round > 0 {
                eprintln!("round {round}, {}: {:.0} requests/s", peer.name, load.requests_per_second);
                rounds.of[at].push(Round { load, processor_us: used as f64 / load.requests as f64 });
            }
        }
    }
    Ok(rounds)
}

/// Our load, kept to some cores.
pub(super) fn on(core: Option<&str>, wrk: Command) -> Command {
    let mut command = pinned(&find("wrk"), core);
    command.args(wrk.get_args());
    command
}

/// A line for each proxy and one that compares the second with the first.
pub(super) fn table(peers: &[Peer; 2], rounds: &Rounds) -> Result<String> {
    let mut table = String::new();
    writeln!(table, "| proxy | requests/s | p50 ms | p99 ms | µs of CPU a request | peak memory |")?;
    writeln!(table, "|---|---|---|---|---|---|")?;
    for (peer, rounds) in peers.iter().zip(&rounds.of) {
        let column = |value: fn(&Round) -> f64, digits: usize| spread(rounds.iter().map(value).collect(), digits);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {:.1} MB |",
            peer.name,
            column(|round| round.load.requests_per_second, 0),
            column(|round| round.load.p50_us / 1_000.0, 2),
            column(|round| round.load.p99_us / 1_000.0, 2),
            column(|round| round.processor_us, 1),
            usage::memory_max_kb(peer.process)? as f64 / 1_024.0,
        )?;
    }
    let ratio =
        |value: fn(&Round) -> f64| median(rounds.of[1].iter().map(value).collect()) / median(rounds.of[0].iter().map(value).collect());
    writeln!(
        table,
        "| ratio | {:.2} | {:.2} | {:.2} | {:.2} | |\n",
        ratio(|round| round.load.requests_per_second),
        ratio(|round| round.load.p50_us),
        ratio(|round| round.load.p99_us),
        ratio(|round| round.processor_us),
    )?;
    Ok(table)
}

pub(super) fn processor() -> Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").context("this is no Linux")?;
    let name =
        text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    Ok(name.trim().to_owned())
}

/// The first words of what a program says of its version, wherever it says it and however it ends.
pub(super) fn version(program: &str, option: &str) -> Result<String> {
    let output = Command::new(find(program)).arg(option).output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().next().unwrap_or_default();
    Ok(match program {
        "nginx" => line.replace("nginx version: ", "").replace('/', " "),
        _ => line.split(" [").next().unwrap_or_default().to_owned(),
    })
}
