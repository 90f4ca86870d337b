use std::time::Duration;

use domain::{Span, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How many days a length of time is at most, whenever it starts; begun days count.
pub(super) fn days_max(span: Span) -> u32 {
    days(span).max().unwrap_or(u32::MAX)
}

/// How many days a length of time is at least, whenever it starts; begun days count.
pub(super) fn days_min(span: Span) -> u32 {
    days(span).min().unwrap_or(0)
}

fn days(span: Span) -> impl Iterator<Item = u32> {
    // Months begun on the first are as long as months begun on any other day, and four years hold every run of them.
    let starts = (0..48).filter_map(|month| {
        let first = Date::new(2024 + month / 12, i8::try_from(month % 12 + 1).ok()?, 1).ok()?;
        Some(first.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    starts.map(move |start| days_between(start, span.after(start)))
}

fn days_between(start: Timestamp, end: Timestamp) -> u32 {
    const DAY: Duration = Duration::from_secs(86_400);
    let between = Duration::try_from(end.duration_since(start)).unwrap_or_default();
    u32::try_from(between.as_secs().div_ceil(DAY.as_secs())).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_run_counts() {
        let days = |text: &str| days_min(Span::parse(text).expect("a length of time"));
        assert_eq!((days("1 month"), days("3 months"), days("1 year"), days("2 weeks")), (28, 89, 365, 14));
    }

    #[test]
    fn the_longest_run_counts() {
        let days = |text: &str| days_max(Span::parse(text).expect("a length of time"));
        assert_eq!(days("1 month"), 31);
        assert_eq!(days("12 months"), 366);
        assert_eq!(days("1 year"), 366);
        assert_eq!(days("13 months"), 397);
        assert_eq!(days("365 days"), 365);
        assert_eq!(days("52 weeks"), 364);
        assert_eq!(days("25 hours"), 2);
        assert_eq!(days("10000 years"), days("10000 years"), "the end of time does not panic");
    }
}
