//! The master key, and the place it opens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use disk::{Disk, RealDisk};
use domain::Random;
use policy::StorageCapability;
use records::{Address, MasterKeys, Vault};

use crate::config::MasterKey;

/// The file in the data folder that holds the master key where no other place is configured.
const FILE: &str = "master.key";

const ABOUT: &str = "# The master key of this site: what Candor keeps about people cannot be read without it. Keep a copy apart from the copies of the data.\n\
                     # The newest key comes first; older ones may follow until everything is wrapped anew.\n";

/// Where the master key is.
#[derive(Clone)]
pub(crate) enum Place {
    File {
        disk: Arc<dyn Disk>,
        name: String,
        /// As an operator knows it.
        path: PathBuf,
        /// Whether it is ours to make.
        is_own: bool,
    },
    /// An environment variable. It is what it was when the process started.
    Variable(String),
}

impl Place {
    pub(crate) fn new(master: &MasterKey, site_folder: &Path, data: &Path) -> anyhow::Result<Self> {
        let file = |path: PathBuf, is_own| {
            let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
                bail!("the master key cannot be in {}", path.display());
            };
            Ok(Self::File { disk: Arc::new(RealDisk::new(folder)), name: name.to_owned(), path, is_own })
        };
        match master {
            MasterKey::Own => file(data.join(FILE), true),
            MasterKey::File(path) => {
                let path = site_folder.join(path);
                // Where the name only leads to the file, the file itself is what is written.
                let path = path.canonicalize().with_context(|| format!("the master key in {} cannot be read", path.display()))?;
                file(path, false)
            }
            MasterKey::Variable(name) => Ok(Self::Variable(name.clone())),
        }
    }

    /// What it is called to an operator.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Variable(name) => name.clone(),
        }
    }

    /// The keys that are there now.
    pub(crate) fn keys(&self, random: &dyn Random) -> anyhow::Result<MasterKeys> {
        let text = match self {
            Self::File { .. } => self.text(random)?,
            Self::Variable(name) => match std::env::var(name) {
                Ok(text) => text.replace([',', ' '], "\n"),
                Err(_) => bail!("the master key is to be in the environment variable {name}, which is not set"),
            },
        };
        MasterKeys::parse(&text).with_context(|| format!("{} cannot be used", self.shown()))
    }

    /// Puts a new key above those that are there, durably, and returns them all. None where that is for the operator to do.
    pub(crate) fn add(&self, line: &str, random: &dyn Random) -> anyhow::Result<Option<MasterKeys>> {
        let Self::File { disk, name, .. } = self else {
            return Ok(None);
        };
        let text = MasterKeys::with_new_line(&self.text(random)?, line);
        let keys = MasterKeys::parse(&text).with_context(|| format!("{} cannot be used", self.shown()))?;
        let cannot = || format!("no new key can be written into {}; write one there yourself, above the others", self.shown());
        disk::replace(&**disk, name, text.as_bytes()).with_context(cannot)?;
        Ok(Some(keys))
    }

    /// The text of the file. Our own is made when it is first needed.
    fn text(&self, random: &dyn Random) -> anyhow::Result<String> {
        let Self::File { disk, name, is_own, .. } = self else {
            return Ok(String::new());
        };
        match disk.read(name) {
            Ok(bytes) => String::from_utf8(bytes).with_context(|| format!("{} is no text", self.shown())),
            Err(error) if error.is_not_found() && *is_own => {
                let text = format!("{ABOUT}{}\n", MasterKeys::new_line(random));
                disk::replace(&**disk, name, text.as_bytes()).context("the master key cannot be kept")?;
                Ok(text)
            }
            Err(error) => Err(anyhow::Error::new(error).context(format!("the master key in {} cannot be read", self.shown()))),
        }
    }
}

/// Opens the place where people's keys are.
pub(crate) async fn open(address: &Address, place: &Place, storage: StorageCapability, random: Arc<dyn Random>) -> anyhow::Result<Vault> {
    let keys = place.keys(&*random)?;
    let opened = Vault::open(address, keys, storage, random).await;
    opened.with_context(|| format!("people's keys cannot be opened with the master key in {}", place.shown()))
}
