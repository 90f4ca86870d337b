use thiserror::Error;

use crate::reader::LINE_BYTES_MAX;

/// A line that could not be read. It never holds the line's text, which is personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct Broken {
    /// The first line of a file is 1.
    pub line: u64,
    pub why: Why,
}

/// Why a line could not be read, in the words of whoever looks after the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum Why {
    #[error("longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// A power cut leaves runs of them where the file system had made room and not yet written.
    #[error("holds NUL bytes")]
    Nul,
    #[error("has no time where its format has one")]
    NoTime,
    #[error("has a time that is none")]
    BadTime,
    #[error("begins otherwise than its format does")]
    OtherBeginning,
    #[error("ends too early")]
    EndsEarly,
    #[error("has no status where its format has one")]
    NoStatus,
    #[error("is not a JSON object")]
    NotJson,
    #[error("is JSON, but describes no request")]
    NoRequest,
    #[error("comes before any `#Fields:` line that says what its columns are")]
    NoFields,
    #[error("has another number of columns than its `#Fields:` line")]
    OtherColumns,
}
