//! A cookie's `Expires`, read as browsers read it (RFC 6265, section 5.1.1): in whatever order, with whatever between.

use domain::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// None where a browser, too, finds no date.
pub(super) fn read(text: &[u8]) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        if let (None, Some(found)) = (time, time_of_day(token)) {
            time = Some(found);
        } else if let (None, Some(found)) = (day, number(token, 1, 2)) {
            day = Some(found);
        } else if let (None, Some(found)) = (month, month_named(token)) {
            month = Some(found);
        } else if let (None, Some(found)) = (year, number(token, 2, 4)) {
            year = Some(found);
        }
    }
    let year = match year? {
        late @ 70..=99 => late + 1_900,
        early @ 0..=69 => early + 2_000,
        year => year,
    };
    let date = Date::new(year, month?, i8::try_from(day?).ok()?).ok().filter(|_| year >= 1_601)?;
    DateTime::from_parts(date, time?).to_zoned(TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// The number a token begins with; what follows its digits does not matter.
fn number(token: &[u8], digits_min: usize, digits_max: usize) -> Option<i16> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits_min..=digits_max).contains(&digits).then(|| std::str::from_utf8(&token[..digits]).ok()?.parse().ok()).flatten()
}

fn time_of_day(token: &[u8]) -> Option<Time> {
    let mut fields = token.splitn(3, |byte| *byte == b':');
    let whole = |field: &[u8]| field.iter().all(u8::is_ascii_digit).then(|| number(field, 1, 2)).flatten();
    let (hour, minute) = (whole(fields.next()?)?, whole(fields.next()?)?);
    let second = number(fields.next()?, 1, 2)?;
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

fn month_named(token: &[u8]) -> Option<i8> {
    const MONTHS: [&[u8]; 12] = [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let name = token.get(..3)?;
    (1..).zip(MONTHS).find(|(_, month)| name.eq_ignore_ascii_case(month)).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Option<String> {
        read(text.as_bytes()).map(|moment| moment.to_string())
    }

    #[test]
    fn a_date_is_read_in_every_form_that_sites_write() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "06-nov-1994 8:49:37",
            "1994 November 6th 08:49:37Z",
        ] {
            assert_eq!(read_text(text).as_deref(), Some("1994-11-06T08:49:37Z"), "{text}");
        }
        assert_eq!(read_text("Thu, 01-Jan-69 00:00:00 GMT").as_deref(), Some("2069-01-01T00:00:00Z"));
        assert_eq!(read_text("Thu, 01-Jan-70 00:00:00 GMT").as_deref(), Some("1970-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "0", "-1", "never", "Sun, 06 Nov 1994", "06 Nov 1994 24:00:00", "30 Feb 2026 00:00:00", "06 Nov 1600 00:00:00", "1:2:3"]
        {
            assert_eq!(read_text(text), None, "{text}");
        }
    }
}
