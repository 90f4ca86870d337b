//! The command line. Exit status: 0 done, 1 the answer is no, 2 bad usage or unreadable input.

mod check;
mod decide;
mod demo;
mod diff;
mod flags;
mod init;
mod publish;
mod render;
mod serve;
mod visits;

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
    };
    match ended {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("candor: {error:#}");
            ExitCode::from(2)
        }
    }
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
    let today = SystemClock::new().now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let report = policy::check::check(&sources, today);
    Ok(CheckedSite { sources, report })
}

/// Prints what the checker found, for a person.
fn print_findings(site: &CheckedSite, to: &mut dyn std::io::Write) -> anyhow::Result<()> {
    use std::io::IsTerminal;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    write!(to, "{}", policy::check::explain(&site.report, &site.sources, colour))?;
    Ok(())
}

fn load_configuration(folder: &Path, flags: &[crate::config::Given]) -> anyhow::Result<Configuration> {
    Ok(Configuration::load(folder, flags, |name| std::env::var(name).ok())?)
}

/// The policy of a folder, or None after printing what stands against it.
fn policy_or_findings(folder: &Path) -> anyhow::Result<Option<policy::Policy>> {
    let site = checked_site(folder)?;
    if site.report.policy.is_none() {
        print_findings(&site, &mut std::io::stderr()).context("the findings cannot be printed")?;
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
}
