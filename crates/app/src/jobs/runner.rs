use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::{Clock, JobId, Random, Timestamp};
use records::{Job, People, RecordsError};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};

use super::{Attempt, Work};

/// However quiet it is, it looks this often: a clock may have been put forward, and the counts are to be fresh.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// So often at most it is counted what there is, while there is work.
const COUNT_EVERY: Duration = Duration::from_secs(2);

/// How long what was given up is kept, for whoever wants to see why.
const GIVEN_UP_KEPT: domain::Span = domain::Span::days(30);

/// Does the jobs of one kind, several at a time, in the order they are due. There is one for each kind, in the one process that owns the data folder, so
/// what it has in hand is remembered here and nowhere else: a job that nobody began durably is simply there again after a crash.
pub struct Runner<W> {
    work: W,
    people: People,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    counts: Counts,
    is_ending: AtomicBool,
    ending: Notify,
}

/// What there is of a kind of jobs.
#[derive(Debug, Default)]
pub struct Counts {
    waiting: AtomicU64,
    given_up: AtomicU64,
}

impl Counts {
    /// Jobs that are still to be done.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Jobs that will never be done.
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }
}

impl<W> fmt::Debug for Runner<W> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Runner").finish_non_exhaustive()
    }
}

/// What is going on in one run.
struct Turn<W> {
    runner: Arc<Runner<W>>,
    tasks: JoinSet<Result<Attempt, RecordsError>>,
    in_hand: HashMap<Id, JobId>,
    /// Jobs whose work broke: they wait for another start, so that they do not break again and again.
    broken: HashSet<JobId>,
    /// Until when nothing is tried, and how often that was for nothing.
    paused: Option<Timestamp>,
    failures: u32,
    is_resting: bool,
    /// When it was last counted what there is.
    counted: Option<Duration>,
}

impl<W: Work> Runner<W> {
    pub fn new(work: W, people: People, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Arc<Self> {
        let (counts, is_ending, ending) = (Counts::default(), AtomicBool::new(false), Notify::new());
        Arc::new(Self { work, people, clock, random, counts, is_ending, ending })
    }

    pub const fn work(&self) -> &W {
        &self.work
    }

    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts what there is. Whoever shows the counts asks for it once before anything runs.
    pub async fn count(&self) -> Result<(), RecordsError> {
        let (waiting, mut given_up) = self.people.count_jobs(W::KIND).await?;
        if given_up > 0 {
            given_up -= self.people.forget_jobs_given_up(W::KIND, GIVEN_UP_KEPT.before(self.clock.now())).await?;
        }
        self.counts.waiting.store(waiting, Ordering::Relaxed);
        self.counts.given_up.store(given_up, Ordering::Relaxed);
        Ok(())
    }

    /// Begins no more jobs: [`Runner::run`] returns once those in hand are settled.
    pub fn end(&self) {
        self.is_ending.store(true, Ordering::Release);
        self.ending.notify_one();
    }

    /// Does jobs as their time comes, until told to end.
    pub async fn run(self: Arc<Self>) {
        let mut turn = Turn {
            runner: Arc::clone(&self),
            tasks: JoinSet::new(),
            in_hand: HashMap::new(),
            broken: HashSet::new(),
            paused: None,
            failures: 0,
            is_resting: true,
            counted: None,
        };
        let mut kept = self.people.kept_jobs();
        while !self.is_ending.load(Ordering::Acquire) {
            let wait = turn.begin().await.unwrap_or_else(|error| {
                tracing::error!(kind = W::KIND, %error, "jobs cannot be read; it is tried again");
                self.work.pause().first
            });
            tokio::select! {
                Some(done) = turn.tasks.join_next_with_id(), if !turn.tasks.is_empty() => {
                    turn.settle(done);
                    // Those that became durable together are settled together.
                    while let Some(done) = turn.tasks.try_join_next_with_id() {
                        turn.settle(done);
                    }
                }
                _ = kept.changed() => {}
                () = self.ending.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        while let Some(done) = turn.tasks.join_next_with_id().await {
            turn.settle(done);
        }
        self.work.rest().await;
    }
}

impl<W: Work> Turn<W> {
    /// Takes up what is due, as far as there are hands, and says how long there is nothing more to take up.
    async fn begin(&mut self) -> Result<Duration, RecordsError> {
        let runner = Arc::clone(&self.runner);
        let now = runner.clock.now();
        if let Some(until) = self.paused.filter(|until| *until > now) {
            self.count().await?;
            return Ok(between(now, until));
        }
        // After a pause one job tries the way for all the others.
        let hands = if self.failures > 0 { 1 } else { runner.work.at_once() };
        let free = hands.saturating_sub(self.in_hand.len());
        if free > 0 {
            let others: HashSet<JobId> = self.in_hand.values().chain(&self.broken).copied().collect();
            let jobs = runner.people.due_jobs_but(W::KIND, now, u32::try_from(free).unwrap_or(u32::MAX), others).await?;
            jobs.into_iter().for_each(|job| self.take_up(job));
        }
        self.count().await?;
        if self.in_hand.is_empty() && !std::mem::replace(&mut self.is_resting, true) {
            runner.work.rest().await;
        }
        let next = runner.people.next_job_due(W::KIND, now).await?;
        Ok(next.map_or(LOOK_EVERY, |next| between(now, next)))
    }

    fn take_up(&mut self, job: Job) {
        self.is_resting = false;
        let (runner, id) = (Arc::clone(&self.runner), job.id);
        let task = self.tasks.spawn(async move { runner.work.attempt(job).await });
        self.in_hand.insert(task.id(), id);
    }

    fn settle(&mut self, done: Result<(Id, Result<Attempt, RecordsError>), JoinError>) {
        let task = done.as_ref().map_or_else(JoinError::id, |(task, _)| *task);
        let job = self.in_hand.remove(&task);
        match done.map(|(_, attempt)| attempt) {
            Ok(Ok(Attempt::Settled)) => (self.failures, self.paused) = (0, None),
            Ok(Ok(Attempt::NoWay)) => self.pause(),
            Ok(Err(error)) => {
                tracing::error!(kind = W::KIND, %error, "a job cannot be recorded; it is tried again");
                self.pause();
            }
            Err(error) => {
                tracing::error!(kind = W::KIND, panicked = error.is_panic(), "a job broke; it is tried again at the next start");
                self.broken.extend(job);
            }
        }
    }

    /// Leaves all jobs for a while. Those that fail together count once.
    fn pause(&mut self) {
        let now = self.runner.clock.now();
        if self.paused.is_none_or(|until| until <= now) {
            self.paused = Some(self.runner.work.pause().next(self.failures, &*self.runner.random, now));
            self.failures = self.failures.saturating_add(1);
        }
    }

    /// Counts what there is: not for each job of a long queue, but whenever it becomes quiet.
    async fn count(&mut self) -> Result<(), RecordsError> {
        let since = self.runner.clock.monotonic();
        if !self.in_hand.is_empty() && self.counted.is_some_and(|counted| since.saturating_sub(counted) < COUNT_EVERY) {
            return Ok(());
        }
        self.runner.count().await?;
        self.counted = Some(since);
        Ok(())
    }
}

/// Not longer than it is quiet anyway.
fn between(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default().clamp(Duration::from_millis(1), LOOK_EVERY)
}
