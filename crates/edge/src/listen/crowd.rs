use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// How many connections each client holds. It is asked once a connection, by all threads.
#[derive(Debug)]
pub(super) struct Crowd {
    each_max: usize,
    held: Mutex<HashMap<Client, usize>>,
}

/// One IPv4 address, or one /64 of IPv6: that is one household, and whoever has it has all of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Client(u128);

/// One of a client's connections, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    client: Client,
}

impl Crowd {
    pub(super) fn new(each_max: usize) -> Arc<Self> {
        Arc::new(Self { each_max, held: Mutex::default() })
    }

    /// A place for one more connection; none where the client has as many as it may.
    pub(super) fn place_for(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let client = Client::at(peer);
        let mut held = self.held.lock();
        let count = held.get(&client).copied().unwrap_or(0);
        if count >= self.each_max {
            return None;
        }
        held.insert(client, count + 1);
        drop(held);
        Some(Place { crowd: self.clone(), client })
    }
}

impl Client {
    fn at(peer: IpAddr) -> Self {
        const OF_A_HOUSEHOLD: u128 = !0 << 64;
        match peer.to_canonical() {
            IpAddr::V4(address) => Self(address.to_ipv6_mapped().to_bits()),
            IpAddr::V6(address) => Self(Ipv6Addr::to_bits(address) & OF_A_HOUSEHOLD),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.crowd.held.lock();
        if let Entry::Occupied(mut count) = held.entry(self.client) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_client_holds_so_many_and_others_theirs() {
        let crowd = Crowd::new(2);
        let place = |text| crowd.place_for(address(text));
        let (first, second) = (place("192.0.2.1"), place("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some() && place("192.0.2.1").is_none());
        assert!(place("192.0.2.2").is_some());
        drop(first);
        assert!(place("192.0.2.1").is_some());
    }

    #[test]
    fn a_household_is_one_client() {
        let crowd = Crowd::new(1);
        let first = crowd.place_for(address("2001:db8:0:1::1"));
        assert!(first.is_some() && crowd.place_for(address("2001:db8:0:1:ffff::2")).is_none());
        assert!(crowd.place_for(address("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn whoever_is_gone_is_not_remembered() {
        let crowd = Crowd::new(3);
        let places: Vec<_> = (0..=255).map(|last| crowd.place_for(IpAddr::from([192, 0, 2, last]))).collect();
        assert_eq!(crowd.held.lock().len(), 256);
        drop(places);
        assert!(crowd.held.lock().is_empty());
    }
}
