//! Writes a segment anew without what is too old in it, or is to be erased.
//!
//! The new file is whole and durable before it takes the old one's name, so that a crash leaves the one or the other.

use std::collections::HashMap;
use std::sync::Arc;

use disk::{DiskError, WritableFile};
use domain::Timestamp;

use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::frame;
use crate::maintain::Maintenance;
use crate::reader::{Piece, SegmentReader};
use crate::record::{self, Record};
use crate::scan::bad_record;
use crate::segment::{Due, HEADER, Header, Segment};

/// The file a segment is written into. A crash may leave it; the next opening removes it.
pub(crate) const UNFINISHED: &str = "rewriting.unfinished";

const WRITE_BYTES: usize = 256 * 1024;

pub(crate) fn rewrite(work: &mut Maintenance<'_>, old: &Segment) -> Result<(), LogError> {
    let shared = work.shared;
    let Some(reader) = shared.reader(old.name.number).transpose()? else {
        return Ok(());
    };
    let unfinished = shared.path(&UNFINISHED);
    match shared.disk.remove(&unfinished) {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        _ => {}
    }
    let header = new_header(work, old);
    let mut output = Output {
        file: shared.disk.create(&unfinished)?,
        segment: Segment::new(old.name, Ok(header), HEADER as u64),
        salt: header.salt(),
        buffer: Vec::with_capacity(2 * WRITE_BYTES),
    };
    let copied = copy(work, reader, &mut output, &header)?;
    let mut segment = output.segment;
    segment.due = Some(Due { rules: Arc::clone(&work.retention), at: copied.due });
    // Readers open a segment under this lock: they get the old file whole, or the new one.
    let mut catalog = shared.catalog.lock();
    shared.disk.rename(&unfinished, &shared.path(&old.name))?;
    if let Some(place) = catalog.get_mut(old.name.number) {
        *place = segment;
    }
    drop(catalog);
    work.done.rewritten_segments += 1;
    work.done.removed_visits += copied.removed;
    work.done.aged_visits += copied.aged;
    if let Some((_, erased)) = &mut work.erasing {
        copied.whose.iter().for_each(|(place, visits)| erased[*place] += visits);
    }
    Ok(())
}

/// The old header, or where that cannot be read, what is known of it from the segments around it.
fn new_header(work: &Maintenance<'_>, old: &Segment) -> Header {
    let known = old.header.map(|header| Header { rewritten: true, ..header });
    known.unwrap_or_else(|_| {
        let catalog = work.shared.catalog.lock();
        let before = catalog.segments.iter().rev().find(|segment| segment.name.number < old.name.number);
        let (previous, previous_length) = before.map_or((0, 0), |segment| (segment.name.number, segment.length));
        Header { number: old.name.number, created: old.name.day_start(), rewritten: true, previous, previous_length }
    })
}

/// What became of a segment's visits on their way to the new file.
#[derive(Default)]
struct Copied {
    removed: u64,
    aged: u64,
    /// Left out because of whose they were.
    whose: HashMap<usize, u64>,
    /// When something is due again.
    due: Option<Timestamp>,
}

fn copy(work: &Maintenance<'_>, mut reader: SegmentReader, output: &mut Output, header: &Header) -> Result<Copied, LogError> {
    let number = header.number;
    let mut copied = Copied::default();
    let mut soon = work.due_soon();
    output.file.write(&header.encode())?;
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Damage(Damage { what: DamageKind::NotReadable, .. }) => return Err(LogError::NotReadable { segment: number }),
            Piece::Damage(damage) => output.damage(damage),
            Piece::Payload { offset, payload } => match record::read(payload) {
                None => output.damage(bad_record(number, offset, payload)),
                Some(Record::Damage(damage)) => output.damage(damage),
                Some(Record::Gap(gap)) if !work.rules.is_expired(gap.to) => {
                    soon.gap(&gap);
                    record::put_gap(&mut output.buffer, &gap);
                    output.segment.cover(Some((gap.from, gap.to)));
                }
                Some(Record::Visit(_)) if let Some(place) = work.whose(payload) => *copied.whose.entry(place).or_default() += 1,
                Some(Record::Visit(visit)) if work.rules.is_expired(visit.time) => copied.removed += 1,
                Some(Record::Visit(mut visit)) => {
                    copied.aged += u64::from(work.rules.age(&mut visit));
                    soon.visit(&visit);
                    record::put_visit(&mut output.buffer, &visit.as_new(), &work.shared.storage);
                    output.segment.visits += 1;
                    output.segment.cover(Some((visit.time, visit.time)));
                }
                Some(Record::Gap(_) | Record::End) => {}
            },
        }
        if output.buffer.len() >= WRITE_BYTES {
            output.write()?;
        }
    }
    record::put_end(&mut output.buffer);
    output.write()?;
    output.file.sync()?;
    copied.due = soon.first();
    Ok(copied)
}

struct Output {
    file: Box<dyn WritableFile>,
    segment: Segment,
    salt: u32,
    buffer: Vec<u8>,
}

impl Output {
    /// The bytes go, but that they could not be read stays known.
    fn damage(&mut self, damage: Damage) {
        record::put_damage(&mut self.buffer, &damage);
        self.segment.damage.push(damage);
    }

    fn write(&mut self) -> Result<(), DiskError> {
        frame::seal(&mut self.buffer, self.salt);
        self.file.write(&self.buffer)?;
        self.segment.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
