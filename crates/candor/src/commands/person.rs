use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::Context;
use app::people::ShownPerson;
use clap::{Args, Subcommand};
use domain::Timestamp;

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, PersonQuestion, Question};
use crate::server::person_of_folder;

/// Show who somebody is, beside a running server or without one.
#[derive(Args, Debug)]
pub(super) struct Person {
    /// Whom: an e-mail address, a username, or an id. `-` reads it from standard input, so that other users of this machine do not see it.
    #[arg(value_name = "PERSON")]
    person: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(Show),
}

/// Print which account, addresses and browsers are this person, and how each is known, as far as the policy allows for a purpose.
///
/// Exit status: 0 shown; 1 there is nobody.
#[derive(Args, Debug)]
struct Show {
    /// What it is wanted for: a purpose of the policy. Without it, the one that accounts are run for.
    #[arg(long)]
    purpose: Option<String>,
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Neither an address nor a name is longer.
const LINE_BYTES_MAX: u64 = 4096;

impl Person {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let Action::Show(show) = self.action;
        let person = if self.person == "-" { read_line()? } else { self.person };
        let people = show.ask(PersonQuestion { person, purpose: show.purpose.clone() })?;
        print(&people, show.json)?;
        if people.is_empty() {
            eprintln!("candor: there is nobody of this name, address or id");
            return Ok(Answer::No);
        }
        Ok(Answer::Yes)
    }
}

/// Whom standard input names.
pub(super) fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::Read::take(std::io::stdin().lock(), LINE_BYTES_MAX).read_line(&mut line).context("standard input cannot be read")?;
    Ok(line)
}

impl Show {
    fn ask(&self, question: PersonQuestion) -> anyhow::Result<Vec<ShownPerson>> {
        let site: &Path = &self.site.folder;
        let configuration = load_configuration(site, &self.data.given())?;
        let folder = configuration.data_folder(site);
        let (mut people, mut ended) = (Vec::new(), false);
        let mut each = |answer: owner::Answer| match answer {
            owner::Answer::Person(person) => {
                people.push(person);
                Ok(())
            }
            owner::Answer::Done(_) => {
                ended = true;
                Ok(())
            }
            owner::Answer::Bad(why) | owner::Answer::Failed(why) => Err(anyhow::anyhow!(why)),
            _ => Err(anyhow::anyhow!("the server answered something else; is it of this version?")),
        };
        match owner::DataFolder::own_existing(&folder) {
            Ok(owned) => person_of_folder(&owned, (&configuration, site), question, &mut each)?,
            Err(owner::OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Person(question), each)?,
            Err(error) => return Err(error.into()),
        }
        anyhow::ensure!(ended, "the server went away before its answer ended");
        Ok(people)
    }
}

fn print(people: &[ShownPerson], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, &serde_json::json!({ "people": people }))?;
        writeln!(out)?;
        return Ok(());
    }
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    for (number, person) in people.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let closed = person.closed.map_or_else(String::new, |closed| format!(", closed {}", day(closed)));
        writeln!(out, "{} account {}, since {}{closed}", person.state, person.id, day(person.since))?;
        for link in person.links.iter().filter(|link| link.kind != "account") {
            let value = link.value.as_deref().map_or_else(|| "(withheld)".to_owned(), plain);
            let last = link.last.map_or_else(String::new, |last| format!(", last {}", day(last)));
            let shared = if link.shared { ", shared with somebody else" } else { "" };
            writeln!(out, "  {:10} {value}  ({}, {}{last}{shared})", link.kind, link.known, day(link.first))?;
        }
        if !person.facts.agreements.is_empty() {
            writeln!(out, "  {:10} {}", "agreements", person.facts.agreements.join(", "))?;
        }
        for withheld in &person.withheld {
            writeln!(out, "  `{}` is not shown for `{}`: {}", withheld.field, person.purpose, withheld.code)?;
        }
    }
    Ok(())
}
