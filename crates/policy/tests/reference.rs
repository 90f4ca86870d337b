//! The reference is what the code says. `UPDATE_REFERENCE=1 cargo test -p policy --test reference` writes it anew.

use std::path::Path;

#[test]
fn findings_are_all_in_the_reference() {
    matches("findings.md", &policy::check::findings_reference());
}

#[test]
fn the_vocabulary_is_all_in_the_reference() {
    matches("policy.md", &policy::check::vocabulary_reference());
}

#[test]
fn decisions_are_all_in_the_reference() {
    matches("decisions.md", &policy::check::decisions_reference());
}

fn matches(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder can be made");
        std::fs::write(&path, expected).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expected, "docs/reference/{name} is out of date: run `UPDATE_REFERENCE=1 cargo test -p policy --test reference`");
}
