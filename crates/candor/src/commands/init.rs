use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Answer;
use crate::site;

/// Write a site folder to start from: it checks clean and serves.
#[derive(Args, Debug)]
pub(super) struct Init {
    /// The folder to write. It is made if it is not there; no file in it is overwritten.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        if let Some(file) = site::STARTER.iter().find(|file| self.folder.join(file.name).exists()) {
            anyhow::bail!("{} is already there; nothing was written", self.folder.join(file.name).display());
        }
        site::write_bundled(&self.folder, site::STARTER).context("the site folder cannot be written")?;
        let folder = self.folder.display();
        println!("wrote {folder}: candor.toml (how it runs), policy.md (what people read), policy.toml (what is enforced)");
        println!();
        println!("  1. say who you are: `controller` and `contact` in {folder}/policy.toml, your addresses in {folder}/policy.md");
        println!("  2. candor check --site {folder}");
        println!("  3. candor serve --site {folder} --upstream http://127.0.0.1:3000");
        Ok(Answer::Yes)
    }
}
