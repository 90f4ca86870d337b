//! The visit log beside what reads, searches and rewrites logs otherwise.

mod erasure;
mod import;
mod logged;
mod lookup;
mod measured;
mod peers;

use std::process::Command;

use anyhow::Result;

use super::rounds::processor;
use crate::process;

pub(super) use erasure::run as erasure;
pub(super) use import::run as import;
pub(super) use lookup::run as lookup;

/// The command that measures the same again, and on what it was measured.
fn headline(name: &str, visits: &[u64], more: &str) -> Result<String> {
    let visits: Vec<String> = visits.iter().map(u64::to_string).collect();
    let cores = process::output(&mut Command::new("nproc"))?;
    let processor = processor()?;
    Ok(format!("`cargo xtask bench {name} --visits {}{more}`: {} cores ({processor}).", visits.join(","), cores.trim()))
}

/// A number with a comma after every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_read_in_threes() {
        assert_eq!([0, 999, 1_000, 12_345, 5_000_000].map(grouped), ["0", "999", "1,000", "12,345", "5,000,000"]);
    }
}
