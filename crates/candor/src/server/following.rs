//! Follows the logs of other servers while those write them, for sites that Candor does not stand in front of.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::visits::LogError;
use app::importing::{Following, ImportError, Imported};
use domain::Timestamp;

use super::importing::LogImporter;
use crate::rotated;

/// What was written is in the log after so long, or a little later.
const EVERY: Duration = Duration::from_secs(5);

/// Servers go on writing for a moment to a log that was rotated away.
const TURNS_AFTER_ROTATING: u32 = 3;

/// A log that was rotated away so long before what is known was written is known itself.
const SURELY_KNOWN: Duration = Duration::from_secs(2 * 86_400);

/// Threads that follow logs. They end when this is dropped, at the end of their turn.
pub(super) struct Followers {
    is_over: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Followers {
    pub(super) fn start(logs: &[PathBuf], importer: &Arc<LogImporter>) -> io::Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for log in logs {
            let mut follower =
                Follower { path: log.clone(), importer: Arc::clone(importer), open: None, told: None, turns_after_rotating: 0 };
            let over = Arc::clone(&is_over);
            threads.push(std::thread::Builder::new().name("follow".to_owned()).spawn(move || {
                follower.catch_up(&over);
                while !over.load(Ordering::Acquire) {
                    follower.turn();
                    std::thread::park_timeout(EVERY);
                }
                follower.turn();
            })?);
        }
        Ok(Self { is_over, threads })
    }
}

impl Drop for Followers {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // One that panicked has said so.
            let _ = thread.join();
        }
    }
}

struct Follower {
    path: PathBuf,
    importer: Arc<LogImporter>,
    open: Option<Open>,
    /// What was complained about last, so that it is said once.
    told: Option<String>,
    turns_after_rotating: u32,
}

/// The log as it is being read.
struct Open {
    file: File,
    following: Following<File>,
}

impl Follower {
    /// What was rotated away while nobody followed. The first time there is nothing to go on from: `candor import --rotated` takes in what is older.
    fn catch_up(&mut self, is_over: &AtomicBool) {
        let Some(known) = self.importer.log.imported_until() else { return };
        let surely_known = known.checked_sub(SURELY_KNOWN).unwrap_or(Timestamp::MIN);
        let rotated = match rotated::beside(&self.path) {
            Ok(rotated) => rotated,
            Err(error) => return self.tell(&error.to_string()),
        };
        for log in rotated {
            let modified = log.metadata().and_then(|about| about.modified()).ok().and_then(|modified| Timestamp::try_from(modified).ok());
            if !is_over.load(Ordering::Acquire) && modified.is_some_and(|modified| modified >= surely_known) {
                match File::open(&log).map_err(ImportError::from).and_then(|file| self.importer.import(file)) {
                    Ok(done) => report(&log, &done),
                    Err(error) => tracing::warn!(log = %log.display(), %error, "a rotated log could not be taken in"),
                }
            }
        }
    }

    /// What fails leaves the log to be read again from its beginning: what is known of it is not taken in twice.
    fn turn(&mut self) {
        match self.try_turn() {
            Ok(()) => self.told = None,
            // Whoever imports a log will be done.
            Err(ImportError::Log(LogError::Importing)) => self.open = None,
            Err(error) => {
                self.open = None;
                self.tell(&error.to_string());
            }
        }
    }

    fn try_turn(&mut self) -> Result<(), ImportError> {
        if self.open.is_none() {
            let file = File::open(&self.path)?;
            self.open = Some(Open { following: Following::new(file.try_clone()?), file });
            self.turns_after_rotating = 0;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let (about, now) = (open.file.metadata()?, self.path.metadata());
        if about.len() < open.following.position() {
            // It was copied away and cut: it begins anew.
            self.open = None;
            return Ok(());
        }
        let done = self.importer.turn(&mut open.following)?;
        report(&self.path, &done);
        if !is_same(&about, now.as_ref().ok()) && now.is_ok() {
            self.turns_after_rotating += 1;
        }
        if self.turns_after_rotating > TURNS_AFTER_ROTATING
            && let Some(open) = self.open.take()
        {
            report(&self.path, &self.importer.end(open.following)?);
        }
        Ok(())
    }

    fn tell(&mut self, what: &str) {
        if self.told.as_deref() != Some(what) {
            tracing::warn!(log = %self.path.display(), why = what, "a log cannot be followed now; it is tried again");
            self.told = Some(what.to_owned());
        }
    }
}

fn is_same(open: &Metadata, there: Option<&Metadata>) -> bool {
    there.is_some_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino()))
}

fn report(log: &Path, done: &Imported) {
    if done.broken_lines > 0 {
        tracing::warn!(log = %log.display(), lines = done.broken_lines, "lines of a log could not be read");
    }
    if done.dropped > 0 {
        tracing::info!(log = %log.display(), lines = done.dropped, "lines of a log are older than the policy keeps visits");
    }
}
