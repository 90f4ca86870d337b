//! Where addresses are, from a MaxMind DB file that the operator provides. What is looked up stays in memory and is never logged.

use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use domain::Region;
use edge::Places;
use maxminddb::{MaxMindDbError, PathElement, Reader, WithinOptions};
use parking_lot::Mutex;

/// The largest that are sold are a third of it.
const BYTES_MAX: u64 = 1 << 30;
/// How often the file is looked at: whoever replaces it need not restart anything.
const LOOK: Duration = Duration::from_secs(5);
/// So many networks are looked at for a country before a file is said to hold none.
const NETWORKS_PROBED: usize = 10_000;

const COUNTRY: &[PathElement<'static>] = &[PathElement::Key("country"), PathElement::Key("iso_code")];
/// The first subdivision is the largest: a state, and not its county.
const SUBDIVISION: &[PathElement<'static>] = &[PathElement::Key("subdivisions"), PathElement::Index(0), PathElement::Key("iso_code")];

pub(super) struct RegionDatabase {
    path: PathBuf,
    reader: ArcSwap<Reader<Vec<u8>>>,
    /// What the file was when it was last read, well or badly.
    seen: Mutex<Stamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl RegionDatabase {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let (reader, stamp) = read(path)
            .with_context(|| format!("`region_database` names {}, which is no file that says where addresses are", path.display()))?;
        Ok(Self { path: path.to_owned(), reader: ArcSwap::from_pointee(reader), seen: Mutex::new(stamp) })
    }

    /// Reads the file again if it is another one. A bad one changes nothing.
    fn refresh(&self) {
        let now = std::fs::metadata(&self.path).map(|metadata| Stamp::of(&metadata));
        let mut seen = self.seen.lock();
        match now {
            Ok(now) if now != *seen => *seen = now,
            // Between the old file and the new one there may be a moment without any.
            _ => return,
        }
        match read(&self.path) {
            Ok((reader, stamp)) => {
                self.reader.store(Arc::new(reader));
                *seen = stamp;
                tracing::info!("the new region database is in use");
            }
            Err(error) => tracing::error!(error = %format!("{error:#}"), "the new region database cannot be used; the old one stays"),
        }
    }
}

impl Places for RegionDatabase {
    fn region(&self, address: IpAddr) -> Region {
        region(&self.reader.load(), address).unwrap_or(Region::UNKNOWN)
    }
}

/// Looks at the file for as long as the server runs.
pub(super) async fn keep_fresh(database: Arc<RegionDatabase>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let database = Arc::clone(&database);
        if tokio::task::spawn_blocking(move || database.refresh()).await.is_err() {
            tracing::error!("looking at the region database ended early; it is tried again");
        }
    }
}

impl Stamp {
    fn of(metadata: &std::fs::Metadata) -> Self {
        Self { modified: metadata.modified().ok(), bytes: metadata.len() }
    }
}

fn read(path: &Path) -> anyhow::Result<(Reader<Vec<u8>>, Stamp)> {
    let file = std::fs::File::open(path)?;
    let stamp = Stamp::of(&file.metadata()?);
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        bail!("it is larger than {BYTES_MAX} bytes");
    }
    let reader = Reader::from_source(bytes).context("it is not in the MaxMind DB format")?;
    if !holds_countries(&reader).context("it is damaged")? {
        bail!("it holds no countries: it is a `{}` and a `Country` or `City` one is needed", reader.metadata().database_type);
    }
    Ok((reader, stamp))
}

fn holds_countries(reader: &Reader<Vec<u8>>) -> Result<bool, MaxMindDbError> {
    for network in reader.networks(WithinOptions::default())?.take(NETWORKS_PROBED) {
        if network?.decode_path::<&str>(COUNTRY)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn region(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<Region> {
    let found = reader.lookup(address.to_canonical()).ok()?;
    let country: &str = found.decode_path(COUNTRY).ok()??;
    let subdivision: Option<&str> = found.decode_path(SUBDIVISION).ok().flatten();
    let exact = subdivision.and_then(|subdivision| Region::parse(&format!("{country}-{subdivision}")));
    exact.or_else(|| Region::parse(country))
}
