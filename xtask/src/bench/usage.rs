//! What a process and its children have used, as the kernel counts it.

use std::fs;
use std::ops::Range;

use anyhow::{Context, Result};

/// The kernel's clock for processes ticks a hundred times a second on every Linux of today.
const MICROSECONDS_A_TICK: u64 = 10_000;

/// Processor time of a process and its living children, in microseconds.
pub(crate) fn processor_us(id: u32) -> Result<u64> {
    let mut used = 0;
    for id in family(id)? {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).context("the process is gone")?;
        used += ticks(&text, 11..13)?;
    }
    Ok(used * MICROSECONDS_A_TICK)
}

/// The sum of some fields of a line of `/proc/*/stat`, counted from behind the name, which stands in parentheses and may hold anything. Of the process itself,
/// user and system time are the 12th and 13th of these; of its children that have ended, the 14th and 15th.
fn ticks(stat: &str, which: Range<usize>) -> Result<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')').context("/proc has changed")?.1.split_whitespace().collect();
    let fields = fields.get(which).context("/proc has changed")?;
    fields.iter().map(|field| field.parse::<u64>().context("/proc has changed")).sum()
}

/// Processor time of all children of this process that have ended and were waited for, in microseconds.
pub(crate) fn ended_children_us() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/stat").context("this is no Linux")?;
    Ok(ticks(&text, 13..15)? * MICROSECONDS_A_TICK)
}

/// Resident memory now, in kilobytes.
pub(crate) fn memory_kb(id: u32) -> Result<u64> {
    sum(id, "VmRSS:")
}

/// The most memory that was ever resident, in kilobytes.
pub(crate) fn memory_max_kb(id: u32) -> Result<u64> {
    sum(id, "VmHWM:")
}

fn sum(id: u32, key: &str) -> Result<u64> {
    let mut total = 0;
    for id in family(id)? {
        let text = fs::read_to_string(format!("/proc/{id}/status")).context("the process is gone")?;
        let line = text.lines().find_map(|line| line.strip_prefix(key)).context("/proc has changed")?;
        total += line.trim().trim_end_matches(" kB").parse::<u64>().context("/proc has changed")?;
    }
    Ok(total)
}

fn family(id: u32) -> Result<Vec<u32>> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).context("the process is gone")?;
    let children: Result<Vec<u32>, _> = children.split_whitespace().map(str::parse).collect();
    Ok([vec![id], children.context("/proc has changed")?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_a_name_that_may_hold_anything() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 200 0 0 31 12 40 2 20 0 1 0 99 1000 10\n";
        assert_eq!((ticks(stat, 11..13).expect("times"), ticks(stat, 13..15).expect("times")), (43, 42));
        assert!(ticks("7 (a) S 1", 11..13).is_err() && ticks("", 11..13).is_err());
    }
}
