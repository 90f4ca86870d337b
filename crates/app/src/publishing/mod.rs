//! Published versions: the words and rules exactly as they were, kept as plain files that never change again.
//!
//! Version N is the folder `versions/N` with the files of the site folder and, written last, `version.json`. A crash while publishing leaves a folder
//! without that file, which is no version and is written anew. What no longer matches its hash is reported and never shown.
//!
//! Which consents and which data a version leaves behind is not stored: it follows from the versions themselves, and is worked out when they are read.

mod record;
#[cfg(test)]
mod tests;

pub use record::VersionRecord;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use disk::{Disk, DiskError};
use domain::{Timestamp, Version};
use policy::Policy;
use policy::check::{Circumstances, Edition, Finding, History, Severity, check, recompile};
use policy::diff::{Changes, diff};
use policy::syntax::{SiteSources, SourceFile};

const FOLDER: &str = "versions";
const RECORD: &str = "version.json";
const RULES: &str = "policy.toml";

/// All versions of a site's policy. They are read and verified once, when they are opened, and served from memory.
pub struct Versions {
    disk: Arc<dyn Disk>,
    shelf: ArcSwap<Shelf>,
    /// Held while a version is made, so that two never get the same number.
    publishing: Mutex<()>,
}

/// One published version.
#[derive(Debug)]
pub struct Published {
    pub record: VersionRecord,
    pub policy: Arc<Policy>,
    /// The site folder's files as they were.
    pub sources: SiteSources,
    /// What it changed; none for the first.
    pub revision: Option<Revision>,
}

/// What a version changed.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The version it is compared with: the one before, or the last before that whose files can be trusted.
    pub since: Version,
    pub changes: Changes,
}

/// A version whose files cannot be trusted any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("version {version} is damaged: {why}")]
pub struct Damage {
    pub version: Version,
    pub why: String,
}

/// Why a version is not there to be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    #[error("there is no version {0}")]
    Unknown(Version),
    #[error(transparent)]
    Damaged(#[from] Damage),
}

/// Why a version was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the policy does not pass its check: {0} errors; `candor check` shows them")]
    Unchecked(usize),
    #[error(
        "changes that matter have to be announced, and the policy does not say how: add `[notice]` with `material = [\"banner\"]`, `[\"mail\"]` or both"
    )]
    NoNotice,
    #[error("nothing changed since version {0}: there is nothing to publish")]
    NothingChanged(Version),
    #[error("{0}; put its files back from a backup")]
    Damaged(#[from] Damage),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

#[derive(Debug, Default)]
struct Shelf {
    /// The oldest first.
    published: Vec<Arc<Published>>,
    damaged: Vec<Damage>,
    /// What all of them changed together.
    history: History,
}

impl Versions {
    /// Reads and verifies every version on the disk. Damaged ones are told by [`Versions::damaged`].
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        let shelf = Shelf::read(&*disk)?;
        Ok(Self { disk, shelf: ArcSwap::from_pointee(shelf), publishing: Mutex::new(()) })
    }

    /// Publishes these files as version 1 if nothing was ever published, and gives the newest version.
    pub fn publish_first(&self, sources: &SiteSources, now: Timestamp) -> Result<Arc<Published>, PublishError> {
        match self.newest() {
            Some(newest) => Ok(newest),
            None => self.publish(sources, now),
        }
    }

    /// Publishes these files as the next version. When this returns, the version is durable and in force.
    pub fn publish(&self, sources: &SiteSources, now: Timestamp) -> Result<Arc<Published>, PublishError> {
        let _one_at_a_time = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = self.shelf.load_full();
        let (published, history) = shelf.next(sources, now)?;
        published.write(&*self.disk)?;
        let published = Arc::new(published);
        let all = shelf.published.iter().cloned().chain([published.clone()]).collect();
        self.shelf.store(Arc::new(Shelf { published: all, damaged: shelf.damaged.clone(), history }));
        Ok(published)
    }

    /// The version that publishing these files would make, with nothing written.
    pub fn propose(&self, sources: &SiteSources, now: Timestamp) -> Result<Published, PublishError> {
        self.shelf.load().next(sources, now).map(|(published, _)| published)
    }

    /// The policy in force: the newest version. None before the first one is published, and none where the newest is damaged, since an older one
    /// would promise something else.
    pub fn current(&self) -> Option<Arc<Policy>> {
        self.newest().map(|published| published.policy.clone())
    }

    /// The newest version with its record.
    pub fn newest(&self) -> Option<Arc<Published>> {
        let shelf = self.shelf.load();
        shelf.published.last().filter(|_| shelf.newest_damage().is_none()).cloned()
    }

    /// Every version that can be shown, the newest first.
    pub fn all(&self) -> Vec<Arc<Published>> {
        self.shelf.load().published.iter().rev().cloned().collect()
    }

    /// One version, with its own words.
    pub fn get(&self, version: Version) -> Result<Arc<Published>, NotShown> {
        let shelf = self.shelf.load();
        if let Some(damage) = shelf.damaged.iter().find(|damage| damage.version == version) {
            return Err(damage.clone().into());
        }
        shelf.published.iter().find(|published| published.record.version == version).cloned().ok_or(NotShown::Unknown(version))
    }

    /// The versions whose files do not match what was published.
    pub fn damaged(&self) -> Vec<Damage> {
        self.shelf.load().damaged.clone()
    }

    /// Whether the site folder says something else than the newest version: then it waits to be published, or to be mended.
    pub fn differs(&self, sources: &SiteSources) -> bool {
        let Some(newest) = self.newest() else {
            return true;
        };
        newest.sources.hash() != sources.hash()
            && recompile(sources, &Circumstances::of(newest.record.revised)).is_none_or(|policy| !diff(&newest.policy, &policy).is_empty())
    }

    /// Every version that changed something that matters, while its notice is to be shown, the newest first: one that follows soon takes nobody's notice
    /// away.
    pub fn announced(&self, now: Timestamp) -> Vec<Arc<Published>> {
        let shelf = self.shelf.load();
        let Some(newest) = shelf.published.last().filter(|_| shelf.newest_damage().is_none()) else {
            return Vec::new();
        };
        let days = i64::from(newest.policy.notice.banner_days);
        let is_recent =
            |published: &&Arc<Published>| now.duration_since(published.record.published) < jiff::SignedDuration::from_hours(24 * days);
        shelf.published.iter().rev().take_while(is_recent).filter(|published| published.is_material()).cloned().collect()
    }
}

impl std::fmt::Debug for Versions {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shelf = self.shelf.load();
        out.debug_struct("Versions").field("published", &shelf.published.len()).field("damaged", &shelf.damaged).finish_non_exhaustive()
    }
}

impl Shelf {
    fn read(disk: &dyn Disk) -> Result<Self, DiskError> {
        let names = match disk.list(FOLDER) {
            Ok(names) => names,
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut versions: Vec<Version> = names.iter().filter_map(|name| version_named(name)).collect();
        versions.sort_unstable();
        let mut shelf = Self::default();
        for version in versions {
            match shelf.read_version(disk, version) {
                Ok(Some((published, history))) => {
                    shelf.published.push(Arc::new(published));
                    shelf.history = history;
                }
                Ok(None) => {}
                Err(why) => shelf.damaged.push(Damage { version, why }),
            }
        }
        Ok(shelf)
    }

    /// None where the publication was never finished.
    fn read_version(&self, disk: &dyn Disk, version: Version) -> Result<Option<(Published, History)>, String> {
        let Some((record, sources)) = read_files(disk, version)? else {
            return Ok(None);
        };
        let (published, history) =
            self.follow(record, &sources).ok_or("its rules say something that this version of Candor does not understand")?;
        if published.record.day_in(&published.policy.time_zone) != published.record.revised {
            return Err("its Revised date is not the day it was published".to_owned());
        }
        Ok(Some((published, history)))
    }

    /// The version that follows on those that are here.
    fn next(&self, sources: &SiteSources, now: Timestamp) -> Result<(Published, History), PublishError> {
        if let Some(damage) = self.newest_damage() {
            return Err(damage.clone().into());
        }
        let newest = self.published.last();
        // A clock that was set back does not make a version older than the one before it.
        let now = newest.map_or(now, |newest| now.max(newest.record.published));
        let report = check(sources, now.to_zoned(jiff::tz::TimeZone::UTC).date());
        let Some(policy) = report.policy else {
            return Err(refused(&report.findings));
        };
        let version = newest.map_or(Version::FIRST, |newest| Version(newest.record.version.0 + 1));
        let files = files(sources).iter().map(|(name, _)| (*name).to_owned()).collect();
        let record = VersionRecord::new(version, now.to_zoned(policy.time_zone).date(), now, sources, files);
        let followed = self.follow(record, sources).ok_or(PublishError::Unchecked(report.findings.len()))?;
        match (newest, &followed.0.revision) {
            (Some(newest), Some(revision)) if revision.changes.is_empty() => Err(PublishError::NothingChanged(newest.record.version)),
            _ => Ok(followed),
        }
    }

    /// Puts a version together from its files: what it changed, and what that means for consents and data from before it. None where they cannot
    /// be understood.
    fn follow(&self, record: VersionRecord, sources: &SiteSources) -> Option<(Published, History)> {
        let edition = Some(Edition { version: record.version, revised: record.revised, hash: sources.hash() });
        let of = |history| recompile(sources, &Circumstances { edition, history, ..Circumstances::of(record.revised) });
        let policy = of(&self.history)?;
        let Some(before) = self.published.last() else {
            return Some((Published { record, policy: Arc::new(policy), sources: sources.clone(), revision: None }, self.history.clone()));
        };
        let changes = diff(&before.policy, &policy);
        let mut history = self.history.clone();
        history.add(record.version, &changes);
        let policy = of(&history)?;
        let revision = Some(Revision { since: before.record.version, changes });
        Some((Published { record, policy: Arc::new(policy), sources: sources.clone(), revision }, history))
    }

    fn newest_damage(&self) -> Option<&Damage> {
        let newest = self.published.last().map(|published| published.record.version);
        self.damaged.iter().filter(|damage| newest.is_none_or(|newest| damage.version > newest)).max_by_key(|damage| damage.version)
    }
}

/// What stands against publishing a folder with these findings.
fn refused(findings: &[Finding]) -> PublishError {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    if errors.iter().all(|error| error.code == "missing-change-process") {
        PublishError::NoNotice
    } else {
        PublishError::Unchecked(errors.len())
    }
}

impl Published {
    /// Whether it changed something that people have to be told of.
    pub fn is_material(&self) -> bool {
        self.revision.as_ref().is_some_and(|revision| revision.changes.is_material())
    }

    /// The record comes last and is put in place at once: a folder is a version only when everything else in it is durable.
    fn write(&self, disk: &dyn Disk) -> Result<(), DiskError> {
        let folder = folder_of(self.record.version);
        disk.create_dir_all(&folder)?;
        for (name, text) in files(&self.sources) {
            disk::replace(disk, &format!("{folder}/{name}"), text.as_bytes())?;
        }
        disk::replace(disk, &format!("{folder}/{RECORD}"), &self.record.to_json())
    }
}

/// None where the publication was never finished.
fn read_files(disk: &dyn Disk, version: Version) -> Result<Option<(VersionRecord, SiteSources)>, String> {
    let folder = folder_of(version);
    let record = match disk.read(&format!("{folder}/{RECORD}")) {
        Ok(bytes) => VersionRecord::from_json(&bytes).map_err(|error| format!("its {RECORD} cannot be read: {error}"))?,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if record.version != version {
        return Err(format!("its {RECORD} is that of version {}", record.version));
    }
    let sources = read_sources(disk, &folder, &record)?;
    if record.is_hash_of(&sources) { Ok(Some((record, sources))) } else { Err("its words and rules do not match their hash".to_owned()) }
}

fn read_sources(disk: &dyn Disk, folder: &str, record: &VersionRecord) -> Result<SiteSources, String> {
    let read = |name: &str| {
        let bytes = disk.read(&format!("{folder}/{name}")).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{name}` is not text any more"))?;
        Ok::<_, String>(SourceFile { name: name.to_owned(), text })
    };
    let (mut rules, mut words) = (None, Vec::new());
    for name in &record.files {
        match SiteSources::words_language(name) {
            Some(language) => words.push((language, read(name)?)),
            None if name == RULES => rules = Some(read(name)?),
            None => return Err(format!("its {RECORD} names `{name}`, which is no file of a policy")),
        }
    }
    let rules = rules.ok_or_else(|| format!("its {RECORD} names no rules"))?;
    Ok(SiteSources { rules, words })
}

/// The rules first, then the words, each with its name.
fn files(sources: &SiteSources) -> Vec<(&str, &str)> {
    let words = sources.words.iter().map(|(_, file)| file);
    std::iter::once(&sources.rules).chain(words).map(|file| (file.name.as_str(), file.text.as_str())).collect()
}

fn folder_of(version: Version) -> String {
    format!("{FOLDER}/{version}")
}

fn version_named(name: &str) -> Option<Version> {
    let number: u32 = name.parse().ok()?;
    (number > 0 && number.to_string() == name).then_some(Version(number))
}
