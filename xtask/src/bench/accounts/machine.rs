//! What the machine does by itself to whoever is measured on it.

use std::hint::black_box;

use stories::stopwatch;

/// How long so many computations take that are each as long as this if nothing comes between, in microseconds. They wait for nothing: whatever a slow one
/// takes longer, somebody else took.
pub(super) fn computations(length_us: f64, count: usize) -> Vec<f64> {
    let turns = turns_in(length_us);
    (0..count)
        .map(|_| {
            let since = stopwatch();
            compute(turns);
            since().as_secs_f64() * 1e6
        })
        .collect()
}

/// How many turns of a computation take so long, by the quickest of some.
fn turns_in(length_us: f64) -> u64 {
    const SAMPLE: u64 = 1_000_000;
    let quickest = (0..20)
        .map(|_| {
            let since = stopwatch();
            compute(SAMPLE);
            since().as_secs_f64() * 1e6
        })
        .fold(f64::INFINITY, f64::min);
    (length_us / quickest * SAMPLE as f64) as u64
}

fn compute(turns: u64) {
    black_box((0..turns).fold(1_u64, |value, turn| black_box(value).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(turn)));
}
