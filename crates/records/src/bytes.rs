//! Columns of bytes that have one length.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::RecordsError;

pub(crate) fn bytes<const N: usize>(row: &AnyRow, column: &str) -> Result<[u8; N], RecordsError> {
    exactly(row.try_get::<Vec<u8>, _>(column)?)
}

pub(crate) fn maybe_bytes<const N: usize>(row: &AnyRow, column: &str) -> Result<Option<[u8; N]>, RecordsError> {
    row.try_get::<Option<Vec<u8>>, _>(column)?.map(exactly).transpose()
}

pub(crate) fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], RecordsError> {
    bytes.try_into().map_err(|_| RecordsError::Unreadable("an id or a hash of another length"))
}
