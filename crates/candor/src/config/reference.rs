use std::fmt::Write;

use super::Configuration;

/// `docs/reference/configuration.md`.
fn reference() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         Generated from the doc comments of `crates/candor/src/config/mod.rs`.\n\n\
         `candor.toml` in the site folder holds these keys, all of them optional. Each is also a flag of `candor serve` and an environment\n\
         variable. A flag beats the variable, the variable beats the file. Keys with a dot stand in the section before it.\n\n\
         | key | default | flag | variable | |\n|---|---|---|---|---|\n",
    );
    for key in Configuration::keys() {
        let default = if key.default.is_empty() { String::from("none") } else { format!("`{}`", key.default) };
        let _ = writeln!(page, "| `{}` | {default} | `--{}` | `{}` | {} |", key.name, key.flag(), key.variable(), key.about);
    }
    page
}

#[cfg(test)]
mod tests {
    /// `UPDATE_REFERENCE=1 cargo test -p candor` writes it anew.
    #[test]
    fn the_reference_in_the_repository_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/configuration.md");
        let expected = super::reference();
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(path, &expected).expect("the reference is written");
        }
        let written = std::fs::read_to_string(path).expect("docs/reference/configuration.md is there");
        assert_eq!(written, expected, "run UPDATE_REFERENCE=1 cargo test -p candor");
    }
}
