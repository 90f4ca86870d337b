//! What a process and its children have used, as the kernel counts it.

use std::fs;

use anyhow::{Context, Result};

/// The kernel's clock for processes ticks a hundred times a second on every Linux of today.
const MICROSECONDS_A_TICK: u64 = 10_000;

/// Processor time of a process and its living children, in microseconds.
pub(crate) fn processor_us(id: u32) -> Result<u64> {
    let mut ticks = 0;
    for id in family(id)? {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).context("the process is gone")?;
        // The name in parentheses may hold anything; user and system time are the 14th and 15th fields of the line.
        let fields: Vec<&str> = text.rsplit_once(')').context("/proc has changed")?.1.split_whitespace().collect();
        for field in &fields[11..13] {
            ticks += field.parse::<u64>().context("/proc has changed")?;
        }
    }
    Ok(ticks * MICROSECONDS_A_TICK)
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
