use std::collections::BTreeMap;

use domain::Timestamp;

/// One name under which the site set cookies. What was in them is never noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieSightings {
    pub count: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    /// The longest life that any of them was to have; none lived longer than the browser's session.
    pub seconds_max: Option<u64>,
}

/// What the site was seen to do, whether the policy declares it or not. It takes a bounded piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    cookies: BTreeMap<String, CookieSightings>,
    /// Cookies for whose names there was no room.
    pub unnoted: u64,
}

impl Sightings {
    pub const NAMES_MAX: usize = 10_000;

    /// No name that a site gives on purpose is longer.
    pub const NAME_BYTES_MAX: usize = 256;

    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty() && self.unnoted == 0
    }

    /// Every name, in alphabetical order.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &CookieSightings)> {
        self.cookies.iter().map(|(name, seen)| (name.as_str(), seen))
    }

    /// Adds what was seen under a name.
    pub fn add(&mut self, name: &str, seen: CookieSightings) {
        if let Some(known) = self.cookies.get_mut(name) {
            known.count = known.count.saturating_add(seen.count);
            known.first = known.first.min(seen.first);
            known.last = known.last.max(seen.last);
            known.seconds_max = known.seconds_max.max(seen.seconds_max);
        } else if self.cookies.len() < Self::NAMES_MAX && name.len() <= Self::NAME_BYTES_MAX {
            self.cookies.insert(name.to_owned(), seen);
        } else {
            self.unnoted = self.unnoted.saturating_add(seen.count);
        }
    }

    /// Adds what somebody else saw.
    pub fn merge(&mut self, other: Self) {
        self.unnoted = self.unnoted.saturating_add(other.unnoted);
        for (name, seen) in other.cookies {
            self.add(&name, seen);
        }
    }

    pub(crate) fn note(&mut self, name: &[u8], seconds: Option<i64>, now: Timestamp) {
        let seconds_max = seconds.map(|seconds| seconds.max(0).unsigned_abs());
        self.add(&String::from_utf8_lossy(name), CookieSightings { count: 1, first: now, last: now, seconds_max });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_name_is_counted_with_its_first_and_last_time() {
        let mut seen = Sightings::default();
        seen.note(b"sid", None, at(20));
        seen.note(b"sid", Some(60), at(10));
        let mut others = Sightings::default();
        others.note(b"sid", Some(30), at(40));
        others.note(b"b", Some(-5), at(5));
        seen.merge(others);
        let sid = CookieSightings { count: 3, first: at(10), last: at(40), seconds_max: Some(60) };
        let b = CookieSightings { count: 1, first: at(5), last: at(5), seconds_max: Some(0) };
        assert_eq!(seen.cookies().collect::<Vec<_>>(), [("b", &b), ("sid", &sid)]);
    }

    #[test]
    fn a_site_that_makes_up_names_fills_no_memory() {
        let mut seen = Sightings::default();
        for number in 0..Sightings::NAMES_MAX + 7 {
            seen.note(format!("n{number}").as_bytes(), None, at(1));
        }
        seen.note("long".repeat(65).as_bytes(), None, at(1));
        seen.note(b"n0", None, at(2));
        assert_eq!((seen.cookies().count(), seen.unnoted), (Sightings::NAMES_MAX, 8));
    }
}
