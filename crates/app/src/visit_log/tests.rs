use std::sync::Arc;

use disk::SimulatedDisk;
use domain::{Field, ManualClock, Version, VisitorId};
use policy::{Sealed, StorageCapability};
use visits::{Log, LogSettings, NewVisit};

use super::*;
use crate::testing::{at, policy};

const NOW: &str = "2026-06-01T12:00:00Z";

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
fn log() -> Log {
    let clock = Arc::new(ManualClock::at(at(NOW)));
    Log::open(Arc::new(SimulatedDisk::new()), StorageCapability::issue(), clock, LogSettings::default()).expect("the log opens").0
}

/// So many visits to a page, each of another visitor and a minute later than the one before.
fn visited(log: &Log, path: &str, count: u8, purposes: &str) {
    for number in 0..count {
        let sealed = |field, text| Some(Sealed::new(field, text));
        log.recorder().record(&NewVisit {
            time: at(NOW) - jiff::SignedDuration::from_mins(600 - i64::from(number)),
            method: Some("GET"),
            status: Some(200),
            bytes: Some(1),
            duration_us: Some(1),
            ip: Some(Sealed::new(Field::VisitIp, [192, 0, 2, number].into())),
            browser: sealed(Field::VisitBrowser, if number == 0 { "curl/8.5.0" } else { "Mozilla/5.0 Firefox/140.0" }),
            referrer: None,
            path: sealed(Field::VisitPath, path),
            visitor: Some(Sealed::new(Field::VisitVisitor, VisitorId([number; 16]))),
            account: None,
            purposes,
        });
    }
}

fn question(purpose: &str) -> Question {
    Question { purpose: Some(purpose.to_owned()), ..Question::default() }
}

fn counted(log: &Log, question: &Question) -> ShownCounts {
    let (policy, eras) = (policy(), Eras::default());
    let reading = Reading::new(&policy, &eras, question, Whom::Anybody).expect("it may be asked");
    reading.count(reading.by().expect("counts"), log, &mut |_| ()).expect("readable")
}

fn by(purpose: &str, by: &str) -> Question {
    Question { by: Some(by.to_owned()), ..question(purpose) }
}

fn refused(question: &Question) -> NotAsked {
    Reading::new(&policy(), &Eras::default(), question, Whom::Anybody).expect_err("it may not be asked")
}

/// What a group is of, its visits, its visitors, and its robots.
type Told<'c> = (Option<&'c str>, Option<u64>, Option<u64>, u64);

fn groups(counts: &ShownCounts) -> Vec<Told<'_>> {
    let tally = |tally: &ShownTally| (tally.visits, tally.visitors, tally.robots);
    let each = counts.groups.iter().map(|group| (group.value.as_deref(), tally(&group.tally)));
    each.map(|(value, (visits, visitors, robots))| (value, visits, visitors, robots)).collect()
}

#[test]
fn only_what_a_purpose_opens_is_counted_for_it() {
    let log = log();
    visited(&log, "/read", 21, "operate,return-visits");
    visited(&log, "/refused", 16, "");
    let pages = counted(&log, &by("operate", "page"));
    assert_eq!(groups(&pages), [(Some("/read"), Some(20), Some(20), 1)]);
    assert_eq!(pages.unseen, Some(ShownTally { visits: Some(16), visitors: None, robots: 0 }), "who refused is not told of");
    let statuses = counted(&log, &by("operate", "status"));
    assert_eq!((statuses.total.visits, statuses.unseen), (Some(36), None), "that they happened is known, and nothing of whom");
    assert_eq!(statuses.total.robots, 1);
    let elsewhere = counted(&log, &by("return-visits", "page"));
    assert_eq!((groups(&elsewhere), elsewhere.unseen.and_then(|tally| tally.visits)), (vec![], Some(21)), "nor can it know robots");
    assert_eq!(groups(&counted(&log, &by("return-visits", "return"))), [(Some("new"), Some(21), Some(21), 0)]);
}

#[test]
fn nobody_finds_by_what_they_may_not_read() {
    let log = log();
    visited(&log, "/read", 20, "operate,return-visits");
    let by_address = |purpose: &str| Question { ip: Some("192.0.2.0/24".to_owned()), ..question(purpose) };
    let said = refused(&by_address("return-visits")).to_string();
    assert!(said.contains("`return-visits`") && said.contains("`visit.visitor`"), "{said}");
    assert!(matches!(refused(&Question { path: Some("/read".to_owned()), ..question("return-visits") }), NotAsked::Refused(_)));
    visited(&log, "/hidden", 20, "");
    let (policy, eras) = (policy(), Eras::default());
    let reading = Reading::new(&policy, &eras, &by_address("operate"), Whom::Anybody).expect("it may be asked");
    let mut found = Vec::new();
    let each = |visit: ShownVisit| {
        found.push(visit.path);
        Ok::<_, LogError>(())
    };
    reading.rows(&log, each).expect("readable");
    assert_eq!(found, vec![Some("/read".to_owned()); 20], "who did not permit it is not found by their address");
    let counts = counted(&log, &Question { by: Some("status".to_owned()), ..by_address("operate") });
    assert_eq!(counts.total.visits.map(|visits| visits + counts.total.robots), Some(20));
}

#[test]
fn so_many_of_the_newest_are_so_many_that_may_be_seen() {
    let log = log();
    visited(&log, "/seen", 5, "return-visits");
    visited(&log, "/hidden", 60, "operate");
    let (policy, eras) = (policy(), Eras::default());
    let reading = Reading::new(&policy, &eras, &question("return-visits"), Whom::Anybody).expect("it may be asked");
    let (visits, missing) = reading.newest(&log, 3).expect("readable");
    assert_eq!((visits.len(), missing), (3, Missing::default()));
    assert!(visits.iter().all(|visit| visit.path.is_none() && visit.visitor.is_some()), "only its fields are there");
    assert!(visits[0].time > visits[2].time, "the newest first");
}

#[test]
fn few_people_are_told_together_and_nobody_lets_fewer_than_five_be_told() {
    let log = log();
    for (path, visitors) in [("/many", 30), ("/some", 12), ("/few", 4)] {
        visited(&log, path, visitors, "operate");
    }
    let counts = counted(&log, &by("operate", "page"));
    assert_eq!(groups(&counts), [(Some("/many"), Some(29), Some(29), 1)]);
    assert_eq!(counts.others.map(|others| (others.groups, others.too_few, others.tally.visits)), Some((Some(2), Some(2), Some(14))));
    let fewer = Question { at_least: Some(AT_LEAST_MIN), ..by("operate", "page") };
    assert_eq!(groups(&counted(&log, &fewer)).len(), 1, "three people of the fourth page are too few for anybody");
    let said = refused(&Question { at_least: Some(AT_LEAST_MIN - 1), ..by("operate", "page") });
    assert!(matches!(&said, NotAsked::Bad(why) if why.contains('5')), "{said}");
    assert!(matches!(refused(&Question { at_least: Some(20), ..question("operate") }), NotAsked::Bad(_)), "visits have no groups");
}

#[test]
fn one_persons_visits_are_no_group() {
    let log = log();
    visited(&log, "/alone", 30, "operate");
    let (policy, eras) = (policy(), Eras::default());
    let whom = Whom::Visitor(VisitorId([7; 16]));
    let reading = Reading::new(&policy, &eras, &by("operate", "page"), whom).expect("it may be asked");
    let counts = reading.count(By::Page, &log, &mut |_| ()).expect("readable");
    assert_eq!((groups(&counts), counts.total.visits), (vec![], None));
}

#[test]
fn what_cannot_be_asked_says_why() {
    for (question, reason) in [
        (question("no-such-purpose"), "no-such-purpose"),
        (question("news"), "no use of visits for `news`"),
        (by("operate", "colour"), "`page`"),
        (Question { ip: Some("nowhere".to_owned()), ..question("operate") }, "192"),
        (Question { path: Some("read".to_owned()), ..question("operate") }, "/articles/"),
    ] {
        let said = refused(&question).to_string();
        assert!(said.contains(reason) || said.contains("203.0.113"), "{reason}: {said}");
    }
}

#[test]
fn an_era_is_the_version_that_was_in_force() {
    let eras: Eras = [(at("2026-01-01T00:00:00Z"), Version(1)), (at("2026-03-01T00:00:00Z"), Version(2))].into_iter().collect();
    let version = |time: &str| eras.version_at(at(time));
    assert_eq!(version("2025-01-01T00:00:00Z"), Version::FIRST, "what is older than all versions came under the first");
    assert_eq!((version("2026-02-28T23:59:59Z"), version("2026-03-01T00:00:00Z")), (Version(1), Version(2)));
}
