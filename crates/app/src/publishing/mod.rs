//! Published versions: the words and rules exactly as they were, kept as plain files that never change again.
//!
//! Version N is the folder `versions/N` with the files of the site folder and, written last, `version.json`. A crash while publishing leaves a folder
//! without that file, which is no version and is written anew. What no longer matches its hash is reported and never shown.

mod record;
#[cfg(test)]
mod tests;

pub use record::VersionRecord;

use std::sync::Arc;

use arc_swap::ArcSwap;
use disk::{Disk, DiskError};
use domain::{Timestamp, Version};
use policy::Policy;
use policy::check::{Severity, check};
use policy::syntax::{SiteSources, SourceFile};

const FOLDER: &str = "versions";
const RECORD: &str = "version.json";
const RULES: &str = "policy.toml";

/// All versions of a site's policy. They are read and verified once, when they are opened, and served from memory.
pub struct Versions {
    disk: Arc<dyn Disk>,
    shelf: ArcSwap<Shelf>,
}

/// One published version.
#[derive(Debug)]
pub struct Published {
    pub record: VersionRecord,
    pub policy: Arc<Policy>,
    /// The site folder's files as they were.
    pub sources: SiteSources,
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
}

impl Versions {
    /// Reads and verifies every version on the disk. Damaged ones are told by [`Versions::damaged`].
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        let shelf = Shelf::read(&*disk)?;
        Ok(Self { disk, shelf: ArcSwap::from_pointee(shelf) })
    }

    /// Publishes these files as version 1 if nothing was ever published, and gives the newest version.
    pub fn publish_first(&self, sources: &SiteSources, now: Timestamp) -> Result<Arc<Published>, PublishError> {
        let shelf = self.shelf.load();
        if let Some(damage) = shelf.newest_damage() {
            return Err(damage.clone().into());
        }
        if let Some(newest) = shelf.published.last() {
            return Ok(newest.clone());
        }
        let published = Arc::new(Published::first(sources, now)?);
        published.write(&*self.disk)?;
        self.shelf.store(Arc::new(Shelf { published: vec![published.clone()], damaged: Vec::new() }));
        Ok(published)
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

    /// Whether the site folder says something else than the newest version: then it waits to be published.
    pub fn differs(&self, sources: &SiteSources) -> bool {
        self.newest().is_none_or(|newest| newest.sources.hash() != sources.hash())
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
            match Published::read(disk, version) {
                Ok(Some(published)) => shelf.published.push(Arc::new(published)),
                Ok(None) => {}
                Err(why) => shelf.damaged.push(Damage { version, why }),
            }
        }
        Ok(shelf)
    }

    fn newest_damage(&self) -> Option<&Damage> {
        let newest = self.published.last().map(|published| published.record.version);
        self.damaged.iter().filter(|damage| newest.is_none_or(|newest| damage.version > newest)).max_by_key(|damage| damage.version)
    }
}

impl Published {
    fn first(sources: &SiteSources, now: Timestamp) -> Result<Self, PublishError> {
        let report = check(sources, now.to_zoned(jiff::tz::TimeZone::UTC).date());
        let Some(mut policy) = report.policy else {
            return Err(PublishError::Unchecked(report.findings.iter().filter(|finding| finding.severity == Severity::Error).count()));
        };
        policy.version = Version::FIRST;
        policy.revised = now.to_zoned(policy.time_zone.clone()).date();
        let files = files(sources).iter().map(|(name, _)| (*name).to_owned()).collect();
        let record = VersionRecord::new(policy.version, policy.revised, now, sources, files);
        Ok(Self { record, policy: Arc::new(policy), sources: sources.clone() })
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

    /// None where the publication was never finished.
    fn read(disk: &dyn Disk, version: Version) -> Result<Option<Self>, String> {
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
        if !record.is_hash_of(&sources) {
            return Err("its words and rules do not match their hash".to_owned());
        }
        let report = check(&sources, record.revised);
        let Some(mut policy) = report.policy else {
            return Err("its rules and words do not pass the check any more".to_owned());
        };
        policy.version = record.version;
        policy.revised = record.revised;
        if record.day_in(&policy.time_zone) != record.revised {
            return Err("its Revised date is not the day it was published".to_owned());
        }
        Ok(Some(Self { record, policy: Arc::new(policy), sources }))
    }
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
