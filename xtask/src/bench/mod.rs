//! Side by side with what somebody would use instead, on this machine, in one run.

mod decide;
mod edge;
mod load;
mod page;
mod peers;
mod usage;

use anyhow::{Context, Result, bail};

pub(crate) fn run(name: &str, options: &[&str]) -> Result<()> {
    let options = Options::read(options)?;
    let table = match name {
        "edge" => edge::run(&options)?,
        "decide" => decide::run()?,
        _ => bail!("there is no benchmark `{name}`; there are `edge` and `decide`"),
    };
    println!("{table}");
    if options.is_to_be_written {
        page::write(name, &table)?;
    }
    Ok(())
}

#[derive(Debug)]
struct Options {
    threads: usize,
    seconds: u64,
    rounds: usize,
    is_to_be_written: bool,
}

impl Options {
    fn read(options: &[&str]) -> Result<Self> {
        let mut read = Self { threads: 1, seconds: 10, rounds: 3, is_to_be_written: false };
        let mut words = options.iter();
        while let Some(word) = words.next() {
            let mut number = || words.next().with_context(|| format!("`{word}` needs a number"))?.parse::<u64>().context("not a number");
            match *word {
                "--threads" => read.threads = usize::try_from(number()?)?,
                "--seconds" => read.seconds = number()?,
                "--rounds" => read.rounds = usize::try_from(number()?)?,
                "--write" => read.is_to_be_written = true,
                _ => bail!("`{word}` is no option of a benchmark"),
            }
        }
        Ok(read)
    }
}
