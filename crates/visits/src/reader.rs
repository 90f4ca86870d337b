//! Reads a segment from its first frame to its last, in little memory, and says what it could not read.

#[cfg(test)]
mod tests;

use disk::{DiskError, ReadableFile};

use crate::damage::{Damage, DamageKind};
use crate::frame::{self, FRAME_HEAD, PAYLOAD_MAX, Parsed};
use crate::record;
use crate::segment::{HEADER, Header};

/// Two whole frames fit, so that what follows a bad one can be looked at.
const WINDOW: usize = 256 * 1024;

/// What comes next in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// The payload of a frame whose checksum matches.
    Payload {
        offset: u64,
        payload: &'a [u8],
    },
    Damage(Damage),
}

pub(crate) struct SegmentReader {
    file: Box<dyn ReadableFile>,
    number: u64,
    salt: u32,
    /// The last frame has to say that it is the last.
    says_its_end: bool,
    saw_its_end: bool,
    /// What is wrong with the whole segment.
    broken: Option<DamageKind>,
    /// The offset of what comes next.
    offset: u64,
    /// Where the bytes that count end, and how many of them the file does not have.
    end: u64,
    cut: u64,
    window: Vec<u8>,
    /// Where in the window the next byte is, and where the window's bytes end.
    start: usize,
    filled: usize,
}

impl SegmentReader {
    /// Reads the first `end` bytes of a segment.
    pub(crate) fn new(file: Box<dyn ReadableFile>, number: u64, header: Result<Header, DamageKind>, end: u64) -> Self {
        Self {
            file,
            number,
            salt: header.map_or(0, |header| header.salt()),
            says_its_end: header.is_ok_and(|header| header.rewritten),
            saw_its_end: false,
            broken: header.err(),
            offset: if header.is_ok() { HEADER as u64 } else { 0 },
            end,
            cut: 0,
            window: vec![0; WINDOW],
            start: 0,
            filled: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Piece<'_>> {
        if let Some(what) = self.broken.take() {
            return Some(self.rest_is(what));
        }
        if self.offset >= self.end {
            return self.is_cut_short().map(Piece::Damage);
        }
        if self.saw_its_end {
            return Some(self.rest_is(DamageKind::BadRecord));
        }
        let offset = self.offset;
        match self.frame_at(0) {
            Ok(Some(length)) => {
                let from = self.start + FRAME_HEAD;
                self.advance(FRAME_HEAD + length);
                let payload = &self.window[from..from + length];
                self.saw_its_end = record::is_end(payload);
                Some(Piece::Payload { offset, payload })
            }
            Ok(None) if self.offset >= self.end => self.is_cut_short().map(Piece::Damage),
            Ok(None) if self.skip_bad().is_ok() => {
                let bytes = self.offset - offset;
                Some(Piece::Damage(Damage { segment: self.number, offset, bytes, what: DamageKind::BadChecksum }))
            }
            Ok(None) | Err(_) => {
                self.offset = offset;
                Some(self.rest_is(DamageKind::NotReadable))
            }
        }
    }

    fn rest_is(&mut self, what: DamageKind) -> Piece<'static> {
        let damage = Damage { segment: self.number, offset: self.offset, bytes: self.end.saturating_sub(self.offset), what };
        self.offset = self.end;
        self.says_its_end = false;
        Piece::Damage(damage)
    }

    /// Told once, after everything else.
    fn is_cut_short(&mut self) -> Option<Damage> {
        let ends_early = self.cut > 0 || (self.says_its_end && !self.saw_its_end);
        let damage = Damage { segment: self.number, offset: self.offset, bytes: self.cut, what: DamageKind::CutShort };
        self.cut = 0;
        self.says_its_end = false;
        ends_early.then_some(damage)
    }

    /// The payload's length of the good frame that begins so many bytes from here, if one does.
    fn frame_at(&mut self, distance: usize) -> Result<Option<usize>, DiskError> {
        let mut needed = FRAME_HEAD;
        while self.fill(distance + needed)? {
            match frame::parse(&self.window[self.start + distance..self.filled], self.salt) {
                Parsed::Good(payload) => return Ok(Some(payload.len())),
                Parsed::Bad => return Ok(None),
                Parsed::Short(more) => needed = more,
            }
        }
        Ok(None)
    }

    /// Goes on to where the next good frame begins: where the bad frame says it ends, if that is so, and else wherever one is found.
    fn skip_bad(&mut self) -> Result<(), DiskError> {
        if self.fill(FRAME_HEAD)? {
            let head = self.window[self.start..].first_chunk().map_or(0, |head| frame::length_of(*head));
            let hop = FRAME_HEAD + head;
            let may_end_there = (1..=PAYLOAD_MAX).contains(&head) && self.offset + hop as u64 <= self.end;
            if may_end_there && (self.offset + hop as u64 == self.end || self.frame_at(hop)?.is_some()) {
                self.fill(hop)?;
                self.advance(hop);
                return Ok(());
            }
        }
        while self.fill(1)? {
            self.advance(1);
            if self.frame_at(0)?.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        self.offset += bytes as u64;
        self.start += bytes;
    }

    /// Has at least so many bytes in the window, or says that there are fewer.
    fn fill(&mut self, bytes: usize) -> Result<bool, DiskError> {
        if self.start + bytes > self.window.len() {
            self.window.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        while self.filled - self.start < bytes {
            let at = self.offset + (self.filled - self.start) as u64;
            let room = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX).min(self.window.len() - self.filled);
            if room == 0 {
                return Ok(false);
            }
            match self.file.read_at(at, &mut self.window[self.filled..self.filled + room])? {
                0 => {
                    self.cut = self.end - at;
                    self.end = at;
                    return Ok(false);
                }
                count => self.filled += count,
            }
        }
        Ok(true)
    }
}
