use domain::{AccountId, Field};
use jiff::tz::TimeZone;
use logfile::{Format, Parser};
use policy::Sealed;
use visits::Recorder;

use super::{Admission, ImportError, WhoIs};

/// Lines of other servers' logs that are sent to us as they are written. Several servers may send, each in its own format.
#[derive(Debug)]
pub struct Receiving {
    zone: TimeZone,
    /// The one that could read the last line is tried first.
    parsers: Vec<Parser>,
}

impl Receiving {
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone, parsers: Vec::new() }
    }

    /// Records what a message tells. No where no line of a log is in it.
    pub fn message(&mut self, message: &[u8], admission: &Admission, recorder: &Recorder, who_is: WhoIs<'_>) -> Result<bool, ImportError> {
        let line = logfile::syslog_content(message);
        if line.len() > logfile::LINE_BYTES_MAX || memchr::memchr(0, line).is_some() {
            return Ok(false);
        }
        let Some(reads) = self.which_reads(line) else { return Ok(false) };
        self.parsers.swap(0, reads);
        let Ok(Some(entry)) = self.parsers[0].read(line) else { return Ok(false) };
        let account: Option<Sealed<AccountId>> = match entry.user.as_deref().filter(|_| admission.keeps(Field::VisitAccount)) {
            Some(user) => Some(Sealed::new(Field::VisitAccount, who_is(user)?)),
            None => None,
        };
        recorder.record(&admission.visit(&entry, account));
        Ok(true)
    }

    fn which_reads(&mut self, line: &[u8]) -> Option<usize> {
        let known = self.parsers.iter_mut().position(|parser| matches!(parser.read(line), Ok(Some(_))));
        known.or_else(|| {
            let format = Format::find(line).filter(|format| !self.parsers.iter().any(|parser| parser.format() == *format))?;
            self.parsers.push(Parser::in_zone(format, self.zone.clone()));
            Some(self.parsers.len() - 1)
        })
    }
}
