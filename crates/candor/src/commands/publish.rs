use std::io::Write;

use clap::Args;

use super::flags::DataFlag;
use super::{Answer, SiteFlag, checked_site, complain, load_configuration};
use crate::owner::{self, DataFolder, OwnerError, PublishQuestion, Question};
use crate::server::publish_in_folder;

/// Publish the site folder as the next version, beside a running server or without one.
///
/// Exit status: 0 published, or with --dry-run could be; 1 refused, or there is nothing to publish.
#[derive(Args, Debug)]
pub(super) struct Publish {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Only say what would be published.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Publish {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.data.given())?;
        let folder = configuration.data_folder(&self.site.folder);
        let site = checked_site(&self.site.folder)?;
        complain(&site)?;
        let mut end = None;
        let mut each = |answer: owner::Answer| {
            end = Some(answer);
            Ok(())
        };
        if self.dry_run {
            // What is published never changes, so it can be read without owning the folder, and before there is one.
            publish_in_folder(&folder, &site.sources, true, &mut each)?;
        } else {
            match DataFolder::own(&folder) {
                Ok(owned) => publish_in_folder(owned.path(), &site.sources, false, &mut each)?,
                Err(OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Publish(PublishQuestion::new(&site.sources)), each)?,
                Err(error) => return Err(error.into()),
            }
        }
        match end {
            Some(owner::Answer::Published(report)) => {
                let mut out = std::io::stdout().lock();
                if self.json {
                    serde_json::to_writer_pretty(&mut out, &report)?;
                    writeln!(out)?;
                } else {
                    report.print(&mut out)?;
                }
                Ok(Answer::Yes)
            }
            Some(owner::Answer::Refused(why)) => {
                if self.json {
                    println!("{}", serde_json::json!({ "published": false, "refused": why }));
                }
                eprintln!("candor: not published: {why}");
                Ok(Answer::No)
            }
            Some(owner::Answer::Bad(why) | owner::Answer::Failed(why)) => anyhow::bail!(why),
            _ => anyhow::bail!("the server went away before its answer ended"),
        }
    }
}
