use std::pin::Pin;

use domain::{SessionId, Timestamp};
use policy::cookie::SessionPart;

/// What the session's row says of a ticket that is too old to be believed.
#[derive(Clone, Debug)]
pub enum Renewed {
    /// The session goes on; this is its ticket now.
    Ticket(SessionPart),
    /// It ended, or its account is closed.
    Ended,
    /// Nobody can say now.
    Unknown,
}

/// Asks for sessions. Nobody's visit waits for it but that of somebody whose ticket is too old.
pub trait Sessions: Send + Sync + 'static {
    fn renew(&self, session: SessionId, now: Timestamp) -> Pin<Box<dyn Future<Output = Renewed> + Send>>;
}
