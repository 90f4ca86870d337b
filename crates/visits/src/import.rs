//! Takes in visits that another server logged, a sealed file at a time, and remembers in the same step how far its log was read.

use domain::{Random, Timestamp};
use parking_lot::MutexGuard;
use serde::{Deserialize, Serialize};

use crate::LogError;
use crate::retention::RetentionNow;
use crate::sealed::rows::Rows;
use crate::sealed::store::{Change, Imported};
use crate::shared::Shared;
use crate::visit::NewVisit;

/// How far a log was taken in, and what it began with up to there. Whoever holds the key can say whether another log begins with the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Of the log unpacked.
    pub bytes: u64,
    pub beginning: u128,
    /// What its first lines were, where it has enough of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<u128>,
    /// The latest time in it, in microseconds: once that has expired, nothing of it would be taken in again.
    pub to: i64,
}

/// What the manifest knows of other logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// What they begin with is told under this key: a digest of a few lines could otherwise be tried out.
    pub(crate) key: [u8; 32],
    /// By length.
    marks: Vec<Mark>,
}

impl Marks {
    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty() && !self.has_key()
    }

    fn has_key(&self) -> bool {
        self.key != [0; 32]
    }

    /// Adds a mark, in place of one that is no longer of use.
    pub(crate) fn add(&mut self, mark: Mark, instead_of: Option<Mark>) {
        self.marks.retain(|known| Some(*known) != instead_of);
        let place = self.marks.partition_point(|known| known.bytes <= mark.bytes);
        self.marks.insert(place, mark);
    }

    pub(crate) fn retain(&mut self, stays: impl Fn(i64) -> bool) {
        self.marks.retain(|mark| stays(mark.to));
    }

    pub(crate) fn newest(&self) -> Option<i64> {
        self.marks.iter().map(|mark| mark.to).max()
    }

    fn of_length(&self, bytes: u64) -> &[Mark] {
        let from = self.marks.partition_point(|mark| mark.bytes < bytes);
        let to = self.marks.partition_point(|mark| mark.bytes <= bytes);
        &self.marks[from..to]
    }

    fn length_from(&self, bytes: u64) -> Option<u64> {
        self.marks.get(self.marks.partition_point(|mark| mark.bytes < bytes)).map(|mark| mark.bytes)
    }
}

/// Visits on their way into the log. They are there for everybody once they are published, and not before; nobody else takes any in meanwhile.
pub struct Import<'l> {
    shared: &'l Shared,
    rules: RetentionNow,
    now: Timestamp,
    rows: Rows,
    marks: Marks,
    _alone: MutexGuard<'l, ()>,
}

impl<'l> Import<'l> {
    pub(crate) fn new(shared: &'l Shared, now: Timestamp, random: &dyn Random) -> Result<Self, LogError> {
        let alone = shared.importing.try_lock().ok_or(LogError::Importing)?;
        let store = shared.store();
        // What is known already is in the manifest: without it everything would be taken in again.
        if store.is_away {
            return Err(LogError::Away);
        }
        let mut marks = store.manifest.imported.clone();
        if !marks.has_key() {
            marks.key = *shared.import_key.get_or_init(|| {
                let mut key = [0; 32];
                random.fill(&mut key);
                key
            });
        }
        let rules = shared.rules(now);
        Ok(Self { shared, rules, now, rows: Rows::default(), marks, _alone: alone })
    }

    /// Under which logs are told by what they begin with.
    pub const fn key(&self) -> &[u8; 32] {
        &self.marks.key
    }

    /// The least length, not below this, up to which some log was taken in.
    pub fn known_length_from(&self, bytes: u64) -> Option<u64> {
        self.marks.length_from(bytes)
    }

    /// Whether the log that begins so was taken in up to there.
    pub fn is_known(&self, bytes: u64, beginning: u128) -> bool {
        self.marks.of_length(bytes).iter().any(|mark| mark.beginning == beginning)
    }

    /// Whether a log with these first lines was taken in further than that.
    pub fn is_known_further(&self, bytes: u64, head: u128) -> bool {
        self.marks.marks.iter().any(|mark| mark.bytes > bytes && mark.head == Some(head))
    }

    /// Adds a visit. No if it is too old to be kept.
    pub fn push(&mut self, visit: &NewVisit<'_>) -> bool {
        let is_kept = !self.rules.is_expired(visit.time);
        if is_kept {
            self.rows.push(visit, &self.shared.storage);
        }
        is_kept
    }

    /// How many visits were added and are not published.
    pub fn pending(&self) -> usize {
        self.rows.len()
    }

    /// Lets go of those that are not published: they are known already.
    pub fn discard(&mut self) {
        self.rows.clear();
    }

    /// Makes what was added durable and visible, and with it that the log was read so far. Where it fails, none of it is there. A log that grows
    /// is read again and again: it names the mark before, of which nobody knows any more. Says how many visits of robots were in it.
    pub fn publish(&mut self, mark: Mark, instead_of: Option<Mark>) -> Result<u64, LogError> {
        let robots = self.rows.robots();
        self.rows.age(&self.rules);
        let published = self.shared.maintain_with(self.now, |work| {
            work.settle()?;
            let with = work.write_rows(&self.rows)?;
            work.publish(&Change { with, imported: Some(Imported { key: self.marks.key, mark, instead_of }), ..Change::default() })
        });
        self.rows.clear();
        published?;
        self.marks.add(mark, instead_of);
        Ok(robots)
    }
}

impl std::fmt::Debug for Import<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Import").field("pending", &self.pending()).finish_non_exhaustive()
    }
}
