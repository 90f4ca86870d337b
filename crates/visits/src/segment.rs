//! A segment is one file of the log: a header, then frames.

use std::sync::Arc;

use domain::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::damage::{Damage, DamageKind};
use crate::retention::Retention;

pub(crate) const HEADER: usize = 48;
const CHECKSUM_AT: usize = 44;

const MAGIC: &[u8; 8] = b"CANDORVL";
const FORMAT: u16 = 1;
const REWRITTEN: u16 = 1;
const SUFFIX: &str = ".log";

/// What a segment says of itself.
///
/// It names the segment before it and how many bytes of that one count. So a segment that the disk failed on needs no repair: its successor says where
/// it ends, and what was made in between and never used is known to be nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) number: u64,
    pub(crate) created: Timestamp,
    /// Ageing wrote it anew: it ends with a frame that says so, whatever its successor says.
    pub(crate) rewritten: bool,
    /// 0 where this is the first.
    pub(crate) previous: u64,
    pub(crate) previous_length: u64,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..10].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[10..12].copy_from_slice(&(if self.rewritten { REWRITTEN } else { 0 }).to_le_bytes());
        bytes[12..20].copy_from_slice(&self.number.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.created.as_microsecond().to_le_bytes());
        bytes[28..36].copy_from_slice(&self.previous.to_le_bytes());
        bytes[36..44].copy_from_slice(&self.previous_length.to_le_bytes());
        let sum = crc32c::crc32c(&bytes[..CHECKSUM_AT]);
        bytes[CHECKSUM_AT..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; HEADER]) -> Result<Self, DamageKind> {
        let u64_at = |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
        if &bytes[..8] != MAGIC {
            return Err(DamageKind::BadHeader);
        }
        if bytes[8..10] != FORMAT.to_le_bytes() {
            return Err(DamageKind::UnknownVersion);
        }
        if crc32c::crc32c(&bytes[..CHECKSUM_AT]).to_le_bytes() != bytes[CHECKSUM_AT..] {
            return Err(DamageKind::BadHeader);
        }
        Ok(Self {
            number: u64_at(12),
            created: Timestamp::from_microsecond(u64_at(20) as i64).map_err(|_| DamageKind::BadHeader)?,
            rewritten: bytes[10] != 0,
            previous: u64_at(28),
            previous_length: u64_at(36),
        })
    }

    /// What the checksums of this segment's frames begin with. It comes from the moment of creation to the microsecond, which nobody outside knows. It
    /// leaves the header's own checksum out: with it, every header would have the same.
    pub(crate) fn salt(&self) -> u32 {
        crc32c::crc32c(&self.encode()[..CHECKSUM_AT])
    }
}

/// The name of a segment's file: its number and the day of UTC it was made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) number: u64,
    pub(crate) day: Date,
}

impl Name {
    pub(crate) fn new(number: u64, created: Timestamp) -> Self {
        Self { number, day: day_of(created) }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (number, day) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let name_read = Self { number: number.parse().ok()?, day: day.parse().ok()? };
        (name_read.to_string() == name).then_some(name_read)
    }

    /// The first moment after the day.
    pub(crate) fn day_end(&self) -> Timestamp {
        let next = self.day.tomorrow().unwrap_or(self.day);
        next.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |start| start.timestamp())
    }

    pub(crate) fn day_start(&self) -> Timestamp {
        self.day.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |start| start.timestamp())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:010}-{}{SUFFIX}", self.number, self.day)
    }
}

/// The day of UTC.
pub(crate) fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// A segment as the running log knows it.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) name: Name,
    /// Or why it cannot be read.
    pub(crate) header: Result<Header, DamageKind>,
    /// How many bytes count.
    pub(crate) length: u64,
    pub(crate) visits: u64,
    /// Of its first and its last record in time.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    pub(crate) damage: Vec<Damage>,
    /// When rewriting it will next change something, as far as that is known.
    pub(crate) due: Option<Due>,
}

/// Under these rules nothing in a segment has to change before that time; none is never.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) rules: Arc<Retention>,
    pub(crate) at: Option<Timestamp>,
}

impl Segment {
    pub(crate) fn new(name: Name, header: Result<Header, DamageKind>, length: u64) -> Self {
        Self { name, header, length, visits: 0, times: None, damage: Vec::new(), due: None }
    }

    /// The time of its first record, or the earliest it can have.
    pub(crate) fn oldest(&self) -> Timestamp {
        let readable = self.times.map(|(oldest, _)| oldest);
        if self.damage.is_empty() {
            readable.unwrap_or_else(|| self.name.day_start())
        } else {
            readable.unwrap_or(Timestamp::MAX).min(self.name.day_start())
        }
    }

    /// The time of its last record, or the latest it can have.
    pub(crate) fn newest(&self) -> Timestamp {
        let readable = self.times.map(|(_, newest)| newest);
        if self.damage.is_empty() {
            readable.unwrap_or_else(|| self.name.day_start())
        } else {
            readable.unwrap_or(Timestamp::MIN).max(self.name.day_end())
        }
    }

    pub(crate) fn cover(&mut self, times: Option<(Timestamp, Timestamp)>) {
        self.times = match (self.times, times) {
            (Some(old), Some(new)) => Some((old.0.min(new.0), old.1.max(new.1))),
            (old, new) => old.or(new),
        };
    }
}

/// All segments, in order.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) segments: Vec<Segment>,
    /// Segments that should be there and are not.
    pub(crate) missing: Vec<Damage>,
}

impl Catalog {
    pub(crate) fn get(&self, number: u64) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name.number == number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.name.number == number)
    }

    pub(crate) fn damage(&self) -> impl Iterator<Item = Damage> {
        self.missing.iter().chain(self.segments.iter().flat_map(|segment| &segment.damage)).copied()
    }
}
