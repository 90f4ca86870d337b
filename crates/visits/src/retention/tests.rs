use proptest::prelude::*;

use std::net::IpAddr;

use domain::VisitorId;

use super::*;
use crate::address::tests::any_form;
use crate::sealed::rows::Rows;

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
    assert_eq!(rule(Field::VisitPath, AgeingForm::Encrypted).expect_err("refused"), "`visit.path` cannot take the form \"encrypted\"");
    assert_eq!(rule(Field::VisitTime, AgeingForm::Gone).expect_err("refused"), "`visit.time` is no field of the visit log that can age");
    assert_eq!(rule(Field::VisitPath, AgeingForm::Origin).expect_err("refused"), "`visit.path` cannot take the form \"origin\"");
    for (field, form) in [
        (Field::VisitIp, AgeingForm::Truncated),
        (Field::VisitIp, AgeingForm::Encrypted),
        (Field::VisitBrowser, AgeingForm::Family),
        (Field::VisitReferrer, AgeingForm::Origin),
        (Field::VisitPath, AgeingForm::Gone),
    ] {
        assert_eq!(rule(field, form), Ok(()));
    }
}

#[test]
fn an_address_may_be_truncated_before_it_is_encrypted_and_not_afterwards() {
    let rules = |truncated: u32, encrypted: u32| Retention {
        ageing: vec![
            (Field::VisitIp, Span::days(encrypted), AgeingForm::Encrypted),
            (Field::VisitIp, Span::days(truncated), AgeingForm::Truncated),
        ],
        ..Retention::default()
    };
    assert_eq!(rules(7, 30).check(), Ok(()));
    assert_eq!(rules(30, 7).check(), Err(RetentionError::TruncatedTooLate));
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

/// Rules of which each is one that the log can follow, alone or beside others.
fn any_rules() -> impl Strategy<Value = Vec<(Field, Span, AgeingForm)>> {
    let form = prop_oneof![
        any_form().prop_map(|form| (Field::VisitIp, form)),
        any_form().prop_map(|form| (Field::VisitIp, form)),
        Just((Field::VisitBrowser, AgeingForm::Family)),
        Just((Field::VisitReferrer, AgeingForm::Origin)),
        Just((Field::VisitPath, AgeingForm::Gone)),
        Just((Field::VisitVisitor, AgeingForm::Gone)),
        Just((Field::VisitStatus, AgeingForm::Gone)),
    ];
    proptest::collection::vec((form, 1_u32..20).prop_map(|((field, form), days)| (field, Span::days(days), form)), 0..5)
}

prop_compose! {
    /// A visit of the last 20 days before the moment that the rules are asked about.
    fn any_visit()(
        micros in 0_i64..20 * 86_400_000_000,
        ip in proptest::option::of(prop_oneof![any::<IpAddr>(), (0_u8..3).prop_map(|last| IpAddr::from([203, 0, 113, last]))]),
        browser in proptest::option::of(prop_oneof![Just("curl/8"), Just("Mozilla/5.0 Firefox/140.0")]),
        referrer in proptest::option::of(prop_oneof![Just("https://example.org/a"), Just("about:blank")]),
        path in proptest::option::of("/[a-c]"),
        rest in any::<(Option<[u8; 16]>, Option<u16>)>(),
    ) -> Visit {
        Visit {
            time: Timestamp::from_microsecond(NOW - micros).expect("in range"),
            method: None,
            status: rest.1,
            bytes: None,
            duration_us: None,
            ip: ip.map(|ip| Sealed::new(Field::VisitIp, ip.to_canonical().into())),
            browser: browser.map(|text| Sealed::new(Field::VisitBrowser, text.to_owned())),
            referrer: referrer.map(|text| Sealed::new(Field::VisitReferrer, text.to_owned())),
            path: path.map(|text| Sealed::new(Field::VisitPath, text)),
            visitor: rest.0.map(|id| Sealed::new(Field::VisitVisitor, VisitorId(id))),
            account: None,
            purposes: "operate".to_owned(),
        }
    }
}

const NOW: i64 = 1_780_000_000_000_000;

proptest! {
    #[test]
    fn rows_age_as_visits_do_and_twice_is_once(
        visits in proptest::collection::vec(any_visit(), 1..12),
        (ageing, earlier) in (any_rules(), any_rules()),
        (until_day, nanos) in (0_i64..20, 0_i32..1_000),
        has_key in prop_oneof![9 => Just(true), 1 => Just(false)],
    ) {
        #[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
        let storage = StorageCapability::issue();
        let key = has_key.then(|| AddressKey::new([7; 16]));
        let until = Timestamp::new(NOW / 1_000_000 - until_day * 86_400, nanos).expect("in range");
        let earlier = vec![(until, Retention { ageing: earlier, ..Retention::default() })];
        let rules = Retention { keep: None, ageing, earlier };
        let now = rules.at(Timestamp::from_microsecond(NOW).expect("in range"), &storage, key.as_ref());

        let mut rows = Rows::default();
        visits.iter().for_each(|visit| rows.push(&visit.as_new(), &storage));
        rows.age(&now);
        for (place, mut visit) in visits.into_iter().enumerate() {
            now.age(&mut visit);
            prop_assert_eq!(&rows.visit(place).expect("a row of ours"), &visit);
            prop_assert!(!now.age(&mut visit.clone()), "nothing is left to do");
            let mut soon = DueSoon::new(&rules, &storage, key.as_ref());
            soon.visit(&visit);
            prop_assert!(soon.first().is_none_or(|due| due.as_microsecond() > NOW), "nor is anything due");
        }
        let once: Vec<Option<bytes::Bytes>> = (0..rows.len()).map(|place| rows.ips.get(place).cloned()).collect();
        rows.age(&now);
        prop_assert_eq!((0..rows.len()).map(|place| rows.ips.get(place).cloned()).collect::<Vec<_>>(), once);
    }
}
