//! The sealed files that count, and how one set of them takes the place of another.

use std::collections::HashSet;
use std::sync::Arc;

use disk::{Disk, DiskError, Objects};
use domain::Timestamp;

use super::file::{Entry, SealedFile, is_name};
use super::manifest::{Lost, Manifest};
use super::rows::Rows;
use super::source::Source;
use super::write::FileWriter;
use super::{SealedError, file};
use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::import::Mark;
use crate::maintain::Maintenance;
use crate::segment::Name;
use crate::shared::Shared;
use crate::visit::Gap;

/// What is sealed at one moment. Whoever reads holds on to it: a file stays readable when it counts no more.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) manifest: Manifest,
    pub(crate) files: Vec<Arc<SealedFile>>,
    /// Files that the manifest lists and that are not there, or in no form we write.
    pub(crate) lost: Vec<Damage>,
    /// The place of the files could not be reached since the log was opened, so that nobody knows which there are.
    pub(crate) is_away: bool,
}

/// What is to be different from now on.
#[derive(Default)]
pub(crate) struct Change {
    /// Files that count no more, by number.
    pub(crate) without: Vec<u64>,
    pub(crate) with: Vec<Arc<SealedFile>>,
    /// Segments up to this one are in the files.
    pub(crate) sealed_through: Option<u64>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) lost: Vec<Lost>,
    pub(crate) imported: Option<Imported>,
}

/// How far another log was taken in, and the key that its beginning is told under.
pub(crate) struct Imported {
    pub(crate) key: [u8; 32],
    pub(crate) mark: Mark,
    pub(crate) instead_of: Option<Mark>,
}

/// So many numbers of files are left to whoever opened the log before and does not know yet that it has another owner; and so many numbers of segments to
/// those that are sealed and of which nobody here knows.
const NUMBERS_PASSED_OVER: u64 = 1 << 20;

impl Store {
    /// Reads the manifest and what stands at the end of every file.
    pub(crate) fn open(objects: &dyn Objects, folder: &str) -> Result<Self, LogError> {
        Self::of(Manifest::read(objects, folder)?.map_err(LogError::Manifest)?, objects, folder)
    }

    /// The same where others can reach it: whoever opened it before us changes nothing from now on.
    pub(crate) fn open_alone(objects: &dyn Objects, folder: &str) -> Result<Self, LogError> {
        let mut manifest = Manifest::read(objects, folder)?.map_err(LogError::Manifest)?;
        manifest.opened += 1;
        // They may be writing a file this very moment.
        manifest.next_file += NUMBERS_PASSED_OVER;
        manifest.write(objects, folder)?;
        Self::of(manifest, objects, folder)
    }

    /// Nothing is known but that segments up to this one are sealed; and in an older copy of a data folder, not even that.
    pub(crate) fn away(sealed_through: u64) -> Self {
        let sealed_through = sealed_through + NUMBERS_PASSED_OVER;
        Self { manifest: Manifest { sealed_through, ..Manifest::default() }, is_away: true, ..Self::default() }
    }

    fn of(manifest: Manifest, objects: &dyn Objects, folder: &str) -> Result<Self, LogError> {
        let (mut files, mut lost) = (Vec::new(), Vec::new());
        for (entry, opened) in manifest.files.iter().zip(open_files(objects, folder, &manifest.files)) {
            match opened {
                Ok(file) => files.push(Arc::new(file)),
                Err(SealedError::Disk(error)) if !error.is_not_found() => return Err(error.into()),
                Err(error) => lost.push(unreadable(entry, matches!(error, SealedError::Disk(_)))),
            }
        }
        Ok(Self { manifest, files, lost, is_away: false })
    }

    pub(crate) fn damage(&self) -> impl Iterator<Item = Damage> {
        self.manifest.damage.iter().map(|lost| lost.damage).chain(self.lost.iter().copied())
    }

    fn changed(&self, change: &Change, next_file: u64, is_expired: impl Fn(Timestamp) -> bool) -> Self {
        let stays = |number: u64| !change.without.contains(&number);
        let is_over = |micros: i64| Timestamp::from_microsecond(micros).is_ok_and(&is_expired);
        let mut files: Vec<Arc<SealedFile>> = self.files.iter().filter(|file| stays(file.entry.number)).cloned().collect();
        files.extend(change.with.iter().cloned());
        files.sort_by_key(|file| (file.entry.from, file.entry.number));
        let lost: Vec<Damage> = self.lost.iter().filter(|lost| stays(lost.segment)).copied().collect();
        let mut entries: Vec<Entry> = files.iter().map(|file| file.entry).collect();
        // What cannot be read now may be readable again.
        entries.extend(self.manifest.files.iter().filter(|entry| lost.iter().any(|lost| lost.segment == entry.number)));
        let mut manifest = Manifest {
            sealed_through: change.sealed_through.unwrap_or(self.manifest.sealed_through),
            next_file,
            opened: self.manifest.opened,
            files: entries,
            gaps: self.manifest.gaps.clone(),
            damage: self.manifest.damage.clone(),
            imported: self.manifest.imported.clone(),
        };
        if let Some(Imported { key, mark, instead_of }) = change.imported {
            manifest.imported.key = key;
            manifest.imported.add(mark, instead_of);
        }
        manifest.imported.retain(|to| !is_over(to));
        manifest.gaps.extend(&change.gaps);
        manifest.gaps.retain(|gap| !is_expired(gap.to));
        manifest.damage.extend(&change.lost);
        manifest.damage.retain(|lost| !is_over(lost.to));
        Self { manifest, files, lost, is_away: false }
    }
}

/// The damage that a whole file is.
fn unreadable(entry: &Entry, is_missing: bool) -> Damage {
    let what = if is_missing { DamageKind::MissingFile } else { DamageKind::BadFile };
    Damage { segment: entry.number, offset: 0, bytes: if is_missing { 0 } else { entry.bytes }, what }
}

/// Reads the ends of some files at once: where each is a request, one after the other takes long.
fn open_files(objects: &dyn Objects, folder: &str, entries: &[Entry]) -> Vec<Result<SealedFile, SealedError>> {
    const AT_ONCE: usize = 8;
    let open = |entries: &[Entry]| entries.iter().map(|entry| open_file(objects, folder, *entry)).collect::<Vec<_>>();
    let share = entries.len().div_ceil(AT_ONCE).max(AT_ONCE);
    std::thread::scope(|scope| {
        let mut shares = entries.chunks(share);
        let first = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|entries| (entries, scope.spawn(move || open(entries)))).collect();
        let mut opened = open(first);
        for (entries, other) in others {
            // Whoever panicked has said so; what it had to open is opened here.
            opened.extend(other.join().unwrap_or_else(|_| open(entries)));
        }
        opened
    })
}

fn open_file(objects: &dyn Objects, folder: &str, entry: Entry) -> Result<SealedFile, SealedError> {
    let source = Source::new(objects.open(&format!("{folder}/{}", entry.name()), entry.bytes)?)?;
    Ok(SealedFile::open(entry, source)?)
}

/// Removes the files that count for nothing: those that no manifest lists, and segments that are sealed. What is left of them may be what was to be erased.
pub(crate) fn sweep(disk: &dyn Disk, objects: &dyn Objects, folder: &str, manifest: &Manifest) -> Result<(), DiskError> {
    remove_unlisted(objects, folder, manifest)?;
    let is_sealed = |name: &String| Name::parse(name).is_some_and(|name| name.number <= manifest.sealed_through);
    let over: Vec<String> = disk.list(folder)?.into_iter().filter(is_sealed).collect();
    for name in &over {
        gone(disk.remove(&format!("{folder}/{name}")))?;
    }
    if over.is_empty() { Ok(()) } else { disk.sync_dir(folder) }
}

pub(crate) fn remove_unlisted(objects: &dyn Objects, folder: &str, manifest: &Manifest) -> Result<(), DiskError> {
    let listed: HashSet<String> = manifest.files.iter().map(Entry::name).collect();
    let counts_not = |name: &String| is_name(name) && !listed.contains(name);
    let over: Vec<String> = objects.list(folder)?.into_iter().filter(counts_not).collect();
    for name in &over {
        gone(objects.remove(&format!("{folder}/{name}")))?;
    }
    if over.is_empty() { Ok(()) } else { objects.settle(folder) }
}

/// What is not there needs not be removed.
fn gone(removed: Result<(), DiskError>) -> Result<(), DiskError> {
    match removed {
        Err(error) if error.is_not_found() => Ok(()),
        removed => removed,
    }
}

impl Shared {
    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.sealed.lock())
    }

    /// A file of a folder stays readable for whoever began with it; one that is far away is gone for them too.
    pub(crate) fn changed(&self, began_with: &Arc<Store>, error: LogError) -> LogError {
        match error {
            LogError::Disk(error) if error.is_not_found() && !Arc::ptr_eq(began_with, &self.store()) => LogError::Changed,
            error => error,
        }
    }
}

impl Maintenance<'_> {
    /// Where it is not known which manifest a failure left, it is written again, and what counts for nothing is removed.
    pub(crate) fn settle(&mut self) -> Result<(), LogError> {
        self.arrive()?;
        if self.upkeep.is_unsettled {
            let store = self.shared.store();
            let (disk, objects, folder) = (&*self.shared.disk, &*self.shared.place.objects, &self.shared.settings.folder);
            store.manifest.write(objects, folder)?;
            sweep(disk, objects, folder, &store.manifest)?;
            self.upkeep.is_unsettled = false;
        }
        Ok(())
    }

    /// Asks once more for what could not be reached when the log was opened. From then on it is as if it had been reached at once.
    fn arrive(&mut self) -> Result<(), LogError> {
        if !self.shared.store().is_away {
            return Ok(());
        }
        let (shared, folder) = (self.shared, &self.shared.settings.folder);
        shared.place.take(&shared.disk, folder)?;
        let store = Arc::new(Store::open_alone(&*shared.place.objects, folder)?);
        shared.place.note_sealing(&*shared.disk, folder, store.manifest.sealed_through)?;
        self.upkeep.next_file = store.manifest.next_file;
        self.upkeep.is_unsettled = true;
        self.count(&store, store.manifest.sealed_through);
        tracing::info!(files = store.files.len(), "the sealed files of the visit log can be reached again");
        Ok(())
    }

    /// Readers look at both under this lock: a visit is in a segment or in a file, and never in none or in both.
    fn count(&self, store: &Arc<Store>, sealed_through: u64) {
        let mut catalog = self.shared.catalog.lock();
        *self.shared.sealed.lock() = Arc::clone(store);
        catalog.segments.retain(|segment| segment.name.number > sealed_through);
        catalog.missing.retain(|missing| missing.segment > sealed_through);
    }

    /// Writes rows as new files, those of one person together. The names are durable with the manifest.
    pub(crate) fn write_rows(&mut self, rows: &Rows) -> Result<Vec<Arc<SealedFile>>, LogError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let order = rows.clustered();
        let group_rows = self.shared.settings.row_group_rows;
        let file = self.write_file(|writer| order.chunks(group_rows).try_for_each(|places| writer.group(rows, places)), rows.times())?;
        Ok(file.into_iter().collect())
    }

    /// Writes one new file; none where nothing is in it.
    pub(crate) fn write_file(
        &mut self,
        write: impl FnOnce(&mut FileWriter) -> Result<(), SealedError>,
        times: Option<(i64, i64)>,
    ) -> Result<Option<Arc<SealedFile>>, LogError> {
        let (objects, folder) = (&*self.shared.place.objects, &self.shared.settings.folder);
        let number = self.upkeep.next_file;
        self.upkeep.next_file += 1;
        // Whatever comes of it, nothing is left of it that no manifest lists.
        self.upkeep.is_unsettled = true;
        let path = format!("{folder}/{}", file::name(number));
        let mut writer = FileWriter::create(objects, &path)?;
        write(&mut writer)?;
        let written = writer.finish()?;
        let Some((from, to)) = times.filter(|_| written.rows > 0) else {
            return Ok(None);
        };
        let entry = Entry { number, rows: written.rows, bytes: written.bytes, from, to };
        Ok(Some(Arc::new(open_file(objects, folder, entry)?)))
    }

    /// From now on this is what counts. It is durable on return, and what counts no more is gone.
    pub(crate) fn publish(&mut self, change: &Change) -> Result<(), LogError> {
        let (disk, objects, folder) = (&*self.shared.disk, &*self.shared.place.objects, &self.shared.settings.folder);
        if let Some(through) = change.sealed_through {
            self.shared.place.note_sealing(disk, folder, through)?;
        }
        let store = self.shared.store().changed(change, self.upkeep.next_file, |time| self.rules.is_expired(time));
        self.upkeep.is_unsettled = true;
        store.manifest.write(objects, folder)?;
        let store = Arc::new(store);
        self.count(&store, change.sealed_through.unwrap_or(0));
        sweep(disk, objects, folder, &store.manifest)?;
        self.upkeep.is_unsettled = false;
        Ok(())
    }
}
