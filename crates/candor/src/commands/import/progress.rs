//! How far a log is, on a terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::Duration;

use crate::clock::SystemClock;
use domain::Clock;

const EVERY: Duration = Duration::from_millis(100);
const BAR: usize = 30;

/// A line that says how much of a log was read. It is there while the log is, and only where standard error is a terminal.
pub(super) struct Progress {
    name: String,
    /// None where nobody knows how much there is.
    bytes: Option<u64>,
    read: u64,
    clock: SystemClock,
    shown: Option<Duration>,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn new(name: &str, bytes: Option<u64>) -> Self {
        Self { name: name.to_owned(), bytes, read: 0, clock: SystemClock::new(), shown: None, is_terminal: io::stderr().is_terminal() }
    }

    /// Reads from a source, and shows how far it is.
    pub(super) const fn over<R>(self, source: R) -> Watched<R> {
        Watched { source, progress: self }
    }

    fn on(&mut self, bytes: usize) {
        self.read += bytes as u64;
        let now = self.clock.monotonic();
        if self.is_terminal && self.shown.is_none_or(|shown| now.saturating_sub(shown) >= EVERY) {
            self.shown = Some(now);
            // Whoever cannot be shown it does not need it.
            let _ = write!(io::stderr(), "\r\x1b[K{}", line(&self.name, self.read, self.bytes));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

pub(super) struct Watched<R> {
    source: R,
    progress: Progress,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(buffer)?;
        self.progress.on(bytes);
        Ok(bytes)
    }
}

fn line(name: &str, read: u64, of: Option<u64>) -> String {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    match of.filter(|of| *of > 0) {
        None => format!("{name}  {}", megabytes(read)),
        Some(of) => {
            let part = (read as f64 / of as f64).min(1.0);
            let full = (part * BAR as f64) as usize;
            format!(
                "{name}  [{}{}] {:3.0} %  {} of {}",
                "=".repeat(full),
                " ".repeat(BAR - full),
                part * 100.0,
                megabytes(read),
                megabytes(of)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        assert_eq!(line("access.log", 1_500_000, Some(3_000_000)), "access.log  [===============               ]  50 %  1.5 MB of 3.0 MB");
        assert_eq!(line("access.log", 4_000_000, Some(3_000_000)), "access.log  [==============================] 100 %  4.0 MB of 3.0 MB");
        assert_eq!(line("-", 1_500_000, None), "-  1.5 MB");
    }
}
