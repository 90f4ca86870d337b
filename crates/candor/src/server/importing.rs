//! Taking in the logs of other servers: the same for a command that asks this server and for one that opens the folder itself.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ::visits::{Log, Retention};
use app::importing::{Admission, Broken, Ending, ImportError, Imported, Importing, LINES_AT_ONCE};
use app::people::Accounts;
use app::publishing::Versions;
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
    pub(super) policy: Arc<Policy>,
    pub(super) settings: web::Settings,
    pub(super) random: Arc<dyn Random>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) runtime: tokio::runtime::Handle,
}

impl LogImporter {
    pub(super) fn take(&self, question: &ImportQuestion, source: &mut dyn Read) -> Answer {
        let zone = match question.zone.as_deref().map(TimeZone::get) {
            None => self.policy.time_zone.clone(),
            Some(Ok(zone)) => zone,
            Some(Err(_)) => return Answer::Bad("a time zone is named as in Europe/Berlin or America/Los_Angeles".to_owned()),
        };
        let (now, settings) = (self.clock.now(), self.settings.clone());
        let admission = Admission::of(&self.policy, now, move |path| web::without_secret(&settings, path));
        let importing = Importing {
            log: &self.log,
            admission: &admission,
            random: &*self.random,
            now,
            again: question.again,
            zone: &zone,
            lines_at_once: LINES_AT_ONCE,
        };
        let mut known: HashMap<String, AccountId> = HashMap::new();
        let mut who_is = |user: &str| -> Result<AccountId, RecordsError> {
            if let Some(account) = known.get(user) {
                return Ok(*account);
            }
            if known.len() >= USERS_REMEMBERED_MAX {
                known.clear();
            }
            let account = self.runtime.block_on(self.accounts.of_log_user(user))?;
            known.insert(user.to_owned(), account);
            Ok(account)
        };
        match importing.take(source, &mut who_is) {
            Ok(imported) => Answer::Imported(report(imported)),
            Err(error @ (ImportError::UnknownFormat | ImportError::OlderCopy | ImportError::NotReadable(_))) => {
                Answer::Bad(error.to_string())
            }
            Err(error) => Answer::Failed(error.to_string()),
        }
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
    let log = Arc::new(super::open_log(disk, visits::storage(), Arc::clone(&clock))?);
    log.set_retention(retention)?;
    let (runtime, opened) = asked::open(folder, (configuration, site))?;
    let random: Arc<dyn Random> = Arc::new(SystemSource::new());
    let importer = LogImporter {
        log: Arc::clone(&log),
        accounts: Arc::new(Accounts::new(opened.people.clone(), Arc::clone(&random))),
        policy,
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
