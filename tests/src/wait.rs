use std::thread::sleep;
use std::time::{Duration, Instant};

/// Asks again and again until there is an answer, and gives up loudly.
pub fn eventually<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let since = stopwatch();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(since() < limit, "waited {limit:?} in vain: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// How long ago this was called.
pub fn stopwatch() -> impl Fn() -> Duration + Copy {
    #[expect(clippy::disallowed_methods, reason = "the stories run in the world's own time, as their readers do")]
    let started = Instant::now();
    move || started.elapsed()
}

/// The world's own time, which is what logs tell.
#[expect(clippy::disallowed_methods, reason = "the stories run in the world's own time, as their readers do")]
pub fn world_time() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
