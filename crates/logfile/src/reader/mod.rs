//! Lines out of a file, packed or not, in bounded memory.

mod beginning;
mod packing;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr_iter};

use crate::broken::{Broken, Why};
use crate::entry::Entry;
use crate::parser::Parser;
use beginning::Digested;
pub use beginning::Fingerprint;
use packing::Source;

/// Longer lines are passed over: no server writes them, and a file that is no log may be a single one.
pub const LINE_BYTES_MAX: usize = 65_536;

/// Holds several of the longest lines, so that reading takes few calls and moves little.
const BUFFER_BYTES: usize = 4 * LINE_BYTES_MAX;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line, without its line break.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Line<'r> {
    /// The first line of a file is 1.
    pub number: u64,
    pub text: Result<&'r [u8], Why>,
    /// Where the next line begins, in bytes of the unpacked log: whoever goes on from there misses nothing and reads nothing twice.
    pub end: u64,
    /// Whether a line break followed. What is last without one may still be growing; it is handed out again, longer, when it has.
    pub is_whole: bool,
}

impl<'r> Line<'r> {
    /// What it says, or what is wrong with it and where.
    pub fn read(&self, parser: &mut Parser) -> Result<Option<Entry<'r>>, Broken> {
        self.text.and_then(|text| parser.read(text)).map_err(|why| Broken { line: self.number, why })
    }
}

/// How the reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing more was there.
    Whole,
    /// A packed file stops in the middle: what was in it until then has been read.
    Early,
    /// A packed file holds something from here on that cannot be unpacked.
    Damaged,
}

/// Hands out the lines of a log one by one, and keeps none. gzip and zstd are recognised by their first bytes; a zstd file that needs more than 128 MiB to
/// be unpacked counts as damaged.
pub struct LineReader<R: Read> {
    source: Source<R>,
    buffer: Vec<u8>,
    /// What was read and not yet handed out.
    unread: Range<usize>,
    /// Where the unread bytes begin in the unpacked log.
    position: u64,
    /// How many lines were handed out.
    lines: u64,
    /// Looking again for a line break begins here, as far as there is none before it.
    searched: usize,
    /// The next NUL byte in the unread bytes.
    nul: Option<usize>,
    /// What is wrong with a line of which the beginning is gone already.
    passing_over: Option<Why>,
    /// How much there was of a line without a line break when it was last handed out.
    offered: Option<u64>,
    ending: Ending,
    digested: Option<Digested>,
}

impl<R: Read> LineReader<R> {
    /// From the beginning of a log.
    pub fn open(read: R) -> io::Result<Self> {
        let mut reader = Self::with(Source::open(read)?);
        while reader.unread.len() < BYTE_ORDER_MARK.len() && reader.fill()? > 0 {}
        if reader.buffer[reader.unread.clone()].starts_with(BYTE_ORDER_MARK) {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        Ok(reader)
    }

    /// From the middle of a log that is not packed: `read` stands at this many bytes and after this many lines.
    pub fn continued(read: R, position: u64, lines: u64) -> Self {
        Self { position, lines, ..Self::with(Source::plain(read)) }
    }

    fn with(source: Source<R>) -> Self {
        Self {
            source,
            buffer: vec![0; BUFFER_BYTES],
            unread: 0..0,
            position: 0,
            lines: 0,
            searched: 0,
            nul: None,
            passing_over: None,
            offered: None,
            ending: Ending::Whole,
            digested: None,
        }
    }

    /// From here on it can be told by what the log began with. Two logs that began with the same have the same fingerprint under the same key, and no others do.
    pub fn with_fingerprints(mut self, key: &[u8; 32]) -> Self {
        self.digested = Some(Digested::new(key, self.unread.start));
        self
    }

    /// What tells the log by its beginning up to here: the end of the line that was handed out last, or a place in it. None for any other place.
    pub fn fingerprint_at(&self, position: u64) -> Option<Fingerprint> {
        let digested = self.digested.as_ref()?;
        let buffered = self.position.checked_sub(self.unread.start as u64)?;
        let at = usize::try_from(position.checked_sub(buffered)?).ok()?;
        let unknown = digested.through()..self.unread.end.min(at);
        (at <= self.unread.end && digested.through() <= at).then(|| digested.with(&self.buffer[unknown]))
    }

    /// What comes next, without taking it: so many lines if there are, and fewer where they do not fit. For finding out the format.
    pub fn beginning(&mut self, lines: usize) -> io::Result<&[u8]> {
        while memchr_iter(b'\n', &self.buffer[self.unread.clone()]).take(lines).count() < lines {
            if self.unread.len() == BUFFER_BYTES || self.fill()? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.unread.clone()])
    }

    /// Goes to where an earlier reading had come, by reading up to there. No if the log ends before.
    pub fn skip_to(&mut self, position: u64, lines: u64) -> io::Result<bool> {
        while self.position < position {
            if self.unread.is_empty() && self.fill()? == 0 {
                return Ok(false);
            }
            let bytes = usize::try_from(position - self.position).unwrap_or(usize::MAX).min(self.unread.len());
            self.consume(bytes);
        }
        self.lines = lines;
        Ok(true)
    }

    /// The next line, or none for now: a file that grows may have more the next time.
    #[expect(clippy::should_implement_trait, reason = "a line borrows from the reader, which no iterator's item can")]
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let from = self.unread.start.max(self.searched);
            if let Some(at) = memchr(b'\n', &self.buffer[from..self.unread.end]) {
                return Ok(Some(self.take_line(from + at)));
            }
            self.searched = self.unread.end;
            if self.unread.len() > LINE_BYTES_MAX + 1 || (self.passing_over.is_some() && !self.unread.is_empty()) {
                self.pass_over();
            }
            if self.fill()? == 0 {
                return Ok(self.offer_rest());
            }
        }
    }

    /// A last line without a line break is handed out once more, though it did not grow.
    pub const fn offer_again(&mut self) {
        self.offered = None;
    }

    /// Where in the unpacked log the next line begins.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// How many whole lines were handed out, and those before where it went on.
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// What is packed cannot be gone on with in the middle but by [`Self::skip_to`].
    pub const fn is_packed(&self) -> bool {
        self.source.is_packed()
    }

    /// To be asked when there are no more lines.
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    fn take_line(&mut self, line_break: usize) -> Line<'_> {
        let whole = self.unread.start..line_break;
        let why = self.why(&whole);
        self.passing_over = None;
        self.offered = None;
        self.consume(line_break + 1 - whole.start);
        self.lines += 1;
        Line { number: self.lines, text: why.map_or_else(|| Ok(self.line(whole)), Err), end: self.position, is_whole: true }
    }

    /// The last line, if it has no line break, once for each length that it comes to have. It stays unread.
    fn offer_rest(&mut self) -> Option<Line<'_>> {
        let end = self.position + self.unread.len() as u64;
        let is_nothing = self.unread.is_empty() && self.passing_over.is_none();
        if is_nothing || self.offered == Some(end) {
            return None;
        }
        self.offered = Some(end);
        let why = self.why(&self.unread);
        let text = why.map_or_else(|| Ok(self.line(self.unread.clone())), Err);
        Some(Line { number: self.lines + 1, text, end, is_whole: false })
    }

    fn line(&self, range: Range<usize>) -> &[u8] {
        let line = &self.buffer[range];
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// What is wrong with the unread bytes up to here, as far as they are one line.
    fn why(&self, range: &Range<usize>) -> Option<Why> {
        if self.passing_over == Some(Why::Nul) || self.nul.is_some_and(|nul| nul < range.end) {
            Some(Why::Nul)
        } else if self.passing_over.is_some() || self.line(range.clone()).len() > LINE_BYTES_MAX {
            Some(Why::TooLong)
        } else {
            None
        }
    }

    /// Lets go of what was read of a line that is too long, however long it turns out to be.
    fn pass_over(&mut self) {
        self.passing_over = Some(self.why(&self.unread).unwrap_or(Why::TooLong));
        self.consume(self.unread.len());
    }

    fn consume(&mut self, bytes: usize) {
        self.unread.start += bytes;
        self.position += bytes as u64;
        if self.nul.is_some_and(|nul| nul < self.unread.start) {
            self.find_nul(self.unread.start);
        }
    }

    fn find_nul(&mut self, from: usize) {
        self.nul = memchr(0, &self.buffer[from..self.unread.end]).map(|at| from + at);
    }

    /// Reads more behind what is unread. Nothing is the end, for now.
    fn fill(&mut self) -> io::Result<usize> {
        if self.unread.start > 0 && (self.unread.is_empty() || self.unread.end == BUFFER_BYTES) {
            let moved = self.unread.start;
            if let Some(digested) = &mut self.digested {
                digested.move_to_front(&self.buffer[..moved]);
            }
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
            self.searched = self.searched.saturating_sub(moved);
            self.nul = self.nul.map(|nul| nul - moved);
        }
        let old_end = self.unread.end;
        let bytes = self.read_behind(old_end)?;
        self.unread.end += bytes;
        if self.nul.is_none() {
            self.find_nul(old_end);
        }
        Ok(bytes)
    }

    /// What cannot be unpacked ends the reading. What cannot be read at all is an error.
    fn read_behind(&mut self, end: usize) -> io::Result<usize> {
        if self.ending != Ending::Whole {
            return Ok(0);
        }
        loop {
            match self.source.read(&mut self.buffer[end..]) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.source.is_packed() && !self.source.has_failed() => {
                    let is_early = error.kind() == io::ErrorKind::UnexpectedEof;
                    self.ending = if is_early { Ending::Early } else { Ending::Damaged };
                    return Ok(0);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> std::fmt::Debug for LineReader<R> {
    /// Not the buffer: what is in it is personal.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LineReader").field("position", &self.position).field("lines", &self.lines).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text.map(<[u8]>::len);
        out.debug_struct("Line")
            .field("number", &self.number)
            .field("bytes", &text)
            .field("is_whole", &self.is_whole)
            .finish_non_exhaustive()
    }
}
