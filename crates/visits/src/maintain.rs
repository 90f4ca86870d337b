//! Takes out of the files what is too old to be in them.

use std::sync::Arc;

use disk::DiskError;
use domain::Timestamp;
use jiff::SignedDuration;
use serde::Serialize;

use crate::LogError;
use crate::damage::DamageKind;
use crate::erase::Marked;
use crate::reader::Piece;
use crate::record::{self, Record};
use crate::retention::{DueSoon, Retention, RetentionNow};
use crate::rewrite;
use crate::sealed;
use crate::segment::{Due, Segment, day_of};
use crate::shared::{Shared, Upkeep};

/// A segment is rewritten when something in it has been due for so long. Sooner, and a day's segment would be rewritten all day long as one row after the
/// other becomes due; much later, and the promise of one day would not hold.
const PATIENCE: SignedDuration = SignedDuration::from_hours(12);

/// What maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Maintained {
    pub removed_segments: u64,
    pub rewritten_segments: u64,
    pub removed_files: u64,
    pub rewritten_files: u64,
    pub merged_files: u64,
    pub removed_visits: u64,
    pub aged_visits: u64,
}

/// Segments are treated whether the sealed files can be reached or not. One segment that cannot be treated does not protect the others: what fails is told at the end.
pub(crate) fn maintain(shared: &Shared, now: Timestamp) -> Result<Maintained, LogError> {
    shared.maintain_with(now, |work| {
        work.seal_what_is_over();
        let mut result = work.sweep().map_err(LogError::from);
        for number in work.sealed() {
            result = result.and(work.treat(number));
        }
        result = result.and(sealed::rewrite::maintain(work));
        result.map(|()| work.done)
    })
}

impl Shared {
    /// Does something to the files that only one may do at a time.
    pub(crate) fn maintain_with<T>(
        &self,
        now: Timestamp,
        work_on: impl FnOnce(&mut Maintenance<'_>) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let mut upkeep = self.maintenance.lock();
        let retention = self.retention();
        let rules = retention.at(now, &self.storage, self.settings.address_key.as_ref());
        let (is_swept, done) = (false, Maintained::default());
        let mut work = Maintenance { shared: self, now, retention, rules, upkeep: *upkeep, is_swept, erasing: None, done };
        let result = work_on(&mut work);
        *upkeep = work.upkeep;
        result
    }
}

pub(crate) struct Maintenance<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) now: Timestamp,
    pub(crate) retention: Arc<Retention>,
    pub(crate) rules: RetentionNow,
    pub(crate) upkeep: Upkeep,
    /// No file is left that only its successor says is nothing.
    is_swept: bool,
    /// Whose visits go whatever their time, and how many of each did.
    pub(crate) erasing: Option<(Marked, Vec<u64>)>,
    pub(crate) done: Maintained,
}

impl Maintenance<'_> {
    /// A segment that still grows cannot be rewritten. Once its day is over, or something in it is due, the next visits go to another.
    pub(crate) fn seal_what_is_over(&self) {
        let mut active = self.shared.active.lock();
        let Some(current) = &active.current else {
            return;
        };
        let oldest = self.shared.catalog.lock().get(current.number).map(Segment::oldest);
        if current.day != day_of(self.now) || oldest.is_some_and(|oldest| self.is_overdue(self.retention.first_due(oldest))) {
            active.current = None;
        }
    }

    /// The next visits go to another segment than this one.
    pub(crate) fn seal(&self, number: u64) {
        let mut active = self.shared.active.lock();
        active.current.take_if(|current| current.number == number);
    }

    /// Who of those that are erased made a visit.
    pub(crate) fn whose(&self, payload: &[u8]) -> Option<usize> {
        self.erasing.as_ref().and_then(|(marked, _)| marked.place_of(payload))
    }

    /// Removes what the writer could not.
    pub(crate) fn sweep(&mut self) -> Result<(), DiskError> {
        let mut active = self.shared.active.lock();
        while let Some(name) = active.litter.last() {
            match self.shared.disk.remove(&self.shared.path(name)) {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {
                    active.litter.pop();
                    self.upkeep.names_unsynced = true;
                }
            }
        }
        drop(active);
        if self.upkeep.names_unsynced {
            self.sync_names()?;
        }
        self.is_swept = true;
        Ok(())
    }

    pub(crate) fn all(&self) -> Vec<u64> {
        self.shared.catalog.lock().segments.iter().map(|segment| segment.name.number).collect()
    }

    /// The segments that do not grow.
    pub(crate) fn sealed(&self) -> Vec<u64> {
        let active = self.shared.active.lock();
        let current = active.current.as_ref().map(|current| current.number);
        let catalog = self.shared.catalog.lock();
        catalog.segments.iter().map(|segment| segment.name.number).filter(|number| Some(*number) != current).collect()
    }

    fn treat(&mut self, number: u64) -> Result<(), LogError> {
        let (segment, is_first, is_last) = {
            let catalog = self.shared.catalog.lock();
            let is_at_end = |end: Option<&Segment>| end.is_some_and(|end| end.name.number == number);
            let Some(segment) = catalog.get(number) else {
                return Ok(());
            };
            (segment.clone(), is_at_end(catalog.segments.first()), is_at_end(catalog.segments.last()))
        };
        // Segments go from the oldest on, so that one missing in between is always damage; the last stays, so that numbers are never used twice.
        let may_go = is_first && !is_last && self.is_swept && !self.upkeep.names_unsynced;
        if may_go && self.rules.is_expired(segment.newest()) {
            return self.remove(&segment);
        }
        if self.is_due(&segment)? {
            rewrite::rewrite(self, &segment)?;
            self.sync_names()?;
        }
        Ok(())
    }

    fn remove(&mut self, segment: &Segment) -> Result<(), LogError> {
        let number = segment.name.number;
        {
            let mut catalog = self.shared.catalog.lock();
            self.shared.disk.remove(&self.shared.path(&segment.name))?;
            catalog.segments.retain(|other| other.name.number != number);
            catalog.missing.retain(|missing| missing.segment > number);
        }
        self.done.removed_segments += 1;
        self.done.removed_visits += segment.visits;
        // One by one, so that no power cut leaves an older one without a newer one.
        Ok(self.sync_names()?)
    }

    pub(crate) fn sync_names(&mut self) -> Result<(), DiskError> {
        self.upkeep.names_unsynced = true;
        self.shared.disk.sync_dir(&self.shared.settings.folder)?;
        self.upkeep.names_unsynced = false;
        Ok(())
    }

    /// Learns when something will be due.
    pub(crate) fn due_soon(&self) -> DueSoon<'_> {
        DueSoon::new(&self.retention, &self.shared.storage, self.rules.key())
    }

    pub(crate) fn is_overdue(&self, due: Option<Timestamp>) -> bool {
        due.and_then(|due| due.checked_add(PATIENCE).ok()).is_some_and(|latest| latest <= self.now)
    }

    fn is_due(&self, segment: &Segment) -> Result<bool, LogError> {
        let is_foreign = matches!(segment.header, Err(DamageKind::UnknownVersion | DamageKind::NotReadable));
        if is_foreign || !self.is_overdue(self.retention.first_due(segment.oldest())) {
            return Ok(false);
        }
        let known = segment.due.as_ref().filter(|due| due.rules == self.retention).map(|due| due.at);
        let due = known.map_or_else(|| self.look_when_due(segment), Ok)?;
        Ok(self.is_overdue(due))
    }

    /// Reads a segment to learn when something in it has to change: once for each segment, unless the rules change.
    fn look_when_due(&self, segment: &Segment) -> Result<Option<Timestamp>, LogError> {
        let number = segment.name.number;
        let mut soon = self.due_soon();
        let Some(mut reader) = self.shared.reader(number).transpose()? else {
            return Ok(None);
        };
        while let Some(piece) = reader.next() {
            match piece {
                Piece::Payload { payload, .. } => match record::read(payload) {
                    Some(Record::Visit(visit)) => soon.visit(&visit),
                    Some(Record::Gap(gap)) => soon.gap(&gap),
                    Some(Record::Damage(_) | Record::End) => {}
                    None => soon.anything(segment.oldest()),
                },
                Piece::Damage(damage) => match damage.what {
                    DamageKind::NotReadable => return Err(LogError::NotReadable { segment: number }),
                    DamageKind::CutShort => {}
                    // Nobody can read it now, but it may be an old address all the same.
                    _ => soon.anything(segment.oldest()),
                },
            }
        }
        let at = soon.first();
        if let Some(segment) = self.shared.catalog.lock().get_mut(number) {
            segment.due = Some(Due { rules: Arc::clone(&self.retention), at });
        }
        Ok(at)
    }
}
