use std::io::Write;

use clap::{Args, Subcommand};

use super::flags::DataFlag;
use super::terminal;
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, DataFolder, KeysQuestion, KeysReport, OwnerError, Question};
use crate::server::rotation_in_folder;

/// Look after the master key that everybody's keys are wrapped by.
#[derive(Args, Debug)]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Bring in a new master key and wrap everybody's key anew with it, beside a running server or without one. Asked again, it goes on where it was stopped.
    ///
    /// Exit status: 0 everything is under the newest master key; 1 something is left for you to do.
    Rotate(Place),
    /// Say how many keys are under the newest master key, and how many under older ones.
    ///
    /// Exit status: 0 all are under the newest; 1 some are not.
    Status(Place),
}

#[derive(Args, Debug)]
struct Place {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document: `{"ok": ..., "reports": [...]}`.
    #[arg(long)]
    json: bool,
}

impl Keys {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let (question, Place { site, data, json }) = match self.what {
            What::Rotate(place) => (KeysQuestion::Rotate, place),
            What::Status(place) => (KeysQuestion::Status, place),
        };
        let configuration = load_configuration(&site.folder, &data.given())?;
        let folder = configuration.data_folder(&site.folder);
        let mut reports = Vec::new();
        let mut each = |answer: owner::Answer| -> anyhow::Result<()> {
            match answer {
                owner::Answer::Keys(report) => {
                    if !json {
                        println!("{}", told(&report));
                    }
                    reports.push(report);
                    Ok(())
                }
                owner::Answer::Bad(why) | owner::Answer::Failed(why) => anyhow::bail!(why),
                _ => anyhow::bail!("the server answered something else"),
            }
        };
        match DataFolder::own_existing(&folder) {
            Ok(owned) => rotation_in_folder(&owned, &site.folder, &configuration, |rotation| match question {
                KeysQuestion::Rotate => rotation.rotate(&mut each),
                KeysQuestion::Status => rotation.standing(&mut each),
            })?,
            Err(OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Keys(question), each)?,
            Err(error) => return Err(error.into()),
        }
        let answer = match reports.last() {
            Some(KeysReport::Wrapped { older: 0, .. }) => Answer::Yes,
            Some(KeysReport::Wrapped { .. } | KeysReport::ByHand { .. }) => Answer::No,
            _ => anyhow::bail!("the server went away before its answer ended; ask again, and it goes on where it was"),
        };
        if json {
            let mut out = std::io::stdout().lock();
            terminal::write_json(&mut out, &serde_json::json!({ "ok": answer == Answer::Yes, "reports": reports }))?;
            writeln!(out)?;
        }
        Ok(answer)
    }
}

fn told(report: &KeysReport) -> String {
    match report {
        KeysReport::Added { place } => {
            format!("a new master key stands in {place}, above the older ones: make a copy of it now, where the others are")
        }
        KeysReport::Found { place } => format!("the new master key in {place} is used from now on"),
        KeysReport::Unfinished => "an earlier rotation did not end yet; it goes on, and no further key is made".to_owned(),
        KeysReport::Wrapped { newest, older: 0, place } => format!(
            "every key is under the newest master key in {place} ({newest} in all). Where older ones stand below it, they may go; copies of the keys that were made \
             before still need them"
        ),
        KeysReport::Wrapped { newest, older, place } => {
            format!("{newest} keys are under the newest master key in {place}, {older} under older ones, which have to stay there")
        }
        KeysReport::ByHand { variable, line } => format!(
            "the master key is in the environment variable {variable}, which only you can change. Put this new key first, then a comma and what is there \
             now, and start Candor again; it wraps everything anew by itself, and `candor keys status` says when the older one may go:\n{line}"
        ),
    }
}
