//! Numbers that look like chance and are the same each time.

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Below the bound by the law of Zipf and Mandelbrot: the first so many come about as often as each other, and from there on one that
    /// is twice as far down comes half as often.
    pub(crate) fn skewed(&mut self, bound: u64, alike: u64) -> u64 {
        let part = self.next() as f64 / u64::MAX as f64;
        let alike = alike as f64;
        (alike * ((bound as f64 + alike) / alike).powf(part) - alike).min(bound as f64 - 1.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_skewed_favours_the_first_and_stays_below_its_bound() {
        let mut random = Random::new(1);
        let mut counts = [0_u32; 16];
        (0..100_000).for_each(|_| counts[random.skewed(16, 1) as usize] += 1);
        assert!(counts.windows(2).all(|pair| pair[0] > pair[1]), "{counts:?}");
        // By the law, ln(2/1) to ln(4/3).
        let ratio = f64::from(counts[0]) / f64::from(counts[2]);
        assert!((2.2..2.6).contains(&ratio), "{ratio}");
    }
}
