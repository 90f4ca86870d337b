//! A PostgreSQL of the tests' own: made for one run, reached by nobody else, and gone afterwards.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{self, find};

/// The Debian package that brings it, and the user it makes: PostgreSQL refuses to run as root.
pub(crate) const PACKAGE: &str = "postgresql";
const USER: &str = "postgres";

/// Where tests that run on PostgreSQL look for it.
pub(crate) const VARIABLE: &str = "CANDOR_TEST_POSTGRES";

/// What the tests call the databases they make: those of the room, and those of the stories.
const MADE_BY_TESTS: [&str; 2] = ["candor-records-", "candor-story-"];

/// A running server. Dropping it ends it and removes what it kept.
#[derive(Debug)]
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    server: String,
}

/// Where its programs are; Debian keeps each version's apart and off everybody's path.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut packaged: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).collect();
    packaged.sort();
    packaged.pop().or_else(|| find("initdb").and_then(|initdb| initdb.parent().map(Path::to_owned)))
}

impl Postgres {
    pub(crate) fn start() -> Result<Self> {
        let programs = programs().with_context(|| format!("PostgreSQL is missing: install `{PACKAGE}`"))?;
        let folder = std::env::temp_dir().join(format!("candor-postgres-{}", std::process::id()));
        let is_root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
        let mut made = Command::new("install");
        made.args(["-d", "-m", "700"]).args(is_root.then_some(["-o", USER]).into_iter().flatten()).arg(&folder);
        process::run(&mut made)?;
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).context("no port is free")?.port();
        let postgres = Self { programs, folder, server: format!("postgres://candor:for-tests@127.0.0.1:{port}") };
        let at = |name: &str| postgres.folder.join(name).display().to_string();
        std::fs::write(at("password"), "for-tests\n").context("the password cannot be written")?;
        process::run(Command::new("chmod").arg("644").arg(at("password")))?;
        let (data, password) = (at("data"), at("password"));
        process::output(postgres.program("initdb").args(["-D", &data, "-U", "candor", "-A", "scram-sha-256", "--pwfile", &password]))?;
        // Nothing in it outlives the run, so it need not wait for the disk.
        let options =
            format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=400 -c fsync=off", postgres.folder.display());
        process::run(postgres.program("pg_ctl").args(["-D", &data, "-o", &options, "-l", &at("log"), "-w", "-s", "start"]))?;
        Ok(postgres)
    }

    /// Where tests make their databases.
    pub(crate) fn url(&self) -> String {
        format!("{}/postgres", self.server)
    }

    /// Fails where tests passed without having touched it, and says what they left in it.
    pub(crate) fn prove(&self) -> Result<()> {
        let databases = self.ask("postgres", "SELECT datname FROM pg_database ORDER BY datname")?;
        for prefix in MADE_BY_TESTS {
            ensure!(databases.lines().any(|name| name.starts_with(prefix)), "no test made a database called `{prefix}…`: they did not run");
        }
        let of_tests: Vec<&str> = databases.lines().filter(|name| MADE_BY_TESTS.iter().any(|prefix| name.starts_with(prefix))).collect();
        let mut answers = 0;
        for name in &of_tests {
            // Keys have a database of their own, with no answers in it.
            if self.ask(name, "SELECT to_regclass('choices') IS NOT NULL")?.trim() == "t" {
                answers += self.ask(name, "SELECT count(*) FROM choices")?.trim().parse::<u64>().context("a count")?;
            }
        }
        ensure!(answers > 0, "no test left an answer in PostgreSQL");
        println!("postgresql: the tests ran on it too, in {} databases with {answers} answers", of_tests.len());
        Ok(())
    }

    fn ask(&self, database: &str, sql: &str) -> Result<String> {
        process::output(Command::new(self.programs.join("psql")).args([&format!("{}/{database}", self.server), "-At", "-c", sql]))
    }

    /// A program of its own, run by its own user. Nobody else may look into our folder.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let is_root = std::fs::metadata(&self.folder).is_ok_and(|folder| !is_ours(&folder));
        let mut command = if is_root { Command::new("runuser") } else { Command::new(&program) };
        if is_root {
            command.args(["-u", USER, "--"]).arg(&program);
        }
        command.current_dir("/");
        command
    }
}

/// Whether the folder belongs to whoever runs this, and was not made for another user.
fn is_ours(folder: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let own = std::fs::metadata("/proc/self").map(|own| own.uid());
    own.is_ok_and(|own| own == folder.uid())
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data").display().to_string();
        if let Err(error) = process::run(self.program("pg_ctl").args(["-D", &data, "-m", "immediate", "-w", "-s", "stop"])) {
            eprintln!("xtask: {error:#}");
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("xtask: {} is left behind: {error}", self.folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_no_test_touched_proves_nothing() {
        if programs().is_none() {
            return;
        }
        let postgres = Postgres::start().expect("it starts");
        let complaint = postgres.prove().expect_err("nothing ran").to_string();
        assert_eq!(complaint, "no test made a database called `candor-records-…`: they did not run");
        for prefix in MADE_BY_TESTS {
            postgres.ask("postgres", &format!("CREATE DATABASE \"{prefix}1\"")).expect("databases can be made");
            postgres.ask(&format!("{prefix}1"), "CREATE TABLE choices (id BIGINT)").expect("tables too");
            postgres.ask("postgres", &format!("CREATE DATABASE \"{prefix}2\"")).expect("and others without that table");
        }
        assert_eq!(postgres.prove().expect_err("no answers").to_string(), "no test left an answer in PostgreSQL");
        postgres.ask("candor-story-1", "INSERT INTO choices (id) VALUES (1)").expect("and rows");
        postgres.prove().expect("it was touched");
        let folder = postgres.folder.clone();
        drop(postgres);
        assert!(!folder.exists(), "nothing is left behind");
    }
}
