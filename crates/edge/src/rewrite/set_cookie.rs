//! One `Set-Cookie`, read as browsers read it (RFC 6265bis, section 5.6), and changed in its lifetime alone.

use domain::{Span, Timestamp};
use jiff::fmt::rfc2822::DateTimePrinter;

use super::cookie_date;

/// What the site asks a browser to keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetCookie<'a> {
    pub(crate) name: &'a [u8],
    /// Name and value, as they came.
    pair: &'a [u8],
    /// Everything from the first `;` on.
    attributes: &'a [u8],
}

/// An attribute that says how long a cookie lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifetime {
    /// `Max-Age`, in seconds. One that cannot be read is None.
    MaxAge(Option<i64>),
    /// `Expires`. One that cannot be read is None.
    Expires(Option<Timestamp>),
}

impl<'a> SetCookie<'a> {
    /// None where a browser would keep something without a name, or nothing at all.
    pub(crate) fn read(value: &'a [u8]) -> Option<Self> {
        let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
        let (pair, attributes) = value.split_at(end);
        let name = pair[..pair.iter().position(|byte| *byte == b'=')?].trim_ascii();
        (!name.is_empty()).then_some(Self { name, pair, attributes })
    }

    /// Whether it makes browsers forget the cookie, whichever of its attributes they believe.
    pub(crate) fn is_deletion(&self, now: Timestamp) -> bool {
        let (mut max_ages, mut dates) = (Vec::new(), Vec::new());
        for lifetime in self.lifetimes() {
            match lifetime {
                Lifetime::MaxAge(seconds) => max_ages.push(seconds.is_some_and(|seconds| seconds <= 0)),
                Lifetime::Expires(moment) => dates.push(moment.is_some_and(|moment| moment <= now)),
            }
        }
        let deciding = if max_ages.is_empty() { dates } else { max_ages };
        !deciding.is_empty() && deciding.iter().all(|is_over| *is_over)
    }

    /// The longest a browser may keep it, in seconds; None until the browser closes.
    pub(crate) fn lifetime_seconds(&self, now: Timestamp) -> Option<i64> {
        let seconds = |lifetime| match lifetime {
            Lifetime::MaxAge(seconds) => seconds,
            Lifetime::Expires(moment) => moment.map(|moment: Timestamp| moment.duration_since(now).as_secs()),
        };
        self.lifetimes().filter_map(seconds).max()
    }

    /// The same, living no longer than it may. None when it does not anyway. An attribute that cannot be read is left out, so that no browser makes more
    /// of it than we did.
    pub(crate) fn shortened(&self, keep: Span, now: Timestamp) -> Option<Vec<u8>> {
        let end = keep.after(now);
        let seconds_max = end.duration_since(now).as_secs();
        let mut is_changed = false;
        let mut shortened = self.pair.to_vec();
        for attribute in self.attributes() {
            let replacement = match lifetime(attribute) {
                None => Some(None),
                Some(Lifetime::MaxAge(Some(seconds))) if seconds <= seconds_max => Some(None),
                Some(Lifetime::Expires(Some(moment))) if moment <= end => Some(None),
                Some(Lifetime::MaxAge(Some(_))) => Some(Some(seconds_max.to_string())),
                Some(Lifetime::Expires(Some(_))) => DateTimePrinter::new().timestamp_to_rfc9110_string(&end).ok().map(Some),
                Some(Lifetime::MaxAge(None) | Lifetime::Expires(None)) => None,
            };
            is_changed |= replacement != Some(None);
            let Some(replacement) = replacement else { continue };
            shortened.push(b';');
            match replacement {
                None => shortened.extend_from_slice(attribute),
                Some(value) => {
                    let (name, _) = split(attribute);
                    shortened.extend_from_slice(name);
                    shortened.push(b'=');
                    shortened.extend_from_slice(value.as_bytes());
                }
            }
        }
        is_changed.then_some(shortened)
    }

    fn attributes(&self) -> impl Iterator<Item = &'a [u8]> {
        self.attributes.split(|byte| *byte == b';').skip(1)
    }

    fn lifetimes(&self) -> impl Iterator<Item = Lifetime> {
        self.attributes().filter_map(lifetime)
    }
}

/// An attribute's name and value, as they came.
fn split(attribute: &[u8]) -> (&[u8], &[u8]) {
    match attribute.iter().position(|byte| *byte == b'=') {
        Some(at) => (&attribute[..at], &attribute[at + 1..]),
        None => (attribute, b""),
    }
}

fn lifetime(attribute: &[u8]) -> Option<Lifetime> {
    /// Browsers ignore longer ones.
    const VALUE_BYTES_MAX: usize = 1_024;
    let (name, value) = split(attribute);
    let (name, value) = (name.trim_ascii(), value.trim_ascii());
    let readable = value.len() <= VALUE_BYTES_MAX;
    if name.eq_ignore_ascii_case(b"max-age") {
        Some(Lifetime::MaxAge(readable.then(|| seconds(value)).flatten()))
    } else if name.eq_ignore_ascii_case(b"expires") {
        Some(Lifetime::Expires(readable.then(|| cookie_date::read(value)).flatten()))
    } else {
        None
    }
}

/// A whole number of seconds, however large.
fn seconds(value: &[u8]) -> Option<i64> {
    let (sign, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (-1, digits),
        None => (1, value),
    };
    let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let add = |sum: i64, digit: &u8| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    all_digits.then(|| sign * digits.iter().fold(0, add))
}

#[cfg(test)]
mod tests;
