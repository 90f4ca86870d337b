//! Takes the logs of other servers into ours: what they say goes through the policy first, and nothing is taken in twice.

mod admission;
mod following;
mod receiving;
mod taking;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

use domain::{AccountId, Random, Timestamp};
use jiff::tz::TimeZone;
use logfile::{LineReader, Parser};
use records::RecordsError;
use visits::{Log, LogError};

pub use admission::Admission;
pub use following::Following;
pub use logfile::{Broken, Ending, Format};
pub use receiving::Receiving;
use taking::{Place, Taking};

/// After so many lines what was read is durable, and an import that is interrupted goes on from there. Counted from a log's beginning, so that whoever reads
/// it again comes by the same places.
pub const LINES_AT_ONCE: u64 = 262_144;

/// So many lines that cannot be read are named; the rest is only counted.
pub const BROKEN_NAMED_MAX: usize = 1_000;

/// How many of a log's first lines say what format it is in.
const LINES_LOOKED_AT: usize = 200;

/// Says whose account a logged user's is.
pub type WhoIs<'a> = &'a mut dyn FnMut(&str) -> Result<AccountId, RecordsError>;

/// Where the visits of other logs go, and how.
#[derive(Clone, Copy)]
pub struct Importing<'a> {
    pub log: &'a Log,
    pub admission: &'a Admission,
    pub random: &'a dyn Random,
    pub now: Timestamp,
    /// Take in a log even if it looks like an older copy of one that is known.
    pub again: bool,
    /// Of a log whose times do not say it.
    pub zone: &'a TimeZone,
    /// The log is still being written, and will be read on.
    pub is_followed: bool,
    /// [`LINES_AT_ONCE`], if no test needs fewer.
    pub lines_at_once: u64,
}

/// What became of a log. Each of the lines that were read is imported, known already, dropped or broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// None where nothing is in the log.
    pub format: Option<Format>,
    /// Lines that tell a request, or should.
    pub read: u64,
    pub imported: u64,
    /// Taken in by an earlier import.
    pub already: u64,
    /// Too old for the policy to keep.
    pub dropped: u64,
    /// Of those imported, whose browser says to be a robot.
    pub robots: u64,
    pub broken_lines: u64,
    /// The first of them.
    pub broken: Vec<Broken>,
    pub ending: Ending,
}

/// Why a log could not be taken in to its end. What was taken in stays, and the next import of it goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("its first lines are in no format that can be read; {} can", named_formats())]
    UnknownFormat,
    #[error(
        "it begins like a log that was imported, and ends before that one did, as an older copy of it would; `--again` imports it all the same"
    )]
    OlderCopy,
    #[error("it cannot be read: {0}")]
    NotReadable(#[from] io::Error),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("whose accounts its users have could not be looked up: {0}")]
    Records(#[from] RecordsError),
}

fn named_formats() -> String {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    names.join(", ")
}

impl Imported {
    /// Both together.
    fn and(mut self, more: Self) -> Self {
        self.format = self.format.or(more.format);
        self.read += more.read;
        self.imported += more.imported;
        self.already += more.already;
        self.dropped += more.dropped;
        self.robots += more.robots;
        self.broken_lines += more.broken_lines;
        self.broken.extend(more.broken);
        self.broken.truncate(BROKEN_NAMED_MAX);
        self.ending = more.ending;
        self
    }
}

impl std::fmt::Debug for Importing<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Importing").field("admission", self.admission).field("now", &self.now).finish_non_exhaustive()
    }
}

impl Importing<'_> {
    /// Reads a log to its end. Whoever reads the same again, or a longer one that begins so, adds nothing that is there already.
    pub fn take(&self, source: impl Read, who_is: WhoIs<'_>) -> Result<Imported, ImportError> {
        let mut taking = Taking::at(Place::BEGINNING, self, self.log.import(self.now, self.random)?);
        let mut lines = LineReader::open(source)?.with_fingerprints(taking.key());
        let beginning = lines.beginning(LINES_LOOKED_AT)?;
        if !beginning.trim_ascii().is_empty() {
            let format = Format::find(beginning).ok_or(ImportError::UnknownFormat)?;
            taking.read(&mut lines, &mut Parser::in_zone(format, self.zone.clone()), who_is)?;
        }
        taking.finish(&lines)
    }
}
