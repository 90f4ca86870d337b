use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use app::publishing::Versions;
use clap::Args;
use disk::RealDisk;
use domain::Version;
use policy::Policy;

use super::flags::DataFlag;
use super::{Answer, SiteFlag, load_configuration, policy_or_findings};
use crate::report::ChangesReport;

/// Say what changed between two versions of a policy, rule by rule, and whether it is material.
///
/// Exit status: 0 compared, whatever changed; 1 one of the folders has errors; 2 one of them cannot be read or was never published.
#[derive(Args, Debug)]
pub(super) struct Diff {
    /// A site folder, or the number of a published version.
    #[arg(value_name = "OLD")]
    old: String,
    /// A site folder, or the number of a published version.
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let (Some(old), Some(new)) = (self.read(&self.old)?, self.read(&self.new)?) else {
            return Ok(Answer::No);
        };
        let report = ChangesReport::of(&policy::diff::diff(&old, &new));
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        } else {
            report.print(&mut out)?;
        }
        Ok(Answer::Yes)
    }

    /// None after printing what stands against it. A folder whose name is a number is written as `./2`.
    fn read(&self, which: &str) -> anyhow::Result<Option<Arc<Policy>>> {
        match which.parse::<u32>() {
            Ok(number) => self.published(Version(number)).map(Some),
            Err(_) => Ok(policy_or_findings(Path::new(which))?.map(Arc::new)),
        }
    }

    /// What is published never changes, so it can be read beside a running server.
    fn published(&self, version: Version) -> anyhow::Result<Arc<Policy>> {
        let folder: PathBuf = load_configuration(&self.site.folder, &self.data.given())?.data_folder(&self.site.folder);
        let versions = Versions::open(Arc::new(RealDisk::new(&folder))).context("the published versions cannot be read")?;
        let published = versions.get(version).with_context(|| format!("{}", folder.display()))?;
        Ok(Arc::clone(&published.policy))
    }
}
