//! What every manifest has to say.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Package;

pub(crate) fn problems(root: &Path, packages: &[Package]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let workspace = manifest(&root.join("Cargo.toml"))?;
    let unsafe_code = workspace.get("workspace").and_then(|table| table.get("lints")?.get("rust")?.get("unsafe_code")?.as_str());
    if unsafe_code != Some("forbid") {
        problems.push("Cargo.toml: `workspace.lints.rust.unsafe_code` has to be \"forbid\"".to_owned());
    }
    for package in packages {
        let lints = manifest(&package.manifest_path)?.get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        if lints != Some(true) {
            problems.push(format!("`{}`: its manifest needs `[lints]` with `workspace = true`", package.name));
        }
    }
    Ok(problems)
}

fn manifest(path: &Path) -> Result<toml::Table> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}
