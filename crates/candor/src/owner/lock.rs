use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const LOCK: &str = "candor.lock";

/// A data folder that this process owns until it is dropped. The system lets go of the lock when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnerError {
    #[error("{}: another process owns this data folder{}", .folder.display(), process(.owner))]
    Owned { folder: PathBuf, owner: Option<String> },
    #[error("{}: there is no data folder yet; `candor serve` makes it", .folder.display())]
    Missing { folder: PathBuf },
    #[error("{}: everybody may write to this data folder; `chmod o-w` it, or name another", .folder.display())]
    Open { folder: PathBuf },
    #[error("{}: the data folder cannot be used: {error}", .folder.display())]
    Unusable { folder: PathBuf, error: std::io::Error },
}

fn process(owner: &Option<String>) -> String {
    owner.as_ref().map_or_else(String::new, |owner| format!(" (process {owner})"))
}

impl DataFolder {
    /// Takes the folder, and makes it if it is not there. Only its owner may read what is in it.
    pub(crate) fn own(path: &Path) -> Result<Self, OwnerError> {
        let unusable = |error| OwnerError::Unusable { folder: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        // In a folder that everybody may write to, anybody could put other keys in place of ours.
        if std::fs::metadata(path).map_err(unusable)?.permissions().mode() & 0o002 != 0 {
            return Err(OwnerError::Open { folder: path.to_owned() });
        }
        let mut lock =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let owner = lock.read_to_string(&mut owner).ok().map(|_| owner.trim().to_owned()).filter(|owner| !owner.is_empty());
                return Err(OwnerError::Owned { folder: path.to_owned(), owner });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        lock.set_len(0).and_then(|()| lock.seek(SeekFrom::Start(0))).map_err(unusable)?;
        writeln!(lock, "{}", std::process::id()).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Takes a folder that is there already: a command that only reads makes none.
    pub(crate) fn own_existing(path: &Path) -> Result<Self, OwnerError> {
        if path.is_dir() { Self::own(path) } else { Err(OwnerError::Missing { folder: path.to_owned() }) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_everybody_may_write_to_is_not_used() {
        let folder = std::env::temp_dir().join(format!("candor-open-folder-{}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        let with_mode = |mode| {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("its owner may");
            DataFolder::own(&folder).map(drop)
        };
        for mode in [0o777, 0o1777, 0o702] {
            assert!(matches!(with_mode(mode), Err(OwnerError::Open { .. })), "{mode:o}");
        }
        for mode in [0o700, 0o755, 0o770] {
            assert!(with_mode(mode).is_ok(), "{mode:o}");
        }
        std::fs::remove_dir_all(&folder).expect("gone");
    }
}
