use std::io::Write;

use clap::{Args, Subcommand};

use super::flags::DataFlag;
use super::terminal;
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, DataFolder, OwnerError, Question};
use crate::server::new_link_in_folder;

/// Let somebody into the console who cannot be let in from there.
#[derive(Args, Debug)]
pub(super) struct Operators {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    NewLink(NewLink),
}

/// Print a link that makes whoever opens it first an owner of the console: for owners who lost their passkeys. It works once, for an hour, and an earlier one no more.
#[derive(Args, Debug)]
struct NewLink {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Operators {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let Deed::NewLink(command) = self.deed;
        command.run()
    }
}

impl NewLink {
    fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.data.given())?;
        let folder = configuration.data_folder(&self.site.folder);
        let mut end = None;
        match DataFolder::own_existing(&folder) {
            Ok(owned) => end = Some(owner::Answer::OwnerLink(new_link_in_folder(&owned, &self.site.folder, &configuration)?)),
            Err(OwnerError::Owned { .. }) => owner::ask(&folder, &Question::NewOwnerLink, |answer| {
                end = Some(answer);
                Ok(())
            })?,
            Err(error) => return Err(error.into()),
        }
        match end {
            Some(owner::Answer::OwnerLink(made)) => {
                let mut out = std::io::stdout().lock();
                if self.json {
                    terminal::write_json(&mut out, &serde_json::to_value(&made)?)?;
                    writeln!(out)?;
                } else {
                    writeln!(out, "{}", made.link)?;
                    eprintln!(
                        "candor: whoever opens this first becomes an owner; it works once, until {}",
                        made.expires.strftime("%Y-%m-%d %H:%M UTC")
                    );
                }
                Ok(Answer::Yes)
            }
            Some(owner::Answer::Bad(why) | owner::Answer::Failed(why)) => anyhow::bail!(why),
            _ => anyhow::bail!("the server went away before its answer ended"),
        }
    }
}
