//! The house's own tasks. `cargo xtask` without arguments lists them.

mod bench;
mod fuzz;
mod licences;
mod postgres;
mod process;
mod smoke;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask tidy                      manifests, arrows and texts are as docs/architecture.md says
cargo xtask licences                  every crate's licence is on the list in deny.toml, and no crate is there twice without a reason
cargo xtask test [--quick]            installs what the tests need, builds once, runs them all, on SQLite and PostgreSQL (--quick: without nginx and Chromium)
cargo xtask smoke                     the release build's demo shows its pages
cargo xtask bench edge [--threads N] [--seconds N] [--rounds N] [--write]
                                      the proxy beside nginx
cargo xtask bench rewrite [--threads N] [--seconds N] [--rounds N] [--write]
                                      a page that is changed on its way, beside nginx's sub_filter
cargo xtask bench accounts [--accounts N] [--seconds N] [--rounds N] [--binary FILE] [--write]
                                      registering and signing in, with many people in the records
cargo xtask bench import [--visits N,N...] [--rounds N] [--binary FILE] [--write]
                                      a log into Candor's, beside GoAccess and DuckDB
cargo xtask bench lookup [--visits N,N...] [--binary FILE] [--write]
                                      all visits of one person, beside DuckDB and ripgrep
cargo xtask bench erasure [--visits N,N...] [--binary FILE] [--write]
                                      one person out of the log, beside DuckDB and ClickHouse
cargo xtask bench banner [--write]    what asking costs a page, beside consent scripts
cargo xtask bench decide [--write]    one decision, beside Cedar
cargo xtask fuzz [NAME] [--seconds N] tries what nobody would think of on the parsers, each for a minute or N seconds
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => tidy::run(),
        ["licences"] => licences::run(),
        ["test", options @ ..] => test::run(options),
        ["smoke"] => smoke::run(),
        ["bench", name, options @ ..] => bench::run(name, options),
        ["fuzz", options @ ..] => fuzz::run(options),
        _ => bail!("which task?\n\n{USAGE}"),
    }
}
