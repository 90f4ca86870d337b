//! What of the log is sealed: Parquet files in which the visits of one person stand together, and a manifest that says which of them count.

mod coded;
pub(crate) mod compact;
pub(crate) mod count;
mod deltas;
mod encode;
pub(crate) mod file;
mod filter;
pub(crate) mod manifest;
mod pages;
pub(crate) mod place;
pub(crate) mod rewrite;
pub(crate) mod rows;
mod runs;
pub(crate) mod scan;
pub(crate) mod schema;
pub(crate) mod seal;
mod source;
pub(crate) mod store;
mod texts;
mod write;

use std::error::Error;
use std::io;

use disk::DiskError;
use parquet::errors::ParquetError;

/// Why a sealed file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealedError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("a sealed file is in no form that this version writes: {0}")]
    Format(String),
}

/// What the disk said is told as that: a file that cannot be read now is not a damaged one.
impl From<ParquetError> for SealedError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(error) => match disk_error(error) {
                Ok(error) => Self::Disk(error),
                Err(error) => Self::Format(error.to_string()),
            },
            error => Self::Format(error.to_string()),
        }
    }
}

/// Where the library reads on its own, it holds what the disk said as an error of the standard library's.
fn disk_error(error: Box<dyn Error + Send + Sync>) -> Result<DiskError, Box<dyn Error + Send + Sync>> {
    let error = match error.downcast::<io::Error>() {
        Ok(error) if error.get_ref().is_some_and(|inner| inner.is::<DiskError>()) => error.into_inner().unwrap_or_else(|| "nothing".into()),
        Ok(error) => error,
        Err(error) => error,
    };
    error.downcast::<DiskError>().map(|error| *error)
}
