//! The arrows between rooms, and the libraries that stay in theirs, against the tables of the map.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::workspace::{Dependency, DependencyKind, Package};

type Table = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn problems(map: &str, packages: &[Package]) -> Result<Vec<String>> {
    let arrows = table(map, "| room | may depend on |")?;
    let kept = table(map, "| library | only in |")?;
    let rooms: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for room in arrows.keys().filter(|room| !rooms.contains(room.as_str())) {
        problems.push(format!("docs/architecture.md has a row for `{room}`, which is no crate of the workspace"));
    }
    for package in packages {
        let Some(allowed) = arrows.get(&package.name) else {
            problems.push(format!("`{}` has no row in the arrow table of docs/architecture.md", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if rooms.contains(dependency.name.as_str()) {
                problems.extend(wrong_arrow(package, dependency, allowed, &arrows));
            } else {
                problems.extend(strayed_library(package, dependency, &kept));
            }
        }
    }
    Ok(problems)
}

/// A room's tests may use what does not depend on it: otherwise the room would be built twice, and its types would not be each other's.
fn wrong_arrow(package: &Package, dependency: &Dependency, allowed: &BTreeSet<String>, arrows: &Table) -> Option<String> {
    let (from, to) = (&package.name, &dependency.name);
    match dependency.kind {
        Some(DependencyKind::Dev) if reaches(arrows, to, from) => Some(format!("`{from}` may not test with `{to}`, which depends on it")),
        Some(DependencyKind::Dev) => None,
        _ if allowed.contains(to) => None,
        _ => Some(format!("`{from}` may not depend on `{to}`: docs/architecture.md draws no such arrow")),
    }
}

fn strayed_library(package: &Package, dependency: &Dependency, kept: &Table) -> Option<String> {
    let is_kept_elsewhere = kept.get(&dependency.name).is_some_and(|rooms| !rooms.contains(&package.name));
    (is_kept_elsewhere && dependency.kind != Some(DependencyKind::Dev))
        .then(|| format!("`{}` may not depend on the library `{}`: docs/architecture.md keeps it elsewhere", package.name, dependency.name))
}

fn reaches(arrows: &Table, from: &str, to: &str) -> bool {
    arrows.get(from).is_some_and(|next| next.iter().any(|room| room == to || reaches(arrows, room, to)))
}

/// The rows of a two-column Markdown table whose cells name things in backticks.
fn table(map: &str, header: &str) -> Result<Table> {
    let rows = map.lines().skip_while(|line| line.trim() != header).skip(2).take_while(|line| line.starts_with('|'));
    let table: Table = rows
        .filter_map(|row| {
            let (first, second) = row.trim_matches('|').split_once('|')?;
            Some((names(first).next()?.to_owned(), names(second).map(str::to_owned).collect()))
        })
        .collect();
    ensure!(!table.is_empty(), "docs/architecture.md has no table that starts with `{header}`");
    Ok(table)
}

/// What stands between backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
# Map

| room | may depend on |
|---|---|
| `a` | nothing |
| `b` | `a` |
| `c` | `a`, `b` |

| library | only in |
|---|---|
| `sql` | `c` |
";

    fn room(name: &str, dependencies: &[(&str, Option<DependencyKind>)]) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "0.0.0".to_owned(),
            license: None,
            manifest_path: "Cargo.toml".into(),
            dependencies: dependencies.iter().map(|(name, kind)| Dependency { name: (*name).to_owned(), kind: *kind }).collect(),
        }
    }

    fn found(b: &[(&str, Option<DependencyKind>)]) -> Vec<String> {
        problems(MAP, &[room("a", &[]), room("b", b), room("c", &[("a", None), ("b", None), ("sql", None)])]).unwrap()
    }

    #[test]
    fn arrows_on_the_map_are_fine() {
        assert_eq!(found(&[("a", None), ("anyhow", None)]), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_on_the_map_is_a_problem() {
        assert_eq!(found(&[("c", None)]), ["`b` may not depend on `c`: docs/architecture.md draws no such arrow"]);
        assert_eq!(found(&[("c", Some(DependencyKind::Build))]).len(), 1);
    }

    #[test]
    fn tests_may_not_use_what_depends_on_them() {
        assert_eq!(found(&[("c", Some(DependencyKind::Dev))]), ["`b` may not test with `c`, which depends on it"]);
    }

    #[test]
    fn a_library_stays_in_its_room() {
        assert_eq!(found(&[("sql", None)]), ["`b` may not depend on the library `sql`: docs/architecture.md keeps it elsewhere"]);
        assert_eq!(found(&[("sql", Some(DependencyKind::Dev))]), Vec::<String>::new());
    }

    #[test]
    fn a_room_without_a_row_and_a_row_without_a_room_are_problems() {
        let problems = problems(MAP, &[room("a", &[]), room("b", &[]), room("d", &[])]).unwrap();
        assert_eq!(
            problems,
            [
                "docs/architecture.md has a row for `c`, which is no crate of the workspace",
                "`d` has no row in the arrow table of docs/architecture.md"
            ]
        );
    }

    #[test]
    fn a_map_without_the_table_is_an_error() {
        assert!(problems("# Map\n", &[]).is_err());
    }
}
