//! A file on its way into the bucket: in one request where it is small, in parts where it is not. Either way it is there whole, or not at all.

use std::sync::Arc;

use bytes::Bytes;
use disk::{DiskError, NewObject};
use object_store::{Error as StoreError, MultipartUpload, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use crate::bucket::Inner;
use crate::error::told;

/// What is larger goes in parts of so many bytes; a part is in memory while it is sent.
const PART_BYTES: usize = 16 << 20;

pub(crate) struct Upload {
    bucket: Arc<Inner>,
    path: String,
    buffer: Vec<u8>,
    parts: Option<Box<dyn MultipartUpload>>,
}

impl Upload {
    pub(crate) fn new(bucket: Arc<Inner>, path: &str) -> Self {
        Self { bucket, path: path.to_owned(), buffer: Vec::new(), parts: None }
    }

    fn told(&self, error: &StoreError) -> DiskError {
        told("write to", &self.path, error)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if self.parts.is_none() {
            let (store, at) = (self.bucket.store(), self.bucket.place(&self.path));
            self.parts = Some(self.bucket.request(async move { store.put_multipart(&at).await })?);
        }
        Ok(())
    }

    fn send_part(&mut self, part: Bytes) -> Result<(), StoreError> {
        self.begin()?;
        let Some(parts) = &mut self.parts else { return Ok(()) };
        let sending = parts.put_part(PutPayload::from(part));
        self.bucket.request(sending)
    }

    fn put_whole(&mut self) -> Result<(), StoreError> {
        let payload = PutPayload::from(std::mem::take(&mut self.buffer));
        let (store, at) = (self.bucket.store(), self.bucket.place(&self.path));
        self.bucket.request(async move { store.put_opts(&at, payload, PutOptions::from(PutMode::Create)).await.map(drop) })
    }

    fn complete(&mut self) -> Result<(), StoreError> {
        let rest = Bytes::from(std::mem::take(&mut self.buffer));
        if !rest.is_empty() {
            self.send_part(rest)?;
        }
        let Some(mut parts) = self.parts.take() else { return Ok(()) };
        let (parts, completed) = self.bucket.request(async move {
            let completed = parts.complete().await;
            Ok((parts, completed))
        })?;
        // Of what was not completed the parts are still there.
        self.parts = completed.is_err().then_some(parts);
        completed.map(drop)
    }
}

impl NewObject for Upload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= PART_BYTES {
            let rest = self.buffer.split_off(PART_BYTES);
            let part = Bytes::from(std::mem::replace(&mut self.buffer, rest));
            self.send_part(part).map_err(|error| self.told(&error))?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), DiskError> {
        let finished = if self.parts.is_some() { self.complete() } else { self.put_whole() };
        finished.map_err(|error| self.told(&error))
    }
}

impl Drop for Upload {
    /// What cannot be reached now is removed when the folder is looked through for it.
    fn drop(&mut self) {
        if let Some(mut parts) = self.parts.take() {
            self.bucket.worker().leave(async move {
                let _ = parts.abort().await;
            });
        }
    }
}
