//! The programs in `fuzz/`: what nobody would think of is tried on the parsers, for as long as somebody likes.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process;
use crate::workspace::{self, cargo};

const SECONDS: u64 = 60;

/// libFuzzer has to see where a program goes. LLVM puts that in by itself, so neither a nightly compiler nor another command is needed.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                            -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

pub(crate) fn run(options: &[&str]) -> Result<()> {
    let (mut chosen, mut seconds) = (None, SECONDS);
    let mut words = options.iter();
    while let Some(word) = words.next() {
        match *word {
            "--seconds" => seconds = words.next().context("`--seconds` needs a number")?.parse().context("not a number")?,
            name if !name.starts_with('-') && chosen.is_none() => chosen = Some(name),
            _ => bail!("`cargo xtask fuzz` knows one name and `--seconds`, not `{word}`"),
        }
    }
    let all = targets()?;
    let chosen: Vec<String> = match chosen {
        None => all,
        Some(name) => {
            ensure!(all.iter().any(|known| known == name), "there is no `{name}` to fuzz; there are {}", all.join(", "));
            vec![name.to_owned()]
        }
    };
    // libFuzzer itself is C++.
    if process::find("c++").is_none() {
        crate::test::install(&["g++"])?;
    }
    let folder = build(&chosen)?;
    for name in &chosen {
        fuzz(&folder, name, seconds)?;
    }
    Ok(())
}

/// The programs that `fuzz/Cargo.toml` names.
fn targets() -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace::root().join("fuzz/Cargo.toml")).context("fuzz/Cargo.toml lists what can be fuzzed")?;
    let manifest: toml::Table = text.parse().context("fuzz/Cargo.toml is not TOML")?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array).context("fuzz/Cargo.toml has no [[bin]]")?;
    Ok(programs.iter().filter_map(|program| program.get("name")?.as_str()).map(str::to_owned).collect())
}

/// Where the programs lie afterwards.
fn build(names: &[String]) -> Result<std::path::PathBuf> {
    let target = workspace::target()?;
    let folder = workspace::members()?.target_directory.join("fuzz");
    let mut build = cargo();
    build.env("RUSTFLAGS", INSTRUMENTED).args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &target]);
    build.arg("--target-dir").arg(&folder);
    build.args(names.iter().flat_map(|name| ["--bin", name]));
    process::run(&mut build)?;
    Ok(folder.join(target).join("release"))
}

/// What it finds new is kept for the next run; what breaks something is written down, and the run ends with it.
fn fuzz(folder: &std::path::Path, name: &str, seconds: u64) -> Result<()> {
    let root = workspace::root();
    let kept = folder.join("corpus").join(name);
    fs::create_dir_all(&kept).context("the target folder can be written")?;
    let mut fuzz = Command::new(folder.join(name));
    // Without any time only what was kept is tried, which gives the same answer every time.
    let limit = if seconds == 0 { "-runs=0".to_owned() } else { format!("-max_total_time={seconds}") };
    fuzz.current_dir(&root).arg(limit).args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    fuzz.arg(format!("-artifact_prefix={}/{name}-", folder.display())).arg(&kept);
    let (words, seeds) = (root.join("fuzz/words").join(name), root.join("fuzz/seeds").join(name));
    if words.is_file() {
        fuzz.arg(format!("-dict={}", words.display()));
    }
    if seeds.is_dir() {
        fuzz.arg(seeds);
    }
    process::run(&mut fuzz)
}
