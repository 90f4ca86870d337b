//! What grows no more becomes files in which the visits of one person stand together; whoever asks finds the same as before.

use std::sync::Arc;
use std::time::Duration;

use disk::Disk;
use domain::{AccountId, Field, Span, VisitorId};
use policy::Sealed;
use policy::model::AgeingForm;
use proptest::prelude::*;
use visits::{BadManifest, DamageKind, Log, LogError, Person, Query, Retention, Sealing};

use crate::sealed_bytes::{filters_know, row_groups};
use crate::site::{DAY, HOUR, Site, all, gaps, ip, number, record_as, storage, time, visitor};

const A_MOMENT: Duration = Duration::from_millis(1);

/// A site whose files have several row groups.
fn site() -> Site {
    let mut site = Site::new();
    site.settings.row_group_rows = 4;
    site
}

/// So many visits of ten people, one after the other, and a second's pause.
fn visited(site: &Site, log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        site.record(&log.recorder(), number);
        site.clock.advance(A_MOMENT);
    }
    log.flush().expect("the disk works");
}

/// The visits of a day, and the night after it.
fn a_day(site: &Site, log: &Log, numbers: std::ops::Range<u64>) {
    visited(site, log, numbers);
    site.clock.advance(DAY);
}

fn seal(site: &Site, log: &Log) -> Sealing {
    log.seal(site.now()).expect("the disk works")
}

fn sealed_files(site: &Site) -> Vec<String> {
    site.files().into_iter().filter(|file| file.ends_with(".parquet")).collect()
}

fn segments(site: &Site) -> usize {
    site.files().iter().filter(|file| file.ends_with(".log")).count()
}

fn found(log: &Log, query: &Query) -> Vec<u64> {
    log.find(query).expect("readable").visits.iter().map(number).collect()
}

fn of_visitor(number: u64) -> Query {
    Query { visitor: Some(Sealed::new(Field::VisitVisitor, visitor(number))), ..Query::default() }
}

#[test]
fn what_is_sealed_is_found_as_it_was() {
    let site = site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..30);
    visited(&site, &log, 30..35);
    let done = seal(&site, &log);
    assert_eq!((done.visits, segments(&site)), (30, 1), "{done:?}: today's segment still grows");
    assert!(done.files >= 3 && done.files == sealed_files(&site).len() as u64, "{done:?}");
    assert_eq!(all(&log), (0..35).collect::<Vec<_>>());
    assert_eq!(found(&log, &Query::default()), (0..35).rev().collect::<Vec<_>>());
    assert_eq!(found(&log, &of_visitor(7)), [27, 17, 7]);
    assert_eq!(found(&log, &Query { limit: Some(7), ..Query::default() }), [34, 33, 32, 31, 30, 29, 28]);
    assert_eq!(found(&log, &Query { ip: Some(ip(12).into()), ..Query::default() }), [12]);
    assert_eq!(
        found(&log, &Query { ip: Some("203.0.113.0/29".parse().expect("a network")), ..Query::default() }),
        [7, 6, 5, 4, 3, 2, 1, 0]
    );
    let from = time("2026-07-01T12:00:00.010Z");
    assert_eq!(found(&log, &Query { since: Some(from), until: Some(time("2026-07-01T12:00:00.013Z")), ..of_visitor(1) }), [11]);
    drop(log);
    let (log, report) = site.open();
    assert_eq!((report.visits, report.damage.len(), report.torn_bytes), (35, 0, 0));
    assert_eq!(all(&log), (0..35).collect::<Vec<_>>());
    assert_eq!(seal(&site, &log).visits, 5, "nobody writes to a segment of another run");
    assert_eq!((all(&log), segments(&site)), ((0..35).collect::<Vec<_>>(), 0));
    visited(&site, &log, 35..37);
    assert_eq!(site.open().1.visits, 37, "numbers go on where they were");
}

#[test]
fn every_field_comes_back() {
    let site = site();
    let (log, _) = site.open();
    record_as(&log.recorder(), site.now(), u64::MAX - 1_000, None, Some(AccountId([7; 16])));
    log.flush().expect("the disk works");
    let before = log.find(&Query::default()).expect("readable").visits;
    site.clock.advance(DAY);
    assert_eq!(seal(&site, &log).visits, 1);
    assert_eq!(log.find(&Query::default()).expect("readable").visits, before);
}

#[test]
fn gaps_and_damage_are_told_as_before() {
    let mut site = site();
    site.settings.queue_bytes = 2_000;
    let (log, _) = site.open();
    (0..40).for_each(|number| site.record(&log.recorder(), number));
    log.flush().expect("the disk works");
    site.clock.advance(A_MOMENT);
    visited(&site, &log, 40..42);
    let (kept, lost) = (all(&log), gaps(&log));
    assert!(lost.len() == 1 && lost[0].count > 0, "{lost:?}");
    drop(log);
    let first = site.files()[0].clone();
    site.disk.tamper(&first, |bytes| bytes[70] ^= 1);
    let (log, report) = site.open();
    assert_eq!(report.damage.len(), 1);
    seal(&site, &log);
    assert_eq!((gaps(&log), segments(&site)), (lost.clone(), 0));
    let found = log.find(&Query::default()).expect("readable");
    assert_eq!((found.visits.len(), found.damage.clone()), (kept.len() - 1, report.damage.clone()));
    drop(log);
    assert_eq!(site.open().1.damage, report.damage);
    let (log, _) = site.open();
    log.set_retention(Retention { keep: Some(Span::days(3)), ..Retention::default() }).expect("rules the log can follow");
    site.clock.advance(DAY * 5);
    log.maintain(site.now()).expect("the disk works");
    assert_eq!((gaps(&log), log.find(&Query::default()).expect("readable").damage, sealed_files(&site)), (vec![], vec![], vec![]));
}

#[test]
fn old_values_are_in_no_page_no_dictionary_no_statistic_and_no_filter() {
    let site = site();
    let (log, _) = site.open();
    log.set_retention(Retention {
        keep: Some(Span::days(30)),
        ageing: vec![
            (Field::VisitIp, Span::days(2), AgeingForm::Truncated),
            (Field::VisitReferrer, Span::days(2), AgeingForm::Origin),
            (Field::VisitVisitor, Span::days(2), AgeingForm::Gone),
        ],
        ..Retention::default()
    })
    .expect("rules the log can follow");
    a_day(&site, &log, 1..11);
    seal(&site, &log);
    assert!(site.holds(b"203.0.113.7") && site.holds(b"q=illness") && site.holds(&visitor(7).0));
    let knows = |column: &str, value: &[u8]| {
        sealed_files(&site).iter().any(|file| filters_know(site.disk.read(file).expect("readable"), column, value))
    };
    assert!(knows("ip", b"203.0.113.7") && knows("visitor", &visitor(7).0));
    site.clock.advance(HOUR * 20);
    assert_eq!(found(&log, &Query { ip: Some(ip(7).into()), ..Query::default() }), [7]);
    site.clock.advance(HOUR * 17);
    assert_eq!(found(&log, &Query { ip: Some(ip(7).into()), ..Query::default() }), [] as [u64; 0], "what has aged is seen so at once");
    assert_eq!(found(&log, &Query { ip: Some(ip(0).into()), ..Query::default() }).len(), 10);
    let done = log.maintain(site.now()).expect("the disk works");
    assert_eq!((done.rewritten_files, done.aged_visits), (1, 10));
    for number in 1..11 {
        assert!(!site.holds(ip(number).to_string().as_bytes()) && !site.holds(&visitor(number).0), "visit {number}");
        assert!(
            !knows("ip", ip(number).to_string().as_bytes()) && !knows("visitor", &visitor(number).0),
            "the filters know visit {number}"
        );
    }
    assert!(!site.holds(b"illness"));
    assert_eq!((all(&log).len(), found(&log, &Query { ip: Some(ip(0).into()), ..Query::default() }).len()), (10, 10));
    assert_eq!(log.maintain(site.now()).expect("the disk works").rewritten_files, 0, "once is enough");
    site.clock.advance(DAY * 30);
    assert_eq!(all(&log), [] as [u64; 0]);
    assert_eq!(log.maintain(site.now()).expect("the disk works").removed_files, 1);
    assert_eq!(sealed_files(&site), [] as [String; 0]);
}

#[test]
fn only_the_row_groups_they_are_in_are_written_anew() {
    let mut site = site();
    (site.settings.file_rows, site.settings.segment_bytes) = (1_000, 1 << 20);
    let (log, _) = site.open();
    a_day(&site, &log, 0..40);
    seal(&site, &log);
    let before = row_groups(site.disk.read(&sealed_files(&site)[0]).expect("readable"));
    assert_eq!(before.len(), 10, "four visits of one person each");
    let person = Person {
        account: Sealed::new(Field::VisitAccount, AccountId([9; 16])),
        visitors: vec![Sealed::new(Field::VisitVisitor, visitor(3))],
    };
    let erased = log.erase(&[person], site.now()).expect("the disk works");
    assert_eq!((erased.visits.clone(), erased.rewritten_files), (vec![4], 1));
    let after = row_groups(site.disk.read(&sealed_files(&site)[0]).expect("readable"));
    assert_eq!(after.len(), 9, "nothing was left of theirs");
    assert!(after.iter().all(|group| before.contains(group)), "the others are the same bytes");
    assert!(!site.holds(&visitor(3).0) && site.holds(&visitor(4).0));
    assert_eq!(all(&log), (0..40).filter(|number| number % 10 != 3).collect::<Vec<_>>());
    assert_eq!(found(&log, &of_visitor(4)), [34, 24, 14, 4]);
}

#[test]
fn small_files_of_a_month_become_one() {
    let site = site();
    let (log, _) = site.open();
    for day in 0..6 {
        a_day(&site, &log, day * 2..day * 2 + 2);
        seal(&site, &log);
    }
    let before = sealed_files(&site).len();
    let done = log.maintain(site.now()).expect("the disk works");
    assert_eq!((before, sealed_files(&site).len(), done.merged_files), (6, 1, 6));
    assert_eq!((all(&log), found(&log, &of_visitor(1))), ((0..12).collect(), vec![11, 1]));
    assert_eq!(log.maintain(site.now()).expect("the disk works").merged_files, 0);
}

#[test]
fn a_reader_who_began_before_sees_everything_once() {
    let site = site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..20);
    let mut rows = log.rows(&Query::default());
    let first = number(&rows.next().expect("there are some").expect("readable"));
    seal(&site, &log);
    log.maintain(site.now()).expect("the disk works");
    let rest = rows.map(|visit| number(&visit.expect("readable")));
    assert_eq!([first].into_iter().chain(rest).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_manifest_of_a_newer_version_or_a_damaged_one_is_refused() {
    let site = site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..5);
    seal(&site, &log);
    drop(log);
    let refused = |site: &Site| Log::open(Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone()).err();
    let manifest = site.disk.read("visits/manifest").expect("there is one");
    site.disk.tamper("visits/manifest", |bytes| *bytes.last_mut().expect("not empty") ^= 1);
    assert!(matches!(refused(&site), Some(LogError::Manifest(BadManifest::Damaged))));
    site.disk.tamper("visits/manifest", |bytes| *bytes = String::from_utf8(manifest).expect("text").replacen(" 1 ", " 9 ", 1).into_bytes());
    let error = refused(&site).expect("it is newer");
    assert!(matches!(error, LogError::Manifest(BadManifest::Newer)) && error.to_string().contains("newer version"), "{error}");
}

#[test]
fn a_file_cut_short_or_taken_away_is_told_and_the_others_are_read() {
    let site = site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..36);
    seal(&site, &log);
    drop(log);
    let files = sealed_files(&site);
    let (short, gone) = (files[0].clone(), files[1].clone());
    site.disk.tamper(&short, |bytes| bytes.truncate(bytes.len() / 2));
    site.disk.remove(&gone).expect("somebody took it away");
    let (log, report) = site.open();
    let kinds: Vec<DamageKind> = report.damage.iter().map(|damage| damage.what).collect();
    assert_eq!(kinds, [DamageKind::BadFile, DamageKind::MissingFile], "{:?}", report.damage);
    assert!(report.damage[0].to_string().starts_with("file "), "{}", report.damage[0]);
    let (seen, told) = (all(&log), log.find(&Query::default()).expect("readable").damage);
    assert!(!seen.is_empty() && seen.len() < 36 && told == report.damage, "{seen:?} {told:?}");
    let erased = log.erase(&[Person { account: Sealed::new(Field::VisitAccount, AccountId([9; 16])), visitors: vec![] }], site.now());
    erased.expect("the disk works");
    assert!(!site.files().contains(&short), "nobody can say what is in it");
    assert_eq!(log.find(&Query::default()).expect("readable").damage.len(), 2, "that it was there stays known");
}

/// A visit of a few people, some without a number, some signed in.
fn anybody() -> impl Strategy<Value = (u64, Option<u8>, Option<u8>)> {
    (0..4_000_u64, proptest::option::of(0..6_u8), proptest::option::weighted(0.3, 0..4_u8))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whatever_was_recorded_every_question_has_the_same_answer_after_it_was_sealed(
        visits in proptest::collection::vec(anybody(), 1..80),
        sealed_at in proptest::collection::vec(0..80_usize, 0..4),
    ) {
        let (plain, sealed) = (Site::new(), site());
        let (as_it_was, (log, _)) = (plain.open().0, sealed.open());
        for (place, (seconds, visitor, account)) in visits.iter().enumerate() {
            let time = plain.now() + jiff::SignedDuration::from_millis(i64::try_from(*seconds * 1_000 + place as u64).expect("small"));
            let (visitor, account) = (visitor.map(|visitor| VisitorId([visitor; 16])), account.map(|account| AccountId([account; 16])));
            for log in [&as_it_was, &log] {
                record_as(&log.recorder(), time, place as u64, visitor, account);
                log.flush().expect("the disk works");
            }
            if sealed_at.contains(&place) {
                sealed.clock.advance(DAY);
                log.seal(sealed.now()).expect("the disk works");
                log.maintain(sealed.now()).expect("the disk works");
            }
        }
        let by_time = |log: &Log| { let mut seen: Vec<_> = log.rows(&Query::default()).map(|visit| visit.expect("readable")).collect(); seen.sort_by_key(|visit| visit.time); seen };
        prop_assert_eq!(by_time(&as_it_was), by_time(&log));
        let mut queries: Vec<Query> = (0..6).map(|of| Query { visitor: Some(Sealed::new(Field::VisitVisitor, VisitorId([of; 16]))), ..Query::default() }).collect();
        queries.extend((0..4).map(|of| Query { account: Some(Sealed::new(Field::VisitAccount, AccountId([of; 16]))), ..Query::default() }));
        queries.extend((0..5).map(|of| Query { ip: Some(ip(of * 7).into()), ..Query::default() }));
        queries.extend([Query { limit: Some(9), ..Query::default() }, Query { since: Some(plain.now() + jiff::SignedDuration::from_secs(900)), until: Some(plain.now() + jiff::SignedDuration::from_secs(2_000)), ..Query::default() }]);
        for query in queries {
            prop_assert_eq!(found(&as_it_was, &query), found(&log, &query), "{:?}", query);
        }
    }
}

#[test]
fn several_people_are_found_together_however_many_they_are() {
    let site = site();
    let (log, _) = site.open();
    for number in 0..60 {
        let account = (number % 7 == 0).then(|| AccountId([number as u8 % 3 + 1; 16]));
        record_as(&log.recorder(), site.now(), number, Some(visitor(number % 30)), account);
        site.clock.advance(A_MOMENT);
    }
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    let person = |account: u8, visitors: &[u64]| Person {
        account: Sealed::new(Field::VisitAccount, AccountId([account; 16])),
        visitors: visitors.iter().map(|number| Sealed::new(Field::VisitVisitor, visitor(*number))).collect(),
    };
    let of = |people: Vec<Person>| Query { people: Some(people), ..Query::default() };
    let all: Vec<u64> = (0..30).collect();
    for people in
        [vec![], vec![person(1, &[4, 5])], vec![person(2, &[8]), person(3, &[9, 11])], vec![person(1, &all[..20]), person(2, &all[20..25])]]
    {
        let is_theirs = |number: &u64| match number % 7 {
            0 => people.iter().any(|person| person.account == Sealed::new(Field::VisitAccount, AccountId([*number as u8 % 3 + 1; 16]))),
            _ => people.iter().any(|person| person.visitors.contains(&Sealed::new(Field::VisitVisitor, visitor(number % 30)))),
        };
        let expected: Vec<u64> = (0..60).filter(is_theirs).rev().collect();
        assert_eq!(found(&log, &of(people.clone())), expected);
        assert!(people.is_empty() || !expected.is_empty());
        seal(&site, &log);
        assert_eq!(found(&log, &of(people)), expected, "sealed");
    }
}

#[test]
fn a_page_and_pages_that_begin_alike_are_found() {
    let site = site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..25);
    let of = |path: &str| Query { path: path.parse().ok(), ..Query::default() };
    for _ in 0..2 {
        assert_eq!(found(&log, &of("/page/1")), [1]);
        assert_eq!(found(&log, &of("/page/2*")), [24, 23, 22, 21, 20, 2]);
        assert_eq!(found(&log, &of("/nowhere/*")), [0_u64; 0]);
        seal(&site, &log);
    }
}

#[test]
fn what_was_taken_in_of_another_log_stands_among_our_own_visits_by_its_time() {
    let site = site();
    let (log, _) = site.open();
    let before = site.now();
    visited(&site, &log, 0..3);
    let mut import = log.import(site.now(), &domain::SeededRandom::new(7)).expect("nobody else imports");
    for (number, after) in [(10, 0), (11, 1_500), (12, 100_000)] {
        let time = before + jiff::SignedDuration::from_micros(after);
        import.push(&visits::NewVisit { time, bytes: Some(number), ..nothing() });
    }
    let mark = visits::Mark { bytes: 1, beginning: 1, head: None, to: before.as_microsecond() };
    import.publish(mark, None).expect("the disk works");
    assert_eq!(all(&log), [10, 0, 1, 11, 2, 12]);
}

fn nothing() -> visits::NewVisit<'static> {
    visits::NewVisit {
        time: domain::Timestamp::MIN,
        method: None,
        status: None,
        bytes: None,
        duration_us: None,
        ip: None,
        browser: None,
        referrer: None,
        path: None,
        visitor: None,
        account: None,
        purposes: "operate",
    }
}
