use proptest::prelude::*;

use super::*;

fn span() -> impl Strategy<Value = Span> {
    (1_u32..40, prop_oneof!["minute", "hour", "day", "week", "month", "year"])
        .prop_map(|(count, unit)| Span::parse(&format!("{count} {unit}s")).expect("a span"))
}

proptest! {
    #[test]
    fn what_is_due_is_what_the_calendar_says(span in span(), second in 1_500_000_000_i64..2_000_000_000, around in -5_i64..5) {
        let now = Timestamp::from_second(second).expect("in range");
        let due = last_due(span, now);
        prop_assert!(span.after(due) <= now);
        let next = Timestamp::from_microsecond(due.as_microsecond() + 1).expect("in range");
        prop_assert!(span.after(next) > now);
        let other = Timestamp::from_second(span.before(now).as_second() + around * 86_400).expect("in range");
        prop_assert_eq!(other <= due, span.after(other) <= now);
    }
}

#[test]
fn a_month_is_over_when_the_calendar_says_so() {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    assert_eq!(last_due(Span::months(1), time("2026-02-28T12:00:00Z")), time("2026-01-31T12:00:00Z"));
    assert_eq!(last_due(Span::months(1), time("2026-03-31T12:00:00Z")), time("2026-02-28T23:59:59.999999Z"));
}

#[test]
fn rules_that_the_log_cannot_follow_are_refused() {
    let rule = |field: Field, form: AgeingForm| {
        Retention { keep: None, ageing: vec![(field, Span::days(1), form)], ..Retention::default() }
            .check()
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        rule(Field::VisitIp, AgeingForm::Encrypted).expect_err("refused"),
        "the visit log cannot keep `visit.ip` encrypted; let it become \"truncated\" or \"gone\""
    );
    assert_eq!(rule(Field::VisitTime, AgeingForm::Gone).expect_err("refused"), "`visit.time` is no field of the visit log that can age");
    assert_eq!(rule(Field::VisitPath, AgeingForm::Origin).expect_err("refused"), "`visit.path` cannot take the form \"origin\"");
    for (field, form) in [
        (Field::VisitIp, AgeingForm::Truncated),
        (Field::VisitBrowser, AgeingForm::Family),
        (Field::VisitReferrer, AgeingForm::Origin),
        (Field::VisitPath, AgeingForm::Gone),
    ] {
        assert_eq!(rule(field, form), Ok(()));
    }
}

/// A policy that keeps visits for so long, and addresses for so long.
fn keeping(keep: &str, address: &str) -> Policy {
    let rules = include_str!("../../../app/fixtures/site/policy.toml")
        .replace("keep = \"180 days\"", &format!("keep = \"{keep}\""))
        .replace("after = \"30 days\"", &format!("after = \"{address}\""));
    let sources = policy::syntax::SiteSources::new(rules, include_str!("../../../app/fixtures/site/policy.md"));
    let report = policy::check::check(&sources, jiff::civil::date(2026, 3, 1));
    report.policy.unwrap_or_else(|| panic!("{:#?}", report.findings))
}

#[test]
fn no_version_keeps_a_visit_longer_than_was_promised_when_it_was_recorded() {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    let [first, second, third] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"].map(time);
    let (short, long) = (keeping("30 days", "10 days"), keeping("180 days", "60 days"));
    let alone = Retention::of_versions([(first, &short)]);
    assert_eq!(alone, Retention::of(&short));

    let longer = Retention::of_versions([(first, &short), (second, &long)]);
    assert_eq!(longer, Retention { earlier: vec![(second, Retention::of(&short))], ..Retention::of(&long) });
    assert_eq!(longer.first_due(time("2026-01-31T00:00:00Z")), Some(time("2026-02-10T00:00:00Z")), "as it was promised in January");
    assert_eq!(longer.first_due(second), Some(time("2026-04-02T00:00:00Z")), "as it is promised since");

    let there_and_back = Retention::of_versions([(first, &short), (second, &long), (third, &short)]);
    assert_eq!(
        there_and_back,
        Retention { earlier: vec![(third, Retention::of(&long))], ..Retention::of(&short) },
        "nothing is said twice"
    );
    assert_eq!(Retention::of_versions([]), Retention::default());
}
