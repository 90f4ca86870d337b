//! What asking costs a page: the bytes of our style, script and markup beside those of consent scripts that people put into their pages instead.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::{Folder, Request, browser_script, hostile::Hostile};

use crate::process;

/// The packages, and their files that a page loads.
const PEERS: [(&str, &str, &[&str]); 3] = [
    ("cookieconsent", "3.1.1", &["build/cookieconsent.min.js", "build/cookieconsent.min.css"]),
    ("vanilla-cookieconsent", "3.1.0", &["dist/cookieconsent.umd.js", "dist/cookieconsent.css"]),
    ("klaro", "0.7.22", &["dist/klaro.js"]),
];

pub(crate) fn run() -> Result<String> {
    for (program, package) in [("npm", "npm"), ("gzip", "gzip"), ("chromium", "chromium"), ("node", "nodejs")] {
        ensure!(process::find(program).is_some(), "`{program}` is missing: install Debian's `{package}`");
    }
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let page = Request::get("/policy.html?policy=none").header("Accept", "text/html").header("Sec-Fetch-Dest", "document");
    let with = page.send(server.public()).text();
    let style = between(&with, "<style", "</style>").context("the page has no style of ours")?;
    let banner = between(&with, "<div class=\"candor candor-banner", "hidden></i></div>").context("the page has no banner")?;
    ensure!(!banner.contains("<script"), "the banner has a script, which has to be counted");
    let mut told = hostile.told(&server);
    told["pages"] = json!(["/policy.html?policy=none"]);
    told["pictured"] = json!({});
    told["pictures"] = json!(place.folder().path());
    let looked = browser_script("banner.mjs", told);
    let saw = &looked["saw"]["/policy.html?policy=none"];
    ensure!(saw["isThere"] == true, "Chromium saw no banner: {looked:#}");
    report(style, banner, saw)
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let from = text.find(start)?;
    let length = text[from..].find(end)? + end.len();
    Some(&text[from..from + length])
}

fn report(style: &str, banner: &str, saw: &Value) -> Result<String> {
    let mut table = String::new();
    writeln!(table, "`cargo xtask bench banner`: bytes after `gzip -9`, each file by itself.\n")?;
    writeln!(table, "| | style and script | requests of its own | what it asks with |")?;
    writeln!(table, "|---|---|---|---|")?;
    let (style, markup, both) = (zipped(style.as_bytes())?, zipped(banner.as_bytes())?, zipped(format!("{style}{banner}").as_bytes())?);
    writeln!(
        table,
        "| Candor | {style} + 0 | {} | {markup}, in the page; {both} together with the style |",
        saw["requests"].as_array().map_or(0, Vec::len)
    )?;
    let folder = Folder::new();
    for (name, version, files) in PEERS {
        let package = fetched(&folder, name, version)?;
        let sizes: Result<Vec<usize>> =
            files.iter().map(|file| zipped(&std::fs::read(package.join(file)).with_context(|| format!("{name} has no {file}"))?)).collect();
        let sizes: Vec<String> = sizes?.iter().map(usize::to_string).collect();
        writeln!(table, "| {name} {version} | {} | {} | made by its script |", sizes.join(" + "), files.len())?;
    }
    write!(
        table,
        "\nIn Chromium, with Candor's banner: layout shift {}, resources that block rendering {}, scripts {}.",
        saw["shift"], saw["blocking"], saw["scripts"]
    )?;
    Ok(table)
}

/// Unpacks a package as its registry has it.
fn fetched(folder: &Folder, name: &str, version: &str) -> Result<PathBuf> {
    let target = folder.join(name);
    std::fs::create_dir_all(&target)?;
    let mut pack = Command::new("npm");
    pack.current_dir(&target).args(["pack", "--silent", &format!("{name}@{version}")]);
    let file = process::output(&mut pack)?;
    process::run(Command::new("tar").current_dir(&target).args(["-xzf", file.trim()]))?;
    Ok(Path::new(&target).join("package"))
}

fn zipped(content: &[u8]) -> Result<usize> {
    let mut gzip =
        Command::new("gzip").args(["-9", "--no-name"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("gzip starts")?;
    let mut input = gzip.stdin.take().context("its input is piped")?;
    let content = content.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&content));
    let output = gzip.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("gzip took nothing"))??;
    ensure!(output.status.success(), "gzip failed");
    Ok(output.stdout.len())
}
