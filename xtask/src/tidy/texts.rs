//! What no file of the project may hold.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// A Rust file longer than this wants to be two. Tests are read one at a time and may be longer.
const RUST_LINES_MAX: usize = 600;

/// Folders that exist on one machine only.
const MACHINE_FOLDERS: [&str; 4] = ["/work/", "/root/", "/home/", "/Users/"];

/// Where packages come from is the business of whoever builds, not of the project.
const REGISTRY_HOSTS: [&str; 4] = ["registry.npmjs", "index.crates", "static.crates", "proxy.golang"];

const CRATES_IO: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

pub(crate) fn problems(root: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    // This file spells out what it looks for.
    for name in files.iter().filter(|name| *name != "xtask/src/tidy/texts.rs") {
        let bytes = fs::read(root.join(name)).with_context(|| format!("could not read {name}"))?;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            problems.extend(in_file(name, text));
        }
    }
    Ok(problems)
}

fn in_file(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_rust = name.ends_with(".rs");
    for (at, line) in text.lines().enumerate() {
        let mut problem = |what: String| problems.push(format!("{name}:{}: {what}", at + 1));
        if is_rust
            && let Some(found) = ["todo!(", "dbg!(", "unimplemented!(", "#[ignore", "#[allow("].iter().find(|found| line.contains(*found))
        {
            problem(format!("`{found}` does not belong in the project"));
        }
        if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| starts_path(line, folder)) {
            problem(format!("a path under `{folder}` exists on one machine only"));
        }
        if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(*host)) {
            problem(format!("`{host}` names a package registry"));
        }
        if name.ends_with("package-lock.json") && line.contains("\"resolved\"") {
            problem("a lock file without `resolved` installs from any registry".to_owned());
        }
        if name.ends_with("Cargo.lock") && line.starts_with("source = ") && line != CRATES_IO {
            problem("every crate comes from crates.io".to_owned());
        }
    }
    let lines = text.lines().count();
    if is_rust && !is_test(name) && lines > RUST_LINES_MAX {
        problems.push(format!("{name}: {lines} lines; a Rust file has {RUST_LINES_MAX} at most"));
    }
    problems
}

/// A folder at the start of a path, not in the middle of one.
fn starts_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-~}/*".contains(before)))
}

fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.split('/').any(|folder| folder == "tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_behind_is_found_with_its_place() {
        assert_eq!(in_file("a.rs", "fn a() {\n    todo!()\n}\n"), ["a.rs:2: `todo!(` does not belong in the project"]);
        assert_eq!(in_file("a.md", "todo!() is a macro\n"), Vec::<String>::new());
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_an_address_is_not() {
        assert_eq!(in_file("a.md", "see /home/me/notes\n").len(), 1);
        assert_eq!(in_file("a.md", "see https://example.org/home/me\n"), Vec::<String>::new());
    }

    #[test]
    fn lock_files_name_no_registry() {
        assert_eq!(in_file("package-lock.json", "\"resolved\": \"https://example.org/a.tgz\"\n").len(), 1);
        assert_eq!(in_file("Cargo.lock", "source = \"git+https://example.org/a\"\n").len(), 1);
        assert_eq!(in_file("Cargo.lock", &format!("{CRATES_IO}\n")), Vec::<String>::new());
    }

    #[test]
    fn long_files_are_found_except_tests() {
        let long = "\n".repeat(RUST_LINES_MAX + 1);
        assert_eq!(in_file("crates/a/src/lib.rs", &long).len(), 1);
        assert_eq!(in_file("crates/a/src/tests.rs", &long), Vec::<String>::new());
        assert_eq!(in_file("crates/a/tests/laws.rs", &long), Vec::<String>::new());
    }
}
