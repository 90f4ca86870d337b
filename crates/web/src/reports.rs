//! What browsers report by themselves. Anybody can make a report up and send as many as they like, so few are taken and little of each is kept.

use domain::Timestamp;
use parking_lot::Mutex;

/// Who hears of what browsers report.
pub trait Reports: Send + Sync + 'static {
    /// A page was kept from loading this, or would have been: scheme, host and path, and nothing of whoever opened the page. None for an address of the
    /// site's own that led to somebody else: browsers do not say to whom.
    fn blocked(&self, address: Option<&str>, now: Timestamp);

    /// A report came that was not taken: there were too many, or it could not be read.
    fn dropped(&self);
}

/// Turns that come back with time: so many at once, and so many a second in the long run.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// In milliseconds of the time that a turn takes to come back.
    debt: i64,
    at: Timestamp,
}

impl Turns {
    pub(crate) const AT_ONCE_MAX: i64 = 200;
    const MILLISECONDS_EACH: i64 = 50;

    /// Whether there is a turn left now.
    pub(crate) fn take(&self, now: Timestamp) -> bool {
        let mut taken = self.taken.lock();
        let passed = now.duration_since(taken.at).as_millis();
        // A clock that goes back gives nothing back.
        let passed = i64::try_from(passed.max(0)).unwrap_or(i64::MAX);
        taken.debt = taken.debt.saturating_sub(passed).max(0);
        taken.at = now;
        let fits = taken.debt + Self::MILLISECONDS_EACH <= Self::AT_ONCE_MAX * Self::MILLISECONDS_EACH;
        if fits {
            taken.debt += Self::MILLISECONDS_EACH;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).expect("a time")
    }

    #[test]
    fn turns_run_out_and_come_back() {
        let turns = Turns::default();
        let now = 1_772_366_400_000;
        let taken = |millisecond| (0..Turns::AT_ONCE_MAX * 2).filter(|_| turns.take(at(millisecond))).count() as i64;
        assert_eq!(taken(now), Turns::AT_ONCE_MAX);
        assert_eq!(taken(now + 1_000), 20);
        assert_eq!(taken(now), 0, "a clock that is set back gives no turns");
        assert_eq!(taken(now + 3_600_000), Turns::AT_ONCE_MAX);
    }
}
