use std::net::IpAddr;

use domain::Region;
use parking_lot::Mutex;

/// Somebody who knows where addresses are.
pub trait Places: Send + Sync + 'static {
    /// Where an address is, as far as is known.
    fn region(&self, address: IpAddr) -> Region;
}

/// Where the visitor behind a connection was found to be. A connection mostly carries one visitor, so the last answer is the next one's, too.
#[derive(Debug, Default)]
pub(crate) struct Whereabouts(Mutex<Option<(IpAddr, Region)>>);

impl Whereabouts {
    pub(crate) fn of(&self, address: IpAddr, places: &dyn Places) -> Region {
        let mut last = self.0.lock();
        match *last {
            Some((known, region)) if known == address => region,
            _ => {
                let region = places.region(address);
                *last = Some((address, region));
                region
            }
        }
    }
}
