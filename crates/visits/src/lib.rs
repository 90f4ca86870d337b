//! The visit log: what the edge records of each request, durable within a moment, kept as long as the policy says and no longer.
//!
//! A [`Recorder`] encodes a visit into memory, a thread of its own writes what has gathered and syncs it, [`Log::find`] and [`Log::rows`] read it, [`Log::count`] counts it, under
//! the rules of the moment, [`Log::maintain`] removes what is too old from the files, [`Log::erase`] what was recorded of
//! somebody. What could not be recorded is a [`Gap`], what cannot be read is
//! [`Damage`], and both are told to every reader.

mod address;
mod ageing;
mod count;
mod damage;
mod erase;
mod frame;
mod import;
mod log;
mod maintain;
mod open;
mod path;
mod query;
mod queue;
mod reader;
mod record;
mod retention;
mod rewrite;
mod robots;
mod scan;
mod sealed;
mod segment;
mod shared;
mod visit;
mod writer;

pub use address::{Address, AddressKey, Encrypted};
pub use count::{By, Counted, Counting, Group, Judge, Others, Progress, Tally, Value};
pub use damage::{Damage, DamageKind};
pub use erase::{Erased, Person};
pub use import::{Import, Mark};
pub use log::{Counts, Log, LogError, LogSettings};
pub use maintain::Maintained;
pub use open::OpenReport;
pub use path::{BadPath, PathPattern};
pub use query::{BadNetwork, Found, Network, Query};
pub use queue::Recorder;
pub use record::TEXT_BYTES_MAX;
pub use retention::{Retention, RetentionError};
pub use robots::is_robot;
pub use scan::Rows;
pub use sealed::manifest::BadManifest;
pub use sealed::place::Elsewhere;
pub use sealed::seal::Sealing;
pub use visit::{Gap, NewVisit, Visit};
