//! What the benchmarks of the visit log need beside the binary that they measure: a log of a made-up site, and the log's own questions with
//! nothing in between.

mod decoded;
mod erasing;
mod log;
mod lookup;
mod people;
mod random;
mod stopwatch;
mod traffic;

use std::io::{self, BufWriter};
use std::path::Path;

use anyhow::{Context, Result, bail};

use domain::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use people::People;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["generate", lines, people] => generate(lines.parse().context("not a number")?, Path::new(people)),
        ["lookup", data, people] => lookup::run(Path::new(data), &People::read(Path::new(people))?),
        ["erase", data, people] => erasing::run(Path::new(data), &People::read(Path::new(people))?),
        _ => bail!("either `generate LINES PEOPLE`, or `lookup DATA PEOPLE`, or `erase DATA PEOPLE`"),
    }
}

/// The log ends two days ago, so that every policy keeps it. It goes to standard output; who is in it, to a file.
fn generate(lines: u64, people: &Path) -> Result<()> {
    let beginning = today()?.checked_sub(jiff::Span::new().days(traffic::DAYS as i64 + 1))?;
    let visitors = traffic::write(lines, beginning, &mut BufWriter::with_capacity(1 << 20, io::stdout().lock()))?;
    People::of(&visitors, lines, beginning).write(people)
}

#[expect(clippy::disallowed_methods, reason = "the generator stands in for the wiring")]
fn today() -> Result<Date> {
    Ok(Timestamp::now().to_zoned(TimeZone::UTC).date())
}
