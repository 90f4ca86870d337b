//! People who register: who they are, how they show it, and what they may do with what is held about them.

mod names;
mod sessions;

use std::fmt;
use std::sync::Arc;

use domain::{Random, SessionId, Timestamp};
use parking_lot::Mutex;
use records::{People, Records};

pub use names::{BadEmail, BadUsername, EMAIL_BYTES_MAX, USERNAME_CHARACTERS_MAX, USERNAME_CHARACTERS_MIN, email, username};
pub use sessions::{IDLE_MAX, SEEN_WRITTEN_EVERY, SESSION_MAX};

/// Everything that is done with accounts.
pub struct Accounts {
    pub(crate) people: People,
    /// Where their choices are.
    pub(crate) records: Records,
    pub(crate) random: Arc<dyn Random>,
    /// Sessions that were seen, to be written down together.
    pub(crate) seen: Mutex<Vec<(SessionId, Timestamp)>>,
}

impl fmt::Debug for Accounts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    pub fn new(people: People, records: Records, random: Arc<dyn Random>) -> Self {
        Self { people, records, random, seen: Mutex::default() }
    }
}
