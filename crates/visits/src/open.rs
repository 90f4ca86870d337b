//! Finds out what the last run left: whole segments, a torn tail, or damage.

use disk::{Disk, DiskError};
use serde::Serialize;

use crate::damage::{Damage, DamageKind};
use crate::reader::{Piece, SegmentReader};
use crate::record::{self, Record};
use crate::rewrite;
use crate::scan::bad_record;
use crate::sealed::file::Entry;
use crate::sealed::store::Store;
use crate::segment::{Catalog, HEADER, Header, Name, Segment};
use crate::shared::Active;

/// What opening the log found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenReport {
    /// Segments and sealed files.
    pub segments: u64,
    pub visits: u64,
    pub bytes: u64,
    /// Bytes that a crash left half-written, and that nobody was told were kept. They are cut off.
    pub torn_bytes: u64,
    pub damage: Vec<Damage>,
}

pub(crate) struct Opened {
    pub(crate) active: Active,
    pub(crate) catalog: Catalog,
    pub(crate) report: OpenReport,
}

/// What an earlier run wrote is never written to again: nobody knows whether its last sync failed. The first visit begins a new segment.
pub(crate) fn open(disk: &dyn Disk, folder: &str, store: &Store) -> Result<Opened, DiskError> {
    let mut opening = Opening { disk, folder, catalog: Catalog::default(), torn_bytes: 0 };
    let names = opening.names()?;
    let next_number = names.last().map_or(0, |name| name.number).max(store.manifest.sealed_through) + 1;
    opening.trace(names)?;
    for at in 0..opening.catalog.segments.len() {
        opening.scan(at)?;
    }
    // The last run may have made files and died before their names were durable.
    disk.sync_dir(folder)?;
    let Opening { catalog, torn_bytes, .. } = opening;
    let rows = |of: fn(&Entry) -> u64| store.files.iter().map(|file| of(&file.entry)).sum::<u64>();
    let report = OpenReport {
        segments: (catalog.segments.len() + store.files.len()) as u64,
        visits: catalog.segments.iter().map(|segment| segment.visits).sum::<u64>() + rows(|entry| entry.rows),
        bytes: catalog.segments.iter().map(|segment| segment.length).sum::<u64>() + rows(|entry| entry.bytes),
        torn_bytes,
        damage: store.damage().chain(catalog.damage()).collect(),
    };
    Ok(Opened { active: Active { current: None, next_number, litter: Vec::new() }, catalog, report })
}

struct Opening<'a> {
    disk: &'a dyn Disk,
    folder: &'a str,
    catalog: Catalog,
    torn_bytes: u64,
}

impl Opening<'_> {
    /// The segments there are files of, in order.
    fn names(&self) -> Result<Vec<Name>, DiskError> {
        let mut names = Vec::new();
        for name in self.disk.list(self.folder)? {
            if name == rewrite::UNFINISHED {
                self.disk.remove(&self.path(&name))?;
            } else {
                names.extend(Name::parse(&name));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn path(&self, name: &impl std::fmt::Display) -> String {
        format!("{}/{name}", self.folder)
    }

    /// Follows the segments from the last to the first, as each names the one before it.
    fn trace(&mut self, mut names: Vec<Name>) -> Result<(), DiskError> {
        let mut expected: Option<Header> = None;
        while let Some(name) = names.pop() {
            let size = self.disk.size(&self.path(&name))?;
            if expected.is_some_and(|next| next.previous < name.number) {
                self.discard(&name, size)?;
                continue;
            }
            let is_expected = expected.is_none_or(|next| next.previous == name.number);
            if let Some(next) = expected.filter(|_| !is_expected) {
                self.catalog.missing.push(Damage { segment: next.previous, offset: 0, bytes: 0, what: DamageKind::Missing });
            }
            let header = match self.header(&name, size)? {
                Found::Header(header) => header,
                Found::Nothing if self.catalog.segments.is_empty() => {
                    self.discard(&name, size)?;
                    continue;
                }
                Found::Nothing => Err(DamageKind::BadHeader),
            };
            let said = expected.filter(|_| is_expected && header.is_ok_and(|header| !header.rewritten));
            let mut segment = Segment::new(name, header, said.map_or(size, |next| next.previous_length));
            self.cut_failed_end(&mut segment, size)?;
            self.catalog.segments.push(segment);
            expected = header.ok();
        }
        self.catalog.segments.reverse();
        self.catalog.missing.reverse();
        Ok(())
    }

    /// A file that was made, and of which nothing ever counted.
    fn discard(&mut self, name: &Name, size: u64) -> Result<(), DiskError> {
        self.torn_bytes += size;
        self.disk.remove(&self.path(name))
    }

    /// The successor says how much of a segment counts; behind that stands what the disk failed on, which was written again elsewhere.
    fn cut_failed_end(&mut self, segment: &mut Segment, size: u64) -> Result<(), DiskError> {
        if size <= segment.length {
            return Ok(());
        }
        self.torn_bytes += size - segment.length;
        let mut file = self.disk.append(&self.path(&segment.name))?;
        file.truncate(segment.length)?;
        file.sync()
    }

    fn header(&self, name: &Name, size: u64) -> Result<Found, DiskError> {
        let file = self.disk.open(&self.path(name))?;
        let mut bytes = [0; HEADER];
        let mut filled = 0;
        while filled < HEADER {
            match file.read_at(filled as u64, &mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(_) => return Ok(Found::Header(Err(DamageKind::NotReadable))),
            }
        }
        if size < HEADER as u64 || bytes == [0; HEADER] {
            return Ok(Found::Nothing);
        }
        let header =
            Header::decode(&bytes).and_then(|header| if header.number == name.number { Ok(header) } else { Err(DamageKind::BadHeader) });
        Ok(Found::Header(header))
    }

    /// Reads a whole segment once: what it holds, from when, and what is wrong with it.
    fn scan(&mut self, at: usize) -> Result<(), DiskError> {
        let is_last = at + 1 == self.catalog.segments.len();
        let segment = &mut self.catalog.segments[at];
        let number = segment.name.number;
        let file = self.disk.open(&format!("{}/{}", self.folder, segment.name))?;
        let mut reader = SegmentReader::new(file, number, segment.header, segment.length);
        while let Some(piece) = reader.next() {
            match piece {
                Piece::Damage(damage) => segment.damage.push(damage),
                Piece::Payload { offset, payload } => match record::read(payload) {
                    Some(Record::Visit(visit)) => {
                        segment.visits += 1;
                        segment.cover(Some((visit.time, visit.time)));
                    }
                    Some(Record::Gap(gap)) => segment.cover(Some((gap.from, gap.to))),
                    Some(Record::Damage(damage)) => segment.damage.push(damage),
                    Some(Record::End) => {}
                    None => segment.damage.push(bad_record(number, offset, payload)),
                },
            }
        }
        if is_last { self.cut_torn_tail(at) } else { Ok(()) }
    }

    /// What a power cut leaves behind the last good record of the last segment was promised to nobody.
    fn cut_torn_tail(&mut self, at: usize) -> Result<(), DiskError> {
        let segment = &mut self.catalog.segments[at];
        let Ok(header) = segment.header else {
            return Ok(());
        };
        let is_tail = |damage: &mut Damage| damage.what == DamageKind::BadChecksum && damage.offset + damage.bytes == segment.length;
        let torn = if header.rewritten { None } else { segment.damage.pop_if(is_tail) };
        let mut file = self.disk.append(&format!("{}/{}", self.folder, segment.name))?;
        if let Some(torn) = torn {
            file.truncate(torn.offset)?;
            segment.length = torn.offset;
            self.torn_bytes += torn.bytes;
        }
        // The last run may have written what it did not sync.
        file.sync()
    }
}

enum Found {
    Header(Result<Header, DamageKind>),
    /// A power cut while it was made left no header.
    Nothing,
}
