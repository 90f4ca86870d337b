use std::io::Read;

use logfile::{Format, LineReader, Parser};

use super::taking::{Place, Taking};
use super::{ImportError, Imported, Importing, LINES_LOOKED_AT, WhoIs};

/// A log that another server is still writing. What it says is taken in turn by turn; what is durable after a turn is known, so that nothing comes twice, and nothing is left out
/// when it is followed again from its beginning.
pub struct Following<R: Read> {
    source: Option<R>,
    lines: Option<LineReader<R>>,
    parser: Option<Parser>,
    place: Place,
}

impl<R: Read> std::fmt::Debug for Following<R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Following").field("place", &self.place).finish_non_exhaustive()
    }
}

impl<R: Read> Following<R> {
    /// From the beginning of a log.
    pub const fn new(source: R) -> Self {
        Self { source: Some(source), lines: None, parser: None, place: Place::BEGINNING }
    }

    /// Takes in what was written since the last turn. What has no end yet waits.
    pub fn turn(&mut self, importing: &Importing<'_>, who_is: WhoIs<'_>) -> Result<Imported, ImportError> {
        let importing = &Importing { is_followed: true, ..*importing };
        let mut taking = Taking::at(self.place, importing, importing.log.import(importing.now, importing.random)?);
        if let Some(source) = self.source.take() {
            self.lines = Some(LineReader::open(source)?.with_fingerprints(taking.key()));
        }
        let Some(lines) = &mut self.lines else { return Err(ImportError::NotReadable(std::io::ErrorKind::UnexpectedEof.into())) };
        if self.parser.is_none() {
            let beginning = lines.beginning(LINES_LOOKED_AT)?;
            // What is not yet a line says nothing of the format.
            let whole = whole_lines(beginning);
            if !whole.trim_ascii().is_empty() {
                let format = Format::find(whole).ok_or(ImportError::UnknownFormat)?;
                self.parser = Some(Parser::in_zone(format, importing.zone.clone()));
            }
        }
        if let Some(parser) = &mut self.parser {
            taking.read(lines, parser, who_is)?;
        }
        let (done, place) = taking.pause(lines)?;
        self.place = place;
        Ok(done)
    }

    /// How much of the log was read: a log that is shorter was cut.
    pub const fn position(&self) -> u64 {
        self.place.end()
    }

    /// The log is over: what stands at its end is taken in as it is.
    pub fn end(mut self, importing: &Importing<'_>, who_is: WhoIs<'_>) -> Result<Imported, ImportError> {
        let first = self.turn(importing, who_is)?;
        let importing = &Importing { is_followed: false, again: true, ..*importing };
        let mut taking = Taking::at(self.place, importing, importing.log.import(importing.now, importing.random)?);
        let (Some(lines), Some(parser)) = (&mut self.lines, &mut self.parser) else { return Ok(first) };
        lines.offer_again();
        taking.read(lines, parser, who_is)?;
        Ok(first.and(taking.finish(lines)?))
    }
}

/// The whole lines at the beginning.
fn whole_lines(beginning: &[u8]) -> &[u8] {
    let end = beginning.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    &beginning[..end]
}
