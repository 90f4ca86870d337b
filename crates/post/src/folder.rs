use std::fmt;
use std::sync::Arc;

use disk::{Disk, DiskError};

use crate::{Trouble, Written};

/// Letters as files, for a site that has no mail server yet: one `.eml` each, under its number, so that one that is brought again is still one.
#[derive(Clone)]
pub struct Folder {
    disk: Arc<dyn Disk>,
    path: String,
}

impl fmt::Debug for Folder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Folder").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Folder {
    /// Files that are written together wait for the disk together.
    pub(crate) const AT_ONCE: usize = 32;

    /// A folder of a disk whose files are its user's alone.
    pub fn new(disk: Arc<dyn Disk>, path: &str) -> Self {
        Self { disk, path: path.to_owned() }
    }

    pub(crate) async fn keep(&self, letter: &Written) -> Result<(), Trouble> {
        let (folder, name, bytes) = (self.clone(), format!("{}/{}.eml", self.path, letter.id.to_hex()), letter.readable.clone());
        let write = move || -> Result<(), DiskError> {
            folder.disk.create_dir_all(&folder.path)?;
            disk::replace(&*folder.disk, &name, &bytes)
        };
        // What could not be written is written anew, over what there is of it: nothing about that is unknown.
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Trouble::NoWay(format!("{}: {error}", self.path))),
            Err(_) => Err(Trouble::NoWay("the write ended early".to_owned())),
        }
    }
}
