use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use domain::Random;

use super::flags::ConfigurationFlags;
use super::{Answer, checked_site, load_configuration};
use crate::clock::SystemSource;
use crate::config::Origin;
use crate::server::{self, Running, Setup};
use crate::site;

/// Serve a bundled demo site behind the bundled policy, with nothing else installed.
#[derive(Args, Debug)]
pub(super) struct Demo {
    #[command(flatten)]
    flags: ConfigurationFlags,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let folder = TemporaryFolder::create()?;
        site::write_bundled(folder.path(), site::EXAMPLE).context("the bundled site folder cannot be written")?;
        let mut configuration = load_configuration(folder.path(), &self.flags.given)?;
        let site = checked_site(folder.path())?;
        anyhow::ensure!(site.report.policy.is_some(), "the bundled policy has errors; `candor check` on examples/health shows them");
        // A data folder that was asked for is kept, and lies where the command was run.
        let data = if self.flags.given.iter().any(|given| given.key == "data") {
            std::env::current_dir().context("the current folder is gone")?.join(&configuration.main.data)
        } else {
            configuration.data_folder(folder.path())
        };
        if configuration.main.upstream.is_none() {
            let address = demo_site_behind(folder.path().join("site.db"))?;
            configuration.main.upstream = Some(format!("http://{address}").parse()?);
        }
        // Letters lead to where people are told to look.
        if configuration.main.origin.is_none() && configuration.tls.certificate.is_none() {
            let listen = configuration.main.listen.0;
            if listen.ip().is_loopback() && listen.port() != 0 {
                configuration.main.origin = Some(Origin(format!("http://localhost:{}", listen.port())));
            }
        }
        server::start_logging();
        let letters = configuration.main.mail.is_none().then(|| data.join(server::MAIL_FOLDER));
        let setup = Setup { configuration, sources: site.sources, data, site_folder: folder.path().to_owned() };
        let running = server::start(setup)?;
        print_what_to_try(&running, letters.as_deref());
        running.until_told_to_stop();
        Ok(Answer::Yes)
    }
}

/// Starts the demo site on a free port of its own, on a thread of its own.
fn demo_site_behind(database: PathBuf) -> anyhow::Result<std::net::SocketAddr> {
    let (ready, started) = std::sync::mpsc::sync_channel(1);
    std::thread::Builder::new().name("demo-site".to_owned()).spawn(move || {
        let served = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(anyhow::Error::from).and_then(|runtime| {
            runtime.block_on(async {
                let site = demo_site::Site::open(&database).await?;
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
                let _ = ready.send(Ok(listener.local_addr()?));
                demo_site::serve(listener, site, std::future::pending()).await
            })
        });
        if let Err(error) = served {
            let _ = ready.send(Err(error));
        }
    })?;
    started.recv().context("the demo site ended before it began")?.context("the demo site cannot start")
}

/// The same address by the machine's own name: browsers make passkeys for names only.
fn by_name(public: &str) -> String {
    public.replacen("//127.0.0.1:", "//localhost:", 1)
}

fn print_what_to_try(running: &Running, letters: Option<&Path>) {
    let (public, console) = (running.public_url(), running.console_url());
    println!("candor listening on {public}");
    let public = by_name(&public);
    println!("console on {console}");
    println!();
    println!("A small health service stands behind Candor, with the policy of examples/health. Try:");
    println!("  {public}/                 the site, as visitors see it");
    println!("  {public}/privacy          its privacy policy");
    println!("  {public}/privacy/choices  say yes or no to each purpose, and watch the site change");
    println!("  {public}/privacy/me       everything that is held about you");
    println!("  {public}/account          an account, with a passkey if you like");
    println!("  {}/                 the console; /metrics and /health/ready are there too", running.console_by_name());
    if let Some(link) = running.first_owner_link() {
        println!("The console asks for an operator's passkey. Whoever opens this first becomes its owner; it works once, for an hour:");
        println!("  {link}");
    }
    if let Some(letters) = letters {
        println!("Letters to people are not sent, but written to {}", letters.display());
    }
    println!("Ctrl-C ends it; nothing is left behind.");
}

/// A folder that goes with the demo.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn create() -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut name = [0; 8];
        SystemSource::new().fill(&mut name);
        let path = std::env::temp_dir().join(format!("candor-demo-{:016x}", u64::from_le_bytes(name)));
        std::fs::DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("candor: {} could not be removed: {error}", self.0.display());
        }
    }
}
