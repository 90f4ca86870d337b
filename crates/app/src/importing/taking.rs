use std::io::Read;

use domain::{AccountId, Field};
use logfile::{Broken, Ending, Line, LineReader, Parser};
use policy::Sealed;
use visits::{Import, Mark};

use super::{BROKEN_NAMED_MAX, ImportError, Imported, Importing, WhoIs};

/// By so many of its first lines a log is told from others of the same length or less.
const HEAD_LINES: u64 = 16;

/// How far a log was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The end of the last line.
    end: u64,
    /// The latest time so far, in microseconds.
    newest: i64,
    /// What the first lines were.
    head: Option<u128>,
    /// Where it is known up to, if nobody needs to know it any more once it is known further.
    known: Option<Mark>,
}

impl Place {
    pub(super) const fn end(self) -> u64 {
        self.end
    }

    pub(super) const BEGINNING: Self = Self { end: 0, newest: i64::MIN, head: None, known: None };
}

/// A log being taken in.
pub(super) struct Taking<'a> {
    how: &'a Importing<'a>,
    import: Import<'a>,
    done: Imported,
    place: Place,
    /// The least length, not below the place, at which some log is known; none of that length need be this one.
    next_known: Option<u64>,
}

impl<'a> Taking<'a> {
    /// Goes on at this place.
    pub(super) fn at(place: Place, how: &'a Importing<'a>, import: Import<'a>) -> Self {
        let done = Imported {
            format: None,
            read: 0,
            imported: 0,
            already: 0,
            dropped: 0,
            robots: 0,
            broken_lines: 0,
            broken: Vec::new(),
            ending: Ending::Whole,
        };
        let next_known = import.known_length_from(place.end + 1);
        Self { how, import, done, place, next_known }
    }

    pub(super) const fn key(&self) -> &[u8; 32] {
        self.import.key()
    }

    /// Reads on until there are no more lines. Of a log that is followed, a line that has no end yet waits until it has.
    pub(super) fn read<R: Read>(&mut self, lines: &mut LineReader<R>, parser: &mut Parser, who_is: WhoIs<'_>) -> Result<(), ImportError> {
        self.done.format = Some(parser.format());
        loop {
            let from = lines.position();
            let Some(line) = lines.next()? else { return Ok(()) };
            let end = line.end;
            if self.how.is_followed && !line.is_whole {
                return Ok(());
            }
            let is_done = if self.may_know_the_beginning_of(from, end) {
                let (number, is_whole, text) = (line.number, line.is_whole, line.text.map(<[u8]>::to_vec));
                let text = text.as_deref().map_err(|why| *why);
                if self.knows_the_beginning_of(from, end, lines) {
                    self.known_line()
                } else {
                    self.line(&Line { number, text, end, is_whole }, parser, who_is)?
                }
            } else {
                self.line(&line, parser, who_is)?
            };
            if is_done {
                self.line_ended(end, lines)?;
            }
        }
    }

    /// Whether some log ended within this line when it was taken in, so that this one may be the same, grown since.
    fn may_know_the_beginning_of(&self, from: u64, end: u64) -> bool {
        self.next_known.is_some_and(|known| from < known && known < end)
    }

    /// Whether the log was taken in when the line was not yet whole: its beginning is there, as far as it went.
    fn knows_the_beginning_of<R: Read>(&self, from: u64, end: u64, lines: &LineReader<R>) -> bool {
        let mut known = self.import.known_length_from(from + 1);
        while let Some(length) = known.filter(|length| *length < end) {
            if self.is_known(length, lines) {
                return true;
            }
            known = self.import.known_length_from(length + 1);
        }
        false
    }

    /// All up to the end of this line is there already.
    fn known_line(&mut self) -> bool {
        self.done.read += 1;
        self.done.already += 1 + self.import.pending() as u64;
        self.import.discard();
        true
    }

    /// Says whether it is done with: a line that has no end yet and cannot be read may be readable when it has.
    fn line(&mut self, line: &Line<'_>, parser: &mut Parser, who_is: WhoIs<'_>) -> Result<bool, ImportError> {
        let entry = match line.read(parser) {
            Ok(Some(entry)) => entry,
            Ok(None) => return Ok(true),
            Err(broken) => {
                self.broken(broken);
                return Ok(line.is_whole);
            }
        };
        self.done.read += 1;
        self.place.newest = self.place.newest.max(entry.time.as_microsecond());
        let account: Option<Sealed<AccountId>> = match entry.user.as_deref().filter(|_| self.how.admission.keeps(Field::VisitAccount)) {
            Some(user) => Some(Sealed::new(Field::VisitAccount, who_is(user)?)),
            None => None,
        };
        if !self.import.push(&self.how.admission.visit(&entry, account)) {
            self.done.dropped += 1;
        }
        Ok(true)
    }

    fn broken(&mut self, broken: Broken) {
        self.done.read += 1;
        self.done.broken_lines += 1;
        if self.done.broken.len() < BROKEN_NAMED_MAX {
            self.done.broken.push(broken);
        }
    }

    /// Where the log is known up to here, what was read since the last such place is there already. Otherwise it is kept once there is enough of it.
    fn line_ended<R: Read>(&mut self, end: u64, lines: &LineReader<R>) -> Result<(), ImportError> {
        self.place.end = end;
        if lines.lines() == HEAD_LINES && self.place.head.is_none() {
            self.place.head = lines.fingerprint_at(end).map(u128::from_be_bytes);
        }
        if self.next_known.is_some_and(|known| known < end) {
            self.next_known = self.import.known_length_from(end);
        }
        let may_be_known = self.next_known == Some(end);
        if may_be_known {
            self.next_known = self.import.known_length_from(end + 1);
        }
        if may_be_known && self.is_known(end, lines) {
            self.done.already += self.import.pending() as u64;
            self.import.discard();
        } else if lines.position() == end && lines.lines().is_multiple_of(self.how.lines_at_once) {
            self.publish(lines)?;
        }
        Ok(())
    }

    /// The log has ended.
    pub(super) fn finish<R: Read>(mut self, lines: &LineReader<R>) -> Result<Imported, ImportError> {
        let is_older = |head| self.import.pending() > 0 && self.import.is_known_further(self.place.end, head);
        if !self.how.again && self.place.head.is_some_and(is_older) {
            return Err(ImportError::OlderCopy);
        }
        self.publish(lines)?;
        Ok(Imported { ending: lines.ending(), ..self.done })
    }

    /// The log will grow on.
    pub(super) fn pause<R: Read>(mut self, lines: &LineReader<R>) -> Result<(Imported, Place), ImportError> {
        self.publish(lines)?;
        Ok((self.done, self.place))
    }

    fn publish<R: Read>(&mut self, lines: &LineReader<R>) -> Result<(), ImportError> {
        let pending = self.import.pending() as u64;
        let Place { end, newest, head, known } = self.place;
        // Of what left nothing, nothing has to be known.
        if let Some(beginning) = lines.fingerprint_at(end).filter(|_| pending > 0) {
            let mark = Mark { bytes: end, beginning: u128::from_be_bytes(beginning), head, to: newest };
            self.done.robots += self.import.publish(mark, known)?;
            self.done.imported += pending;
            // Whoever reads the log again comes by the other places, and may not get as far as the last.
            let is_on_the_way = lines.lines().is_multiple_of(self.how.lines_at_once);
            self.place.known = (self.how.is_followed && !is_on_the_way).then_some(mark);
        }
        Ok(())
    }

    fn is_known<R: Read>(&self, length: u64, lines: &LineReader<R>) -> bool {
        lines.fingerprint_at(length).is_some_and(|beginning| self.import.is_known(length, u128::from_be_bytes(beginning)))
    }
}
