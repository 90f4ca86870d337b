use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::command::command;
use crate::{Database, Finished, Folder, Request, Site, candor, eventually, example};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// What it says at its start it has said by then.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A site folder and a data folder of one story's own.
#[derive(Debug)]
pub struct Place {
    folder: Folder,
    /// Where the records are, and people's keys; the data folder otherwise.
    records: Option<String>,
    keys: Option<String>,
}

impl Place {
    /// A copy of the project's example.
    pub fn health() -> Self {
        Self::health_on(Database::Sqlite)
    }

    /// The same, with its records in an empty database of this kind.
    pub fn health_on(database: Database) -> Self {
        let place = Self { folder: Folder::new(), records: database.fresh(), keys: database.fresh() };
        example("health", &place.site());
        place
    }

    /// What `candor init` writes.
    pub fn fresh() -> Self {
        let place = Self { folder: Folder::new(), records: None, keys: None };
        let made = candor(place.folder.path(), &["init", "site"], "");
        assert_eq!(made.code, Some(0), "{made:#?}");
        place
    }

    /// A site folder with nothing in it yet.
    pub(crate) fn empty() -> Self {
        let place = Self { folder: Folder::new(), records: None, keys: None };
        fs::create_dir_all(place.site()).expect("a story's own folder can be written");
        place
    }

    pub fn site(&self) -> PathBuf {
        self.folder.join("site")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Runs a command about this place.
    pub fn candor(&self, arguments: &[&str]) -> Finished {
        candor(&self.site(), arguments, "")
    }

    /// Every visit in the log, which has to be whole, in the order it is read.
    pub fn visits(&self) -> Vec<Value> {
        let finished = self.candor(&["visits", "--json", "--data", &self.data().to_string_lossy()]);
        assert_eq!(finished.code, Some(0), "{finished:#?}");
        let log = finished.json();
        assert_eq!((&log["gaps"], &log["damage"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())), "the log is whole");
        log["visits"].as_array().expect("`visits` is a list").clone()
    }

    /// How often each path is in the log with each status.
    pub fn counted(&self) -> Counts {
        let mut counts = Counts::new();
        for visit in self.visits() {
            let path = visit["path"].as_str().expect("the policy keeps the path").to_owned();
            *counts.entry((path, visit["status"].as_u64().expect("the policy keeps the status"))).or_default() += 1;
        }
        counts
    }

    /// The visits to one path, as soon as there are that many.
    pub fn visits_to(&self, path: &str, count: usize) -> Vec<Value> {
        eventually(&format!("{count} visit(s) to {path}"), Duration::from_secs(10), || {
            let mut visits = self.visits();
            visits.retain(|visit| visit["path"] == path);
            (visits.len() >= count).then_some(visits)
        })
    }

    pub fn serve(&self, site: &Site) -> Server {
        self.serve_url(&site.url(), &[])
    }

    /// Serves in front of this address, with further options.
    pub fn serve_url(&self, upstream: &str, options: &[&str]) -> Server {
        let mut command = self.command_to_serve(upstream);
        command.args(options);
        Server::start(command, self.folder.path())
    }

    /// The command that serves here, to be started in another way.
    pub fn command_to_serve(&self, upstream: &str) -> Command {
        let mut command = self.command(&["serve"]);
        command.arg("--site").arg(self.site()).arg("--data").arg(self.data()).args(["--upstream", upstream]);
        command
    }

    /// A command about this place, to be started beside others.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command();
        command.current_dir(self.site()).args(arguments);
        command.envs(self.records.iter().map(|records| ("CANDOR_RECORDS", records)));
        command.envs(self.keys.iter().map(|keys| ("CANDOR_KEYS", keys)));
        command
    }
}

/// How often each path was asked for with each status.
pub type Counts = BTreeMap<(String, u64), usize>;

/// Where two counts differ, in a few words.
pub fn differences(ours: &Counts, theirs: &Counts) -> Vec<String> {
    let all: BTreeSet<&(String, u64)> = ours.keys().chain(theirs.keys()).collect();
    let count = |counts: &Counts, what| counts.get(what).copied().unwrap_or(0);
    let different = all.into_iter().filter(|what| count(ours, what) != count(theirs, what));
    different.map(|what| format!("{} {}: {} here, {} there", what.1, what.0, count(ours, what), count(theirs, what))).collect()
}

/// The binary, serving.
#[derive(Debug)]
pub struct Server {
    child: Child,
    complaints: PathBuf,
    public: String,
    private: String,
    lines: Mutex<Receiver<String>>,
}

impl Server {
    /// `candor demo`, which needs nothing else.
    pub fn demo(folder: &Folder) -> Self {
        let mut command = command();
        // What it leaves behind when it is killed goes with the story.
        command.current_dir(folder.path()).env("TMPDIR", folder.path()).arg("demo");
        Self::start(command, folder.path())
    }

    /// Starts it on free ports and waits until it says where it listens and that it is ready.
    pub fn start(mut command: Command, folder: &Path) -> Self {
        let complaints = folder.join("complaints.txt");
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&complaints).expect("a story's own folder can be written"))
            .spawn()
            .expect("the binary starts");
        let lines = lines_of(child.stdout.take().expect("the output is piped"));
        let mut server = Self { child, complaints, public: String::new(), private: String::new(), lines: Mutex::new(lines) };
        server.public = server.address("candor listening on ");
        server.private = server.address("console on ");
        eventually("the server is ready", START_LIMIT, || {
            (Request::get("/health/ready").send(&server.private).status == 200).then_some(())
        });
        server
    }

    fn address(&self, beginning: &str) -> String {
        let lines = self.lines.lock().expect("no story panics while it reads");
        loop {
            let line = lines.recv_timeout(START_LIMIT).unwrap_or_else(|_| panic!("it never said `{beginning}`:\n{}", self.complaints()));
            if let Some(address) = line.strip_prefix(beginning) {
                let authority = address.trim().split_once("://").map_or(address, |(_, authority)| authority);
                return authority.trim_end_matches('/').to_owned();
            }
        }
    }

    /// Where visitors reach it.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Where its operator reaches it.
    pub fn private(&self) -> &str {
        &self.private
    }

    /// The link that makes whoever opens it first the console's owner; none where it says nothing of one. It says so once.
    pub fn first_owner_link(&self) -> Option<String> {
        let lines = self.lines.lock().expect("no story panics while it reads");
        loop {
            let line = lines.recv_timeout(LAST_WORDS).ok()?;
            if let Some(at) = line.find("http").filter(|_| line.contains("/setup/")) {
                return Some(line[at..].trim().to_owned());
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn complaints(&self) -> String {
        fs::read_to_string(&self.complaints).unwrap_or_default()
    }

    /// As a supervisor stops it. Says how it ended.
    pub fn stop(mut self) -> Option<i32> {
        self.ask_to_stop();
        self.ended()
    }

    pub fn ask_to_stop(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("`kill` is everywhere");
        assert!(asked.success(), "the server was gone already:\n{}", self.complaints());
    }

    pub fn ended(&mut self) -> Option<i32> {
        eventually("the server stops", STOP_LIMIT, || self.child.try_wait().expect("our own child can be waited for")).code()
    }

    /// As a lost power cord stops the process: at once, in the middle of anything.
    pub fn kill(mut self) {
        self.child.kill().expect("our own child can be killed");
        self.child.wait().expect("our own child can be waited for");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- what the server said ----\n{}", self.complaints());
        }
    }
}

/// Reads on for as long as the process lives, so that it never waits for us.
fn lines_of(stdout: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the addresses are known.
            let _ = sender.send(line);
        }
    });
    receiver
}
