//! Turns segments that grow no more into sealed files.

use domain::Timestamp;
use serde::Serialize;

use super::manifest::Lost;
use super::rows::Rows;
use super::store::Change;
use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::maintain::Maintenance;
use crate::reader::{Piece, SegmentReader};
use crate::record::{self, Record};
use crate::scan::bad_record;
use crate::segment::Segment;
use crate::shared::Shared;

/// What sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sealing {
    pub segments: u64,
    pub visits: u64,
    pub files: u64,
}

/// One segment after the other, from the oldest on. A segment that this program is too old for, or that the disk cannot read, holds up those after it: they
/// are read as they are until then.
pub(crate) fn seal(shared: &Shared, now: Timestamp) -> Result<Sealing, LogError> {
    shared.maintain_with(now, |work| {
        work.settle()?;
        work.seal_what_is_over();
        let mut done = Sealing::default();
        for number in work.sealed() {
            let Some(segment) = shared.catalog.lock().segments.first().cloned() else { break };
            let is_foreign = matches!(segment.header, Err(DamageKind::UnknownVersion | DamageKind::NotReadable));
            if segment.name.number != number || is_foreign {
                break;
            }
            seal_one(work, &segment, &mut done)?;
        }
        Ok(done)
    })
}

fn seal_one(work: &mut Maintenance<'_>, segment: &Segment, done: &mut Sealing) -> Result<(), LogError> {
    let number = segment.name.number;
    let mut change = Change { sealed_through: Some(number), ..Change::default() };
    let mut rows = Rows::default();
    match work.shared.reader(number) {
        Some(Err(error)) if error.is_not_found() => {
            change.lost.push(lost(segment, Damage { segment: number, offset: 0, bytes: 0, what: DamageKind::Missing }));
        }
        reader => {
            if let Some(reader) = reader.transpose()? {
                read(work, segment, reader, &mut rows, &mut change)?;
            }
        }
    }
    change.with.extend(work.write_rows(&rows)?);
    work.publish(&change)?;
    done.segments += 1;
    done.files += change.with.len() as u64;
    done.visits += change.with.iter().map(|file| file.entry.rows).sum::<u64>();
    Ok(())
}

/// Gathers what a segment holds, as far as it may still be kept. What is more than one file's is written on the way.
fn read(
    work: &mut Maintenance<'_>,
    segment: &Segment,
    mut reader: SegmentReader,
    rows: &mut Rows,
    change: &mut Change,
) -> Result<(), LogError> {
    let number = segment.name.number;
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Damage(Damage { what: DamageKind::NotReadable, .. }) => return Err(LogError::NotReadable { segment: number }),
            Piece::Damage(damage) => change.lost.push(lost(segment, damage)),
            Piece::Payload { offset, payload } => match record::read(payload) {
                None => change.lost.push(lost(segment, bad_record(number, offset, payload))),
                Some(Record::Damage(damage)) => change.lost.push(lost(segment, damage)),
                Some(Record::Gap(gap)) => change.gaps.push(gap),
                Some(Record::Visit(mut visit)) => {
                    if !work.rules.is_expired(visit.time) {
                        work.rules.age(&mut visit);
                        rows.push(&visit.as_new(), &work.shared.storage);
                    }
                }
                Some(Record::End) => {}
            },
        }
        if rows.len() >= work.shared.settings.file_rows {
            change.with.extend(work.write_rows(&std::mem::take(rows))?);
        }
    }
    Ok(())
}

fn lost(segment: &Segment, damage: Damage) -> Lost {
    Lost { damage, to: segment.newest().as_microsecond() }
}
