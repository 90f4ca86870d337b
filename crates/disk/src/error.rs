use std::io;

/// What went wrong with which file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} `{path}`: {source}")]
pub struct DiskError {
    operation: &'static str,
    path: String,
    source: io::Error,
}

impl DiskError {
    /// What was being done, as in "cannot *read*", with what, and why it failed.
    pub fn new(operation: &'static str, path: &str, source: io::Error) -> Self {
        Self { operation, path: path.to_owned(), source }
    }

    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    pub fn is_not_found(&self) -> bool {
        self.kind() == io::ErrorKind::NotFound
    }
}
