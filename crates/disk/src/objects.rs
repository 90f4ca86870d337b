//! Where files go that are written once, read in pieces, and never changed: a folder, or a bucket far away.

use std::sync::Arc;

use crate::{Disk, DiskError, ReadableFile, WritableFile, replace};

/// Files that are there whole or not at all. Paths have `/` between their parts.
pub trait Objects: Send + Sync {
    /// Begins a file that does not exist yet. Nobody sees it before it is finished.
    fn create(&self, path: &str) -> Result<Box<dyn NewObject>, DiskError>;

    /// Opens a file of which it is known how long it is. That it is not there may be noticed only when it is read.
    fn open(&self, path: &str, bytes: u64) -> Result<Box<dyn ReadableFile>, DiskError>;

    /// A whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>, DiskError>;

    /// Puts a small file in place, or in place of the one that was read or put here before; it is durable on return. Where others can reach the same place and
    /// have put another there meanwhile, it fails and theirs stays.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError>;

    /// Puts a small file where there is none yet; says whether there was none.
    fn claim(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError>;

    /// The names in a folder, sorted; none where there is no such folder.
    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError>;

    /// Removes a file. That it is gone is durable after [`Objects::settle`].
    fn remove(&self, path: &str) -> Result<(), DiskError>;

    /// Makes durable which files of a folder are there.
    fn settle(&self, folder: &str) -> Result<(), DiskError>;

    /// Removes what was begun in a folder and will never be finished, where that is kept anywhere.
    fn forget_unfinished(&self, folder: &str) -> Result<(), DiskError>;

    /// Makes sure that files can be made in a folder here, and above all, that what is removed from it is gone.
    fn check(&self, folder: &str) -> Result<(), DiskError>;

    /// How many requests were made to a place that is far away, since it was opened.
    fn requests(&self) -> u64 {
        0
    }

    /// Whether the last attempt to reach such a place failed.
    fn is_failing(&self) -> bool {
        false
    }
}

/// A file being written. Dropped before it is finished, it is not there, or holds nothing whole.
pub trait NewObject: Send {
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError>;

    /// The file is whole and its bytes are durable on return; its name may need [`Objects::settle`], or the next [`Objects::replace`] in the same folder.
    fn finish(&mut self) -> Result<(), DiskError>;
}

/// Files of a disk as such a place.
#[derive(Clone)]
pub struct DiskObjects(Arc<dyn Disk>);

impl DiskObjects {
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self(disk)
    }
}

impl std::fmt::Debug for DiskObjects {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DiskObjects").finish_non_exhaustive()
    }
}

impl Objects for DiskObjects {
    fn check(&self, folder: &str) -> Result<(), DiskError> {
        self.0.create_dir_all(folder)
    }

    fn create(&self, path: &str) -> Result<Box<dyn NewObject>, DiskError> {
        Ok(Box::new(NewFile(self.0.create(path)?)))
    }

    fn open(&self, path: &str, _bytes: u64) -> Result<Box<dyn ReadableFile>, DiskError> {
        self.0.open(path)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, DiskError> {
        self.0.read(path)
    }

    /// A data folder has one owner at a time, so that nobody else can have put another there.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
        replace(&*self.0, path, bytes)
    }

    fn claim(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError> {
        match self.0.size(path) {
            Ok(_) => Ok(false),
            Err(error) if error.is_not_found() => replace(&*self.0, path, bytes).map(|()| true),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        match self.0.list(folder) {
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            listed => listed,
        }
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.0.remove(path)
    }

    fn settle(&self, folder: &str) -> Result<(), DiskError> {
        self.0.sync_dir(folder)
    }

    /// They are files that no manifest lists, and are removed as those.
    fn forget_unfinished(&self, _folder: &str) -> Result<(), DiskError> {
        Ok(())
    }
}

struct NewFile(Box<dyn WritableFile>);

impl NewObject for NewFile {
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.0.write(bytes)
    }

    fn finish(&mut self) -> Result<(), DiskError> {
        self.0.sync()
    }
}
