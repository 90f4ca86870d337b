//! The command line. Exit status: 0 done, 1 the answer is no, 2 bad usage or unreadable input.

mod chart;
mod check;
mod decide;
mod demo;
mod diff;
mod flags;
mod import;
mod init;
mod keys;
mod operators;
mod person;
mod publish;
mod render;
mod seen;
mod serve;
mod terminal;
mod token;
mod visits;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use domain::Clock;
use policy::check::Report;
use policy::syntax::SiteSources;

use crate::clock::SystemClock;
use crate::config::Configuration;
use crate::site;

/// Runs a website's privacy policy: it stands in front of the site and makes every promise happen.
#[derive(Debug, Parser)]
#[command(name = "candor", version, arg_required_else_help = true)]
pub(crate) struct Candor {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Render(render::Render),
    Decide(decide::Decide),
    Diff(diff::Diff),
    Publish(publish::Publish),
    Demo(demo::Demo),
    Serve(serve::Serve),
    Visits(visits::Visits),
    Import(import::Import),
    Seen(seen::Seen),
    Person(person::Person),
    Token(token::Token),
    Operators(operators::Operators),
    Keys(keys::Keys),
}

/// How a command ended, when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

pub(crate) fn run(candor: Candor) -> ExitCode {
    let ended = match candor.command {
        Command::Init(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Render(command) => command.run(),
        Command::Decide(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Publish(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Visits(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Seen(command) => command.run(),
        Command::Person(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Operators(command) => command.run(),
        Command::Keys(command) => command.run(),
    };
    match ended {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("candor: {}", said_once(&error));
            ExitCode::from(2)
        }
    }
}

/// An error and its causes. Some errors say their cause themselves, and it is not said again.
fn said_once(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// `candor visits | head` ends when head has read enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
            || cause.downcast_ref::<serde_json::Error>().is_some_and(|error| error.io_error_kind() == Some(std::io::ErrorKind::BrokenPipe))
    })
}

/// The site folder a command works on.
#[derive(Args, Debug)]
struct SiteFlag {
    /// The site folder.
    #[arg(long = "site", id = "site-folder", value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// A site folder, checked.
struct CheckedSite {
    sources: SiteSources,
    report: Report,
}

fn checked_site(folder: &Path) -> anyhow::Result<CheckedSite> {
    let sources = site::read(folder)?;
    let now = SystemClock::new().now();
    let mut report = policy::check::check(&sources, now.to_zoned(jiff::tz::TimeZone::UTC).date());
    if let Some(policy) = &mut report.policy {
        // Days begin where the policy says, as in a version that is published.
        policy.revised = now.to_zoned(policy.time_zone.clone()).date();
    }
    Ok(CheckedSite { sources, report })
}

/// Prints what the checker found, for a person: in colour on a terminal.
fn print_findings(site: &CheckedSite, to: &mut dyn Write, terminal: bool) -> anyhow::Result<()> {
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    write!(to, "{}", policy::check::explain(&site.report, &site.sources, colour))?;
    Ok(())
}

/// The same on standard error, for commands that print something else.
fn complain(site: &CheckedSite) -> anyhow::Result<()> {
    let mut errors = std::io::stderr().lock();
    let terminal = errors.is_terminal();
    print_findings(site, &mut errors, terminal)
}

fn load_configuration(folder: &Path, flags: &[crate::config::Given]) -> anyhow::Result<Configuration> {
    Ok(Configuration::load(folder, flags, |name| std::env::var(name).ok())?)
}

/// The policy of a folder, or None after printing what stands against it.
fn policy_or_findings(folder: &Path) -> anyhow::Result<Option<policy::Policy>> {
    let site = checked_site(folder)?;
    if site.report.policy.is_none() {
        complain(&site).context("the findings cannot be printed")?;
    }
    Ok(site.report.policy)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_has_flags_that_fit_together() {
        super::Candor::command().debug_assert();
    }

    #[test]
    fn a_cause_that_an_error_says_itself_is_not_said_again() {
        let disk = std::io::Error::other("the disk is full");
        let error = anyhow::Error::new(disk).context("a version cannot be written: the disk is full").context("nothing was published");
        assert_eq!(super::said_once(&error), "nothing was published: a version cannot be written: the disk is full");
    }
}
