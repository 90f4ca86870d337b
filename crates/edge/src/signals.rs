use std::net::IpAddr;
use std::sync::Arc;

use domain::{ChoiceRecordId, Region, Timestamp};
use policy::model::Purpose;
use policy::{Policy, Sealed, Set};

/// `Sec-GPC: 1` ended something for a browser. Its cookie says so already; this is for the records.
#[derive(Clone, Debug)]
pub struct Signal {
    /// The policy it was decided by.
    pub policy: Arc<Policy>,
    /// The pseudonym in the browser's cookie.
    pub record: ChoiceRecordId,
    pub purposes: Set<Purpose>,
    /// Those of them that the browser had said yes to.
    pub withdrawn: Set<Purpose>,
    pub region: Region,
    /// Where it came from.
    pub client: Sealed<IpAddr>,
    pub at: Timestamp,
}

/// Keeps what browsers signalled. A visitor waits for the answer meanwhile, so it returns at once.
pub trait KeepSignals: Send + Sync + 'static {
    fn keep(&self, signal: Signal);
}
