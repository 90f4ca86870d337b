//! The wiring: it opens what is kept, joins the rooms, and runs them until told to stop.

mod keys;
mod maintenance;
mod metrics;
mod pages;
mod visits;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use domain::{Clock, Random};
use policy::syntax::SiteSources;
use policy::{Revocations, StorageCapability};

use crate::clock::{SystemClock, SystemSource};
use crate::config::Configuration;
use crate::owner::{self, DataFolder};

pub(crate) use visits::visits_of_folder;

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) configuration: Configuration,
    pub(crate) sources: SiteSources,
    pub(crate) data: PathBuf,
    /// Relative paths of the configuration start here.
    pub(crate) site_folder: PathBuf,
}

/// How long requests in flight may take to end once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// Structured log lines without personal data: JSON in a pipe, plain on a terminal.
pub(crate) fn start_logging() {
    use std::io::IsTerminal;
    let plain = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).with_target(false);
    // A second server in one process (only tests do that) logs where the first one does.
    let _ = if plain { lines.try_init() } else { lines.json().try_init() };
}

/// A server at work.
pub(crate) struct Running {
    edge: edge::Running,
    log: Arc<::visits::Log>,
    console: SocketAddr,
    https: bool,
    runtime: tokio::runtime::Runtime,
    stop_console: tokio::sync::watch::Sender<bool>,
    _data: DataFolder,
}
