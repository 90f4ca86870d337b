//! A bucket as a place for files.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use disk::{DiskError, NewObject, Objects, ReadableFile};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, PutResult, UpdateVersion};
use parking_lot::Mutex;

use crate::cache::{BLOCK, Cache};
use crate::error::{OpenError, is_answer, told};
use crate::unfinished::{Unfinished, Versioning};
use crate::upload::Upload;
use crate::worker::Worker;

/// What all files together may hold in memory.
const CACHE_BYTES: usize = 32 << 20;

/// No more is asked for in one request than so many blocks.
const BLOCKS_MAX: u64 = 32;

/// A bucket, or what is under a prefix of it. Clones are the same one.
#[derive(Clone)]
pub struct Bucket(Arc<Inner>);

pub(crate) struct Inner {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    worker: Worker,
    cache: Cache,
    /// What this process knows to be at a path that it replaces.
    known: Mutex<HashMap<String, Known>>,
    unfinished: Option<Unfinished>,
    requests: AtomicU64,
    is_failing: AtomicBool,
}

#[derive(Default)]
struct Known {
    /// None where there was nothing.
    version: Option<UpdateVersion>,
    /// What was sent and never answered: it may be there all the same.
    in_doubt: Vec<Bytes>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Bucket").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

impl Bucket {
    /// What is under a prefix, without slashes around it, of any store.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, OpenError> {
        Ok(Self::with(store, prefix, Worker::start().map_err(OpenError::Thread)?, None))
    }

    pub(crate) fn with(store: Arc<dyn ObjectStore>, prefix: &str, worker: Worker, unfinished: Option<Unfinished>) -> Self {
        Self(Arc::new(Inner {
            store,
            prefix: prefix.to_owned(),
            worker,
            cache: Cache::new(CACHE_BYTES),
            known: Mutex::default(),
            unfinished,
            requests: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
        }))
    }

    fn put(&self, path: &str, bytes: &Bytes, mode: PutMode) -> Result<PutResult, StoreError> {
        let (store, at, payload) = (Arc::clone(&self.0.store), self.0.place(path), PutPayload::from(bytes.clone()));
        self.0.request(async move { store.put_opts(&at, payload, PutOptions::from(mode)).await })
    }

    fn get(&self, path: &str) -> Result<(Bytes, UpdateVersion), StoreError> {
        let (store, at) = (Arc::clone(&self.0.store), self.0.place(path));
        self.0.request(async move {
            let found = store.get(&at).await?;
            let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            Ok((found.bytes().await?, version))
        })
    }

    /// Puts a file in place of the version that is known, or where there is none.
    fn put_over_known(&self, path: &str, bytes: &Bytes, known: &mut Known) -> Result<(), StoreError> {
        let mode = known.version.clone().map_or(PutMode::Create, PutMode::Update);
        match self.put(path, bytes, mode) {
            Ok(put) => {
                known.version = Some(UpdateVersion { e_tag: put.e_tag, version: put.version });
                known.in_doubt.clear();
                Ok(())
            }
            Err(error) => {
                if !is_answer(&error) {
                    known.in_doubt.push(bytes.clone());
                }
                Err(error)
            }
        }
    }
}

impl Inner {
    pub(crate) fn place(&self, path: &str) -> Path {
        if self.prefix.is_empty() { Path::from(path) } else { Path::from(format!("{}/{path}", self.prefix)) }
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    pub(crate) const fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Makes a request and waits for its answer.
    pub(crate) fn request<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let died = || StoreError::Generic { store: "objects", source: "the thread for requests has ended".into() };
        let answer = self.worker.run(work).unwrap_or_else(|| Err(died()));
        self.is_failing.store(answer.as_ref().is_err_and(|error| !is_answer(error)), Ordering::Relaxed);
        answer
    }

    fn range(&self, path: &str, range: Range<u64>) -> Result<Bytes, StoreError> {
        let (store, at) = (self.store(), self.place(path));
        self.request(async move { store.get_range(&at, range).await })
    }
}

impl Objects for Bucket {
    fn create(&self, path: &str) -> Result<Box<dyn NewObject>, DiskError> {
        Ok(Box::new(Upload::new(Arc::clone(&self.0), path)))
    }

    fn open(&self, path: &str, bytes: u64) -> Result<Box<dyn ReadableFile>, DiskError> {
        Ok(Box::new(Object { bucket: Arc::clone(&self.0), path: path.into(), bytes }))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, DiskError> {
        match self.get(path) {
            Ok((bytes, version)) => {
                self.0.known.lock().insert(path.to_owned(), Known { version: Some(version), in_doubt: Vec::new() });
                Ok(bytes.into())
            }
            Err(error) => {
                if matches!(error, StoreError::NotFound { .. }) {
                    self.0.known.lock().insert(path.to_owned(), Known::default());
                }
                Err(told("read", path, &error))
            }
        }
    }

    /// The store compares what is there with what we know to be there and puts ours in one step. Of what was never answered nobody knows whether it is there: it
    /// is looked at when the store refuses.
    fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let bytes = Bytes::copy_from_slice(bytes);
        let mut known = self.0.known.lock().remove(path).unwrap_or_default();
        let replaced = match self.put_over_known(path, &bytes, &mut known) {
            Err(StoreError::Precondition { .. } | StoreError::AlreadyExists { .. }) => self.replace_own(path, &bytes, &mut known),
            put => put.map_err(|error| told("replace", path, &error)),
        };
        self.0.known.lock().insert(path.to_owned(), known);
        replaced
    }

    fn claim(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError> {
        match self.put(path, &Bytes::copy_from_slice(bytes), PutMode::Create) {
            Ok(_) => Ok(true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(false),
            Err(error) => Err(told("make", path, &error)),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let (store, at) = (self.0.store(), self.0.place(folder));
        let listed = self.0.request(async move { store.list_with_delimiter(Some(&at)).await });
        let listed = listed.map_err(|error| told("list", folder, &error))?;
        let mut names: Vec<String> = listed.objects.iter().filter_map(|found| found.location.filename().map(str::to_owned)).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.0.cache.forget(path);
        let (store, at) = (self.0.store(), self.0.place(path));
        self.0.request(async move { store.delete(&at).await }).map_err(|error| told("remove", path, &error))
    }

    /// What a store has answered is durable.
    fn settle(&self, _folder: &str) -> Result<(), DiskError> {
        Ok(())
    }

    fn forget_unfinished(&self, folder: &str) -> Result<(), DiskError> {
        let Some(unfinished) = self.0.unfinished.clone() else {
            return Ok(());
        };
        let prefix = format!("{}/", self.0.place(folder));
        let forgotten = self.0.request(async move { unfinished.forget(&prefix).await });
        forgotten.map_err(|error| told("remove what was begun and not finished in", folder, &error))
    }

    /// Whoever is erased would still be in a bucket that keeps what is removed from it.
    fn check(&self, _folder: &str) -> Result<(), DiskError> {
        let Some(asking) = self.0.unfinished.clone() else {
            return Ok(());
        };
        let bucket = asking.bucket.clone();
        let refused = |kind, why: String| Err(DiskError::new("use the bucket", &bucket, io::Error::new(kind, why)));
        let said = self.0.request(async move { asking.versioning().await }).map_err(|error| told("use the bucket", &bucket, &error))?;
        match said {
            Versioning::Never => Ok(()),
            Versioning::NoBucket => refused(io::ErrorKind::NotFound, "the store has no bucket of this name; make it first".to_owned()),
            Versioning::Kept(status) => refused(
                io::ErrorKind::Unsupported,
                format!(
                    "it keeps what is removed from it (its versioning is {}), so that visits of whoever is erased would stay in it; use one that has never had versioning",
                    status.to_lowercase()
                ),
            ),
            Versioning::Unknown(why) => {
                tracing::warn!(
                    why,
                    "the store does not say whether the bucket keeps what is removed from it; see for yourself that it does not: erased visits would stay in it"
                );
                Ok(())
            }
        }
    }

    fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    fn is_failing(&self) -> bool {
        self.0.is_failing.load(Ordering::Relaxed)
    }
}

impl Bucket {
    /// The store says that there is something else than we know of. It may be what we sent ourselves.
    fn replace_own(&self, path: &str, bytes: &Bytes, known: &mut Known) -> Result<(), DiskError> {
        let (found, version) = self.get(path).map_err(|error| told("replace", path, &error))?;
        if found == bytes {
            *known = Known { version: Some(version), in_doubt: Vec::new() };
            return Ok(());
        }
        if known.in_doubt.contains(&found) {
            known.version = Some(version);
            return self.put_over_known(path, bytes, known).map_err(|error| told("replace", path, &error));
        }
        let why = "another server writes to this place, and two would undo each other's work; give each a prefix of its own and start this one again";
        Err(DiskError::new("replace", path, io::Error::new(io::ErrorKind::ResourceBusy, why)))
    }
}

/// A file of which pieces are read.
struct Object {
    bucket: Arc<Inner>,
    path: Arc<str>,
    bytes: u64,
}

impl ReadableFile for Object {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        if offset >= self.bytes || buffer.is_empty() {
            return Ok(0);
        }
        let first = offset / BLOCK;
        let block = match self.bucket.cache.get(&self.path, first) {
            Some(block) => block,
            None => self.fetch(first, (offset + buffer.len() as u64 - 1) / BLOCK)?,
        };
        let rest = usize::try_from(offset % BLOCK).ok().and_then(|at| block.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn size(&self) -> Result<u64, DiskError> {
        Ok(self.bytes)
    }
}

impl Object {
    /// Asks for blocks in one request, up to one that is there already, and returns the first.
    fn fetch(&self, first: u64, last: u64) -> Result<Bytes, DiskError> {
        let last = last.min(first + BLOCKS_MAX - 1).min((self.bytes - 1) / BLOCK);
        let end = (first + 1..=last).find(|block| self.bucket.cache.holds(&self.path, *block)).unwrap_or(last + 1);
        let range = first * BLOCK..(end * BLOCK).min(self.bytes);
        let bytes = self.bucket.range(&self.path, range).map_err(|error| told("read", &self.path, &error))?;
        let size = BLOCK as usize;
        for (block, at) in (first..end).zip((0..bytes.len()).step_by(size)) {
            // A piece of its own, so that one block does not keep the others in memory.
            let piece = Bytes::copy_from_slice(&bytes[at..bytes.len().min(at + size)]);
            self.bucket.cache.put(&self.path, block, piece);
        }
        Ok(bytes.slice(..bytes.len().min(size)))
    }
}

#[cfg(test)]
mod tests;
