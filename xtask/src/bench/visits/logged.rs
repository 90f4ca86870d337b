//! A made-up site's log of so many visits, as text and taken in; kept for the next run as long as it is what would be made now.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::super::Options;
use crate::process;
use crate::workspace::{self, cargo};

const GENERATOR: &str = "bench/visits/Cargo.toml";

/// What the generator's lines are made of.
const TRAFFIC: [&str; 3] = ["bench/visits/src/traffic.rs", "bench/visits/src/people.rs", "bench/visits/src/random.rs"];

/// The text of more visits than this is not kept: it goes from the generator to Candor directly.
const TEXT_VISITS_MAX: u64 = 10_000_000;

/// Older logs are made anew, so that the policy still keeps all of their visits.
const FRESH: Duration = Duration::from_secs(200 * 86_400);

/// The programs of this project that take part.
pub(super) struct Programs {
    pub(super) candor: PathBuf,
    pub(super) visits: PathBuf,
}

/// What is in one log.
pub(super) struct Logged {
    pub(super) visits: u64,
    folder: PathBuf,
}

/// What `candor import --json` says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Imported {
    read: u64,
    imported: u64,
    already: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    Heavy,
    Median,
    Single,
    Many,
}

impl Role {
    pub(super) const KINDS: [Self; 3] = [Self::Heavy, Self::Median, Self::Single];

    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Heavy => "who came most often",
            Self::Median => "in the middle",
            Self::Single => "who came once",
            Self::Many => "any",
        }
    }
}

impl Programs {
    /// The release builds; of the server perhaps another.
    pub(super) fn build(options: &Options) -> Result<Self> {
        let target = workspace::members()?.target_directory;
        let candor = match &options.binary {
            Some(binary) => fs::canonicalize(binary).with_context(|| format!("{} is not there", binary.display()))?,
            None => {
                process::run(cargo().args(["build", "--release", "--package", "candor"]))?;
                target.join("release/candor")
            }
        };
        process::run(cargo().args(["build", "--release", "--manifest-path", GENERATOR, "--target-dir"]).arg(&target))?;
        Ok(Self { candor, visits: target.join("release/bench-visits") })
    }

    /// Asks the log itself, and returns what it says as JSON.
    pub(super) fn ask<T: for<'a> Deserialize<'a>>(&self, what: &str, data: &Path, logged: &Logged) -> Result<T> {
        let said = process::output(Command::new(&self.visits).arg(what).arg(data).arg(logged.people()))?;
        serde_json::from_str(&said).context("bench-visits printed something unexpected")
    }
}

impl Logged {
    /// The log of so many visits, which is not made yet.
    pub(super) fn of(visits: u64) -> Result<Self> {
        let folder = kept()?.join(visits.to_string());
        fs::create_dir_all(&folder)?;
        Ok(Self { visits, folder })
    }

    pub(super) const fn has_text(&self) -> bool {
        self.visits <= TEXT_VISITS_MAX
    }

    /// Who is in it.
    fn people(&self) -> PathBuf {
        self.folder.join("people.json")
    }

    /// The log in the combined format.
    pub(super) fn text(&self, programs: &Programs) -> Result<PathBuf> {
        ensure!(self.has_text(), "a log of {} visits is not kept as text", self.visits);
        let text = self.folder.join("access.log");
        if !is_of_these_lines(&text) {
            let unfinished = self.folder.join("access.log.unfinished");
            let output = File::create(&unfinished)?;
            process::run(self.generate(programs).stdout(output))?;
            fs::rename(&unfinished, &text)?;
        }
        Ok(text)
    }

    fn generate(&self, programs: &Programs) -> Command {
        let mut generate = Command::new(&programs.visits);
        generate.args(["generate", &self.visits.to_string()]).arg(self.people());
        generate
    }

    /// A data folder that the log was taken into.
    pub(super) fn data(&self, programs: &Programs) -> Result<PathBuf> {
        let data = self.folder.join("data");
        // Larger ones are made together with their log.
        let source = if self.has_text() { Some(self.text(programs)?) } else { None };
        let is_of_this_text = source.as_ref().is_none_or(|text| is_newer(&data, text));
        if is_of_this_text && is_of_these_lines(&data) && is_newer(&data, &programs.candor) {
            return Ok(data);
        }
        let unfinished = empty(&self.folder.join("data.unfinished"))?;
        let site = site(&programs.candor, &self.folder)?;
        match source {
            Some(text) => {
                let said = process::output(&mut import(&programs.candor, &text, &site, &unfinished))?;
                self.ensure_imported(&said)?;
            }
            None => self.stream(programs, &site, &unfinished)?,
        }
        empty(&data)?;
        fs::rename(&unfinished, &data)?;
        Ok(data)
    }

    fn stream(&self, programs: &Programs, site: &Path, data: &Path) -> Result<()> {
        let mut generate = self.generate(programs);
        eprintln!("$ {generate:?} | candor import -");
        let mut generating = generate.stdout(Stdio::piped()).spawn()?;
        let lines = generating.stdout.take().context("its output is piped")?;
        let mut import = import(&programs.candor, Path::new("-"), site, data);
        let said = process::output(import.stdin(lines))?;
        ensure!(generating.wait()?.success(), "the generator failed");
        self.ensure_imported(&said)
    }

    /// Every line was taken in for the first time.
    pub(super) fn ensure_imported(&self, said: &str) -> Result<()> {
        let imported: Imported = serde_json::from_str(said).context("candor printed something unexpected")?;
        ensure!(imported.read == self.visits && imported.imported == self.visits, "{} visits: {imported:?}", self.visits);
        Ok(())
    }

    /// Every line was there already.
    pub(super) fn ensure_known(&self, said: &str) -> Result<()> {
        let imported: Imported = serde_json::from_str(said).context("candor printed something unexpected")?;
        ensure!(imported.already == self.visits && imported.imported == 0, "{} visits: {imported:?}", self.visits);
        Ok(())
    }
}

/// Takes a log in.
pub(super) fn import(candor: &Path, log: &Path, site: &Path, data: &Path) -> Command {
    let mut import = Command::new(candor);
    import.arg("import").arg(log).arg("--site").arg(site).arg("--data").arg(data).arg("--json");
    import
}

/// What `candor init` writes, with visits kept as long as can be and accounts named, so that nothing of a line is left out.
pub(super) fn site(candor: &Path, folder: &Path) -> Result<PathBuf> {
    let site = empty(&folder.join("site"))?;
    process::output(Command::new(candor).arg("init").arg(&site))?;
    for (file, from, to) in [
        ("policy.toml", "\"duration\"]", "\"duration\", \"account\"]"),
        ("policy.toml", "90 days", "12 months"),
        ("policy.md", "90 days", "12 months"),
    ] {
        let file = site.join(file);
        let text = fs::read_to_string(&file)?;
        ensure!(text.contains(from), "`candor init` writes no `{from}` into {} any more", file.display());
        fs::write(&file, text.replace(from, to))?;
    }
    process::output(Command::new(candor).arg("check").arg("--site").arg(&site))?;
    Ok(site)
}

/// The folder for whatever is made here.
pub(super) fn kept() -> Result<PathBuf> {
    let kept = workspace::members()?.target_directory.join("bench-visits");
    fs::create_dir_all(&kept)?;
    Ok(kept)
}

/// A path with nothing at it.
pub(super) fn empty(path: &Path) -> Result<PathBuf> {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(path)?,
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    Ok(path.to_owned())
}

/// Whether it was made of what the generator writes now, not too long ago.
fn is_of_these_lines(made: &Path) -> bool {
    TRAFFIC.iter().all(|file| is_newer(made, &workspace::root().join(file))) && is_fresh(made)
}

fn is_newer(made: &Path, than: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|about| about.modified());
    matches!((changed(made), changed(than)), (Ok(made), Ok(than)) if made >= than)
}

fn is_fresh(made: &Path) -> bool {
    let age = fs::metadata(made).and_then(|about| about.modified()).ok().and_then(|made| made.elapsed().ok());
    age.is_some_and(|age| age < FRESH)
}

/// All bytes of the files in a folder.
pub(super) fn bytes_in(folder: &Path) -> Result<u64> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_what_it_is_made_of_is_made_anew() {
        let folder = stories::Folder::new();
        let (old, new) = (folder.write("old", ""), folder.write("new", ""));
        let long_ago = std::time::UNIX_EPOCH;
        File::options().write(true).open(&old).and_then(|file| file.set_modified(long_ago)).expect("its time can be set");
        assert!(is_newer(&new, &old) && !is_newer(&old, &new) && !is_newer(&folder.join("none"), &old));
        assert!(is_fresh(&new) && !is_fresh(&old) && !is_fresh(&folder.join("none")));
    }

    #[test]
    fn an_import_that_leaves_something_out_is_no_import() {
        let logged = Logged { visits: 5, folder: PathBuf::new() };
        let said = |imported, already| format!(r#"{{"read":5,"imported":{imported},"already":{already},"dropped":0}}"#);
        assert!(logged.ensure_imported(&said(5, 0)).is_ok() && logged.ensure_imported(&said(4, 0)).is_err());
        assert!(logged.ensure_known(&said(0, 5)).is_ok() && logged.ensure_known(&said(1, 4)).is_err());
        assert!(logged.ensure_imported("candor: no").is_err());
    }
}
