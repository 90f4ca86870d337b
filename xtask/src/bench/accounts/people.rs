//! Data folders with many people in them, and the server on one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use stories::{Folder, Server, example};

use super::super::Options;
use crate::process;
use crate::workspace::{self, cargo};

/// The clients of the benchmark are a proxy in front of many people, each from a network of their own.
pub(super) const PROXY: &str = "127.0.0.1";

const GENERATOR: &str = "bench/accounts/Cargo.toml";

/// A site with a data folder of its own for one measurement. What many people take to make is kept for the next run.
pub(super) struct Peopled {
    folder: Folder,
    data: PathBuf,
}

/// The release build, or another that is to be compared with it.
pub(super) fn binary(options: &Options) -> Result<PathBuf> {
    if let Some(binary) = &options.binary {
        return Ok(binary.clone());
    }
    process::run(cargo().args(["build", "--release", "--package", "candor"]))?;
    Ok(workspace::members()?.target_directory.join("release/candor"))
}

impl Peopled {
    pub(super) fn with(people: u64) -> Result<Self> {
        let kept = kept()?;
        let made = kept.join(people.to_string());
        if !made.is_dir() {
            // Not all of it is made anew where there are fewer already.
            let unfinished = kept.join(format!("{people}.unfinished"));
            match largest_below(&kept, people) {
                Some(smaller) if !unfinished.is_dir() => copy(&smaller, &unfinished)?,
                _ => {}
            }
            generator(&["generate", &unfinished.to_string_lossy(), &people.to_string()])?;
            fs::rename(&unfinished, &made).context("what was made cannot be kept")?;
        }
        let folder = Folder::new();
        example("health", &folder.join("site"));
        let data = empty("run")?;
        copy(&made, &data)?;
        // What is copied is on the disk before anybody is measured who waits for the disk.
        process::run(&mut Command::new("sync"))?;
        Ok(Self { folder, data })
    }

    pub(super) fn serve(&self, binary: &Path) -> Result<Server> {
        let mut command = self.candor(binary, "serve");
        command.args(["--trusted-proxies", PROXY]);
        Ok(Server::start(command, self.folder.path()))
    }

    /// One of the commands, on this site and its data.
    pub(super) fn candor(&self, binary: &Path, command: &str) -> Command {
        let mut candor = Command::new(binary);
        candor.arg(command).arg("--site").arg(self.folder.join("site")).arg("--data").arg(&self.data);
        candor
    }

    /// Where letters are written.
    pub(super) fn mail(&self) -> PathBuf {
        self.data.join("mail")
    }
}

impl Drop for Peopled {
    fn drop(&mut self) {
        // What is left costs only space, and the next run removes it.
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// How many people a second raw SQLite registers.
pub(super) fn raw_registrations_a_second(seconds: u64) -> Result<f64> {
    let folder = empty("raw")?;
    let said = generator(&["raw", &folder.to_string_lossy(), &seconds.to_string()])?;
    fs::remove_dir_all(&folder)?;
    said.trim().parse().context("the raw peer said no number")
}

/// How long each of so many people takes on raw SQLite, one after the other, of the two transactions that signing in takes; in microseconds.
pub(super) fn raw_sign_ins(people: u64) -> Result<Vec<f64>> {
    let folder = empty("raw")?;
    let said = generator(&["commits", &folder.to_string_lossy(), &people.to_string()])?;
    fs::remove_dir_all(&folder)?;
    said.lines().map(|line| line.parse().context("the raw peer said no number")).collect()
}

fn generator(arguments: &[&str]) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--manifest-path", GENERATOR, "--"]).args(arguments);
    let output = command.stderr(std::process::Stdio::inherit()).output().context("cargo does not start")?;
    anyhow::ensure!(output.status.success(), "`bench-accounts {}` failed", arguments.join(" "));
    String::from_utf8(output.stdout).context("it printed something that is no text")
}

fn kept() -> Result<PathBuf> {
    let kept = workspace::members()?.target_directory.join("bench-accounts");
    fs::create_dir_all(&kept)?;
    Ok(kept)
}

/// A path with nothing at it.
fn empty(name: &str) -> Result<PathBuf> {
    let path = kept()?.join(name);
    if path.is_dir() {
        fs::remove_dir_all(&path)?;
    }
    Ok(path)
}

fn largest_below(kept: &Path, people: u64) -> Option<PathBuf> {
    let names = fs::read_dir(kept).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse::<u64>().ok());
    names.filter(|made| *made < people).max().map(|made| kept.join(made.to_string()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    process::run(Command::new("cp").args(["-r", "--reflink=auto"]).arg(from).arg(to))?;
    process::run(Command::new("chmod").arg("700").arg(to))
}
