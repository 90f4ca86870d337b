//! The way letters leave, as it is configured.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use app::jobs::Runner;
use app::mail::Mailer;
use disk::Disk;
use post::{Folder, Patience, Post, ServerAddress, Smtp};
use records::RecordsError;

use crate::config::{Config, SecretPlace};

/// The folder in the data folder that letters are written to where there is no mail server.
pub(crate) const FOLDER: &str = "mail";

/// How long letters that are being sent may take once the server is told to stop.
const LAST_LETTERS: Duration = Duration::from_secs(10);

/// The mailer at work.
pub(super) struct Mail {
    pub(super) runner: Arc<Runner<Mailer>>,
    running: tokio::task::JoinHandle<()>,
}

impl Mail {
    pub(super) fn start(runtime: &tokio::runtime::Handle, runner: Arc<Runner<Mailer>>) -> Result<Self, RecordsError> {
        runtime.block_on(runner.count())?;
        let running = runtime.spawn(Arc::clone(&runner).run());
        Ok(Self { runner, running })
    }

    /// Lets the letters end that are under way; those that wait are sent after the next start.
    pub(super) async fn close(self) {
        self.runner.end();
        if tokio::time::timeout(LAST_LETTERS, self.running).await.is_err() {
            tracing::warn!("a letter is still under way: it is sent again after the next start");
        }
    }
}

/// `origin` is where people reach the site; its host is what the mail server is told.
pub(super) fn open(configuration: &Config, site_folder: &Path, disk: Arc<dyn Disk>, origin: &str) -> anyhow::Result<Post> {
    let Some(address) = &configuration.mail else {
        return Ok(Post::Folder(Folder::new(disk, FOLDER)));
    };
    let password = configuration.mail_password.as_ref().map(|place| secret(place, site_folder)).transpose()?;
    smtp(address.clone(), password, origin).context("the mail server in `mail` cannot be used")
}

fn smtp(address: ServerAddress, password: Option<String>, origin: &str) -> anyhow::Result<Post> {
    Ok(Post::Smtp(Smtp::new(address, password, post::host_of(origin), Patience::default())?))
}

/// Where it is written is not shown: somebody may have written the password there.
fn secret(place: &SecretPlace, site_folder: &Path) -> anyhow::Result<String> {
    let text = match place {
        SecretPlace::File(path) => {
            std::fs::read_to_string(site_folder.join(path)).context("the file that `mail_password` names cannot be read")?
        }
        SecretPlace::Variable(name) => match std::env::var(name) {
            Ok(text) => text,
            Err(_) => bail!("the password is to be in the environment variable that `mail_password` names, which is not set"),
        },
    };
    let password = text.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!password.is_empty(), "the password that `mail_password` leads to is empty");
    Ok(password.to_owned())
}
