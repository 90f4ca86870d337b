//! One decision, beside Cedar with the same rules.

use anyhow::Result;

use crate::process;
use crate::workspace::cargo;

/// The measurement is a package of its own, so that nobody who builds Candor builds Cedar. It prints its own table.
pub(crate) fn run() -> Result<String> {
    let mut bench = cargo();
    bench.args(["bench", "--quiet", "--manifest-path", "bench/decide/Cargo.toml"]);
    process::output(&mut bench)
}
