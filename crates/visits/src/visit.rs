use std::net::IpAddr;

use domain::{AccountId, Timestamp, VisitorId};
use policy::Sealed;
use serde::{Deserialize, Serialize};

use crate::address::Address;

/// One request and how it ended, as the edge hands it over. What the policy does not let the log keep is absent. Only the log itself, when it writes a visit
/// again, may have an address that is not known any more.
#[derive(Clone, Copy, Debug)]
pub struct NewVisit<'a, A = IpAddr> {
    /// Kept to the microsecond.
    pub time: Timestamp,
    pub method: Option<&'a str>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    pub ip: Option<Sealed<A>>,
    pub browser: Option<Sealed<&'a str>>,
    pub referrer: Option<Sealed<&'a str>>,
    /// Without the query.
    pub path: Option<Sealed<&'a str>>,
    pub visitor: Option<Sealed<VisitorId>>,
    pub account: Option<Sealed<AccountId>>,
    /// The purposes in force, comma-separated, as `operate,news`.
    pub purposes: &'a str,
}

/// A visit as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub time: Timestamp,
    pub method: Option<String>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    pub ip: Option<Sealed<Address>>,
    pub browser: Option<Sealed<String>>,
    pub referrer: Option<Sealed<String>>,
    pub path: Option<Sealed<String>>,
    pub visitor: Option<Sealed<VisitorId>>,
    pub account: Option<Sealed<AccountId>>,
    pub purposes: String,
}

/// Visits that happened and could not be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The time of the first of them.
    pub from: Timestamp,
    /// The time of the last of them.
    pub to: Timestamp,
    pub count: u64,
}

impl Gap {
    pub(crate) fn widened(self, time: Timestamp) -> Self {
        Self { from: self.from.min(time), to: self.to.max(time), count: self.count + 1 }
    }

    pub(crate) const fn of_one(time: Timestamp) -> Self {
        Self { from: time, to: time, count: 1 }
    }
}
