//! Reading the visit log for a purpose: the same for a command that asks this server and for one that opens the folder itself.

use std::path::Path;
use std::sync::Arc;

use ::visits::Log;
use anyhow::Context;
use app::people::Accounts;
use app::publishing::Versions;
use app::visit_log::{Eras, NotAsked, NotKnown, Progress, Question, Reading, Whom};
use disk::{Disk, RealDisk};
use domain::{Clock, Timestamp};
use policy::{Policy, StorageCapability};

use super::asked;
use crate::clock::{SystemClock, SystemSource};
use crate::config::Configuration;
use crate::owner::{Answer, DataFolder};
use crate::site;

type Say<'a> = &'a mut dyn FnMut(Answer) -> anyhow::Result<()>;

/// Answers from a folder that no server owns.
pub(crate) fn visits_of_folder(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
    question: &Question,
    say: Say<'_>,
) -> anyhow::Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder.path()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let versions = Versions::open(Arc::clone(&disk))?;
    let (policy, eras, retention) = match versions.current() {
        Some(policy) => (policy, Eras::of(&versions), super::publishing::retention(&versions)),
        None => {
            let policy = Arc::new(policy_of_folder(site, &*clock)?);
            let retention = ::visits::Retention::of(&policy);
            (policy, Eras::default(), retention)
        }
    };
    let whom = match &question.person {
        None => Ok(Whom::Anybody),
        Some(person) => asked::in_folder(folder, (configuration, site), async |opened| {
            let accounts = Accounts::new(opened.people.clone(), Arc::clone(&opened.random));
            whom(person, &accounts, &policy, opened.now).await
        })?,
    };
    let random = SystemSource::new();
    let elsewhere = super::objects::elsewhere(configuration, site, folder.path(), &random)?;
    let log = super::open_log(disk, elsewhere, storage(), clock, &random)?;
    log.set_retention(retention)?;
    let answered = answer(&policy, &eras, &log, question, whom, say);
    log.close()?;
    answered
}

/// Whoever a question is about, or why it cannot be asked.
pub(super) async fn whom(person: &str, accounts: &Accounts, policy: &Policy, now: Timestamp) -> anyhow::Result<Result<Whom, NotAsked>> {
    match Whom::is(person, accounts, policy, now).await {
        Ok(whom) => Ok(Ok(whom)),
        Err(NotKnown::Asked(why)) => Ok(Err(why)),
        Err(NotKnown::Records(error)) => Err(error.into()),
    }
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
pub(super) fn storage() -> StorageCapability {
    StorageCapability::issue()
}

fn policy_of_folder(folder: &Path, clock: &dyn Clock) -> anyhow::Result<Policy> {
    let sources = site::read(folder)?;
    let report = policy::check::check(&sources, clock.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    report.policy.context("the policy has errors; `candor check` shows them")
}

/// Answers one question about visits: the rows, the oldest first, then how it ended; or how many there were.
pub(super) fn answer(
    policy: &Policy,
    eras: &Eras,
    log: &Log,
    question: &Question,
    whom: Result<Whom, NotAsked>,
    say: Say<'_>,
) -> anyhow::Result<()> {
    let reading = match whom.and_then(|whom| Reading::new(policy, eras, question, whom)) {
        Ok(reading) => reading,
        Err(NotAsked::Refused(why)) => return say(Answer::Refused(why)),
        Err(NotAsked::Bad(why)) => return say(Answer::Bad(why)),
    };
    if let Some(by) = reading.by() {
        let mut told = 0;
        let mut progress = |progress: Progress| {
            let hundredths = u8::try_from((progress.done * 100).checked_div(progress.of).unwrap_or(100)).unwrap_or(100);
            if hundredths > told {
                told = hundredths;
                // Whoever does not listen any more is noticed at the end.
                let _ = say(Answer::Progress(hundredths));
            }
        };
        let counts = reading.count(by, log, &mut progress)?;
        return say(Answer::Counts(counts));
    }
    let missing = match reading.limit() {
        Some(limit) => {
            let (visits, missing) = reading.newest(log, limit)?;
            visits.into_iter().rev().try_for_each(|visit| say(Answer::Visit(visit)))?;
            missing
        }
        None => reading.rows(log, |visit| say(Answer::Visit(visit)))?,
    };
    say(Answer::Done(missing))
}
