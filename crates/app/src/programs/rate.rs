use std::collections::HashMap;

use domain::{Timestamp, TokenId};
use parking_lot::Mutex;

use crate::people::TooOften;

/// So many requests at once, and then one in so many microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub at_once: u32,
    pub then_every_us: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { at_once: 1_000, then_every_us: 2_000 }
    }
}

/// What each token asked lately: the moment at which it will have its full turn again. There are as many as tokens, which operators make.
#[derive(Debug)]
pub(super) struct Rates {
    rate: Rate,
    full: Mutex<HashMap<TokenId, i64>>,
}

impl Rates {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, full: Mutex::default() }
    }

    pub(super) fn admit(&self, token: TokenId, now: Timestamp) -> Result<(), TooOften> {
        let now = now.as_microsecond();
        let step = i64::from(self.rate.then_every_us);
        let mut full = self.full.lock();
        let next = full.get(&token).copied().unwrap_or(now).max(now) + step;
        let wait = next - now - i64::from(self.rate.at_once) * step;
        if wait > 0 {
            return Err(TooOften { seconds: wait.unsigned_abs().div_ceil(1_000_000) });
        }
        full.insert(token, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_asks_too_often_waits_and_another_does_not() {
        let rates = Rates::new(Rate { at_once: 2, then_every_us: 500_000 });
        let at = |seconds: i64| Timestamp::from_second(seconds).expect("a time");
        let (busy, quiet) = (TokenId([1; 16]), TokenId([2; 16]));
        assert_eq!([rates.admit(busy, at(0)), rates.admit(busy, at(0))], [Ok(()), Ok(())]);
        assert_eq!(rates.admit(busy, at(0)), Err(TooOften { seconds: 1 }));
        assert_eq!(rates.admit(quiet, at(0)), Ok(()));
        assert_eq!([rates.admit(busy, at(1)), rates.admit(busy, at(1))], [Ok(()), Ok(())]);
        assert!(rates.admit(busy, at(1)).is_err(), "being refused used nothing up, and waiting saved no more than one turn");
    }
}
