//! The file that SQLite keeps the records in: for its owner alone, and still where it was.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A file that was opened, as the system knows it whatever its name.
#[derive(Clone, Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    device: u64,
    number: u64,
}

impl OpenedFile {
    /// Makes the file where there is none, readable for its owner alone; what SQLite puts beside it gets the same rights.
    pub(crate) fn made(path: &Path) -> std::io::Result<()> {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
    }

    pub(crate) fn at(path: &Path) -> std::io::Result<Self> {
        let found = std::fs::metadata(path)?;
        Ok(Self { path: path.to_owned(), device: found.dev(), number: found.ino() })
    }

    /// Whether it is still the file of its name. One that was deleted or replaced takes what is written and is gone with the process.
    pub(crate) fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.number))
    }
}
