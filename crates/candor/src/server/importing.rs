//! Taking in the logs of other servers: the same for a command that asks this server and for one that opens the folder itself.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ::visits::{Log, Retention};
use app::importing::{Admission, Broken, Ending, Following, ImportError, Imported, Importing, LINES_AT_ONCE, WhoIs};
use app::people::Accounts;
use app::publishing::Versions;
use arc_swap::ArcSwap;
use disk::{Disk, RealDisk};
use domain::{AccountId, Clock, Random};
use jiff::tz::TimeZone;
use policy::Policy;
use records::RecordsError;

use super::{asked, visits};
use crate::clock::{SystemClock, SystemSource};
use crate::config::Configuration;
use crate::owner::{Answer, BrokenLine, DataFolder, ImportQuestion, LogReport};

/// Of so many logged users it is remembered who they are; then it is looked up anew.
const USERS_REMEMBERED_MAX: usize = 65_536;

/// What taking in a log needs.
pub(super) struct LogImporter {
    pub(super) log: Arc<Log>,
    pub(super) accounts: Arc<Accounts>,
    pub(super) policy: Arc<ArcSwap<Policy>>,
    pub(super) settings: web::Settings,
    pub(super) random: Arc<dyn Random>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) runtime: tokio::runtime::Handle,
}

impl LogImporter {
    pub(super) fn take(&self, question: &ImportQuestion, source: &mut dyn Read) -> Answer {
        let zone = match question.zone.as_deref().map(TimeZone::get) {
            None => None,
            Some(Ok(zone)) => Some(zone),
            Some(Err(_)) => return Answer::Bad("a time zone is named as in Europe/Berlin or America/Los_Angeles".to_owned()),
        };
        match self.with(zone, question.again, |importing, who_is| importing.take(source, who_is)) {
            Ok(imported) => Answer::Imported(report(imported)),
            Err(error @ (ImportError::UnknownFormat | ImportError::OlderCopy | ImportError::NotReadable(_))) => {
                Answer::Bad(error.to_string())
            }
            Err(error) => Answer::Failed(error.to_string()),
        }
    }

    /// A log of the server's own machine.
    pub(super) fn import(&self, source: impl Read) -> Result<Imported, ImportError> {
        self.with(None, false, |importing, who_is| importing.take(source, who_is))
    }

    pub(super) fn turn<R: Read>(&self, following: &mut Following<R>) -> Result<Imported, ImportError> {
        self.with(None, false, |importing, who_is| following.turn(importing, who_is))
    }

    pub(super) fn end<R: Read>(&self, following: Following<R>) -> Result<Imported, ImportError> {
        self.with(None, false, |importing, who_is| following.end(importing, who_is))
    }

    fn with<T>(&self, zone: Option<TimeZone>, again: bool, take: impl FnOnce(&Importing<'_>, WhoIs<'_>) -> T) -> T {
        let policy = self.policy.load();
        let admission = self.admission(&policy);
        let importing = Importing {
            log: &self.log,
            admission: &admission,
            random: &*self.random,
            now: self.clock.now(),
            again,
            is_followed: false,
            zone: &zone.unwrap_or_else(|| policy.time_zone.clone()),
            lines_at_once: LINES_AT_ONCE,
        };
        let mut users = Users::default();
        take(&importing, &mut |user| users.who_is(user, self))
    }

    pub(super) fn admission(&self, policy: &Policy) -> Admission {
        let settings = self.settings.clone();
        Admission::of(policy, self.clock.now(), move |path| web::without_secret(&settings, path))
    }
}

/// Who logged users are, as far as that was looked up.
#[derive(Default)]
pub(super) struct Users(HashMap<String, AccountId>);

impl Users {
    pub(super) fn who_is(&mut self, user: &str, importer: &LogImporter) -> Result<AccountId, RecordsError> {
        if let Some(account) = self.0.get(user) {
            return Ok(*account);
        }
        if self.0.len() >= USERS_REMEMBERED_MAX {
            self.0.clear();
        }
        let account = importer.runtime.block_on(importer.accounts.of_log_user(user))?;
        self.0.insert(user.to_owned(), account);
        Ok(account)
    }
}

fn report(imported: Imported) -> LogReport {
    let Imported { format, read, imported, already, dropped, robots, broken_lines, broken, ending } = imported;
    let ended = match ending {
        Ending::Whole => None,
        Ending::Early => Some("it stops in the middle of what is packed; what was in it until there is imported".to_owned()),
        Ending::Damaged => Some("it is damaged and cannot be unpacked further; what was in it until there is imported".to_owned()),
    };
    let broken = broken.into_iter().map(|Broken { line, why }| BrokenLine { line, why: why.to_string() }).collect();
    LogReport {
        format: format.map(|format| format.name().to_owned()),
        read,
        imported,
        already,
        dropped,
        robots,
        broken_lines,
        broken,
        ended,
    }
}

/// Takes logs into a folder that no server owns. `work` is handed what takes one.
pub(crate) fn import_into_folder<T>(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
    work: impl FnOnce(&mut dyn FnMut(&ImportQuestion, &mut dyn Read) -> Answer) -> T,
) -> anyhow::Result<T> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder.path()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let policy = visits::policy_in_force(&disk, site)?;
    let versions = Versions::open(Arc::clone(&disk))?;
    let retention = if versions.newest().is_some() { super::publishing::retention(&versions) } else { Retention::of(&policy) };
    let random: Arc<dyn Random> = Arc::new(SystemSource::new());
    let elsewhere = super::objects::elsewhere(configuration, site, folder.path(), &*random)?;
    let log = Arc::new(super::open_log(disk, elsewhere, visits::storage(), Arc::clone(&clock), &*random)?);
    log.set_retention(retention)?;
    let (runtime, opened) = asked::open(folder, (configuration, site))?;
    let importer = LogImporter {
        log: Arc::clone(&log),
        accounts: Arc::new(Accounts::new(opened.people.clone(), Arc::clone(&random))),
        policy: Arc::new(ArcSwap::new(policy)),
        settings: super::web_settings(configuration),
        random,
        clock,
        runtime: runtime.handle().clone(),
    };
    let worked = work(&mut |question, source| importer.take(question, source));
    runtime.block_on(opened.close());
    log.close()?;
    Ok(worked)
}
