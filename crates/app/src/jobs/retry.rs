use std::time::Duration;

use domain::{Random, Timestamp};

/// How long to wait before the next try: twice as long each time, and never quite the same, so that what failed together does not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    /// For one job that failed.
    pub const JOB: Self = Self { first: Duration::from_secs(60), longest: Duration::from_secs(4 * 60 * 60) };

    /// For all of a kind, where none can be done.
    pub const KIND: Self = Self { first: Duration::from_secs(5), longest: Duration::from_secs(10 * 60) };

    /// After so many tries before this one; up to a quarter more or less.
    pub fn after(&self, tries: u32, random: &dyn Random) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(tries)).min(self.longest);
        let mut bytes = [0; 2];
        random.fill(&mut bytes);
        let share = f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX);
        doubled.mul_f64(0.75 + share / 2.0)
    }

    pub fn next(&self, tries: u32, random: &dyn Random, now: Timestamp) -> Timestamp {
        let wait = jiff::SignedDuration::try_from(self.after(tries, random)).unwrap_or(jiff::SignedDuration::MAX);
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn each_wait_is_about_twice_the_one_before_up_to_the_longest() {
        for seed in 0..200 {
            let random = SeededRandom::new(seed);
            for (tries, minutes) in [(0, 1), (1, 2), (2, 4), (7, 128), (8, 240), (9, 240), (40, 240), (u32::MAX, 240)] {
                let (wait, about) = (Backoff::JOB.after(tries, &random).as_secs_f64(), f64::from(minutes) * 60.0);
                assert!((0.75 * about..=1.25 * about).contains(&wait), "{tries} tries: {wait} s, seed {seed}");
            }
        }
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let random = SeededRandom::new(1);
        let waits: std::collections::BTreeSet<Duration> = (0..100).map(|_| Backoff::JOB.after(3, &random)).collect();
        assert!(waits.len() > 90, "{} different waits of 100", waits.len());
    }
}
