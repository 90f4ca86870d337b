//! Whose work we build with, and under which terms.

mod expression;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::{self, Package};

#[derive(Debug, Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Debug, Deserialize)]
struct Skip {
    /// `name@version`
    #[serde(rename = "crate")]
    package: String,
    reason: String,
}

pub(crate) fn run() -> Result<()> {
    let text = fs::read_to_string(workspace::root().join("deny.toml")).context("deny.toml lists the licences and must be there")?;
    let rules: Rules = toml::from_str(&text).context("deny.toml is not as expected")?;
    let mut foreign: BTreeMap<String, Package> = BTreeMap::new();
    for target in &rules.graph.targets {
        let metadata = workspace::everything(target)?;
        let others = metadata.packages.into_iter().filter(|package| !metadata.workspace_members.contains(&package.id));
        foreign.extend(others.map(|package| (package.id.clone(), package)));
    }
    let packages: Vec<Package> = foreign.into_values().collect();
    let problems = problems(&rules, &packages);
    if problems.is_empty() {
        println!("licences: {} crates, every licence is on the list and every second version has a reason", packages.len());
        return Ok(());
    }
    for problem in &problems {
        eprintln!("licences: {problem}");
    }
    bail!("{} thing(s) to put right in deny.toml or Cargo.toml", problems.len())
}

fn problems(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        match &package.license {
            None => problems.push(format!("`{}` names no licence", package.name)),
            Some(licence) if !expression::is_allowed(licence, &rules.licenses.allow) => {
                problems.push(format!("`{}` is under `{licence}`, which the list does not allow", package.name));
            }
            Some(_) => {}
        }
    }
    problems.extend(second_versions(&rules.bans.skip, packages));
    problems
}

fn second_versions(skips: &[Skip], packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    for skip in skips {
        let Some((name, version)) = skip.package.split_once('@') else {
            problems.push(format!("`{}`: write `name@version`", skip.package));
            continue;
        };
        if skip.reason.is_empty() {
            problems.push(format!("`{}` is let through without a reason", skip.package));
        }
        let is_second = versions.get_mut(name).is_some_and(|found| found.len() > 1 && found.remove(version));
        if !is_second {
            problems.push(format!("`{}` is let through, but is no second version of anything", skip.package));
        }
    }
    for (name, found) in versions.into_iter().filter(|(_, found)| found.len() > 1) {
        let found: Vec<&str> = found.into_iter().collect();
        problems.push(format!("`{name}` is there in versions {}", found.join(" and ")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, licence: Option<&str>) -> Package {
        Package {
            id: format!("{name}@{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            license: licence.map(str::to_owned),
            manifest_path: "Cargo.toml".into(),
            dependencies: Vec::new(),
        }
    }

    fn rules(skip: &[(&str, &str)]) -> Rules {
        Rules {
            graph: Graph { targets: Vec::new() },
            licenses: Licences { allow: ["MIT".to_owned()].into() },
            bans: Bans {
                skip: skip.iter().map(|(package, reason)| Skip { package: (*package).to_owned(), reason: (*reason).to_owned() }).collect(),
            },
        }
    }

    #[test]
    fn a_licence_that_is_not_listed_is_a_problem() {
        let packages = [package("a", "1.0.0", Some("MIT")), package("b", "1.0.0", Some("GPL-3.0")), package("c", "1.0.0", None)];
        let found = problems(&rules(&[]), &packages);
        assert_eq!(found, ["`b` is under `GPL-3.0`, which the list does not allow", "`c` names no licence"]);
    }

    #[test]
    fn a_second_version_needs_a_reason_that_is_still_true() {
        let twice = [package("a", "1.0.0", Some("MIT")), package("a", "2.0.0", Some("MIT"))];
        assert_eq!(problems(&rules(&[]), &twice), ["`a` is there in versions 1.0.0 and 2.0.0"]);
        assert_eq!(problems(&rules(&[("a@1.0.0", "old")]), &twice), Vec::<String>::new());
        assert_eq!(problems(&rules(&[("a@1.0.0", "")]), &twice), ["`a@1.0.0` is let through without a reason"]);
        assert_eq!(
            problems(&rules(&[("a@1.0.0", "old")]), &twice[1..]),
            ["`a@1.0.0` is let through, but is no second version of anything"]
        );
    }
}
