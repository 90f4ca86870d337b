//! Side by side with what somebody would use instead, on this machine, in one run.

mod accounts;
mod banner;
mod decide;
mod edge;
mod load;
mod page;
mod peers;
mod percentile;
mod rewrite;
mod rounds;
mod usage;
mod visits;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::process;

pub(crate) fn run(name: &str, options: &[&str]) -> Result<()> {
    let options = Options::read(options)?;
    let table = match name {
        "edge" => edge::run(&options)?,
        "rewrite" => rewrite::run(&options)?,
        "accounts" => accounts::run(&options)?,
        "banner" => banner::run()?,
        "decide" => decide::run()?,
        "import" => visits::import(&options)?,
        "lookup" => visits::lookup(&options)?,
        "erasure" => visits::erasure(&options)?,
        _ => bail!(
            "there is no benchmark `{name}`; there are `accounts`, `banner`, `decide`, `edge`, `erasure`, `import`, `lookup` and `rewrite`"
        ),
    };
    println!("{table}");
    if options.is_to_be_written {
        page::write(name, &table)?;
    }
    Ok(())
}

/// What the proxies are measured with.
fn ensure_programs() -> Result<()> {
    for (program, package) in [("wrk", "wrk"), ("nginx", "nginx-light"), ("taskset", "util-linux")] {
        ensure!(process::find(program).is_some(), "`{program}` is missing: install Debian's `{package}`");
    }
    Ok(())
}

#[derive(Debug)]
struct Options {
    threads: usize,
    seconds: u64,
    rounds: usize,
    /// How many people are in the records, at most.
    accounts: u64,
    /// How many visits are in the log, for each time it is measured.
    visits: Vec<u64>,
    /// Another build of the server than the one of this workspace.
    binary: Option<PathBuf>,
    is_to_be_written: bool,
}

impl Options {
    /// The cores of the proxies and of everybody else: with one thread the proxies get a core of their own, and the site and the load share another.
    const fn cores(&self) -> (Option<&'static str>, Option<&'static str>) {
        if self.threads == 1 { (Some("0"), Some("1")) } else { (None, None) }
    }

    fn read(options: &[&str]) -> Result<Self> {
        let mut read = Self {
            threads: 1,
            seconds: 10,
            rounds: 3,
            accounts: 1_000_000,
            visits: vec![5_000_000],
            binary: None,
            is_to_be_written: false,
        };
        let mut words = options.iter();
        while let Some(word) = words.next() {
            if *word == "--binary" {
                read.binary = Some(words.next().context("`--binary` needs a path")?.into());
                continue;
            }
            if *word == "--visits" {
                read.visits = numbers(words.next().context("`--visits` needs a number, or some with commas between")?)?;
                continue;
            }
            let mut number = || words.next().with_context(|| format!("`{word}` needs a number"))?.parse::<u64>().context("not a number");
            match *word {
                "--threads" => read.threads = usize::try_from(number()?)?,
                "--seconds" => read.seconds = number()?,
                "--rounds" => read.rounds = usize::try_from(number()?)?,
                "--accounts" => read.accounts = number()?,
                "--write" => read.is_to_be_written = true,
                _ => bail!("`{word}` is no option of a benchmark"),
            }
        }
        Ok(read)
    }
}

fn numbers(text: &str) -> Result<Vec<u64>> {
    text.split(',').map(|number| number.parse().with_context(|| format!("`{number}` is not a number"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_numbers_lists_and_paths() {
        let read = Options::read(&["--visits", "5000000,50000000", "--rounds", "2", "--binary", "other/candor", "--write"]).expect("good");
        assert_eq!((read.visits, read.rounds, read.is_to_be_written), (vec![5_000_000, 50_000_000], 2, true));
        assert_eq!(read.binary, Some(PathBuf::from("other/candor")));
        for bad in [&["--visits"][..], &["--visits", "5,"], &["--rounds", "two"], &["--people"]] {
            assert!(Options::read(bad).is_err(), "{bad:?}");
        }
    }
}
