//! Goes through segments for a query, one record in memory at a time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use disk::{DiskError, ReadableFile};
use domain::Timestamp;

use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::query::{Found, Query, Selection};
use crate::reader::{Piece, SegmentReader};
use crate::record::Record;
use crate::sealed::scan::{SealedRows, Wanted, newest_first};
use crate::sealed::store::Store;
use crate::segment::{Header, Segment};
use crate::shared::Shared;
use crate::visit::{Gap, Visit};

/// The visits of a query, the oldest first, read as they are asked for. What is sealed and what is in segments may be of the same time: another server's log is sealed when it is taken
/// in. When it has ended it knows which gaps it passed and what it could not read.
pub struct Rows {
    scan: Scan,
    sealed: SealedRows,
    segments: std::vec::IntoIter<Snapshot>,
    /// The next of what is sealed, and the next of the segments.
    next_sealed: Option<Visit>,
    next_recorded: Option<Visit>,
    left: usize,
    gaps: Vec<Gap>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Rows").field("gaps", &self.gaps).field("damage", &self.scan.damage).finish_non_exhaustive()
    }
}

impl Rows {
    pub(crate) fn new(shared: Arc<Shared>, query: &Query) -> Self {
        let (scan, store, segments) = Scan::as_far_as_reached(shared, query);
        let sealed = SealedRows::new(Arc::clone(&store), &scan.selection);
        let gaps = scan.sealed_gaps(&store);
        let segments = segments.into_iter();
        Self { scan, sealed, segments, next_sealed: None, next_recorded: None, left: query.limit.unwrap_or(usize::MAX), gaps }
    }

    /// The gaps passed so far.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// All damage known so far.
    pub fn damage(&self) -> &[Damage] {
        &self.scan.damage
    }
}

impl Iterator for Rows {
    type Item = Result<Visit, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        match self.next_of_both() {
            Ok(Some(visit)) => {
                self.left -= 1;
                Some(Ok(visit))
            }
            Ok(None) => {
                self.left = 0;
                self.gaps.extend(self.scan.unwritten_gaps());
                None
            }
            Err(error) => {
                self.left = 0;
                Some(Err(error))
            }
        }
    }
}

impl Rows {
    fn next_of_both(&mut self) -> Result<Option<Visit>, LogError> {
        if self.sealed.is_away() {
            return Err(LogError::Away);
        }
        if self.next_sealed.is_none() {
            let Scan { selection, damage, .. } = &mut self.scan;
            let next = self.sealed.next(selection, &mut |met| note(damage, met));
            self.next_sealed = next.map_err(|error| self.scan.shared.changed(self.sealed.store(), error))?;
        }
        if self.next_recorded.is_none() {
            self.next_recorded = self.read_recorded()?;
        }
        let is_sealed_first = match (&self.next_sealed, &self.next_recorded) {
            (Some(sealed), Some(recorded)) => sealed.time <= recorded.time,
            (sealed, _) => sealed.is_some(),
        };
        Ok(if is_sealed_first { self.next_sealed.take() } else { self.next_recorded.take() })
    }

    /// The next visit of the segments.
    fn read_recorded(&mut self) -> Result<Option<Visit>, LogError> {
        loop {
            match self.scan.next() {
                Some((_, Record::Visit(visit))) => return Ok(Some(visit)),
                Some((_, Record::Gap(gap))) => self.gaps.push(gap),
                Some(_) => {}
                None => match self.segments.next() {
                    Some(segment) => self.scan.open(segment)?,
                    None => return Ok(None),
                },
            }
        }
    }
}

/// All that a query finds, the newest first.
pub(crate) fn find(shared: Arc<Shared>, query: &Query, may_be_seen: &mut dyn FnMut(&Visit) -> bool) -> Result<Found, LogError> {
    let (mut scan, store, segments) = Scan::new(shared, query)?;
    let mut newest = Newest { visits: BinaryHeap::new(), limit: query.limit.unwrap_or(usize::MAX) };
    let mut gaps = scan.unwritten_gaps();
    gaps.extend(scan.sealed_gaps(&store));
    for segment in segments.into_iter().rev() {
        if newest.is_past(segment.newest) {
            continue;
        }
        let number = segment.number;
        scan.open(segment)?;
        while let Some((offset, record)) = scan.next() {
            match record {
                Record::Visit(visit) if may_be_seen(&visit) => newest.add(Ranked { rank: (visit.time, number, offset), visit }),
                Record::Gap(gap) => gaps.push(gap),
                Record::Visit(_) | Record::Damage(_) | Record::End => {}
            }
        }
    }
    for (file, file_newest) in newest_first(&store, &scan.selection) {
        if newest.is_past(file_newest) {
            continue;
        }
        let mut wanted = Wanted::of(&file, &scan.selection).map_err(|error| scan.shared.changed(&store, error))?;
        wanted.damage.drain(..).for_each(|damage| note(&mut scan.damage, damage));
        let mut place = 0;
        while let Some(visit) = wanted.next(&scan.selection) {
            place += 1;
            if !may_be_seen(&visit) {
                continue;
            }
            newest.add(Ranked { rank: (visit.time, file.entry.number, place), visit });
        }
    }
    gaps.sort_by_key(|gap| Reverse(gap.to));
    let visits = newest.visits.into_sorted_vec().into_iter().map(|ranked| ranked.visit).collect();
    Ok(Found { visits, gaps, damage: scan.damage })
}

pub(crate) struct Scan {
    shared: Arc<Shared>,
    pub(crate) selection: Selection,
    number: u64,
    reader: Option<SegmentReader>,
    pub(crate) damage: Vec<Damage>,
}

impl Scan {
    /// What may hold something that is wanted: the sealed files, and the segments, in order. Both are of one moment: what is sealed from now on is in both.
    pub(crate) fn new(shared: Arc<Shared>, query: &Query) -> Result<(Self, Arc<Store>, Vec<Snapshot>), LogError> {
        let (scan, store, segments) = Self::as_far_as_reached(shared, query);
        if store.is_away { Err(LogError::Away) } else { Ok((scan, store, segments)) }
    }

    /// The same where the sealed files could not be reached: then whoever reads has to say so.
    fn as_far_as_reached(shared: Arc<Shared>, query: &Query) -> (Self, Arc<Store>, Vec<Snapshot>) {
        let retention = shared.rules(shared.clock.now());
        let selection = Selection::new(query, retention, shared.unseen(), &shared.storage);
        let catalog = shared.catalog.lock();
        let store = shared.store();
        let wanted = catalog.segments.iter().filter(|segment| selection.may_be_between(segment.oldest(), segment.newest()));
        let segments = wanted.map(|segment| Snapshot::of(&shared, segment)).collect();
        let damage = store.damage().chain(catalog.damage()).collect();
        drop(catalog);
        (Self { shared, selection, number: 0, reader: None, damage }, store, segments)
    }

    pub(crate) fn sealed_gaps(&self, store: &Store) -> Vec<Gap> {
        let gaps = store.manifest.gaps.iter();
        gaps.filter(|gap| self.selection.may_be_between(gap.from, gap.to)).copied().collect()
    }

    pub(crate) fn unwritten_gaps(&self) -> Vec<Gap> {
        let gaps = self.shared.intake.queue.lock().unwritten_gaps();
        gaps.filter(|gap| self.selection.may_be_between(gap.from, gap.to)).collect()
    }

    /// A segment whose file is gone is damage; any other failure may pass, so that the query fails instead.
    pub(crate) fn open(&mut self, segment: Snapshot) -> Result<(), DiskError> {
        self.number = segment.number;
        self.reader = match segment.file {
            Err(error) if error.is_not_found() => {
                self.met(Damage { segment: segment.number, offset: 0, bytes: 0, what: DamageKind::Missing });
                None
            }
            file => Some(SegmentReader::new(file?, segment.number, segment.header, segment.length)),
        };
        Ok(())
    }

    /// The next wanted record of the open segment, and where it stands.
    pub(crate) fn next(&mut self) -> Option<(u64, Record)> {
        loop {
            let damage = match self.reader.as_mut()?.next() {
                Some(Piece::Payload { offset, payload }) => match self.selection.read(payload) {
                    Ok(Some(Record::Damage(damage))) => damage,
                    Ok(Some(record)) => return Some((offset, record)),
                    Ok(None) => continue,
                    Err(_) => bad_record(self.number, offset, payload),
                },
                Some(Piece::Damage(damage)) => damage,
                None => return None,
            };
            self.met(damage);
        }
    }

    fn met(&mut self, damage: Damage) {
        note(&mut self.damage, damage);
    }
}

/// A segment as it is when somebody begins to look. It stays readable, whatever becomes of it.
pub(crate) struct Snapshot {
    number: u64,
    pub(crate) visits: u64,
    newest: Timestamp,
    header: Result<Header, DamageKind>,
    length: u64,
    file: Result<Box<dyn ReadableFile>, DiskError>,
}

impl Snapshot {
    fn of(shared: &Shared, segment: &Segment) -> Self {
        let file = shared.disk.open(&shared.path(&segment.name));
        Self {
            number: segment.name.number,
            visits: segment.visits,
            newest: segment.newest(),
            header: segment.header,
            length: segment.length,
            file,
        }
    }
}

/// Remembers damage that was not known.
fn note(known: &mut Vec<Damage>, damage: Damage) {
    let is_same = |known: &Damage| (known.segment, known.offset, known.what) == (damage.segment, damage.offset, damage.what);
    if !known.iter().any(is_same) {
        known.push(damage);
    }
}

/// The damage that a good frame without a readable payload is.
pub(crate) fn bad_record(segment: u64, offset: u64, payload: &[u8]) -> Damage {
    let bytes = (crate::frame::FRAME_HEAD + payload.len()) as u64;
    Damage { segment, offset, bytes, what: DamageKind::BadRecord }
}

/// The newest visits of those that went by.
struct Newest {
    /// The oldest of them on top.
    visits: BinaryHeap<Ranked>,
    limit: usize,
}

impl Newest {
    fn add(&mut self, visit: Ranked) {
        self.visits.push(visit);
        if self.visits.len() > self.limit {
            self.visits.pop();
        }
    }

    /// Whether nothing up to this time can be among them.
    fn is_past(&self, time: Timestamp) -> bool {
        self.visits.len() >= self.limit && self.visits.peek().is_none_or(|oldest| time < oldest.rank.0)
    }
}

/// A visit with its time and place, for an order in which no two are the same. The older is the greater.
struct Ranked {
    rank: (Timestamp, u64, u64),
    visit: Visit,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank.cmp(&self.rank)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}
