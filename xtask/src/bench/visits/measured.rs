//! A program from its start to its end: how long it took, and what it used.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use stories::stopwatch;

use super::super::usage;

/// So often it is asked how much memory a program has.
const ASKED_EVERY: Duration = Duration::from_millis(5);

pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) processor_seconds: f64,
    pub(super) memory_mb: f64,
    /// What it printed.
    pub(super) output: String,
}

/// Runs one program; no other child of this process may end meanwhile.
pub(super) fn measured(command: &mut Command) -> Result<Measured> {
    let shown = format!("{command:?}");
    eprintln!("$ {shown}");
    let used = usage::ended_children_us()?;
    let since = stopwatch();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{shown} does not start"))?;
    let mut stdout = child.stdout.take().context("its output is piped")?;
    let reading = thread::spawn(move || {
        let mut output = String::new();
        stdout.read_to_string(&mut output).map(|_| output)
    });
    let mut memory_kb = 0;
    let status = loop {
        // A program that has just ended has no memory any more.
        memory_kb = usage::memory_max_kb(child.id()).unwrap_or_default().max(memory_kb);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(ASKED_EVERY);
    };
    let seconds = since().as_secs_f64();
    let output = reading.join().map_err(|_| anyhow!("reading what it printed panicked"))??;
    ensure!(status.success(), "{shown} failed: {status}\n{output}");
    let processor_seconds = (usage::ended_children_us()? - used) as f64 / 1e6;
    Ok(Measured { seconds, processor_seconds, memory_mb: memory_kb as f64 / 1_024.0, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_timed_and_heard_and_its_failure_is_told() {
        let slept = measured(Command::new("sh").args(["-c", "sleep 0.2; echo done"])).expect("it runs");
        assert_eq!(slept.output, "done\n");
        assert!((0.2..5.0).contains(&slept.seconds) && slept.processor_seconds < slept.seconds && slept.memory_mb > 0.1);
        assert!(measured(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }
}
