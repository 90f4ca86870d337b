//! Networks told apart by numbers that say nothing of an address.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use policy::Sealed;

/// What numbers the networks. Its keys are made when the server starts and kept nowhere, so nobody finds an address by its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks(RandomState);

impl Networks {
    pub(super) fn number_of(&self, client: &Sealed<IpAddr>) -> u64 {
        self.0.hash_one(client.map(network))
    }
}

/// What one household or office has: a /24 of IPv4, a /48 of IPv6.
fn network(address: IpAddr) -> [u8; 7] {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [one, two, three, _] = address.octets();
            [4, one, two, three, 0, 0, 0]
        }
        IpAddr::V6(address) => {
            let [one, two, three, four, five, six, ..] = address.octets();
            [6, one, two, three, four, five, six]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn neighbours_are_of_one_network() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("203.0.113.7"), of("203.0.113.250"));
        assert_eq!(of("203.0.113.7"), of("::ffff:203.0.113.9"));
        assert_ne!(of("203.0.113.7"), of("203.0.114.7"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:ffff::1"));
        assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
        assert_ne!(of("0.0.0.0"), of("::"));
    }
}
