use domain::Timestamp;
use serde::Serialize;

use crate::LogError;
use crate::shared::Shared;

/// The file that a segment is rewritten into. A crash may leave it, and the next opening removes it.
pub(crate) const UNFINISHED: &str = "rewriting.unfinished";

/// What maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Maintained {
    pub removed_segments: u64,
    pub rewritten_segments: u64,
    pub removed_visits: u64,
    pub aged_visits: u64,
}

pub(crate) fn maintain(shared: &Shared, now: Timestamp) -> Result<Maintained, LogError> {
    let _ = (shared, now);
    Ok(Maintained::default())
}
