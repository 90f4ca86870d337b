//! What is held about a visitor who asks. Only a verified cookie shows who that is: an address is shared by many, so nobody sees visits by address.

use std::sync::Arc;

use domain::{Field, Timestamp, VisitorId};
use policy::cookie::{VerifiedAccount, VerifiedVisitor};
use policy::{Permit, Sealed, account_permit, subject_permit};
use visits::{Address, Log, Query, Visit};

pub use visits::LogError;

use crate::people::Guarded;

/// The newest visits that one page shows.
pub const VISITS_SHOWN_MAX: usize = 200;

/// The stores that hold something about visitors.
pub struct Holdings {
    log: Arc<Log>,
}

/// The visits of one visitor, opened for them.
#[derive(Debug)]
pub struct HeldVisits {
    pub visitor: Option<VisitorId>,
    /// The newest first.
    pub visits: Vec<SeenVisit>,
    /// There are older ones.
    pub more: bool,
    /// The log could not keep up, or is damaged, at a time when this visitor may have been here: a visit may be missing.
    pub may_miss_some: bool,
}

/// A visit as its visitor may see it.
pub struct SeenVisit {
    pub time: Timestamp,
    pub method: Option<String>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    pub ip: Option<Address>,
    pub browser: Option<String>,
    pub referrer: Option<String>,
    pub path: Option<String>,
    pub purposes: String,
}

/// It is opened personal data, so debug output does not show it.
impl std::fmt::Debug for SeenVisit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SeenVisit").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Holdings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Holdings").finish_non_exhaustive()
    }
}

impl Holdings {
    pub const fn new(log: Arc<Log>) -> Self {
        Self { log }
    }

    /// The newest visits of this visitor, the one that just happened among them. It reads files: run it where that may block.
    pub fn visits_of(&self, visitor: &VerifiedVisitor) -> Result<HeldVisits, LogError> {
        let permit = subject_permit(visitor);
        let query =
            Query { visitor: Some(*visitor.id()), since: Some(visitor.since()), limit: Some(VISITS_SHOWN_MAX + 1), ..Query::default() };
        let visitor = visitor.id().open(&permit).ok().copied();
        Ok(HeldVisits { visitor, ..self.found(&query, VISITS_SHOWN_MAX, &permit)? })
    }

    /// The newest visits of this account before a moment, so many at most: those that were made signed in, with any browser. The account began at `since`.
    pub fn visits_of_account(
        &self,
        who: &VerifiedAccount,
        since: Timestamp,
        before: Option<Timestamp>,
        count_max: usize,
    ) -> Result<HeldVisits, LogError> {
        let account = Sealed::new(Field::VisitAccount, who.account());
        let query = Query { account: Some(account), since: Some(since), until: before, limit: Some(count_max + 1), ..Query::default() };
        self.found(&query, count_max, &account_permit(who))
    }

    /// The same of somebody whose guardian asks.
    pub fn visits_of_dependent(
        &self,
        guarded: &Guarded,
        who: &VerifiedAccount,
        before: Option<Timestamp>,
        count_max: usize,
    ) -> Result<HeldVisits, LogError> {
        let account = Sealed::new(Field::VisitAccount, guarded.id());
        let since = guarded.dependent().account.made;
        let query = Query { account: Some(account), since: Some(since), until: before, limit: Some(count_max + 1), ..Query::default() };
        self.found(&query, count_max, &account_permit(who))
    }

    fn found(&self, query: &Query, count_max: usize, permit: &Permit) -> Result<HeldVisits, LogError> {
        // What the disk does not take now is told with what it has.
        let behind = self.log.flush().is_err();
        let found = self.log.find(query)?;
        let more = found.visits.len() > count_max;
        let may_miss_some = behind || !found.gaps.is_empty() || !found.damage.is_empty();
        let visits = found.visits.into_iter().take(count_max).map(|visit| opened(visit, permit)).collect();
        Ok(HeldVisits { visitor: None, visits, more, may_miss_some })
    }
}

fn opened(visit: Visit, permit: &Permit) -> SeenVisit {
    SeenVisit {
        time: visit.time,
        method: visit.method,
        status: visit.status,
        bytes: visit.bytes,
        duration_us: visit.duration_us,
        ip: open(visit.ip, permit),
        browser: open(visit.browser, permit),
        referrer: open(visit.referrer, permit),
        path: open(visit.path, permit),
        purposes: visit.purposes,
    }
}

fn open<T: Clone>(sealed: Option<Sealed<T>>, permit: &Permit) -> Option<T> {
    sealed.and_then(|sealed| sealed.open(permit).ok().cloned())
}
