use jiff::Timestamp;

use crate::{Id, Version};

/// What somebody answered when asked about a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Yes,
    No,
}

/// One answer about one purpose, as a browser carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub purpose: Id,
    pub answer: Answer,
    /// When it was made, to the second.
    pub at: Timestamp,
    /// The version of the words that were shown.
    pub version: Version,
    /// Whether the browser sent `Sec-GPC: 1` while choosing.
    pub gpc: bool,
    /// Whether it is a no to what would otherwise have been on: said where people opt out instead of being asked, or by `Sec-GPC: 1`.
    pub opted_out: bool,
}
