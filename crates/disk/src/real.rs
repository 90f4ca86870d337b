use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use crate::{Disk, DiskError, ReadableFile, WritableFile};

/// A folder of this machine. What it makes belongs to its user alone: files are 0600 and folders 0700.
#[derive(Clone, Debug)]
pub struct RealDisk {
    root: PathBuf,
}

impl RealDisk {
    /// The root is made when something is first made in it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn run<T>(&self, operation: &'static str, path: &str, act: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, DiskError> {
        inside(path).and_then(|path| act(&self.root.join(path))).map_err(|source| DiskError::new(operation, path, source))
    }
}

impl Disk for RealDisk {
    fn create_dir_all(&self, folder: &str) -> Result<(), DiskError> {
        self.run("make the folder", folder, create_dir_all)
    }

    fn create(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError> {
        let options = |path: &Path| OpenOptions::new().append(true).create_new(true).mode(0o600).open(path);
        let file = self.run("make", path, options)?;
        Ok(Box::new(OpenFile { file, path: path.to_owned() }))
    }

    fn append(&self, path: &str) -> Result<Box<dyn WritableFile>, DiskError> {
        let file = self.run("open", path, |path| OpenOptions::new().append(true).open(path))?;
        Ok(Box::new(OpenFile { file, path: path.to_owned() }))
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadableFile>, DiskError> {
        let file = self.run("open", path, |path| File::open(path))?;
        Ok(Box::new(OpenFile { file, path: path.to_owned() }))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let names = |folder: &Path| folder.read_dir()?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>();
        // Nothing of ours has a name that is no UTF-8.
        let mut names: Vec<String> = self.run("list", folder, names)?.into_iter().filter_map(|name| name.into_string().ok()).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let target = inside(to).map_err(|source| DiskError::new("rename a file to", to, source))?;
        self.run("rename", from, |from| std::fs::rename(from, self.root.join(target)))
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.run("remove", path, |path| std::fs::remove_file(path))
    }

    fn sync_dir(&self, folder: &str) -> Result<(), DiskError> {
        self.run("sync the folder", folder, sync_dir)
    }

    fn size(&self, path: &str) -> Result<u64, DiskError> {
        self.run("look at", path, |path| Ok(path.metadata()?.len()))
    }
}

/// A folder's name is durable once the folder above it is synced, so each new one is followed by its parent.
fn create_dir_all(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => return Err(error),
        _ => {}
    }
    sync_dir(parent.unwrap_or(Path::new(".")))
}

fn sync_dir(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Refuses paths that would leave the root.
fn inside(path: &str) -> io::Result<&Path> {
    let path = Path::new(path);
    let stays = path.components().all(|part| matches!(part, Component::Normal(_)));
    if stays { Ok(path) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the folder it belongs in")) }
}

struct OpenFile {
    file: File,
    path: String,
}

impl OpenFile {
    fn told<T>(&self, operation: &'static str, result: io::Result<T>) -> Result<T, DiskError> {
        result.map_err(|source| DiskError::new(operation, &self.path, source))
    }
}

impl WritableFile for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let result = self.file.write_all(bytes);
        self.told("write to", result)
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        self.told("sync", self.file.sync_data())
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        self.told("cut", self.file.set_len(length))
    }
}

impl ReadableFile for OpenFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        loop {
            match self.file.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return self.told("read", result),
            }
        }
    }

    fn size(&self) -> Result<u64, DiskError> {
        self.told("look at", self.file.metadata().map(|metadata| metadata.len()))
    }
}
