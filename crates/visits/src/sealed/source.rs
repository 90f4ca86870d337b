//! A file of the log's disk, as the Parquet library reads one.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use disk::{DiskError, ReadableFile};
use parking_lot::Mutex;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Source(Arc<Open>);

struct Open {
    file: Mutex<Box<dyn ReadableFile>>,
    length: u64,
}

impl Source {
    pub(crate) fn new(file: Box<dyn ReadableFile>) -> Result<Self, DiskError> {
        let length = file.size()?;
        Ok(Self(Arc::new(Open { file: Mutex::new(file), length })))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        self.0.file.lock().read_at(offset, buffer)
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.0.length
    }
}

impl ChunkReader for Source {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From, ParquetError> {
        Ok(From { source: self.clone(), offset: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A length that a damaged footer names may be anything; the file's own is not.
        if start.checked_add(length as u64).is_none_or(|end| end > self.0.length) {
            return Err(ParquetError::EOF("it ends before what its footer names".to_owned()));
        }
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.read_at(start + filled as u64, &mut bytes[filled..]).map_err(|error| ParquetError::External(Box::new(error)))? {
                0 => return Err(ParquetError::EOF("it was cut short".to_owned())),
                count => filled += count,
            }
        }
        Ok(bytes.into())
    }
}

/// The file from some place on.
pub(crate) struct From {
    source: Source,
    offset: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.offset, buffer).map_err(io::Error::other)?;
        self.offset += count as u64;
        Ok(count)
    }
}
