//! What the benchmark of accounts needs beside the binary that it measures: many people, made through the same layer as always, and a peer that writes as
//! often with nothing in between.

mod generate;
mod raw;

use std::path::Path;

use anyhow::{Context, Result, bail};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).context("a number is missing")?.parse::<u64>().context("not a number");
    match arguments.first().map(String::as_str) {
        Some("generate") => generate::run(Path::new(&arguments[1]), number(2)?).await,
        Some("raw") => raw::run(Path::new(&arguments[1]), number(2)?).await,
        Some("commits") => raw::one_after_the_other(Path::new(&arguments[1]), number(2)?).await,
        _ => bail!("either `generate FOLDER PEOPLE`, or `raw FOLDER SECONDS`, or `commits FOLDER PEOPLE`"),
    }
}
