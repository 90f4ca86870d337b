//! A disk in memory that keeps apart what is written and what is durable.

mod file;
mod names;

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Random, SeededRandom};

use crate::{Disk, DiskError, ReadableFile, WritableFile, folder_of};
use file::{Change, Content};
use names::{NameChange, Names};

/// A disk that can lose power, fail and fill up. Clones are the same disk.
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Every file ever made; a name refers to its place here.
    files: Vec<Content>,
    names: Names,
    faults: Faults,
}

#[derive(Default)]
struct Faults {
    /// Changes asked for so far.
    operations: u64,
    /// The operations that fail.
    failing: Vec<Range<u64>>,
    /// From this one on nothing happens.
    stopped_from: Option<u64>,
    /// The bytes that all files together may have.
    capacity: Option<u64>,
    /// A file whose bytes cannot be read.
    unreadable: Option<String>,
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SimulatedDisk").field("operations", &self.operations()).finish_non_exhaustive()
    }
}

impl SimulatedDisk {
    pub fn new() -> Self {
        Self::default()
    }

    /// What a power cut at this moment leaves, as another disk; this one stays as it is, for whoever has not noticed yet. Seed 0 keeps only what was
    /// synced. Other seeds also keep, of each file, some first part of the writes that were not, cut at any byte; and of the changes of names, the first few.
    pub fn crash(&self, seed: u64) -> Self {
        let state = self.state();
        let random = SeededRandom::new(seed);
        let mut kept = |count: usize| if seed == 0 { 0 } else { below(&random, count as u64 + 1) as usize };
        let files = state.files.iter().map(|file| file.after_crash(&mut kept)).collect();
        let names = state.names.after_crash(&mut kept);
        Self { state: Arc::new(Mutex::new(State { files, names, faults: Faults::default() })) }
    }

    /// How many changes were asked for: folders and files made, writes, cuts, syncs, renames, removals.
    pub fn operations(&self) -> u64 {
        self.state().faults.operations
    }

    /// The operations with these numbers, counted from 0, fail with an input/output error.
    pub fn fail_operations(&self, numbers: Range<u64>) {
        self.state().faults.failing.extend([numbers]);
    }

    /// From the operation with this number on nothing happens any more, and every caller is told so: whoever used the disk is dead.
    pub fn stop_from(&self, number: u64) {
        self.state().faults.stopped_from = Some(number);
    }

    /// The disk is full when all files together have this many bytes.
    pub fn fill_up_after(&self, bytes: u64) {
        self.state().faults.capacity = Some(bytes);
    }

    /// Nothing fails any more, and there is space.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults = Faults { operations: state.faults.operations, ..Faults::default() };
    }

    /// Reading this file fails.
    pub fn fail_reads_of(&self, path: &str) {
        self.state().faults.unreadable = Some(path.to_owned());
    }

    /// Changes a file behind everyone's back, durably: what a bad sector or a careless hand does.
    pub fn tamper(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        if let Some(file) = state.names.get(path) {
            state.files[file].tamper(change);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, operation: &'static str, path: &str, act: impl FnOnce(&mut State, Fate) -> io::Result<T>) -> Result<T, DiskError> {
        let mut state = self.state();
        let fate = state.faults.next();
        act(&mut state, fate).map_err(|source| DiskError::new(operation, path, source))
    }
}

/// What becomes of an operation.
enum Fate {
    Done,
    Failed,
    Stopped,
}

impl Faults {
    fn next(&mut self) -> Fate {
        let number = self.operations;
        self.operations += 1;
        if self.stopped_from.is_some_and(|from| number >= from) {
            Fate::Stopped
        } else if self.failing.iter().any(|failing| failing.contains(&number)) {
            Fate::Failed
        } else {
            Fate::Done
        }
    }
}

impl Fate {
    fn told(&self) -> io::Result<()> {
        match self {
            Self::Done => Ok(()),
            Self::Failed => Err(io::Error::other("simulated input/output error")),
            Self::Stopped => Err(io::Error::other("the simulated machine has stopped")),
        }
    }
}

impl State {
    fn named(&self, path: &str) -> io::Result<usize> {
        self.names.get(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// How many of these bytes there is space for.
    fn space_for(&self, bytes: usize) -> usize {
        let Some(capacity) = self.faults.capacity else {
            return bytes;
        };
        let used: u64 = self.names.files().map(|file| self.files[file].written.len() as u64).sum();
        bytes.min(usize::try_from(capacity.saturating_sub(used)).unwrap_or(usize::MAX))
    }
}

impl Disk for SimulatedDisk {
    fn create_dir_all(&self, folder: &str) -> Result<(), DiskError> {
        self.change("make the folder", folder, |state, fate| {
            fate.told()?;
            state.names.create_dir_all(folder);
            Ok(())
        })
    }

    fn create(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError> {
        let file = self.change("make", path, |state, fate| {
            fate.told()?;
            if !state.names.has_folder(folder_of(path)) {
                return Err(io::ErrorKind::NotFound.into());
            }
            if state.names.get(path).is_some() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let file = state.files.len();
            state.files.push(Content::default());
            state.names.apply(NameChange::Set(path.to_owned(), file));
            Ok(file)
        })?;
        Ok(Box::new(OpenFile { disk: self.clone(), path: path.to_owned(), file }))
    }

    fn append(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError> {
        let file = self.state().named(path).map_err(|source| DiskError::new("open", path, source))?;
        Ok(Box::new(OpenFile { disk: self.clone(), path: path.to_owned(), file }))
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadableFile>, DiskError> {
        let file = self.state().named(path).map_err(|source| DiskError::new("open", path, source))?;
        Ok(Box::new(OpenFile { disk: self.clone(), path: path.to_owned(), file }))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        self.state().names.list(folder).ok_or_else(|| DiskError::new("list", folder, io::ErrorKind::NotFound.into()))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        self.change("rename", from, |state, fate| {
            fate.told()?;
            let file = state.named(from)?;
            state.names.apply(NameChange::Move(from.to_owned(), to.to_owned(), file));
            Ok(())
        })
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.change("remove", path, |state, fate| {
            fate.told()?;
            state.named(path)?;
            state.names.apply(NameChange::Remove(path.to_owned()));
            Ok(())
        })
    }

    fn sync_dir(&self, folder: &str) -> Result<(), DiskError> {
        self.change("sync the folder", folder, |state, fate| {
            fate.told()?;
            state.names.sync(folder);
            Ok(())
        })
    }

    fn size(&self, path: &str) -> Result<u64, DiskError> {
        self.open(path)?.size()
    }
}

struct OpenFile {
    disk: SimulatedDisk,
    path: String,
    file: usize,
}

impl WritableFile for OpenFile {
    /// A write that fails has written half of its bytes; on a full disk, as many as there was space for.
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.disk.change("write to", &self.path, |state, fate| {
            let space = state.space_for(bytes.len());
            let taken = match fate {
                Fate::Done => space,
                Fate::Failed => space / 2,
                Fate::Stopped => 0,
            };
            state.files[self.file].apply(Change::Write(bytes[..taken].to_vec()));
            fate.told()?;
            if taken < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        self.disk.change("sync", &self.path, |state, fate| {
            match fate {
                Fate::Done => state.files[self.file].sync(),
                Fate::Failed => state.files[self.file].fail_sync(),
                Fate::Stopped => {}
            }
            fate.told()
        })
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        self.disk.change("cut", &self.path, |state, fate| {
            fate.told()?;
            state.files[self.file].apply(Change::Cut(usize::try_from(length).unwrap_or(usize::MAX)));
            Ok(())
        })
    }
}

impl ReadableFile for OpenFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        let state = self.disk.state();
        if state.faults.unreadable.as_ref().is_some_and(|path| *path == self.path) {
            return Err(DiskError::new("read", &self.path, io::Error::other("simulated input/output error")));
        }
        let written = &state.files[self.file].written;
        let rest = usize::try_from(offset).ok().and_then(|offset| written.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn size(&self) -> Result<u64, DiskError> {
        Ok(self.disk.state().files[self.file].written.len() as u64)
    }
}

fn below(random: &SeededRandom, end: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_le_bytes(bytes) % end
}
