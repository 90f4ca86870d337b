use std::io::Write;

use clap::Args;

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, Question, SeenCookieRow};
use crate::server::seen_of_folder;

/// List the cookies the site was seen to set, and what the policy would have to say of those it does not declare.
#[derive(Args, Debug)]
pub(super) struct Seen {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Seen {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.data.given())?;
        let folder = configuration.data_folder(&self.site.folder);
        let mut cookies: Vec<SeenCookieRow> = Vec::new();
        let mut end = None;
        let mut each = |answer: owner::Answer| -> anyhow::Result<()> {
            match answer {
                owner::Answer::Cookie(row) => cookies.push(row),
                other => end = Some(other),
            }
            Ok(())
        };
        match owner::DataFolder::own_existing(&folder) {
            Ok(owned) => seen_of_folder(&owned, &self.site.folder, &mut each)?,
            Err(owner::OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Seen, each)?,
            Err(error) => return Err(error.into()),
        }
        match end {
            Some(owner::Answer::Done(done)) => done.damage.iter().for_each(|more| eprintln!("candor: {more}")),
            Some(owner::Answer::Bad(why) | owner::Answer::Failed(why)) => anyhow::bail!(why),
            _ => anyhow::bail!("the server went away before its answer ended"),
        }
        print(&cookies, self.json)?;
        Ok(Answer::Yes)
    }
}

fn print(cookies: &[SeenCookieRow], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, &serde_json::json!({ "cookies": cookies }))?;
        writeln!(out)?;
        return Ok(());
    }
    for row in cookies {
        let declared = if row.declared { "declared" } else { "undeclared" };
        let last = row.last.strftime("%Y-%m-%d %H:%M:%SZ");
        writeln!(out, "{:10}  {:>8} times, last {last}  {}", declared, row.count, plain(&row.name))?;
    }
    let proposals: Vec<&str> = cookies.iter().filter_map(|row| row.proposal.as_deref()).collect();
    if !proposals.is_empty() {
        writeln!(out, "\nTo declare the others, say in policy.toml what each is for and how long it stays:\n")?;
        write!(out, "{}", proposals.join("\n"))?;
    }
    Ok(())
}
