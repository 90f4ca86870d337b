//! The one small interface through which whatever must survive a power cut reaches the disk.
//!
//! [`RealDisk`] is a folder. [`SimulatedDisk`] forgets what was not synced, fails on command and fills up, so that tests can ask what a crash at any
//! moment leaves. [`Objects`] is what files need that are written once and read in pieces; a folder is one, a bucket another. Paths are relative to the disk's root, with `/` between their parts.

mod error;
mod objects;
mod real;
mod simulated;
#[cfg(test)]
mod tests;

pub use error::DiskError;
pub use objects::{DiskObjects, NewObject, Objects};
pub use real::RealDisk;
pub use simulated::SimulatedDisk;

/// Files and folders below one root. Nothing is durable before it is synced: the bytes of a file by [`WritableFile::sync`], its name by
/// [`Disk::sync_dir`] of the folder it is in.
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it. They are durable on return.
    fn create_dir_all(&self, folder: &str) -> Result<(), DiskError>;

    /// Makes a file that does not exist yet.
    fn create(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError>;

    /// Opens a file that exists, to write at its end.
    fn append(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError>;

    /// Opens a file that exists, to read it. It stays readable when its name goes to another file, or to none.
    fn open(&self, path: &str) -> Result<Box<dyn ReadableFile>, DiskError>;

    /// The names in a folder, sorted; those of folders too.
    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError>;

    /// Gives a file another name, in place of the file that had it.
    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError>;

    fn remove(&self, path: &str) -> Result<(), DiskError>;

    /// Makes the names in a folder durable: files made, renamed and removed in it.
    fn sync_dir(&self, folder: &str) -> Result<(), DiskError>;

    /// The size of a file in bytes.
    fn size(&self, path: &str) -> Result<u64, DiskError>;

    /// A whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>, DiskError> {
        let file = self.open(path)?;
        let mut bytes = vec![0; usize::try_from(file.size()?).unwrap_or(usize::MAX)];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(filled as u64, &mut bytes[filled..])? {
                0 => bytes.truncate(filled),
                count => filled += count,
            }
        }
        Ok(bytes)
    }
}

/// A file being written at its end.
pub trait WritableFile: Send {
    /// Writes all the bytes, or fails with some of them written.
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError>;

    /// Makes what was written durable. After a failure nobody knows what is: the system forgets which pages it could not write, so that a second sync
    /// may succeed without them. Write those bytes to another file instead.
    fn sync(&mut self) -> Result<(), DiskError>;

    /// Cuts the file to its first `length` bytes.
    fn truncate(&mut self, length: u64) -> Result<(), DiskError>;
}

/// A file being read.
pub trait ReadableFile: Send {
    /// Fills the buffer from `offset` on as far as one read goes; 0 is the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError>;

    fn size(&self) -> Result<u64, DiskError>;
}

/// Puts a small file in place, or in place of another, so that a crash leaves the old one or the new one whole. It is durable on return.
pub fn replace(disk: &dyn Disk, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
    let unfinished = format!("{path}.unfinished");
    match disk.remove(&unfinished) {
        Err(error) if !error.is_not_found() => return Err(error),
        _ => {}
    }
    let mut file = disk.create(&unfinished)?;
    file.write(bytes)?;
    file.sync()?;
    disk.rename(&unfinished, path)?;
    disk.sync_dir(folder_of(path))
}

/// The folder a path is in; the root is "".
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
