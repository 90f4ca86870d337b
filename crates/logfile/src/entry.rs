use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use domain::Timestamp;

/// One request, as another server wrote it down. What the line does not say is absent.
///
/// Nearly all of it is personal: whoever reads it seals it at once, and its `Debug` says only what is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry<'l> {
    /// As exact as the format has it, to the microsecond.
    pub time: Timestamp,
    /// A host name in its place is no address.
    pub ip: Option<IpAddr>,
    /// Whom the server knew the visitor as.
    pub user: Option<Cow<'l, str>>,
    pub method: Option<Cow<'l, str>>,
    /// Without the query.
    pub path: Option<Cow<'l, str>>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    /// Where the visitor came from, without the query.
    pub referrer: Option<Cow<'l, str>>,
    /// What the browser says it is.
    pub browser: Option<Cow<'l, str>>,
    /// Which of its sites the server took it for, without the port.
    pub host: Option<Cow<'l, str>>,
}

impl Entry<'_> {
    /// Only a time yet: each format adds what it has.
    pub(crate) const fn at(time: Timestamp) -> Self {
        Self {
            time,
            ip: None,
            user: None,
            method: None,
            path: None,
            status: None,
            bytes: None,
            duration_us: None,
            referrer: None,
            browser: None,
            host: None,
        }
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = [
            ("ip", self.ip.is_some()),
            ("user", self.user.is_some()),
            ("path", self.path.is_some()),
            ("referrer", self.referrer.is_some()),
            ("browser", self.browser.is_some()),
            ("host", self.host.is_some()),
        ];
        let names: Vec<&str> = there.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect();
        out.debug_struct("Entry").field("time", &self.time).field("status", &self.status).field("sealed", &names).finish_non_exhaustive()
    }
}
