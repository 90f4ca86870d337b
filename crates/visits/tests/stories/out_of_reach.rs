//! A store far away that cannot be reached, loses answers, or changes while somebody reads.

use disk::Disk;
use domain::{Field, Span};
use policy::model::AgeingForm;
use visits::{Log, LogError, Query, Retention};

use crate::far::{Far, a_day, a_site, anybody, open, sealed_here};
use crate::site::{HOUR, Site, all, number, visitor};

#[test]
fn while_the_store_cannot_be_reached_visits_are_recorded_and_nothing_is_lost() {
    let (site, far) = (a_site(), Far::default());
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
    let (site, far) = (a_site(), Far::default());
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
    let never = a_site();
    far.is_out_of_reach(true);
    assert!(far.open(&never).is_err(), "the first time it has to be there");
}

#[test]
fn whoever_reads_while_files_are_put_together_asks_again() {
    let (site, far) = (a_site(), Far::default());
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
        let (site, far) = (a_site(), Far::default());
        some_days(&site, &far);
        far.requests()
    };
    assert!(all_requests > 40, "{all_requests}");
    for (failing, is_done) in (0..all_requests).flat_map(|request| [(request, false), (request, true)]) {
        let (site, far) = (a_site(), Far::default());
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
        let site = a_site();
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

#[test]
fn an_older_copy_of_the_folder_gives_no_number_twice_while_the_store_is_away() {
    let (site, far) = (a_site(), Far::default());
    let log = open(&far, &site);
    a_day(&site, &log, 0..10);
    let older = site.after_crash(0);
    a_day(&site, &log, 10..60);
    log.seal(site.now()).expect("both work");
    drop(log);
    far.is_out_of_reach(true);
    let (log, _) = far.open(&older).expect("it is known to be ours");
    a_day(&older, &log, 60..63);
    far.is_out_of_reach(false);
    assert_eq!(log.seal(older.now()).expect("both work").visits, 3);
    assert_eq!(all(&log), (0..63).collect::<Vec<_>>());
}
