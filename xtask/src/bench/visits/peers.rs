//! What the log is measured beside: programs of Debian, and of PyPI in an environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::super::peers::pinned;
use super::logged::kept;
use super::measured::{Measured, measured};
use crate::process;
use crate::workspace;

const PACKAGES: [&str; 2] = ["duckdb==2.0.0", "chdb==4.4.0"];

pub(super) const ONE_CORE: Option<&str> = Some("0");

pub(super) fn ensure_debian(programs: &[(&str, &str)]) -> Result<()> {
    for (program, package) in programs {
        ensure!(process::find(program).is_some(), "`{program}` is missing: install Debian's `{package}`");
    }
    Ok(())
}

/// Python with what is measured of PyPI.
pub(super) struct Python(PathBuf);

impl Python {
    pub(super) fn prepare() -> Result<Self> {
        ensure_debian(&[("python3", "python3-venv")])?;
        let environment = kept()?.join("python");
        let python = environment.join("bin/python");
        let installed = environment.join("installed");
        if fs::read_to_string(&installed).unwrap_or_default() != PACKAGES.join(" ") {
            process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
            process::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:"]).args(PACKAGES))?;
            fs::write(&installed, PACKAGES.join(" "))?;
        }
        Ok(Self(python))
    }

    /// Runs one of the scripts of `bench/visits/peers`.
    pub(super) fn run<T: for<'a> Deserialize<'a>>(&self, script: &str, arguments: &[&Path], core: Option<&str>) -> Result<(T, Measured)> {
        let mut command = pinned(&self.0, core);
        if core.is_some() {
            command.env("THREADS", "1");
        }
        command.arg(workspace::root().join("bench/visits/peers").join(script)).args(arguments);
        let measured = measured(&mut command)?;
        let said = serde_json::from_str(&measured.output).with_context(|| format!("{script} printed something unexpected"))?;
        Ok((said, measured))
    }
}

/// All Parquet files of a data folder, as the peers name them.
pub(super) fn parquet_files(data: &Path) -> PathBuf {
    data.join("visits/*.parquet")
}
