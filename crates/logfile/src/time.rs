//! Times as logs write them.

use domain::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use crate::number::{scaled, whole};

const MONTHS: [&[u8; 3]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

const DAY_SECONDS: i64 = 86_400;

/// `10/Oct/2000:13:55:36 -0700`
pub(crate) const COMMON_BYTES: usize = 26;

/// No time that anybody writes is longer.
pub(crate) const TIME_BYTES_MAX: usize = 48;

/// Reads times. Lines of a log mostly share their second with the one before, and nearly always their day, so it remembers both.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    /// Where the server stood, for times that do not say so.
    zone: TimeZone,
    second: Option<([u8; COMMON_BYTES], Timestamp)>,
    day: Option<Day>,
}

/// A day in one zone, as NCSA logs write it.
#[derive(Clone, Copy, Debug)]
struct Day {
    date: [u8; 11],
    offset: [u8; 5],
    starts: i64,
}

impl Times {
    pub(crate) const fn in_zone(zone: TimeZone) -> Self {
        Self { zone, second: None, day: None }
    }

    /// `10/Oct/2000:13:55:36 -0700`, in exactly these places.
    pub(crate) fn common(&mut self, text: &[u8]) -> Option<Timestamp> {
        let text: &[u8; COMMON_BYTES] = text.try_into().ok()?;
        if let Some((_, time)) = self.second.filter(|(last, _)| last == text) {
            return Some(time);
        }
        let starts = match self.day {
            Some(day) if text[..11] == day.date && text[21..] == day.offset => day.starts,
            _ => {
                let starts = day_of(&text[..11])? - offset_seconds(&text[21..])?;
                self.day = Some(Day { date: text[..11].try_into().ok()?, offset: text[21..].try_into().ok()?, starts });
                starts
            }
        };
        if text[11] != b':' || text[20] != b' ' {
            return None;
        }
        let time = Timestamp::from_second(starts + clock_seconds(&text[12..20])?).ok()?;
        self.second = Some((*text, time));
        Some(time)
    }

    /// `06/Feb/2009:12:14:14.655`, with or without a fraction and a zone.
    pub(crate) fn common_with_fraction(&self, text: &[u8]) -> Option<Timestamp> {
        let seconds = day_of(text.get(..11)?)? + clock_seconds(text.get(12..20)?)?;
        let (micros, zone) = fraction(&text[20..])?;
        (text[11] == b':').then_some(())?;
        self.placed(seconds, micros, zone.trim_ascii_start())
    }

    /// `2000-10-10T13:55:36.123+02:00` and its relatives: a space or a slash here and there, no fraction, `Z` or no zone.
    pub(crate) fn iso(&self, text: &[u8]) -> Option<Timestamp> {
        let seconds = iso_day(text.get(..10)?)? + clock_seconds(text.get(11..19)?)?;
        let (micros, zone) = fraction(&text[19..])?;
        matches!(text[10], b'T' | b't' | b' ').then_some(())?;
        self.placed(seconds, micros, zone.trim_ascii_start())
    }

    /// A day in UTC such as `2000-10-10`, and a time of that day such as `13:55:36.5`.
    pub(crate) fn on_day(&self, day: &[u8], text: &[u8]) -> Option<Timestamp> {
        let seconds = iso_day(day)? + clock_seconds(text.get(..8)?)?;
        let (micros, rest) = fraction(&text[8..])?;
        rest.is_empty().then(|| self.placed(seconds, micros, b"Z")).flatten()
    }

    /// Whichever of the forms it is, seconds, milliseconds or nanoseconds since 1970 among them.
    pub(crate) fn any(&mut self, text: &[u8]) -> Option<Timestamp> {
        match text {
            [_, _, b'/', ..] if text.len() == COMMON_BYTES => self.common(text),
            [_, _, b'/', ..] => self.common_with_fraction(text),
            [_, _, _, _, b'-' | b'/', ..] => self.iso(text),
            _ => since_1970(text),
        }
    }

    fn placed(&self, seconds: i64, micros: i64, zone: &[u8]) -> Option<Timestamp> {
        let seconds = match zone {
            b"" => self.second_of_local(seconds)?,
            b"Z" | b"z" => seconds,
            offset => seconds - offset_seconds(offset)?,
        };
        Timestamp::from_microsecond(seconds.checked_mul(1_000_000)? + micros).ok()
    }

    /// An hour that clocks show twice counts as its first showing.
    fn second_of_local(&self, seconds: i64) -> Option<i64> {
        if self.zone == TimeZone::UTC {
            return Some(seconds);
        }
        let shown = TimeZone::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
        Some(self.zone.to_ambiguous_timestamp(shown).compatible().ok()?.as_second())
    }
}

/// The size tells the unit: nobody logs before 1973 or after 5138.
fn since_1970(text: &[u8]) -> Option<Timestamp> {
    let integer = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let micros = match integer {
        9..=11 => scaled(text, 6)?,
        12..=14 => scaled(text, 3)?,
        15..=17 => scaled(text, 0)?,
        18..=20 => whole(text)? / 1000,
        // With an exponent, as some write large floats.
        1 => scaled(text, 6).filter(|micros| *micros > 100_000_000_000_000)?,
        _ => return None,
    };
    Timestamp::from_microsecond(i64::try_from(micros).ok()?).ok()
}

/// `10/Oct/2000` as the second its day begins, in UTC.
fn day_of(text: &[u8]) -> Option<i64> {
    let [d1, d2, b'/', m1, m2, m3, b'/', year @ ..] = text else { return None };
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(&[*m1, *m2, *m3]))?;
    begins(year, u8::try_from(month + 1).ok()?, &[*d1, *d2])
}

/// `2000-10-10` or `2000/10/10`
fn iso_day(text: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-' | b'/', m1, m2, b'-' | b'/', day @ ..] = text else { return None };
    begins(&[*y1, *y2, *y3, *y4], two(&[*m1, *m2])?, day)
}

fn begins(year: &[u8], month: u8, day: &[u8]) -> Option<i64> {
    let year = (year.len() == 4).then(|| whole(year)).flatten()?;
    let date = civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(two(day)?).ok()?).ok()?;
    Some(TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_second())
}

/// `13:55:36`. A leap second has no place in time as we count it, and shares that of the second before.
fn clock_seconds(text: &[u8]) -> Option<i64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = text else { return None };
    let (hour, minute, second) = (two(&[*h1, *h2])?, two(&[*m1, *m2])?, two(&[*s1, *s2])?);
    (hour < 24 && minute < 60 && second <= 60).then(|| i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second.min(59)))
}

fn two(digits: &[u8]) -> Option<u8> {
    match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

/// The fraction in microseconds, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.' | b',', behind)) = text.split_first() else { return Some((0, text)) };
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let micros = behind[..digits].iter().chain(b"000000").take(6).fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some((micros, &behind[digits..]))
}

/// `+0200`, `-07:00`
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (*sign, two(&[*h1, *h2])?, two(&[*m1, *m2])?),
        _ => return None,
    };
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    match sign {
        _ if seconds >= DAY_SECONDS || minutes > 59 => None,
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times() -> Times {
        Times::in_zone(TimeZone::UTC)
    }

    fn is(read: Option<Timestamp>, time: &str) {
        assert_eq!(read, Some(time.parse().unwrap()));
    }

    #[test]
    fn ncsa_times_have_a_zone() {
        let mut times = times();
        is(times.common(b"10/Oct/2000:13:55:36 -0700"), "2000-10-10T20:55:36Z");
        is(times.common(b"10/Oct/2000:13:55:36 -0700"), "2000-10-10T20:55:36Z");
        is(times.common(b"10/Oct/2000:13:55:37 -0700"), "2000-10-10T20:55:37Z");
        is(times.common(b"10/Oct/2000:13:55:37 +0545"), "2000-10-10T08:10:37Z");
        is(times.common(b"11/Oct/2000:00:00:00 +0545"), "2000-10-10T18:15:00Z");
        is(times.common(b"29/Feb/2024:23:59:59 +0000"), "2024-02-29T23:59:59Z");
    }

    #[test]
    fn a_leap_second_shares_the_second_before() {
        is(times().common(b"31/Dec/2016:23:59:60 +0000"), "2016-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        let mut times = times();
        is(times.common(b"10/Oct/2000:13:55:36 -0700"), "2000-10-10T20:55:36Z");
        for text in [
            "30/Feb/2024:00:00:00 +0000",
            "10/Okt/2000:13:55:36 -0700",
            "10/Oct/2000:24:00:00 -0700",
            "10/Oct/2000:13:60:00 -0700",
            "10/Oct/2000:13:55:61 -0700",
            "10/Oct/2000 13:55:36 -0700",
            "10/Oct/2000:13:55:36_-0700",
            "10/Oct/2000:13:55:36 *0700",
            "10/Oct/2000:13:55:36 -2500",
            "10/Oct/2000:13:55:36 -0770",
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            "",
        ] {
            assert_eq!(times.common(text.as_bytes()), None, "{text}");
            assert_eq!(times.any(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn any_form_is_found_out() {
        let mut times = times();
        for text in [
            "1646861401.5241024",
            "1646861401524.1024",
            "1646861401524102",
            "1646861401524102400",
            "1.6468614015241024e+09",
            "2022-03-09T21:30:01.524102Z",
            "2022-03-09T22:30:01.524102400+01:00",
            "2022-03-09 21:30:01.524102",
            "2022/03/09 21:30:01.524102",
            "09/Mar/2022:21:30:01.524102",
            "09/Mar/2022:14:30:01.524102 -0700",
        ] {
            is(times.any(text.as_bytes()), "2022-03-09T21:30:01.524102Z");
        }
        for text in ["", "-", "12", "1646", "9.5", "2022-03-09", "2022-03-09T25:00:00Z", "2022-03-09T21:30:01.Z", "2022-03-09T21:30:01 CET"]
        {
            assert_eq!(times.any(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn times_without_a_zone_are_those_of_the_server() {
        let berlin = Times::in_zone(TimeZone::get("Europe/Berlin").unwrap());
        is(berlin.common_with_fraction(b"06/Feb/2009:12:14:14.655"), "2009-02-06T11:14:14.655Z");
        is(berlin.common_with_fraction(b"06/Jul/2009:12:14:14.655"), "2009-07-06T10:14:14.655Z");
        is(berlin.iso(b"2009-10-25T02:30:00"), "2009-10-25T00:30:00Z");
    }
}
