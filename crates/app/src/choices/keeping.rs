use std::sync::atomic::{AtomicU64, Ordering};

use domain::{ChoiceRecordId, Keep, Span, Timestamp};
use policy::Policy;
use records::{ChoiceRow, Records, RecordsError};

use super::{RecentRefusals, RowLimits};
use crate::publishing::Versions;

/// How long an answer is kept where the policy has no `[data.choice]` with a length of time: as long as records of requests, 11 CCR 7101.
const KEEP: Span = Span::months(24);

/// The answers that were given, kept so that each can be shown.
#[derive(Debug)]
pub struct ChoiceRecords {
    records: Records,
    kept: AtomicU64,
    unkept: AtomicU64,
    refusals: RecentRefusals,
    limits: RowLimits,
}

/// What became of answers since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptCounts {
    /// Durable.
    pub kept: u64,
    /// Given while the records could not be written, or when too many came at once.
    pub unkept: u64,
}

/// Keeps answers that nobody waits for: a no counts at once, and so does a signal.
pub trait KeepLater: Send + Sync + 'static {
    /// Takes them to be written soon. False where there is no room for them; they are counted as unkept then.
    fn keep_later(&self, rows: Vec<ChoiceRow>) -> bool;
}

impl ChoiceRecords {
    pub fn new(records: Records) -> Self {
        Self {
            records,
            kept: AtomicU64::new(0),
            unkept: AtomicU64::new(0),
            refusals: RecentRefusals::default(),
            limits: RowLimits::default(),
        }
    }

    /// What was refused a moment ago.
    pub const fn refusals(&self) -> &RecentRefusals {
        &self.refusals
    }

    /// How many more answers may be written down.
    pub const fn limits(&self) -> &RowLimits {
        &self.limits
    }

    /// The same as [`Self::keep`] for somebody who waits: it gives up sooner.
    pub async fn keep_soon(&self, rows: Vec<ChoiceRow>) -> Result<(), RecordsError> {
        let count = rows.len() as u64;
        let kept = self.records.keep_choices_soon(rows).await;
        let counter = if kept.is_ok() { &self.kept } else { &self.unkept };
        counter.fetch_add(count, Ordering::Relaxed);
        kept
    }

    /// Keeps these answers, all of them or none; without an error they are durable.
    pub async fn keep(&self, rows: Vec<ChoiceRow>) -> Result<(), RecordsError> {
        let count = rows.len() as u64;
        let kept = self.records.keep_choices(rows).await;
        let counter = if kept.is_ok() { &self.kept } else { &self.unkept };
        counter.fetch_add(count, Ordering::Relaxed);
        kept
    }

    /// The same for answers that will be brought again if they could not be kept: only their success is counted.
    pub async fn try_keep(&self, rows: Vec<ChoiceRow>) -> Result<(), RecordsError> {
        let count = rows.len() as u64;
        self.records.keep_choices(rows).await?;
        self.kept.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Notes answers that were lost before anybody could try to keep them.
    pub fn count_unkept(&self, answers: u64) {
        self.unkept.fetch_add(answers, Ordering::Relaxed);
    }

    /// Whether there is a database that answers.
    pub async fn answers(&self) -> Result<(), RecordsError> {
        self.records.answers().await
    }

    /// Every answer given under a pseudonym, the oldest first.
    pub async fn of(&self, record: ChoiceRecordId) -> Result<Vec<ChoiceRow>, RecordsError> {
        self.records.choices_of(record).await
    }

    /// Deletes the answers that had their time, by what the version promised under which they were given. Where that version cannot be read any more,
    /// the default holds. Says how many there were.
    pub async fn forget(&self, versions: &Versions, now: Timestamp) -> Result<u64, RecordsError> {
        let published = versions.all();
        let promised = published.iter().map(|published| (published.record.version, keep(&published.policy)));
        let damaged = versions.damaged().into_iter().map(|damage| (damage.version, KEEP));
        let mut gone = 0;
        for (version, keep) in promised.chain(damaged) {
            gone += self.records.forget_choices(version, keep.before(now)).await?;
        }
        Ok(gone)
    }

    pub fn counts(&self) -> KeptCounts {
        KeptCounts { kept: self.kept.load(Ordering::Relaxed), unkept: self.unkept.load(Ordering::Relaxed) }
    }
}

/// How long this policy keeps an answer.
pub fn keep(policy: &Policy) -> Span {
    let declared = policy.data.iter().find(|data| data.id == *"choice").map(|data| &data.keep);
    match declared {
        Some(Keep::For(span)) => *span,
        // Most who answer have no account that could end.
        Some(Keep::WhileRegistered) | None => KEEP,
    }
}
