use std::fmt;

use jiff::{Timestamp, tz::TimeZone};

/// How long data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    For(Span),
    /// As long as the account lives.
    WhileRegistered,
}

/// A length of time as a policy says it: "30 days", "13 months".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    count: u32,
    unit: Unit,
}

/// What a length of time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// Its place among all units, the shortest first.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a length of time is a number and a unit, as in \"30 days\", \"13 months\" or \"1 year\"")]
pub struct BadDuration;

impl Span {
    pub const fn minutes(count: u32) -> Self {
        Self { count, unit: Unit::Minute }
    }

    pub const fn hours(count: u32) -> Self {
        Self { count, unit: Unit::Hour }
    }

    pub const fn days(count: u32) -> Self {
        Self { count, unit: Unit::Day }
    }

    pub const fn months(count: u32) -> Self {
        Self { count, unit: Unit::Month }
    }

    pub const fn count(self) -> u32 {
        self.count
    }

    pub const fn unit(self) -> Unit {
        self.unit
    }

    pub fn parse(text: &str) -> Result<Self, BadDuration> {
        let mut words = text.split_ascii_whitespace();
        let (Some(count), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            return Err(BadDuration);
        };
        let digits = count.bytes().all(|digit| digit.is_ascii_digit());
        let count: u32 = count.parse().ok().filter(|count| digits && (1..=10_000).contains(count)).ok_or(BadDuration)?;
        let unit = match unit.strip_suffix('s').unwrap_or(unit) {
            "minute" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => return Err(BadDuration),
        };
        Ok(Self { count, unit })
    }

    /// The moment this long before `now`, by the calendar of UTC.
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.to_zoned(TimeZone::UTC).checked_sub(self.calendar()).map_or(Timestamp::MIN, |then| then.timestamp())
    }

    /// The moment this long after `start`, by the calendar of UTC.
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.to_zoned(TimeZone::UTC).checked_add(self.calendar()).map_or(Timestamp::MAX, |then| then.timestamp())
    }

    /// At most this many seconds, whenever it starts.
    pub fn seconds_max(self) -> u64 {
        let unit = match self.unit {
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
            Unit::Week => 7 * 86_400,
            Unit::Month => 31 * 86_400,
            Unit::Year => 366 * 86_400,
        };
        u64::from(self.count) * unit
    }

    fn calendar(self) -> jiff::Span {
        let count = i64::from(self.count);
        let span = jiff::Span::new();
        match self.unit {
            Unit::Minute => span.minutes(count),
            Unit::Hour => span.hours(count),
            Unit::Day => span.days(count),
            Unit::Week => span.weeks(count),
            Unit::Month => span.months(count),
            Unit::Year => span.years(count),
        }
    }
}

impl Keep {
    pub fn parse(text: &str) -> Result<Self, BadDuration> {
        if text == "while registered" { Ok(Self::WhileRegistered) } else { Span::parse(text).map(Self::For) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        write!(out, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(span) => span.fmt(out),
            Self::WhileRegistered => out.write_str("while registered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_words() {
        assert_eq!(Keep::parse("180 days").map(|keep| keep.to_string()), Ok("180 days".to_owned()));
        assert_eq!(Keep::parse("1 month").map(|keep| keep.to_string()), Ok("1 month".to_owned()));
        assert_eq!(Keep::parse("while registered"), Ok(Keep::WhileRegistered));
        for text in ["", "days", "0 days", "-1 days", "+1 days", "3 fortnights", "1 day 2 hours", "99999999999 days"] {
            assert_eq!(Keep::parse(text), Err(BadDuration), "{text}");
        }
    }

    #[test]
    fn a_month_before_the_last_of_march_is_the_last_of_february() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().expect("a time");
        let then: Timestamp = "2026-02-28T12:00:00Z".parse().expect("a time");
        assert_eq!(Span::months(1).before(now), then);
    }

    #[test]
    fn a_span_is_never_longer_than_it_says_at_most() {
        let starts = ["2024-01-31T00:00:00Z", "2024-02-29T12:00:00Z", "2026-12-31T23:59:59Z"];
        for text in ["1 minute", "36 hours", "30 days", "2 weeks", "1 month", "13 months", "1 year", "8 years"] {
            let span = Span::parse(text).expect("a length of time");
            for start in starts.map(|start| start.parse::<Timestamp>().expect("a time")) {
                let seconds = span.after(start).duration_since(start).as_secs().unsigned_abs();
                assert!(seconds <= span.seconds_max(), "{text} after {start}");
                assert!(span.before(start) < start && start < span.after(start), "{text} around {start}");
            }
        }
    }

    #[test]
    fn time_does_not_run_past_its_end() {
        assert_eq!(Span::months(1).after(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(Span::months(1).before(Timestamp::MIN), Timestamp::MIN);
    }
}
