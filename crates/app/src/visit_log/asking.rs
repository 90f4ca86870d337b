//! The log of a running server, as pages and programs ask it.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use tokio::sync::Semaphore;
use visits::{Log, LogError};

use super::{Eras, Missing, NotAsked, NotKnown, Question, Reading, ShownCounts, ShownVisit, Whom};
use crate::people::Accounts;
use crate::publishing::Versions;

/// Asking takes a thread, and as much of the disk as the log is large: so many ask at once, and the others wait.
const AT_ONCE_MAX: usize = 2;

/// Whoever waits for longer is told to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// The log, asked by the policy in force.
pub struct VisitLog {
    log: Arc<Log>,
    versions: Arc<Versions>,
    accounts: Arc<Accounts>,
    turns: Arc<Semaphore>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NotAnswered {
    #[error(transparent)]
    Asked(NotAsked),
    #[error("no version of the policy is published")]
    NoPolicy,
    #[error("too much is asked of the visit log at once")]
    Busy,
    #[error(transparent)]
    Records(records::RecordsError),
    #[error(transparent)]
    Log(LogError),
    #[error("reading the visit log ended early")]
    Ended,
}

impl std::fmt::Debug for VisitLog {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("VisitLog").finish_non_exhaustive()
    }
}

impl From<NotKnown> for NotAnswered {
    fn from(why: NotKnown) -> Self {
        match why {
            NotKnown::Asked(why) => Self::Asked(why),
            NotKnown::Records(error) => Self::Records(error),
        }
    }
}

impl VisitLog {
    pub fn new(log: Arc<Log>, versions: Arc<Versions>, accounts: Arc<Accounts>) -> Self {
        Self { log, versions, accounts, turns: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }

    /// How many visits there were, by what the question says; none where it does not say.
    pub async fn count(&self, question: Question, now: Timestamp) -> Result<Option<ShownCounts>, NotAnswered> {
        self.read(question, now, |reading, log| reading.by().map(|by| reading.count(by, log, &mut |_| ())).transpose()).await
    }

    /// The newest visits, so many at most.
    pub async fn newest(&self, question: Question, count_max: usize, now: Timestamp) -> Result<(Vec<ShownVisit>, Missing), NotAnswered> {
        self.read(question, now, move |reading, log| reading.newest(log, count_max)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        question: Question,
        now: Timestamp,
        read: impl FnOnce(&Reading<'_>, &Log) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, NotAnswered> {
        let policy = self.versions.current().ok_or(NotAnswered::NoPolicy)?;
        let eras = Eras::of(&self.versions);
        let whom = match &question.person {
            None => Whom::Anybody,
            Some(person) => Whom::is(person, &self.accounts, &policy, now).await?,
        };
        // What cannot be asked is told without a turn.
        Reading::new(&policy, &eras, &question, whom.clone()).map_err(NotAnswered::Asked)?;
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(NotAnswered::Busy)?;
        let log = Arc::clone(&self.log);
        // The turn goes with the work, which goes on when nobody waits for it any more.
        let work = tokio::task::spawn_blocking(move || {
            let reading = Reading::new(&policy, &eras, &question, whom).map_err(NotAnswered::Asked)?;
            let answer = read(&reading, &log).map_err(NotAnswered::Log);
            drop(turn);
            answer
        });
        work.await.map_err(|_| NotAnswered::Ended)?
    }
}
