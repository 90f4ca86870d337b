//! Sealed files in a store far away: found, aged and erased as beside the segments; claimed by one log, and moved.

use std::sync::Arc;

use disk::{Disk, DiskObjects, SimulatedDisk};
use domain::{AccountId, Field, Span};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{Elsewhere, Log, LogError, Query, Retention};

use crate::far::{Far, a_day, a_site, anybody, found, of_visitor, open, refused, sealed_here};
use crate::site::{DAY, HOUR, all, ip, number, storage, visitor};

#[test]
fn what_is_sealed_far_away_is_found_as_it_was() {
    let (site, far) = (a_site(), Far::default());
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
    let (site, far) = (a_site(), Far::default());
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
fn many_files_are_all_there_after_a_start() {
    let (mut site, far) = (a_site(), Far::default());
    site.settings.file_rows = 2;
    let log = open(&far, &site);
    a_day(&site, &log, 0..100);
    log.seal(site.now()).expect("both work");
    drop(log);
    assert!(far.files() >= 50, "{}", far.files());
    let before = far.requests();
    let log = open(&far, &site);
    assert!(far.requests() - before < 60, "one for each file and a few more");
    assert_eq!(all(&log), (0..100).collect::<Vec<_>>());
}

#[test]
fn one_person_costs_a_few_requests_for_each_file() {
    let (mut site, far) = (a_site(), Far::default());
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
    drop(log);
    let log = open(&far, &site);
    let before = far.requests();
    let nobody = Sealed::new(Field::VisitAccount, AccountId([9; 16]));
    assert_eq!(found(&log, &Query { account: Some(nobody), ..Query::default() }), [] as [u64; 0]);
    assert!(far.requests() - before <= 4, "at most the filter of each of the four row groups");
}

#[test]
fn what_was_sealed_in_the_folder_moves() {
    let (site, far) = (a_site(), Far::default());
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
    let (site, far) = (a_site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..5);
    log.seal(site.now()).expect("both work");
    drop(log);
    let error = Log::open(Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone()).expect_err("refused");
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
fn a_place_that_is_the_log_s_own_folder_is_refused() {
    let site = a_site();
    let (log, _) = site.open();
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("the disk works");
    drop(log);
    let disk: Arc<dyn Disk> = Arc::new(site.disk.clone());
    let elsewhere = Elsewhere { objects: Arc::new(DiskObjects::new(Arc::clone(&disk))), name: "a link".to_owned(), new_owner: [1; 16] };
    let opened = Log::open_with(disk, Some(elsewhere), storage(), site.clock.clone(), site.settings.clone());
    assert!(matches!(opened, Err(LogError::NotElsewhere)));
    assert_eq!(all(&site.open().0).len(), 30);
}

#[test]
fn another_folder_is_elsewhere_too() {
    let (site, other) = (a_site(), SimulatedDisk::new());
    let open = || {
        let objects = Arc::new(DiskObjects::new(Arc::new(other.clone())));
        let elsewhere = Elsewhere { objects, name: "/srv/visits".to_owned(), new_owner: [1; 16] };
        Log::open_with(Arc::new(site.disk.clone()), Some(elsewhere), storage(), site.clock.clone(), site.settings.clone())
            .expect("the log opens")
            .0
    };
    let log = open();
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("both work");
    drop(log);
    assert!(sealed_here(&site.disk) == 0 && sealed_here(&other) > 0);
    assert_eq!(all(&open()).len(), 30);
}

#[test]
fn a_second_server_is_refused() {
    let (site, far) = (a_site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..5);
    log.seal(site.now()).expect("both work");
    let mut other = a_site();
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
    let (site, far) = (a_site(), Far::default());
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
    let (site, far) = (a_site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..30);
    log.seal(site.now()).expect("both work");
    drop(log);
    let given_up = far.elsewhere("the store").objects;
    given_up.remove("visits/owner").expect("somebody gave it up");
    let other = a_site();
    let (log, _) = other.open();
    a_day(&other, &log, 0..3);
    drop(log);
    assert!(refused(&far, &other).contains("holds the sealed files of another visit log"));
    assert_eq!(all(&other.open().0).len(), 3);
    let empty = a_site();
    empty.clock.advance(DAY * 2);
    assert_eq!(all(&open(&far, &empty)).len(), 30, "an empty folder takes it over");
}
