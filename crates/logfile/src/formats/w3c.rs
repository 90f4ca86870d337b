//! W3C's extended log format: `#Fields:` says what the columns of the lines below it are, and may say otherwise further down. IIS writes it, and Amazon's
//! CloudFront, each with ways of its own to write a space inside of a column.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use domain::Timestamp;
use memchr::{memchr, memchr2, memmem};

use crate::broken::Why;
use crate::entry::Entry;
use crate::number::{ip, scaled, status, whole, without_port};
use crate::request::{method_of, path_of};
use crate::text::{is_nothing, lossy, unmarked, without_query};
use crate::time::Times;

/// No log has more; of a line that pretends to, the rest is left out.
const COLUMNS_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Date,
    Time,
    DateAndTime,
    Ip,
    User,
    Method,
    Path,
    Status,
    Bytes,
    Duration,
    Referrer,
    Browser,
    Host,
    Other,
}

/// What the lines above say of those below.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heading {
    columns: Vec<Column>,
    /// The two lines as they came: whoever goes on in the middle of a file needs them.
    fields_line: String,
    date_line: String,
    /// The day of a log whose columns have only the time of day.
    date: Option<String>,
}

/// What the columns of one line say of its time.
#[derive(Default)]
struct When<'l> {
    date: &'l [u8],
    time: &'l [u8],
    both: &'l [u8],
}

impl Heading {
    /// The lines that say what the next ones mean.
    pub(crate) fn lines(&self) -> String {
        [&self.date_line, &self.fields_line].into_iter().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
    }

    pub(crate) fn is_there(&self) -> bool {
        self.columns.iter().any(|column| matches!(column, Column::Time | Column::DateAndTime))
    }

    /// No entry for a line that is about the log itself.
    pub(crate) fn read<'l>(&mut self, line: &'l [u8], times: &mut Times) -> Result<Option<Entry<'l>>, Why> {
        if line.first() == Some(&b'#') {
            self.directive(line);
            return Ok(None);
        }
        if self.columns.is_empty() {
            return Err(Why::NoFields);
        }
        let mut entry = Entry::at(Timestamp::UNIX_EPOCH);
        let mut when = When::default();
        let mut rest = line;
        for column in &self.columns {
            let Some((value, behind)) = next_value(rest) else { return Err(Why::OtherColumns) };
            rest = behind;
            if !is_nothing(value) {
                keep(*column, value, &mut entry, &mut when);
            }
        }
        if !rest.trim_ascii().is_empty() {
            return Err(Why::OtherColumns);
        }
        entry.time = self.time(&when, times)?;
        Ok(Some(entry))
    }

    fn directive(&mut self, line: &[u8]) {
        let text = lossy(line);
        let Some((name, value)) = text.split_once(':') else { return };
        let name = name.trim_start_matches('#').trim();
        if name.eq_ignore_ascii_case("fields") {
            self.columns = value.split_ascii_whitespace().take(COLUMNS_MAX).map(column).collect();
            self.fields_line = text.clone().into_owned();
        } else if name.eq_ignore_ascii_case("date") || name.eq_ignore_ascii_case("start-date") {
            self.date = value.split_ascii_whitespace().next().map(str::to_owned);
            self.date_line = text.clone().into_owned();
        }
    }

    /// W3C's times are in UTC.
    fn time(&self, when: &When<'_>, times: &mut Times) -> Result<Timestamp, Why> {
        if !when.both.is_empty() {
            return times.any(when.both).ok_or(Why::BadTime);
        }
        let date = if when.date.is_empty() { self.date.as_deref().unwrap_or_default().as_bytes() } else { when.date };
        if date.is_empty() || when.time.is_empty() {
            return Err(Why::NoTime);
        }
        times.on_day(date, when.time).ok_or(Why::BadTime)
    }
}

fn column(name: &str) -> Column {
    match name.to_ascii_lowercase().as_str() {
        "date" => Column::Date,
        "time" => Column::Time,
        "datetime" | "timestamp" | "x-timestamp" => Column::DateAndTime,
        "c-ip" => Column::Ip,
        "cs-username" | "c-auth-id" => Column::User,
        "cs-method" => Column::Method,
        "cs-uri-stem" | "cs-uri" => Column::Path,
        "sc-status" => Column::Status,
        "sc-bytes" | "bytes" => Column::Bytes,
        "time-taken" => Column::Duration,
        "cs(referer)" | "cs(referrer)" => Column::Referrer,
        "cs(user-agent)" => Column::Browser,
        // What was asked for says more than what CloudFront calls itself.
        "cs-host" | "cs(host)" | "x-host-header" => Column::Host,
        _ => Column::Other,
    }
}

/// Columns are divided by white space. One that holds some is in quotation marks, with those inside doubled.
fn next_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    if line.is_empty() {
        return None;
    }
    if let Some(inner) = line.strip_prefix(b"\"") {
        let mut at = 0;
        while let Some(quote) = memchr(b'"', &inner[at..]).map(|quote| at + quote) {
            match inner.get(quote + 1) {
                None | Some(b' ' | b'\t') => return Some((&line[..quote + 2], &inner[quote + 1..])),
                Some(b'"') => at = quote + 2,
                _ => at = quote + 1,
            }
        }
    }
    let end = memchr2(b' ', b'\t', line).unwrap_or(line.len());
    Some((&line[..end], &line[end..]))
}

fn keep<'l>(column: Column, value: &'l [u8], entry: &mut Entry<'l>, when: &mut When<'l>) {
    match column {
        Column::Date => when.date = bare(value),
        Column::Time => when.time = bare(value),
        Column::DateAndTime => when.both = bare(value),
        Column::Ip => entry.ip = ip(bare(value)),
        Column::User => entry.user = text(value),
        Column::Method => entry.method = method_of(bare(value)),
        Column::Path => entry.path = path_of(bare(value), lossy),
        Column::Status => entry.status = status(bare(value)),
        Column::Bytes => entry.bytes = whole(bare(value)),
        Column::Duration => entry.duration_us = duration_us(bare(value)),
        Column::Referrer => entry.referrer = without_query(lossy(bare(value))),
        Column::Browser => entry.browser = text(value),
        Column::Host => entry.host = Some(without_port(bare(value))).filter(|host| !host.is_empty()).map(lossy),
        Column::Other => {}
    }
}

fn bare(value: &[u8]) -> &[u8] {
    quoted(value).unwrap_or(value)
}

fn quoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// IIS writes spaces as `+`, CloudFront as `%20`, and others put the text in quotation marks.
fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let text = if let Some(inner) = quoted(value) {
        let text = lossy(inner);
        if text.contains("\"\"") { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
    } else if memmem::find(value, b"%20").is_some() {
        unmarked(value, b'%')
    } else {
        let text = lossy(value);
        if memchr(b'+', value).is_some() { Cow::Owned(text.replace('+', " ")) } else { text }
    };
    (!text.is_empty()).then_some(text)
}

/// IIS writes whole milliseconds; the format itself means seconds with a fraction.
fn duration_us(value: &[u8]) -> Option<u64> {
    let has_fraction = memchr(b'.', value).is_some();
    scaled(value, if has_fraction { 6 } else { 3 })
}
