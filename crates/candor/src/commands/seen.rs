use std::io::Write;

use clap::Args;

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, Question, SeenCookieRow, SeenResourceRow};
use crate::server::seen_of_folder;

/// List the cookies the site was seen to set and what its pages load of third parties, and what the policy would have to say of those it does not declare.
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
        let mut resources: Vec<SeenResourceRow> = Vec::new();
        let mut end = None;
        let mut each = |answer: owner::Answer| -> anyhow::Result<()> {
            match answer {
                owner::Answer::Cookie(row) => cookies.push(row),
                owner::Answer::Resource(row) => resources.push(row),
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
        print(&cookies, &resources, self.json)?;
        Ok(Answer::Yes)
    }
}

fn print(cookies: &[SeenCookieRow], resources: &[SeenResourceRow], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, &serde_json::json!({ "cookies": cookies, "resources": resources }))?;
        writeln!(out)?;
        return Ok(());
    }
    for row in cookies {
        line(&mut out, row.declared, row.count, row.last, &row.name)?;
    }
    if !cookies.is_empty() && !resources.is_empty() {
        writeln!(out)?;
    }
    for row in resources {
        line(&mut out, row.declared, row.count, row.last, &row.url)?;
    }
    let proposals: Vec<&str> = cookies.iter().filter_map(|row| row.proposal.as_deref()).collect();
    if !proposals.is_empty() {
        writeln!(out, "\nTo declare the other cookies, say in policy.toml what each is for and how long it stays:\n")?;
        write!(out, "{}", proposals.join("\n"))?;
    }
    let proposals: Vec<&str> = resources.iter().filter_map(|row| row.proposal.as_deref()).collect();
    if !proposals.is_empty() {
        writeln!(out, "\nTo declare what pages load of others, say in policy.toml what for and who they are, and tell it in policy.md:\n")?;
        write!(out, "{}", proposals.join("\n"))?;
    }
    Ok(())
}

fn line(out: &mut impl Write, declared: bool, count: u64, last: domain::Timestamp, what: &str) -> anyhow::Result<()> {
    let declared = if declared { "declared" } else { "undeclared" };
    let last = last.strftime("%Y-%m-%d %H:%M:%SZ");
    writeln!(out, "{declared:10}  {count:>8} times, last {last}  {}", plain(what))?;
    Ok(())
}
