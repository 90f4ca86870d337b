//! How long something takes.

use std::time::Instant;

/// Says how many milliseconds have passed since it was made.
pub(crate) fn stopwatch() -> impl Fn() -> f64 + Copy {
    #[expect(clippy::disallowed_methods, reason = "a benchmark runs in the world's own time")]
    let started = Instant::now();
    move || started.elapsed().as_secs_f64() * 1e3
}
