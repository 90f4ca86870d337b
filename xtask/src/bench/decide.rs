//! One decision, beside Cedar with the same rules.

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::cargo;

/// The measurement is a package of its own, so that nobody who builds Candor builds Cedar. It prints its own table.
pub(crate) fn run() -> Result<String> {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--manifest-path", "bench/decide/Cargo.toml"]);
    let printed = process::output(&mut bench)?;
    // Criterion talks while it measures; the table is what is kept.
    let table = printed.find("| |").context("the benchmark printed no table")?;
    Ok(printed[table..].to_owned())
}
