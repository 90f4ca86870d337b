//! The master key, and the place it opens.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use disk::Disk;
use domain::Random;
use policy::StorageCapability;
use records::{Address, MasterKeys, Vault};

use crate::config::MasterKey;

/// The file in the data folder that holds the master key where no other place is configured.
const FILE: &str = "master.key";

const ABOUT: &str = "# The master key of this site: what Candor keeps about people cannot be read without it. Keep a copy apart from the copies of the data.\n\
                     # The newest key comes first; older ones may follow until everything is wrapped anew.\n";

/// Opens the place where people's keys are.
pub(super) async fn open(
    address: &Address,
    master: &MasterKey,
    site_folder: &Path,
    disk: &dyn Disk,
    storage: StorageCapability,
    random: Arc<dyn Random>,
) -> anyhow::Result<Vault> {
    let keys = match master {
        MasterKey::Own => own(disk, &*random)?,
        MasterKey::File(path) => {
            let path = site_folder.join(path);
            let text = std::fs::read_to_string(&path).with_context(|| format!("the master key in {} cannot be read", path.display()))?;
            parse(&text, &path.display().to_string())?
        }
        MasterKey::Variable(name) => match std::env::var(name) {
            Ok(text) => parse(&text.replace([',', ' '], "\n"), name)?,
            Err(_) => bail!("the master key is to be in the environment variable {name}, which is not set"),
        },
    };
    Ok(Vault::open(address, keys, storage, random).await?)
}

/// The key in the data folder, made when it is first needed.
fn own(disk: &dyn Disk, random: &dyn Random) -> anyhow::Result<MasterKeys> {
    let text = match disk.read(FILE) {
        Ok(bytes) => String::from_utf8(bytes).with_context(|| format!("{FILE} in the data folder is no text"))?,
        Err(error) if error.is_not_found() => {
            let text = format!("{ABOUT}{}\n", MasterKeys::new_line(random));
            disk::replace(disk, FILE, text.as_bytes()).context("the master key cannot be kept")?;
            text
        }
        Err(error) => return Err(error.into()),
    };
    parse(&text, &format!("{FILE} in the data folder"))
}

fn parse(text: &str, place: &str) -> anyhow::Result<MasterKeys> {
    MasterKeys::parse(text).with_context(|| format!("{place} cannot be used"))
}
