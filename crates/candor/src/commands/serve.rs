use clap::Args;

use super::flags::ConfigurationFlags;
use super::{Answer, SiteFlag, checked_site, complain, load_configuration};
use crate::server::{self, Setup};

/// Stand in front of the site: the edge, the privacy centre and the console.
///
/// While nobody owns the console it prints a link: whoever opens it first becomes its owner, with a passkey. The link works once, for an hour.
#[derive(Args, Debug)]
pub(super) struct Serve {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    flags: ConfigurationFlags,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let configuration = load_configuration(&self.site.folder, &self.flags.given)?;
        let site = checked_site(&self.site.folder)?;
        if site.report.policy.is_none() {
            complain(&site)?;
            eprintln!("candor: this policy cannot be served before its errors are mended");
            return Ok(Answer::No);
        }
        match site.report.findings.len() {
            0 => {}
            1 => eprintln!("candor: 1 warning about this policy: `candor check` shows it"),
            warnings => eprintln!("candor: {warnings} warnings about this policy: `candor check` shows them"),
        }
        if let Some(key) = configuration.upstream_of_ours() {
            anyhow::bail!(
                "`upstream` is where Candor itself listens (`{key}`): set `upstream` to the address of your site, or let Candor listen elsewhere"
            );
        }
        server::start_logging();
        let data = configuration.data_folder(&self.site.folder);
        let running = server::start(Setup { configuration, sources: site.sources, data, site_folder: self.site.folder })?;
        println!("candor listening on {}", running.public_url());
        println!("console on {}", running.console_url());
        if let Some(link) = running.first_owner_link() {
            println!("nobody owns the console yet; whoever opens this first does: {link}");
        }
        running.until_told_to_stop();
        Ok(Answer::Yes)
    }
}
