//! Reading the visit log for a purpose: the same for a command that asks this server and for one that opens the folder itself.

use std::path::Path;
use std::sync::Arc;

use ::visits::{Log, Network, Query, Visit};
use anyhow::Context;
use app::publishing::Versions;
use disk::{Disk, RealDisk};
use domain::{Clock, Field, Timestamp, Version, VisitorId};
use policy::model::Purpose;
use policy::{Index, Permit, Policy, Sealed, Set, StorageCapability, recorded_permit};

use crate::clock::SystemClock;
use crate::owner::{Answer, DataFolder, Done, Gap, VisitRow, VisitsQuestion};
use crate::site;

type Say<'a> = &'a mut dyn FnMut(Answer) -> anyhow::Result<()>;

/// Answers from a folder that no server owns.
pub(crate) fn visits_of_folder(folder: &DataFolder, site: &Path, question: &VisitsQuestion, say: Say<'_>) -> anyhow::Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder.path()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let versions = Versions::open(Arc::clone(&disk))?;
    let log = super::open_log(disk, storage(), Arc::clone(&clock))?;
    let answered = match versions.current() {
        Some(policy) => {
            log.set_retention(super::publishing::retention(&versions))?;
            answer(&policy, &Eras::of(&versions), &log, question, say)
        }
        None => {
            let policy = policy_of_folder(site, &*clock)?;
            log.set_retention(::visits::Retention::of(&policy))?;
            answer(&policy, &Eras::default(), &log, question, say)
        }
    };
    log.close()?;
    answered
}

/// The published policy, or else the one that the site folder would publish.
pub(super) fn policy_in_force(disk: &Arc<dyn Disk>, site: &Path) -> anyhow::Result<Arc<Policy>> {
    match Versions::open(Arc::clone(disk))?.current() {
        Some(policy) => Ok(policy),
        None => Ok(Arc::new(policy_of_folder(site, &SystemClock::new())?)),
    }
}

/// The right to read the log's bytes, for a command that opens the folder itself.
#[expect(clippy::disallowed_methods, reason = "this is the wiring of a command that reads the log without a server")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

fn policy_of_folder(folder: &Path, clock: &dyn Clock) -> anyhow::Result<Policy> {
    let sources = site::read(folder)?;
    let report = policy::check::check(&sources, clock.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    report.policy.context("the policy has errors; `candor check` shows them")
}

/// Answers one question about visits: the rows, the oldest first, then how it ended.
pub(super) fn answer(policy: &Policy, eras: &Eras, log: &Log, question: &VisitsQuestion, say: Say<'_>) -> anyhow::Result<()> {
    let (purpose, query) = match (purpose(policy, question), query(question)) {
        (Err(why), _) => return say(Answer::Refused(why)),
        (_, Err(why)) => return say(Answer::Bad(why)),
        (Ok(purpose), Ok(query)) => (purpose, query),
    };
    if let Err(error) = log.flush() {
        tracing::warn!(%error, "the newest visits are not in the answer");
    }
    let reader = Reader::new(policy, eras, purpose);
    let (gaps, damage) = if query.limit.is_some() {
        let found = log.find(&query)?;
        for visit in found.visits.iter().rev() {
            reader.row(visit).map_or(Ok(()), |row| say(Answer::Visit(row)))?;
        }
        (found.gaps, found.damage)
    } else {
        let mut rows = log.rows(&query);
        for visit in rows.by_ref() {
            reader.row(&visit?).map_or(Ok(()), |row| say(Answer::Visit(row)))?;
        }
        (rows.gaps().to_vec(), rows.damage().to_vec())
    };
    let gaps = gaps.iter().map(|gap| Gap { from: gap.from, to: gap.to, lost: gap.count }).collect();
    let damage = damage.iter().map(|damage| format!("the visit log is damaged: {damage}")).collect();
    say(Answer::Done(Done { gaps, damage }))
}

/// When each version came into force, the oldest first: visits keep the version they were recorded under.
#[derive(Debug, Default)]
pub(super) struct Eras(Vec<(Timestamp, Version)>);

impl Eras {
    pub(super) fn of(versions: &Versions) -> Self {
        Self(versions.all().iter().rev().map(|published| (published.record.published, published.record.version)).collect())
    }

    fn version_at(&self, time: Timestamp) -> Version {
        self.0.iter().rev().find(|(since, _)| *since <= time).map_or(Version::FIRST, |(_, version)| *version)
    }
}

/// The purpose the visits are wanted for. It must be one that a declared use keeps visits for.
fn purpose(policy: &Policy, question: &VisitsQuestion) -> Result<Index<Purpose>, String> {
    let purpose = match &question.purpose {
        Some(name) => policy.purpose_named(name).ok_or_else(|| format!("the policy has no purpose `{name}`"))?,
        None => policy.access_log().map(|index| policy.the_use(index).purpose).ok_or("the policy declares no access log")?,
    };
    let all: Set<Purpose> = (0..policy.purposes.len()).map(Index::new).collect();
    match recorded_permit(policy, purpose, all, policy.version) {
        Some(_) => Ok(purpose),
        None => Err(format!("the policy declares no use of visits for `{}`", policy.purpose(purpose).id)),
    }
}

fn query(question: &VisitsQuestion) -> Result<Query, String> {
    let visitor = match &question.person {
        None => None,
        Some(text) => Some(VisitorId::parse(text).ok_or("a person is named by a visitor's id of 32 hexadecimal digits")?),
    };
    let ip = question.ip.as_deref().map(str::parse::<Network>).transpose().map_err(|error| error.to_string())?;
    Ok(Query {
        visitor: visitor.map(|id| Sealed::new(Field::VisitVisitor, id)),
        ip,
        since: question.since,
        until: question.until,
        limit: question.limit,
        ..Query::default()
    })
}

/// Turns visits into rows, as far as a permit for the purpose opens them.
struct Reader<'p> {
    policy: &'p Policy,
    eras: &'p Eras,
    purpose: Index<Purpose>,
    /// Whether it is the purpose the log is kept for: then visits without a permit are rows all the same, with nothing personal in them.
    is_access_log: bool,
}

impl<'p> Reader<'p> {
    fn new(policy: &'p Policy, eras: &'p Eras, purpose: Index<Purpose>) -> Self {
        let is_access_log = policy.access_log().is_some_and(|index| policy.the_use(index).purpose == purpose);
        Self { policy, eras, purpose, is_access_log }
    }

    fn row(&self, visit: &Visit) -> Option<VisitRow> {
        let purposes: Vec<&str> = visit.purposes.split(',').filter(|name| !name.is_empty()).collect();
        let in_force = purposes.iter().filter_map(|name| self.policy.purpose_named(name)).collect();
        let permit = recorded_permit(self.policy, self.purpose, in_force, self.eras.version_at(visit.time));
        if permit.is_none() && !self.is_access_log {
            return None;
        }
        let covered = |field: Field| permit.as_ref().is_some_and(|permit| permit.covers(field));
        Some(VisitRow {
            time: visit.time,
            ip: opened(&visit.ip, &permit).map(ToString::to_string),
            browser: opened(&visit.browser, &permit).cloned(),
            referrer: opened(&visit.referrer, &permit).cloned(),
            method: visit.method.clone().filter(|_| covered(Field::VisitMethod) || self.is_access_log),
            path: opened(&visit.path, &permit).cloned(),
            status: visit.status.filter(|_| covered(Field::VisitStatus) || self.is_access_log),
            bytes: visit.bytes.filter(|_| covered(Field::VisitBytes) || self.is_access_log),
            duration_us: visit.duration_us.filter(|_| covered(Field::VisitDuration) || self.is_access_log),
            visitor: opened(&visit.visitor, &permit).map(|id| id.to_hex()),
            account: opened(&visit.account, &permit).map(|id| id.to_hex()),
            purposes: purposes.into_iter().map(str::to_owned).collect(),
        })
    }
}

fn opened<'v, T>(sealed: &'v Option<Sealed<T>>, permit: &Option<Permit>) -> Option<&'v T> {
    sealed.as_ref().zip(permit.as_ref()).and_then(|(sealed, permit)| sealed.open(permit).ok())
}
