//! The columns of a sealed file. They are plain Parquet, so that any tool reads what is the site's.

use std::sync::{Arc, LazyLock};

use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

use super::SealedError;

/// The place of each column.
pub(crate) const TIME: usize = 0;
pub(crate) const IP: usize = 1;
pub(crate) const BROWSER: usize = 2;
pub(crate) const REFERRER: usize = 3;
pub(crate) const METHOD: usize = 4;
pub(crate) const PATH: usize = 5;
pub(crate) const STATUS: usize = 6;
pub(crate) const BYTES: usize = 7;
pub(crate) const DURATION: usize = 8;
pub(crate) const VISITOR: usize = 9;
pub(crate) const ACCOUNT: usize = 10;
pub(crate) const PURPOSES: usize = 11;
pub(crate) const COLUMNS: usize = 12;

const SCHEMA: &str = "message visits {
  required int64 time (TIMESTAMP(MICROS, true));
  optional binary ip (STRING);
  optional binary browser (STRING);
  optional binary referrer (STRING);
  optional binary method (STRING);
  optional binary path (STRING);
  optional int32 status (INTEGER(16, false));
  optional int64 bytes (INTEGER(64, false));
  optional int64 duration_us (INTEGER(64, false));
  optional fixed_len_byte_array(16) visitor (UUID);
  optional fixed_len_byte_array(16) account (UUID);
  required binary purposes (STRING);
}";

static MESSAGE: LazyLock<Result<TypePtr, parquet::errors::ParquetError>> = LazyLock::new(|| parse_message_type(SCHEMA).map(Arc::new));

pub(crate) fn schema() -> Result<TypePtr, SealedError> {
    MESSAGE.as_ref().map(Arc::clone).map_err(|error| SealedError::Format(error.to_string()))
}

/// A page that is read for one row of it is not large.
pub(crate) const PAGE_ROWS: usize = 2_048;

/// Values that take more than this have no dictionary in their row group.
pub(crate) const DICTIONARY_BYTES: usize = 2 << 20;

/// How hard pages are packed: harder takes longer and makes them little smaller.
pub(crate) const LEVEL: i32 = 1;

/// Who looks for a person or an address asks these columns' filters first.
pub(crate) const FILTERED: [(usize, &str); 3] = [(IP, "ip"), (VISITOR, "visitor"), (ACCOUNT, "account")];

/// The column whose order the rows are in says of each page where in that order it is. Of the others, no page says what the least and the greatest in it are.
pub(crate) const ORDERED: usize = VISITOR;

/// The library only frames what is packed here.
pub(crate) fn properties() -> WriterPropertiesPtr {
    Arc::new(WriterProperties::builder().set_created_by(concat!("candor ", env!("CARGO_PKG_VERSION")).to_owned()).build())
}
