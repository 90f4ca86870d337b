use std::time::{Duration, Instant};

use domain::{Clock, Random, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};

/// The machine's clock. The rest of the program gets it as an argument.
#[derive(Debug)]
pub(crate) struct SystemClock {
    start: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock is made here, for the wiring to hand out")]
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// The machine's randomness. The rest of the program gets it as an argument.
#[derive(Debug)]
pub(crate) struct SystemSource(SystemRandom);

impl SystemSource {
    #[expect(clippy::disallowed_methods, reason = "the one source is made here, for the wiring to hand out")]
    pub(crate) fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Random for SystemSource {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes).expect("the operating system gives random bytes; without them nothing here is safe to do");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_machines_source_never_says_the_same_twice() {
        let sources = [SystemSource::new(), SystemSource::new()];
        let said: BTreeSet<[u8; 16]> = (0..1_000)
            .map(|at| {
                let mut bytes = [0; 16];
                sources[at % 2].fill(&mut bytes);
                bytes
            })
            .collect();
        assert_eq!(said.len(), 1_000);
        assert!(!said.contains(&[0; 16]));
    }
}
