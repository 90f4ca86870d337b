//! wrk: 64 connections that stay open.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process;

pub(crate) const CONNECTIONS: usize = 64;

/// What one run of wrk measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) requests_per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

pub(crate) fn command(url: &str, seconds: u64, headers: &[&str]) -> Command {
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--latency", "--connections", &CONNECTIONS.to_string(), "--duration", &format!("{seconds}s")]);
    wrk.args(headers.iter().flat_map(|header| ["--header", header]));
    wrk.arg(url);
    wrk
}

pub(crate) fn run(mut wrk: Command) -> Result<Load> {
    read(&process::output(&mut wrk)?)
}

pub(crate) fn read(text: &str) -> Result<Load> {
    for trouble in ["Non-2xx", "Socket errors"] {
        if let Some(line) = text.lines().find(|line| line.contains(trouble)) {
            bail!("requests failed: {}", line.trim());
        }
    }
    let word_after = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key)?.split_whitespace().next());
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in ")).context("wrk counted nothing")?.0;
    let load = Load {
        requests: requests.parse().context("wrk counts in numbers")?,
        requests_per_second: word_after("Requests/sec:").and_then(|rate| rate.parse().ok()).context("wrk gave no rate")?,
        p50_us: word_after("50%").and_then(microseconds).context("wrk gave no median")?,
        p99_us: word_after("99%").and_then(microseconds).context("wrk gave no tail")?,
    };
    ensure!(load.requests > 0, "nothing was answered");
    Ok(load)
}

fn microseconds(text: &str) -> Option<f64> {
    let at = text.find(|character: char| character.is_alphabetic())?;
    let factor = match &text[at..] {
        "us" => 1.0,
        "ms" => 1_000.0,
        "s" => 1_000_000.0,
        _ => return None,
    };
    Some(text[..at].parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
Running 10s test @ http://127.0.0.1:8080/page.html
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.52ms  500.00us  12.00ms   90.00%
    Req/Sec    42.00k     1.00k   43.00k    80.00%
  Latency Distribution
     50%    1.48ms
     75%    1.60ms
     90%    1.80ms
     99%  950.00us
  420000 requests in 10.01s, 4.10GB read
Requests/sec:  41958.04
Transfer/sec:    419.40MB
";

    #[test]
    fn what_wrk_says_is_read() {
        let load = Load { requests: 420_000, requests_per_second: 41_958.04, p50_us: 1_480.0, p99_us: 950.0 };
        assert_eq!(read(SAID).unwrap(), load);
    }

    #[test]
    fn a_run_with_failures_is_no_figure() {
        assert!(read(&format!("{SAID}  Non-2xx or 3xx responses: 3\n")).is_err());
        assert!(read("").is_err());
    }
}
