use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::folder::own_folder;

/// A program of this machine, as a shell would find it; Debian keeps servers in folders that are not on everybody's path.
pub fn find(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{program}` is missing: `cargo xtask test` installs what the stories need"))
}

/// The HTML documentation that comes with the Rust toolchain, or Debian's package of it: tens of thousands of real pages.
pub fn documentation() -> PathBuf {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs where its tests are built");
    let sysroot = String::from_utf8(sysroot.stdout).expect("rustc prints text");
    let own = Path::new(sysroot.trim()).join("share/doc/rust/html");
    let packaged = PathBuf::from("/usr/share/doc/rust-doc/html");
    [own, packaged]
        .into_iter()
        .find(|folder| folder.join("std/index.html").is_file())
        .expect("this toolchain has no HTML documentation: `cargo xtask test` installs Debian's `rust-doc` instead")
}

/// Runs one script of `tests/browser` in headless Chromium; it says on its last line what it saw.
pub fn browser_script(script: &str, arguments: Value) -> Value {
    let folder = own_folder().join("browser");
    assert!(folder.join("node_modules").is_dir(), "tests/browser is not installed: run `cargo xtask test`, or `npm ci` there");
    let mut arguments = arguments;
    arguments["chromium"] = Value::from(find("chromium").to_string_lossy());
    let output = Command::new(find("node"))
        .current_dir(&folder)
        .arg(script)
        .arg(arguments.to_string())
        .stdin(Stdio::null())
        .output()
        .expect("node starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} failed:\n{said}\n{complained}");
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{script} said `{last}`: {error}\n{complained}"))
}
