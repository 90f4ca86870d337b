//! What cargo and git say about this workspace.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// None is a normal dependency.
    pub(crate) kind: Option<DependencyKind>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DependencyKind {
    Dev,
    Build,
}

/// The folder of the workspace: cargo says at run time which one, because several checkouts may share one target folder.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&own).parent().expect("xtask is a folder of the workspace").to_owned()
}

pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo told us about ourselves would have some crates built anew, because their build scripts look at it.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// What this machine is called where programs are built for one.
pub(crate) fn target() -> Result<String> {
    let said = process::output(Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"))?;
    let line = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc did not say what it builds for")?.to_owned())
}

/// The workspace's own crates only.
pub(crate) fn members() -> Result<Metadata> {
    metadata(&["--no-deps"])
}

/// Every crate that is built for this target. The metadata alone also name what a crate could be built with, if a feature were on that nobody turns on.
pub(crate) fn everything(target: &str) -> Result<Metadata> {
    let mut everything = metadata(&["--filter-platform", target])?;
    let options = ["tree", "--workspace", "--edges", "all", "--target", target, "--prefix", "none", "--format", "{p}"];
    let built = process::output(cargo().args(options))?;
    let built: HashSet<(&str, &str)> = built.lines().filter_map(named).collect();
    everything.packages.retain(|package| built.contains(&(package.name.as_str(), package.version.as_str())));
    Ok(everything)
}

/// The name and version in `hyper v1.12.0 (proc-macro)`.
fn named(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

fn metadata(options: &[&str]) -> Result<Metadata> {
    let text = process::output(cargo().args(["metadata", "--format-version", "1"]).args(options))?;
    serde_json::from_str(&text).context("cargo metadata printed something unexpected")
}

/// Every file that is in version control or would be after the next commit, relative to the root.
pub(crate) fn tracked_files() -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = process::output(&mut command)?;
    let mut files: Vec<String> = listed.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    files.retain(|name| root().join(name).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}
