//! Goes through segments for a query, one record in memory at a time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use disk::DiskError;
use domain::Timestamp;

use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::query::{Found, Query, Selection};
use crate::reader::{Piece, SegmentReader};
use crate::record::Record;
use crate::shared::Shared;
use crate::visit::{Gap, Visit};

/// The visits of a query in the order they were recorded, read as they are asked for. When it has ended it knows which gaps it passed and what it could
/// not read.
pub struct Rows {
    scan: Scan,
    segments: std::vec::IntoIter<u64>,
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
        let scan = Scan::new(shared, query);
        let segments: Vec<u64> = scan.segments().into_iter().map(|(number, _)| number).collect();
        Self { scan, segments: segments.into_iter(), left: query.limit.unwrap_or(usize::MAX), gaps: Vec::new() }
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
        while self.left > 0 {
            match self.scan.next() {
                Some((_, Record::Visit(visit))) => {
                    self.left -= 1;
                    return Some(Ok(visit));
                }
                Some((_, Record::Gap(gap))) => self.gaps.push(gap),
                Some(_) => {}
                None => match self.segments.next() {
                    Some(number) => {
                        if let Err(error) = self.scan.open(number) {
                            return Some(Err(error.into()));
                        }
                    }
                    None => {
                        self.left = 0;
                        self.gaps.extend(self.scan.unwritten_gaps());
                    }
                },
            }
        }
        None
    }
}

/// All that a query finds, the newest first.
pub(crate) fn find(shared: Arc<Shared>, query: &Query) -> Result<Found, LogError> {
    let mut scan = Scan::new(shared, query);
    let mut newest = Newest { visits: BinaryHeap::new(), limit: query.limit.unwrap_or(usize::MAX) };
    let mut gaps = scan.unwritten_gaps();
    for (number, segment_newest) in scan.segments().into_iter().rev() {
        if newest.is_past(segment_newest) {
            continue;
        }
        scan.open(number)?;
        while let Some((offset, record)) = scan.next() {
            match record {
                Record::Visit(visit) => newest.add(Ranked { rank: (visit.time, number, offset), visit }),
                Record::Gap(gap) => gaps.push(gap),
                Record::Damage(_) | Record::End => {}
            }
        }
    }
    gaps.sort_by_key(|gap| Reverse(gap.to));
    let visits = newest.visits.into_sorted_vec().into_iter().map(|ranked| ranked.visit).collect();
    Ok(Found { visits, gaps, damage: scan.damage })
}

struct Scan {
    shared: Arc<Shared>,
    selection: Selection,
    number: u64,
    reader: Option<SegmentReader>,
    damage: Vec<Damage>,
}

impl Scan {
    fn new(shared: Arc<Shared>, query: &Query) -> Self {
        let retention = shared.retention().at(shared.clock.now(), &shared.storage);
        let selection = Selection { query: query.clone(), retention, unseen: shared.unseen(), storage: shared.storage.clone() };
        let damage = shared.catalog.lock().damage().collect();
        Self { shared, selection, number: 0, reader: None, damage }
    }

    /// The segments that may hold something that is wanted, in order, each with the time of its newest record.
    fn segments(&self) -> Vec<(u64, Timestamp)> {
        let catalog = self.shared.catalog.lock();
        let wanted = catalog.segments.iter().filter(|segment| self.selection.may_be_between(segment.oldest(), segment.newest()));
        wanted.map(|segment| (segment.name.number, segment.newest())).collect()
    }

    fn unwritten_gaps(&self) -> Vec<Gap> {
        let gaps = self.shared.intake.queue.lock().unwritten_gaps();
        gaps.filter(|gap| self.selection.may_be_between(gap.from, gap.to)).collect()
    }

    /// A segment that is gone by now has expired. One whose file is gone is damage; any other failure may pass, so that the query fails instead.
    fn open(&mut self, number: u64) -> Result<(), DiskError> {
        self.number = number;
        self.reader = match self.shared.reader(number) {
            Some(Err(error)) if error.is_not_found() => {
                self.met(Damage { segment: number, offset: 0, bytes: 0, what: DamageKind::Missing });
                None
            }
            reader => reader.transpose()?,
        };
        Ok(())
    }

    /// The next wanted record of the open segment, and where it stands.
    fn next(&mut self) -> Option<(u64, Record)> {
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
        let is_known = self.damage.iter().any(|known| (known.segment, known.offset) == (damage.segment, damage.offset));
        if !is_known {
            self.damage.push(damage);
        }
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
