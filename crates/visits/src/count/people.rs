//! Who was in which group: so few bytes for each pair of them that millions fit.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::address::{Address, AddressKey};
use crate::sealed::rows::Id;

/// What one person is told from another by. The weakest is the last: several people may have one address, so that they count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Visitor(Id),
    Account(Id),
    Address(IpAddr),
    Encrypted(Id),
}

impl Known {
    /// Whoever has an address. Where some are encrypted, all are: somebody whose visits have aged in part is one person.
    pub(crate) fn at(address: Address, key: Option<&AddressKey>) -> Self {
        match (address, key) {
            (Address::Encrypted(encrypted), _) => Self::Encrypted(encrypted.value),
            (Address::Known(ip), Some(key)) => Self::Encrypted(key.encrypt(ip)),
            (Address::Known(ip), None) => Self::Address(ip),
        }
    }
}

/// Sixteen bytes say enough: ids are random, so that two kinds of them are not alike by chance.
impl Hash for Known {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u128(match self {
            Self::Visitor(id) | Self::Account(id) | Self::Encrypted(id) => u128::from_ne_bytes(*id),
            Self::Address(IpAddr::V4(ip)) => u128::from(ip.to_bits()),
            Self::Address(IpAddr::V6(ip)) => ip.to_bits(),
        });
    }
}

/// People, each with a number.
#[derive(Default)]
pub(crate) struct People {
    numbers: HashMap<Known, u32>,
    last: Option<(Known, u32)>,
}

impl People {
    /// Those who follow one another are mostly one.
    pub(crate) fn number(&mut self, known: Known) -> u32 {
        if let Some((last, number)) = self.last
            && last == known
        {
            return number;
        }
        // A log of so many visits that they have more people than this does not fit on a disk.
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(known).or_insert(next);
        self.last = Some((known, number));
        number
    }
}

/// Which person was in which group, each pair once.
#[derive(Default)]
pub(crate) struct Pairs {
    /// Group, person, and whether the person may be told of as a visitor: 31 bits, 32 and one.
    pairs: Vec<u64>,
    /// Up to here they are in order, each once.
    sorted: usize,
}

/// A person in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) group: u32,
    pub(crate) person: u32,
    pub(crate) is_visitor: bool,
}

impl Pairs {
    pub(crate) fn push(&mut self, pair: Pair) {
        let packed = u64::from(pair.group) << 33 | u64::from(pair.person) << 1 | u64::from(pair.is_visitor);
        if self.pairs.last() == Some(&packed) {
            return;
        }
        self.pairs.push(packed);
        // What was pushed since is as much as what was there: sorting it costs little for each.
        if self.pairs.len() - self.sorted > self.sorted.max(1 << 20) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        // What is there already is one run, which this kind of sorting makes use of.
        self.pairs.sort();
        self.pairs.dedup();
        self.sorted = self.pairs.len();
    }

    /// All of them, by group and person. Somebody who may be told of in one visit and not in another is there once, as one who may.
    pub(crate) fn end(mut self) -> Vec<Pair> {
        self.settle();
        let mut pairs: Vec<Pair> = Vec::with_capacity(self.pairs.len());
        for packed in self.pairs {
            let pair = Pair { group: (packed >> 33) as u32, person: (packed >> 1) as u32, is_visitor: packed & 1 == 1 };
            match pairs.last_mut() {
                Some(last) if (last.group, last.person) == (pair.group, pair.person) => *last = pair,
                _ => pairs.push(pair),
            }
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_there_once_however_often_it_comes() {
        let mut pairs = Pairs::default();
        let pair = |group, person, is_visitor| Pair { group, person, is_visitor };
        let pushed = [pair(2, 7, false), pair(1, 7, true), pair(2, 7, true), pair(1, 7, true), pair(1, u32::MAX, false), pair(2, 7, false)];
        pushed.into_iter().for_each(|pair| pairs.push(pair));
        assert_eq!(pairs.end(), [pair(1, 7, true), pair(1, u32::MAX, false), pair(2, 7, true)]);
    }

    #[test]
    fn so_many_that_they_are_sorted_on_the_way_are_each_there_once() {
        let mut pairs = Pairs::default();
        for at in 0..3_000_000_u32 {
            pairs.push(Pair { group: at % 3, person: at % 1_000, is_visitor: false });
        }
        assert_eq!(pairs.end().len(), 3_000);
    }
}
