//! Side by side with what somebody would use instead.

use anyhow::{Result, bail};

pub(crate) fn run(name: &str, _options: &[&str]) -> Result<()> {
    bail!("there is no benchmark `{name}`")
}
