//! Asking the visit log for a purpose: which visits, or how many of each kind. A command, a program and the console ask the same here, and get no more than what a
//! permit for the purpose opens.

mod asking;
mod counts;
mod question;
mod reader;
#[cfg(test)]
mod tests;
mod whom;

use domain::Timestamp;
use policy::Policy;
use serde::{Deserialize, Serialize};
use visits::{Counting, Damage, Log, Visit};

pub use asking::{NotAnswered, VisitLog};
pub use counts::{ShownCounts, ShownGroup, ShownOthers, ShownTally};
pub use question::{AT_LEAST, AT_LEAST_MIN, NotAsked, Question};
pub use reader::{Eras, ShownVisit, purposes};
pub use visits::{By, LogError, Progress};
pub use whom::{NotKnown, Whom};

use question::Wanted;
use reader::{Judging, Reader};

/// A question that can be answered, by a policy and for a purpose of it.
pub struct Reading<'p> {
    reader: Reader<'p>,
    wanted: Wanted,
}

/// What could not be recorded or cannot be read: whoever reads the log has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Times in which visits could not be recorded, and how many.
    pub gaps: Vec<Gap>,
    /// What could not be read.
    pub damage: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Timestamp,
    pub to: Timestamp,
    pub lost: u64,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Reading").finish_non_exhaustive()
    }
}

impl<'p> Reading<'p> {
    /// Understands a question, and whether the policy has it asked. `whom` is whoever the question's person is; see [`Whom::is`].
    pub fn new(policy: &'p Policy, eras: &'p Eras, question: &Question, whom: Whom) -> Result<Self, NotAsked> {
        let wanted = Wanted::of(question, whom)?;
        let reader = Reader::new(policy, eras, question.purpose.as_deref(), &wanted.query)?;
        Ok(Self { reader, wanted })
    }

    /// What visits are to be counted by; none is a question for the visits themselves.
    pub fn by(&self) -> Option<By> {
        self.wanted.by
    }

    /// All visits that may be seen, the oldest first, without holding more than one of them.
    pub fn rows<E: From<LogError>>(&self, log: &Log, mut each: impl FnMut(ShownVisit) -> Result<(), E>) -> Result<Missing, E> {
        flushed(log);
        let mut rows = log.rows(&self.wanted.query);
        for visit in rows.by_ref() {
            self.reader.row(&visit?, &self.wanted.query).map_or(Ok(()), &mut each)?;
        }
        Ok(missing(rows.gaps().iter().copied(), rows.damage().iter().copied()))
    }

    /// The newest visits that may be seen, so many at most, the newest first.
    pub fn newest(&self, log: &Log, count_max: usize) -> Result<(Vec<ShownVisit>, Missing), LogError> {
        flushed(log);
        let query = visits::Query { limit: Some(count_max), ..self.wanted.query.clone() };
        let found = log.find_where(&query, &mut |visit: &Visit| self.reader.may_see(visit, &query))?;
        let shown = found.visits.iter().filter_map(|visit| self.reader.row(visit, &query)).collect();
        Ok((shown, missing(found.gaps, found.damage)))
    }

    /// At most so many are wanted; none is all of them.
    pub fn limit(&self) -> Option<usize> {
        self.wanted.query.limit
    }

    /// How many visits there were, by what the question says.
    pub fn count(&self, by: By, log: &Log, progress: &mut dyn FnMut(Progress)) -> Result<ShownCounts, LogError> {
        flushed(log);
        let judging = Judging::new(&self.reader, by);
        let counting = Counting { query: &self.wanted.query, by, at_least: self.wanted.at_least };
        let counted = log.count(&counting, &judging, progress)?;
        let missing = missing(counted.gaps.iter().copied(), counted.damage.iter().copied());
        Ok(ShownCounts { missing, ..ShownCounts::of(&counted, &counting, self.reader.purpose_name(), judging.opener().as_ref()) })
    }
}

/// What the disk does not take now is told with what it has.
fn flushed(log: &Log) {
    if let Err(error) = log.flush() {
        tracing::warn!(%error, "the newest visits are not in the answer");
    }
}

fn missing(gaps: impl IntoIterator<Item = visits::Gap>, damage: impl IntoIterator<Item = Damage>) -> Missing {
    Missing {
        gaps: gaps.into_iter().map(|gap| Gap { from: gap.from, to: gap.to, lost: gap.count }).collect(),
        damage: damage.into_iter().map(|damage| format!("the visit log is damaged: {damage}")).collect(),
    }
}
