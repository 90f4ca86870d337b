//! All the tests, on a machine that has nothing yet but Rust.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::postgres::{self, Postgres};
use crate::process::{self, find};
use crate::workspace::{self, cargo};

/// A program the tests start, and the Debian package that brings it.
struct Needed {
    program: &'static str,
    package: &'static str,
}

const NEEDED: [Needed; 11] = [
    Needed { program: "nginx", package: "nginx-light" },
    Needed { program: "apache2", package: "apache2" },
    Needed { program: "lighttpd", package: "lighttpd" },
    Needed { program: "caddy", package: "caddy" },
    Needed { program: "haproxy", package: "haproxy" },
    Needed { program: "goaccess", package: "goaccess" },
    Needed { program: "chromium", package: "chromium" },
    Needed { program: "openssl", package: "openssl" },
    Needed { program: "node", package: "nodejs" },
    Needed { program: "npm", package: "npm" },
    Needed { program: PYTHON, package: "python3" },
];

/// Debian's own, which finds Debian's libraries; another may come first on the path.
const PYTHON: &str = "/usr/bin/python3";

/// What the tests import in Python, and the packages that bring it.
const PYTHON_LIBRARIES: [(&str, &str); 3] =
    [("jwt", "python3-jwt"), ("cryptography", "python3-cryptography"), ("aiosmtpd", "python3-aiosmtpd")];

/// The modules of the tests that need those programs.
const NEEDING: [&str; 7] = ["with_nginx::", "with_chromium::", "with_python::", "with_s3::", "with_smtp::", "hostile::", "real_logs::"];

pub(crate) fn run(options: &[&str]) -> Result<()> {
    let is_quick = match options {
        [] => false,
        ["--quick"] => true,
        _ => bail!("`cargo xtask test` knows only `--quick`"),
    };
    if postgres::programs().is_none() {
        install(&[postgres::PACKAGE])?;
    }
    if !is_quick {
        install_programs()?;
        install_python_libraries()?;
        install_s3_server()?;
        install_documentation()?;
        install_browser_scripts()?;
    }
    // The tests and the binary they start are built together, so that they share every crate.
    process::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    let binary = workspace::members()?.target_directory.join("debug/candor");
    let postgres = Postgres::start()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).env("CANDOR_BINARY", binary).env(postgres::VARIABLE, postgres.url());
    if is_quick {
        tests.arg("--").args(NEEDING.iter().flat_map(|module| ["--skip", module]));
    }
    process::run(&mut tests)?;
    postgres.prove()
}

fn install_programs() -> Result<()> {
    let missing: Vec<&str> = NEEDED.iter().filter(|needed| find(needed.program).is_none()).map(|needed| needed.package).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    for needed in &NEEDED {
        ensure!(find(needed.program).is_some(), "`{}` is still missing after installing `{}`", needed.program, needed.package);
    }
    Ok(())
}

fn install_python_libraries() -> Result<()> {
    let imports =
        |module: &str| Command::new(PYTHON).args(["-c", &format!("import {module}")]).output().is_ok_and(|done| done.status.success());
    let missing: Vec<&str> = PYTHON_LIBRARIES.iter().filter(|(module, _)| !imports(module)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    for (module, package) in PYTHON_LIBRARIES {
        ensure!(imports(module), "Python cannot import `{module}` after installing `{package}`");
    }
    Ok(())
}

/// Debian has no S3 server: one comes from PyPI, into a folder of its own.
fn install_s3_server() -> Result<()> {
    let folder = workspace::root().join("tests/s3");
    let python = folder.join("venv/bin/python");
    if Command::new(&python).args(["-c", "import moto.moto_server.werkzeug_app, boto3"]).output().is_ok_and(|done| done.status.success()) {
        return Ok(());
    }
    if !Command::new(PYTHON).args(["-c", "import ensurepip"]).output().is_ok_and(|done| done.status.success()) {
        install(&["python3-venv"])?;
    }
    process::run(Command::new(PYTHON).args(["-m", "venv"]).arg(folder.join("venv")))?;
    process::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(folder.join("requirements.txt")))
}

/// The stories read real pages: the documentation that comes with the Rust toolchain, or Debian's package of it.
fn install_documentation() -> Result<()> {
    let with_toolchain = rust_documentation()?;
    let with_debian = PathBuf::from("/usr/share/doc/rust-doc/html");
    if with_toolchain.join("index.html").is_file() || with_debian.join("index.html").is_file() {
        return Ok(());
    }
    eprintln!("this toolchain came without its HTML documentation: taking Debian's package of it");
    install(&["rust-doc"])
}

fn rust_documentation() -> Result<PathBuf> {
    let root = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(root.trim()).join("share/doc/rust/html"))
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let by_hand = format!("install what is missing and run this again: {}", packages.join(" "));
    ensure!(find("apt-get").is_some(), "this is no Debian; {by_hand}");
    let user = process::output(Command::new("id").arg("-u")).context("could not tell who runs this")?;
    ensure!(user.trim() == "0", "only root installs packages; {by_hand}");
    process::run(Command::new("apt-get").args(["update", "-qq"]))?;
    // A freshly installed server would take port 80 at once; the tests start their own.
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    process::run(install.args(["install", "-qq", "-y", "--no-install-recommends"]).args(packages)).context(by_hand)
}

fn install_browser_scripts() -> Result<()> {
    let folder = workspace::root().join("tests/browser");
    let (lock, installed) = (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
    let made = |file: &PathBuf| file.metadata().and_then(|about| about.modified()).ok();
    if made(&installed).is_some() && made(&installed) >= made(&lock) {
        return Ok(());
    }
    process::run(Command::new("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))
}
