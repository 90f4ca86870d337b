//! What of the log is sealed: Parquet files in which the visits of one person stand together, and a manifest that says which of them count.

pub(crate) mod compact;
pub(crate) mod count;
pub(crate) mod file;
pub(crate) mod manifest;
pub(crate) mod rewrite;
pub(crate) mod rows;
pub(crate) mod scan;
pub(crate) mod schema;
pub(crate) mod seal;
mod source;
pub(crate) mod store;
mod texts;
mod write;

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

/// What the disk said is told as that.
impl From<ParquetError> for SealedError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(error) => match error.downcast::<DiskError>() {
                Ok(error) => Self::Disk(*error),
                Err(error) => Self::Format(error.to_string()),
            },
            error => Self::Format(error.to_string()),
        }
    }
}
