//! Whether the house is as its map says.

mod arrows;
mod manifests;
mod security;
mod texts;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace;

pub(crate) fn run() -> Result<()> {
    let root = workspace::root();
    let map = fs::read_to_string(root.join("docs/architecture.md")).context("docs/architecture.md is the map and must be there")?;
    let members = workspace::members()?;
    let mut problems = arrows::problems(&map, &members.packages)?;
    problems.extend(manifests::problems(&root, &members.packages)?);
    problems.extend(security::problems(&root)?);
    problems.extend(texts::problems(&root, &workspace::tracked_files()?)?);
    if problems.is_empty() {
        println!("tidy: {} crates are as docs/architecture.md says", members.packages.len());
        return Ok(());
    }
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    bail!("{} thing(s) to put right", problems.len())
}
