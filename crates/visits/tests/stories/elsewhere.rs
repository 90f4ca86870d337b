//! Sealed files in a store far away: found, aged and erased as beside the segments; out of reach, taken by others, moved.

use std::time::Duration;

use disk::Disk;
use domain::{AccountId, Field, Span};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{Log, LogError, Person, Query, Retention};

use crate::far::{Far, sealed_here};
use crate::site::{DAY, HOUR, Site, all, ip, number, storage, visitor};

const A_MOMENT: Duration = Duration::from_millis(1);

fn site() -> Site {
    let mut site = Site::new();
    site.settings.row_group_rows = 4;
    site
}

/// The visits of a day, and the night after it.
fn a_day(site: &Site, log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        site.record(&log.recorder(), number);
        site.clock.advance(A_MOMENT);
    }
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
}

fn open(far: &Far, site: &Site) -> Log {
    far.open(site).expect("the log opens").0
}

fn refused(far: &Far, site: &Site) -> String {
    far.open(site).expect_err("refused").to_string()
}

fn of_visitor(number: u64) -> Query {
    Query { visitor: Some(Sealed::new(Field::VisitVisitor, visitor(number))), ..Query::default() }
}

fn found(log: &Log, query: &Query) -> Vec<u64> {
    log.find(query).expect("readable").visits.iter().map(number).collect()
}

fn anybody(visitors: Vec<u64>) -> Person {
    let visitors = visitors.into_iter().map(|number| Sealed::new(Field::VisitVisitor, visitor(number))).collect();
    Person { account: Sealed::new(Field::VisitAccount, AccountId([9; 16])), visitors }
}

#[test]
fn what_is_sealed_far_away_is_found_as_it_was() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..30);
    let done = log.seal(site.now()).expect("both work");
    assert_eq!((done.visits, far.files() as u64, sealed_here(&site.disk)), (30, done.files, 0));
    assert!(!site.holds(b"203.0.113.7") && far.holds(b"203.0.113.7"), "it is there and nowhere else");
    a_day(&site, &log, 30..35);
    for _ in 0..2 {
        let log = open(&far, &site);
        assert_eq!(all(&log), (0..35).collect::<Vec<_>>());
        assert_eq!(found(&log, &of_visitor(7)), [27, 17, 7]);
        assert_eq!(found(&log, &Query { ip: Some(ip(12).into()), ..Query::default() }), [12]);
        log.seal(site.now()).expect("both work");
        log.maintain(site.now()).expect("both work");
    }
}

#[test]
fn what_has_aged_or_is_erased_is_in_no_object() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    let retention = Retention {
        keep: Some(Span::days(30)),
        ageing: vec![(Field::VisitReferrer, Span::days(2), AgeingForm::Origin)],
        ..Retention::default()
    };
    log.set_retention(retention).expect("rules the log can follow");
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("both work");
    assert!(far.holds(&visitor(7).0) && far.holds(b"q=illness"));
    let erased = log.erase(&[anybody(vec![7])], site.now()).expect("both work");
    assert_eq!((erased.visits, far.holds(&visitor(7).0), far.holds(b"203.0.113.17")), (vec![3], false, false));
    site.clock.advance(DAY + 13 * HOUR);
    log.maintain(site.now()).expect("both work");
    assert!(!far.holds(b"q=illness") && far.holds(b"https://example.org"));
    assert_eq!(all(&log).len(), 27);
    site.clock.advance(DAY * 31);
    log.maintain(site.now()).expect("both work");
    assert_eq!((far.files(), all(&log).len()), (0, 0));
}

#[test]
fn one_person_costs_a_few_requests_for_each_file() {
    let (mut site, far) = (site(), Far::default());
    (site.settings.file_rows, site.settings.row_group_rows) = (20_000, 5_000);
    (site.settings.segment_bytes, site.settings.queue_bytes) = (8 << 20, 8 << 20);
    let log = open(&far, &site);
    a_day(&site, &log, 0..20_000);
    assert_eq!(log.seal(site.now()).expect("both work").files, 1);
    drop(log);
    let log = open(&far, &site);
    let before = far.requests();
    let count = log.find(&of_visitor(3)).expect("readable").visits.len();
    let asked = far.requests() - before;
    assert!(count == 2_000 && asked <= 8, "{asked} requests for {count} visits in one file");
    assert!(log.counts().objects_requests >= asked);
    let before = far.requests();
    log.find(&of_visitor(3)).expect("readable");
    assert_eq!(far.requests() - before, 0, "what was just read is still here");
}

#[test]
fn what_was_sealed_in_the_folder_moves() {
    let (site, far) = (site(), Far::default());
    let (log, _) = site.open();
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("the disk works");
    drop(log);
    let files = sealed_here(&site.disk);
    let log = open(&far, &site);
    assert!(files > 0 && far.files() == files && sealed_here(&site.disk) == 0);
    assert!(!site.holds(b"203.0.113.7"), "nothing stays behind");
    assert_eq!(all(&log), (0..30).collect::<Vec<_>>());
    a_day(&site, &log, 30..35);
    log.seal(site.now()).expect("both work");
    drop(log);
    assert_eq!(all(&open(&far, &site)), (0..35).collect::<Vec<_>>());
}

#[test]
fn a_folder_whose_files_are_elsewhere_says_so() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..5);
    log.seal(site.now()).expect("both work");
    drop(log);
    let error =
        Log::open(std::sync::Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone()).expect_err("refused");
    assert!(error.to_string().contains("sealed files are in `the store`: set `objects` to that again"), "{error}");
    let error = Far::default().open_as(&site, "an empty one").expect_err("they are not there");
    assert_eq!(
        error.to_string(),
        "the visit log's sealed files are in `the store` and not in `an empty one`; copy all that is there, or set `objects` to that again"
    );
    let (log, _) = far.open_as(&site, "another name").expect("it is the same place");
    assert_eq!(all(&log).len(), 5);
}

#[test]
fn a_second_server_is_refused() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..5);
    log.seal(site.now()).expect("both work");
    let mut other = self::site();
    other.clock = site.clock.clone();
    let log_of_other = other.open().0;
    a_day(&other, &log_of_other, 50..53);
    drop(log_of_other);
    let error = far.open_as(&other, "the same store").expect_err("refused");
    assert!(error.to_string().contains("belongs to the visit log of another data folder"), "{error}");
    assert_eq!(all(&log).len(), 5, "nothing happened to the first");
    assert_eq!(all(&other.open().0).len(), 3, "nor to the other, which goes on alone");
    log.erase(&[anybody(vec![3])], site.now()).expect("it is still the only one");
}

#[test]
fn of_two_that_began_with_the_same_folder_the_newer_goes_on() {
    let (site, far) = (site(), Far::default());
    let first = open(&far, &site);
    a_day(&site, &first, 0..5);
    first.seal(site.now()).expect("both work");
    let copy = site.after_crash(0);
    let second = open(&far, &copy);
    a_day(&site, &first, 5..8);
    let error = first.seal(site.now()).expect_err("another one has it").to_string();
    assert!(error.contains("another server writes to this place"), "{error}");
    assert!(first.maintain(site.now()).is_err());
    a_day(&copy, &second, 80..83);
    second.seal(copy.now()).expect("it is the only one now");
    assert_eq!(all(&second), [0, 1, 2, 3, 4, 80, 81, 82]);
    assert!(first.seal(site.now()).is_err(), "and stays it");
    assert_eq!(
        first.find(&Query { limit: Some(3), ..Query::default() }).expect("readable").visits.iter().map(number).collect::<Vec<_>>(),
        [7, 6, 5],
        "what the first recorded is kept where it is"
    );
}

#[test]
fn a_place_with_another_log_in_it_is_not_mixed_with_ours() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("both work");
    drop(log);
    let given_up = far.elsewhere("the store").objects;
    given_up.remove("visits/owner").expect("somebody gave it up");
    let other = self::site();
    let (log, _) = other.open();
    a_day(&other, &log, 0..3);
    drop(log);
    assert!(refused(&far, &other).contains("holds the sealed files of another visit log"));
    assert_eq!(all(&other.open().0).len(), 3);
    let empty = self::site();
    empty.clock.advance(DAY * 2);
    assert_eq!(all(&open(&far, &empty)).len(), 30, "an empty folder takes it over");
}

#[test]
fn while_the_store_cannot_be_reached_visits_are_recorded_and_nothing_is_lost() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..10);
    log.seal(site.now()).expect("both work");
    far.is_out_of_reach(true);
    a_day(&site, &log, 10..20);
    let error = log.seal(site.now()).expect_err("nobody answers").to_string();
    assert!(error.contains("cannot"), "{error}");
    assert!(log.counts().objects_failing && !log.counts().failing);
    a_day(&site, &log, 20..23);
    assert!(log.erase(&[anybody(vec![1])], site.now()).is_err(), "whoever asked has to ask again");
    far.is_out_of_reach(false);
    assert_eq!(log.seal(site.now()).expect("both work").visits, 13);
    assert_eq!(all(&log).len(), 20, "nobody sees who is being erased");
    log.erase(&[anybody(vec![1])], site.now()).expect("both work");
    assert!(!log.counts().objects_failing && !far.holds(&visitor(1).0));
    assert_eq!(all(&log).len(), 20);
}

#[test]
fn a_server_that_starts_while_the_store_cannot_be_reached_records_all_the_same() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..10);
    log.seal(site.now()).expect("both work");
    drop(log);
    far.is_out_of_reach(true);
    for round in 0..2 {
        let (log, _) = far.open(&site).expect("it is known to be ours");
        a_day(&site, &log, 10 + 5 * round..15 + 5 * round);
        assert!(log.counts().objects_failing && log.seal(site.now()).is_err());
        assert!(matches!(log.find(&Query::default()), Err(LogError::Away)));
        assert!(matches!(log.rows(&Query::default()).next(), Some(Err(LogError::Away))));
    }
    let (log, _) = far.open(&site).expect("it is known to be ours");
    far.is_out_of_reach(false);
    assert_eq!(log.seal(site.now()).expect("both work").visits, 10);
    assert_eq!(all(&log), (0..20).collect::<Vec<_>>());
    assert!(!log.counts().objects_failing);
    let never = self::site();
    far.is_out_of_reach(true);
    assert!(far.open(&never).is_err(), "the first time it has to be there");
}

#[test]
fn whoever_reads_while_files_are_put_together_asks_again() {
    let (site, far) = (site(), Far::default());
    let log = open(&far, &site);
    for day in 0..3 {
        a_day(&site, &log, day * 4..day * 4 + 4);
        log.seal(site.now()).expect("both work");
    }
    // Nothing of the files is in this one's memory yet.
    drop(log);
    let log = open(&far, &site);
    let mut rows = log.rows(&Query::default());
    assert_eq!(rows.next().map(|visit| number(&visit.expect("readable"))), Some(0));
    log.erase(&[anybody(vec![5])], site.now()).expect("both work");
    let rest: Vec<_> = rows.collect();
    assert!(matches!(rest.last(), Some(Err(LogError::Changed))), "{rest:?}");
    assert_eq!(all(&log).len(), 11);
}

/// Days of a log far away, in which every request can fail. What fails is tried again once; says what was promised.
fn some_days(site: &Site, far: &Far) -> (Option<Log>, u64) {
    let open = || far.open(site).ok().map(|(log, _)| log);
    let Some(mut log) = open().or_else(open) else { return (None, 0) };
    let mut recorded = 0;
    let retention = Retention {
        keep: Some(Span::days(20)),
        ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Truncated)],
        ..Retention::default()
    };
    for count in [9, 3, 2] {
        log.set_retention(retention.clone()).expect("rules the log can follow");
        a_day(site, &log, recorded..recorded + count);
        recorded += count;
        let _ = log.seal(site.now());
        let _ = log.maintain(site.now());
        let _ = log.erase(&[anybody(vec![recorded % 10])], site.now());
        site.clock.advance(13 * HOUR);
        drop(log);
        let Some(again) = open().or_else(open) else { return (None, recorded) };
        log = again;
    }
    (Some(log), recorded)
}

#[test]
fn whichever_request_fails_nothing_is_lost_nothing_is_there_twice_and_nothing_stays_behind() {
    let all_requests = {
        let (site, far) = (site(), Far::default());
        some_days(&site, &far);
        far.requests()
    };
    assert!(all_requests > 40, "{all_requests}");
    for (failing, is_done) in (0..all_requests).flat_map(|request| [(request, false), (request, true)]) {
        let (site, far) = (site(), Far::default());
        far.fail_after(failing, is_done);
        let (log, recorded) = some_days(&site, &far);
        let (log, case) = (log.expect("the second attempt works"), format!("request {failing}, done all the same: {is_done}"));
        log.set_retention(Retention { keep: Some(Span::days(20)), ..Retention::default() }).expect("rules the log can follow");
        // The erasing that failed is asked for once more.
        log.erase(&[anybody(vec![9]), anybody(vec![2]), anybody(vec![4])], site.now()).expect(&case);
        let kept: Vec<u64> = (0..recorded).filter(|number| ![9, 2, 4].contains(&(number % 10))).collect();
        let mut seen = all(&log);
        seen.sort_unstable();
        assert_eq!(seen, kept, "{case}");
        log.seal(site.now()).expect(&case);
        log.maintain(site.now()).expect(&case);
        for gone in [9, 2, 4] {
            assert!(!far.holds(&visitor(gone).0) && !site.holds(&visitor(gone).0), "{case}");
        }
        let listed = open(&far, &site).counts().segments as usize;
        assert_eq!(far.files() + site.files().iter().filter(|name| name.ends_with(".log")).count(), listed, "{case}");
        assert_eq!(site.disk.list("visits").expect("a folder").iter().filter(|name| name.ends_with(".parquet")).count(), 0, "{case}");
    }
}

#[test]
fn whichever_request_fails_while_files_move_they_arrive_whole() {
    // A site whose sealed files are in its folder, and what is left of it and of its log when it is opened with a store, and once more where that fails.
    let moved = |far: &Far, failing: Option<(u64, bool)>| {
        let site = site();
        let (log, _) = site.open();
        a_day(&site, &log, 0..30);
        log.seal(site.now()).expect("the disk works");
        drop(log);
        if let Some((request, is_done)) = failing {
            far.fail_after(request, is_done);
        }
        match far.open(&site) {
            Ok((log, _)) => (log, site),
            Err(_) => {
                let site = site.after_crash(failing.map_or(0, |(request, _)| request));
                (open(far, &site), site)
            }
        }
    };
    let far = Far::default();
    moved(&far, None);
    for (request, is_done) in (0..far.requests()).flat_map(|request| [(request, false), (request, true)]) {
        let far = Far::default();
        let (log, site) = moved(&far, Some((request, is_done)));
        // Where the store could not be reached any more, maintenance asks it again.
        a_day(&site, &log, 30..32);
        log.seal(site.now()).expect("both work");
        assert_eq!(all(&log), (0..32).collect::<Vec<_>>(), "request {request}, done all the same: {is_done}");
        assert_eq!((sealed_here(&site.disk), site.holds(b"203.0.113.7")), (0, false), "request {request}, done all the same: {is_done}");
    }
}
