//! How many answers may be written down. Everybody may answer without an account, so nothing else keeps somebody from filling the records with answers
//! under ever new pseudonyms.

use domain::Timestamp;
use parking_lot::Mutex;

/// Rows from one network at once: a household or an office whose people all answer eight purposes after lunch.
const NETWORK_AT_ONCE: i64 = 60;
/// Rows a second from one network in the long run: 86,400 a day, some dozens of megabytes.
const NETWORK_A_SECOND: i64 = 1;
/// Rows from everybody at once: a site that a newsletter has just sent its readers to.
const ALL_AT_ONCE: i64 = 500;
/// Rows a second from everybody in the long run. A small machine commits far more, and one that is attacked from everywhere keeps its disk for weeks.
const ALL_A_SECOND: i64 = 100;
/// So many networks are told apart, in a sixteenth of a megabyte. Where two fall on one place they share it.
const NETWORKS: usize = 4_096;

/// Turns to write rows, which come back with time.
#[derive(Debug)]
pub struct RowLimits {
    turns: Mutex<Turns>,
}

#[derive(Debug)]
struct Turns {
    all: Bucket,
    networks: Vec<Bucket>,
}

/// Turns that were taken and did not come back yet, in thousandths: a turn a second comes back by one a millisecond.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    debt: i64,
    /// In milliseconds.
    at: i64,
}

/// There were no turns left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// After so many seconds there are, unless others take them.
    pub seconds: u32,
}

impl Default for RowLimits {
    fn default() -> Self {
        Self { turns: Mutex::new(Turns { all: Bucket::default(), networks: vec![Bucket::default(); NETWORKS] }) }
    }
}

impl RowLimits {
    /// Takes turns for this many rows from a network, all or none. `network` is any number that is the same for the same network.
    pub fn take(&self, network: u64, rows: usize, now: Timestamp) -> Result<(), TooMany> {
        // One answer about everything always fits into what is free at once, however long the policy.
        let rows = i64::try_from(rows).unwrap_or(i64::MAX).min(NETWORK_AT_ONCE);
        let now = now.as_millisecond();
        let mut turns = self.turns.lock();
        let Turns { all, networks } = &mut *turns;
        let place = network % networks.len() as u64;
        let Some(own) = usize::try_from(place).ok().and_then(|place| networks.get_mut(place)) else {
            return Ok(());
        };
        all.come_back(ALL_A_SECOND, now);
        own.come_back(NETWORK_A_SECOND, now);
        let wait = own.wait(rows, NETWORK_AT_ONCE, NETWORK_A_SECOND).max(all.wait(rows, ALL_AT_ONCE, ALL_A_SECOND));
        if wait > 0 {
            return Err(TooMany { seconds: u32::try_from(wait).unwrap_or(u32::MAX) });
        }
        all.debt += rows * 1_000;
        own.debt += rows * 1_000;
        Ok(())
    }
}

impl Bucket {
    fn come_back(&mut self, a_second: i64, now: i64) {
        // A clock that goes back gives nothing back.
        let passed = now.saturating_sub(self.at).max(0);
        self.debt = self.debt.saturating_sub(passed.saturating_mul(a_second)).max(0);
        self.at = now;
    }

    /// Seconds until this many rows fit, rounded up; nought where they do.
    fn wait(&self, rows: i64, at_once: i64, a_second: i64) -> i64 {
        let over = (self.debt + (rows - at_once) * 1_000).max(0);
        (over + a_second * 1_000 - 1) / (a_second * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_772_366_400_000 + millisecond).expect("a time")
    }

    fn taken(limits: &RowLimits, network: u64, now: Timestamp) -> i64 {
        (0..1_000).filter(|_| limits.take(network, 1, now).is_ok()).count() as i64
    }

    #[test]
    fn a_network_has_its_turns_and_gets_them_back() {
        let limits = RowLimits::default();
        assert_eq!(taken(&limits, 1, at(0)), NETWORK_AT_ONCE);
        assert_eq!(limits.take(1, 7, at(0)), Err(TooMany { seconds: 7 }));
        assert_eq!(limits.take(1, 7, at(6_500)), Err(TooMany { seconds: 1 }));
        assert_eq!(limits.take(1, 7, at(7_000)), Ok(()));
        assert_eq!(taken(&limits, 2, at(7_000)), NETWORK_AT_ONCE, "another one has its own");
        assert_eq!(taken(&limits, 1, at(-3_600_000)), 0, "a clock that is set back gives no turns");
    }

    #[test]
    fn all_networks_together_have_theirs() {
        let limits = RowLimits::default();
        let sum: i64 = (0..100).map(|network| taken(&limits, network, at(0))).sum();
        assert_eq!(sum, ALL_AT_ONCE);
        assert_eq!(limits.take(2_000, 8, at(0)), Err(TooMany { seconds: 1 }));
        assert_eq!(limits.take(2_000, 8, at(80)), Ok(()));
    }

    #[test]
    fn one_answer_about_very_much_is_taken() {
        assert_eq!(RowLimits::default().take(u64::MAX, 5_000, at(0)), Ok(()));
    }

    proptest! {
        #[test]
        fn whoever_waits_as_long_as_told_has_a_turn(network: u64, asked in prop::collection::vec((1usize..80, 0i64..5_000), 1..60)) {
            let limits = RowLimits::default();
            let mut now = 0;
            for (rows, passed) in asked {
                now += passed;
                if let Err(TooMany { seconds }) = limits.take(network, rows, at(now)) {
                    prop_assert!(seconds > 0);
                    now += i64::from(seconds) * 1_000;
                    prop_assert_eq!(limits.take(network, rows, at(now)), Ok(()));
                }
            }
        }
    }
}
