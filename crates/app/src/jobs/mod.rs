//! Work that is done later and survives whatever happens until then: nothing lost over `kill -9`, nothing done twice but in the one moment nobody can know of.

mod retry;
mod runner;

pub use retry::Backoff;
pub use runner::{Counts, Runner};

use domain::Timestamp;
use records::{Job, RecordsError};

/// What a kind of job takes.
pub trait Work: Send + Sync + 'static {
    /// The kind, as it is in the records.
    const KIND: &'static str;

    /// Does one job, or fails to. It may be stopped anywhere. Where it does what cannot be taken back, it begins the job right before and settles it right
    /// after by [`crate::jobs::Runner`]'s records, and says [`Attempt::Settled`].
    fn attempt(&self, job: Job) -> impl Future<Output = Result<Attempt, RecordsError>> + Send;

    /// So many are worked on at a time.
    fn at_once(&self) -> usize;

    /// How long all jobs of the kind wait where none can be done.
    fn pause(&self) -> Backoff {
        Backoff::KIND
    }

    /// There is nothing to do for now.
    fn rest(&self) -> impl Future<Output = ()> + Send;
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The records say what became of it.
    Settled,
    /// So do they; and no other job of its kind can be done for now either.
    NoWay,
}

/// How long one has at most for a job that was made then, whatever else limits it.
pub(crate) fn last_day(made: Timestamp) -> Timestamp {
    domain::Span::days(2).after(made)
}
