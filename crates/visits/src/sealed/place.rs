//! Where the sealed files are: beside the segments, or elsewhere. What is elsewhere can be reached by others too, so it is made sure that it is ours.

use std::sync::Arc;

use disk::{Disk, DiskError, DiskObjects, Objects};
use serde::{Deserialize, Serialize};

use super::manifest::{self, Manifest};
use super::store::remove_unlisted;
use crate::LogError;
use crate::segment::Name;

/// A place for sealed files that is not the log's own folder.
#[derive(Clone)]
pub struct Elsewhere {
    pub objects: Arc<dyn Objects>,
    /// What it is called to an operator. There is no secret in it.
    pub name: String,
    /// What tells this log from others there, from the first time on. Random; used once.
    pub new_owner: [u8; 16],
}

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Elsewhere").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The file in the log's folder that says where its sealed files are.
pub(crate) const MARK: &str = "elsewhere";

/// The file beside sealed files that says whose they are.
pub(crate) const OWNER: &str = "owner";

/// A file that is here for a moment: where it is seen, is here.
const PROBE: &str = "probe";

const COPY_BYTES: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    place: String,
    owner: String,
    /// The place was claimed under that name; before, nobody knows.
    is_claimed: bool,
    /// No segment up to this one may be made again, whether the place can be asked or not.
    sealed_through: u64,
}

pub(crate) struct Place {
    pub(crate) objects: Arc<dyn Objects>,
    elsewhere: Option<Elsewhere>,
}

impl Place {
    pub(crate) fn new(disk: &Arc<dyn Disk>, elsewhere: Option<Elsewhere>) -> Self {
        let objects = elsewhere.as_ref().map(|elsewhere| Arc::clone(&elsewhere.objects));
        Self { objects: objects.unwrap_or_else(|| Arc::new(DiskObjects::new(Arc::clone(disk)))), elsewhere }
    }

    pub(crate) const fn is_elsewhere(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// Makes sure that the sealed files of this log are here and that nobody else's are. Those that were beside the segments until now move.
    pub(crate) fn take(&self, disk: &Arc<dyn Disk>, folder: &str) -> Result<(), LogError> {
        let mark = read_mark(&**disk, folder)?;
        let Some(elsewhere) = &self.elsewhere else {
            return mark.map_or(Ok(()), |mark| Err(LogError::Elsewhere { place: mark.place }));
        };
        self.objects.check(folder)?;
        self.check_is_elsewhere(&**disk, folder)?;
        self.claim(&**disk, folder, elsewhere, mark)?;
        self.objects.forget_unfinished(folder)?;
        self.move_here(disk, folder, &elsewhere.name)
    }

    /// Whether it is ours and only cannot be reached now.
    pub(crate) fn is_out_of_reach(&self, disk: &dyn Disk, folder: &str, error: &LogError) -> bool {
        let is_passing =
            matches!(error, LogError::Disk(error) if matches!(error.kind(), std::io::ErrorKind::Other | std::io::ErrorKind::TimedOut));
        let is_ours = |mark: Mark| mark.is_claimed && self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.name == mark.place);
        is_passing && read_mark(disk, folder).ok().flatten().is_some_and(is_ours)
    }

    /// The last segment that may be in files there, or in those that have still to move there.
    pub(crate) fn sealed_through(&self, disk: &Arc<dyn Disk>, folder: &str) -> Result<u64, LogError> {
        let noted = read_mark(&**disk, folder)?.map_or(0, |mark| mark.sealed_through);
        let here = Manifest::read(&DiskObjects::new(Arc::clone(disk)), folder)?.map_err(LogError::Manifest)?;
        Ok(noted.max(here.sealed_through))
    }

    /// Notes that segments up to this one are sealed there, or are about to be.
    pub(crate) fn note_sealing(&self, disk: &dyn Disk, folder: &str, through: u64) -> Result<(), LogError> {
        match read_mark(disk, folder)?.filter(|_| self.is_elsewhere()) {
            Some(mark) if mark.sealed_through < through => Ok(write_mark(disk, folder, &Mark { sealed_through: through, ..mark })?),
            _ => Ok(()),
        }
    }

    /// Files that move to where they are would be removed.
    fn check_is_elsewhere(&self, disk: &dyn Disk, folder: &str) -> Result<(), LogError> {
        let probe = format!("{folder}/{PROBE}");
        disk::replace(disk, &probe, b"here")?;
        let is_here = self.objects.list(folder).map(|names| names.iter().any(|name| name == PROBE));
        disk.remove(&probe)?;
        if is_here? { Err(LogError::NotElsewhere) } else { Ok(()) }
    }

    fn claim(&self, disk: &dyn Disk, folder: &str, elsewhere: &Elsewhere, mark: Option<Mark>) -> Result<(), LogError> {
        let place = elsewhere.name.clone();
        let mark = match mark {
            Some(mark) => mark,
            None => {
                let owner = elsewhere.new_owner.iter().map(|byte| format!("{byte:02x}")).collect();
                let mark = Mark { place: place.clone(), owner, is_claimed: false, sealed_through: 0 };
                // Whatever happens between here and the claim, it is known who claimed.
                write_mark(disk, folder, &mark)?;
                mark
            }
        };
        let path = format!("{folder}/{OWNER}");
        if mark.is_claimed || !self.objects.claim(&path, mark.owner.as_bytes())? {
            match self.objects.read(&path) {
                Ok(owner) if owner == mark.owner.as_bytes() => {}
                Err(error) if error.is_not_found() => return Err(LogError::NotThere { place, before: mark.place }),
                Err(error) => return Err(error.into()),
                Ok(_) if mark.is_claimed => return Err(LogError::Taken { place }),
                Ok(_) => return forget_mark(disk, folder).map_err(LogError::from).and(Err(LogError::Taken { place })),
            }
        } else if self.objects.claim(&path, mark.owner.as_bytes())? {
            return Err(LogError::NoConditions { place });
        }
        let mut claimed = Mark { place, is_claimed: true, ..mark.clone() };
        if !mark.is_claimed {
            claimed.sealed_through = Manifest::read(&*self.objects, folder)?.map_err(LogError::Manifest)?.sealed_through;
            if has_segments(disk, folder, claimed.sealed_through)? {
                self.objects.remove(&path)?;
                forget_mark(disk, folder)?;
                return Err(LogError::TwoLogs { place: claimed.place });
            }
        }
        if claimed == mark { Ok(()) } else { Ok(write_mark(disk, folder, &claimed)?) }
    }

    /// What is sealed beside the segments goes to the place, whole before anything of it is removed here.
    fn move_here(&self, disk: &Arc<dyn Disk>, folder: &str, name: &str) -> Result<(), LogError> {
        let here = DiskObjects::new(Arc::clone(disk));
        let path = format!("{folder}/{}", manifest::NAME);
        let ours = match disk.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let manifest = Manifest::decode(&ours).map_err(LogError::Manifest)?;
        match self.objects.read(&path) {
            // They are all there; only here not all of them are gone.
            Ok(theirs) if theirs == ours => {}
            Ok(_) => return Err(LogError::TwoLogs { place: name.to_owned() }),
            Err(error) if error.is_not_found() => {
                tracing::info!(files = manifest.files.len(), "the sealed files of the visit log move to where `objects` says");
                remove_unlisted(&*self.objects, folder, &Manifest::default())?;
                for entry in &manifest.files {
                    self.copy(&**disk, &format!("{folder}/{}", entry.name()))?;
                }
                self.objects.replace(&path, &ours)?;
                self.objects.settle(folder)?;
            }
            Err(error) => return Err(error.into()),
        }
        self.note_sealing(&**disk, folder, manifest.sealed_through)?;
        remove_unlisted(&here, folder, &Manifest::default())?;
        disk.remove(&path)?;
        Ok(disk.sync_dir(folder)?)
    }

    /// One that is not there is told as damage when the log is opened.
    fn copy(&self, disk: &dyn Disk, path: &str) -> Result<(), DiskError> {
        let from = match disk.open(path) {
            Err(error) if error.is_not_found() => return Ok(()),
            opened => opened?,
        };
        let mut to = self.objects.create(path)?;
        let (mut buffer, mut at) = (vec![0; COPY_BYTES], 0);
        loop {
            match from.read_at(at, &mut buffer)? {
                0 => return to.finish(),
                count => {
                    to.write(&buffer[..count])?;
                    at += count as u64;
                }
            }
        }
    }
}

/// Whether segments are here that whoever sealed through this one would count as sealed, and that are not.
fn has_segments(disk: &dyn Disk, folder: &str, sealed_through: u64) -> Result<bool, DiskError> {
    Ok(disk.list(folder)?.iter().filter_map(|name| Name::parse(name)).any(|name| name.number <= sealed_through))
}

fn read_mark(disk: &dyn Disk, folder: &str) -> Result<Option<Mark>, LogError> {
    match disk.read(&format!("{folder}/{MARK}")) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| LogError::BadMark),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn write_mark(disk: &dyn Disk, folder: &str, mark: &Mark) -> Result<(), DiskError> {
    // There is nothing in it that JSON has no form for.
    disk::replace(disk, &format!("{folder}/{MARK}"), &serde_json::to_vec(mark).unwrap_or_default())
}

fn forget_mark(disk: &dyn Disk, folder: &str) -> Result<(), DiskError> {
    disk.remove(&format!("{folder}/{MARK}"))?;
    disk.sync_dir(folder)
}
