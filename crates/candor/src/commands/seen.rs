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
    if cookies.is_empty() && resources.is_empty() {
        eprintln!("candor: nothing was seen yet: no cookie that the site sets, and nothing that its pages load of others");
    }
    let shown: Vec<Line<'_>> = cookies.iter().map(Line::of_cookie).collect();
    print_commonest(&mut out, shown)?;
    if !cookies.is_empty() && !resources.is_empty() {
        writeln!(out)?;
    }
    let shown: Vec<Line<'_>> = resources.iter().map(Line::of_resource).collect();
    print_commonest(&mut out, shown)?;
    if cookies.iter().any(|row| !row.declared) || resources.iter().any(|row| !row.declared) {
        writeln!(out, "\n{UNDECLARED}")?;
    }
    let proposals: Vec<&str> = cookies.iter().filter_map(|row| row.proposal.as_deref()).collect();
    if !proposals.is_empty() {
        writeln!(
            out,
            "\nTo declare the other cookies, say in policy.toml what each is for and how long it stays, and tell it in policy.md:\n"
        )?;
        write!(out, "{}", proposals.join("\n"))?;
    }
    let proposals: Vec<&str> = resources.iter().filter_map(|row| row.proposal.as_deref()).collect();
    if !proposals.is_empty() {
        writeln!(out, "\nTo declare what pages load of others, say in policy.toml what for and who they are, and tell it in policy.md:\n")?;
        write!(out, "{}", proposals.join("\n"))?;
    }
    Ok(())
}

const UNDECLARED: &str = "With `enforcement = \"enforce\"` what is undeclared is held back: such a cookie is neither set nor seen by the site, and such a place \
                          is not loaded from. With \"observe\" it is only counted.";

/// So many lines are printed of each kind. `--json` has all.
const LINES_MAX: usize = 200;

struct Line<'r> {
    declared: bool,
    count: u64,
    last: domain::Timestamp,
    what: &'r str,
    only_reported: bool,
}

impl<'r> Line<'r> {
    fn of_cookie(row: &'r SeenCookieRow) -> Self {
        Self { declared: row.declared, count: row.count, last: row.last, what: &row.name, only_reported: false }
    }

    fn of_resource(row: &'r SeenResourceRow) -> Self {
        Self { declared: row.declared, count: row.count, last: row.last, what: &row.url, only_reported: row.only_reported }
    }
}

/// In alphabetical order, without the rarest where there are very many.
fn print_commonest(out: &mut impl Write, mut lines: Vec<Line<'_>>) -> anyhow::Result<()> {
    let rarer = lines.len().saturating_sub(LINES_MAX);
    lines.sort_by_key(|line| std::cmp::Reverse(line.count));
    lines.truncate(LINES_MAX);
    lines.sort_by_key(|line| line.what);
    for Line { declared, count, last, what, only_reported } in lines {
        let declared = if declared { "declared" } else { "undeclared" };
        let last = last.strftime("%Y-%m-%d %H:%M:%SZ");
        let source = if only_reported { "  (only browsers say so)" } else { "" };
        writeln!(out, "{declared:10}  {count:>8} times, last {last}  {}{source}", plain(what))?;
    }
    if rarer > 0 {
        writeln!(out, "and {rarer} that were seen more seldom: `--json` lists them")?;
    }
    Ok(())
}
