use domain::Field;
use policy::Sealed;
use visits::{NewVisit, Query, Visit};

use crate::site::{DAY, HOUR, Site, all, flush_until_it_works, gaps, ip, number, record_at, storage, time, visitor};

#[test]
fn a_visit_is_found_as_it_was_recorded() {
    let site = Site::new();
    let (log, report) = site.open();
    assert_eq!(report, visits::OpenReport::default());
    site.record(&log.recorder(), 7);
    assert!(all(&log).is_empty(), "only what is durable is shown");
    log.flush().expect("the disk works");

    let found = log.find(&Query::default()).expect("readable");
    let visit = &found.visits[0];
    let storage = storage();
    let open = |text: &Option<Sealed<String>>| text.as_ref().map(|text| storage.reveal(text).clone());
    assert_eq!(visit.time, site.now());
    assert_eq!(visit.ip.as_ref().map(|ip| *storage.reveal(ip)), Some(ip(7).into()));
    assert_eq!(open(&visit.browser).as_deref(), Some("Mozilla/5.0 Firefox/140.0"));
    assert_eq!(open(&visit.referrer).as_deref(), Some("https://example.org/search?q=illness"));
    assert_eq!(open(&visit.path).as_deref(), Some("/page/7"));
    assert_eq!((visit.method.as_deref(), visit.status, visit.duration_us), (Some("GET"), Some(200), Some(1_007)));
    assert_eq!((visit.account, visit.purposes.as_str()), (None, "operate,news"));
    assert_eq!((found.visits.len(), found.gaps.len(), found.damage.len()), (1, 0, 0));
}

#[test]
fn what_the_policy_does_not_let_us_keep_is_not_there() {
    let site = Site::new();
    let (log, _) = site.open();
    let bare = NewVisit {
        time: site.now(),
        method: None,
        status: Some(204),
        bytes: None,
        duration_us: None,
        ip: None,
        browser: None,
        referrer: None,
        path: None,
        visitor: None,
        account: None,
        purposes: "",
    };
    log.recorder().record(&bare);
    log.flush().expect("the disk works");
    let found = log.find(&Query::default()).expect("readable").visits;
    assert_eq!(
        found,
        [Visit {
            time: site.now(),
            method: None,
            status: Some(204),
            bytes: None,
            duration_us: None,
            ip: None,
            browser: None,
            referrer: None,
            path: None,
            visitor: None,
            account: None,
            purposes: String::new(),
        }]
    );
}

#[test]
fn questions_are_answered_newest_first() {
    let site = Site::new();
    let (log, _) = site.open();
    let recorder = log.recorder();
    for number in 0..60 {
        site.record(&recorder, number);
        site.clock.advance(HOUR);
        log.flush().expect("the disk works");
    }
    assert!(log.counts().segments > 5);
    let find = |query: Query| -> Vec<u64> { log.find(&query).expect("readable").visits.iter().map(number).collect() };
    let everything = Query::default;

    assert_eq!(find(Query { limit: Some(3), ..everything() }), [59, 58, 57]);
    assert_eq!(find(Query { limit: Some(0), ..everything() }), [0; 0]);
    assert_eq!(find(everything()), (0..60).rev().collect::<Vec<_>>());
    let whose = Some(Sealed::new(Field::VisitVisitor, visitor(4)));
    assert_eq!(find(Query { visitor: whose, ..everything() }), [54, 44, 34, 24, 14, 4]);
    let since = Some(time("2026-07-02T12:00:00Z"));
    assert_eq!(find(Query { visitor: whose, since, limit: Some(2), ..everything() }), [54, 44]);
    assert_eq!(find(Query { visitor: whose, since, ..everything() }), [54, 44, 34, 24]);
    assert_eq!(find(Query { since, until: Some(time("2026-07-02T15:00:00Z")), ..everything() }), [26, 25, 24]);
    assert_eq!(find(Query { ip: Some(ip(9).into()), ..everything() }), [9]);
    let network = |text: &str| Some(text.parse().expect("a network"));
    assert_eq!(find(Query { ip: network("203.0.113.8/30"), ..everything() }), [11, 10, 9, 8]);
    assert_eq!(find(Query { ip: network("0.0.0.0/0"), ..everything() }).len(), 60);
    assert_eq!(find(Query { ip: network("::/0"), ..everything() }), [0; 0]);

    let rows = log.rows(&Query { since, until: Some(time("2026-07-02T15:00:00Z")), ..everything() });
    assert_eq!(rows.map(|visit| number(&visit.expect("readable"))).collect::<Vec<_>>(), [24, 25, 26]);
}

#[test]
fn visits_that_ended_out_of_order_are_still_found_newest_first() {
    let site = Site::new();
    let (log, _) = site.open();
    let recorder = log.recorder();
    let order = [5_u64, 1, 9, 3, 8, 2, 7, 0, 6, 4];
    for (at, number) in order.into_iter().enumerate() {
        record_at(&recorder, site.now() + HOUR * number as u32, number);
        if at % 3 == 0 {
            log.flush().expect("the disk works");
        }
    }
    log.flush().expect("the disk works");
    let found = log.find(&Query { limit: Some(4), ..Query::default() }).expect("readable");
    assert_eq!(found.visits.iter().map(number).collect::<Vec<_>>(), [9, 8, 7, 6]);
    assert_eq!(all(&log), order);
}

#[test]
fn what_is_no_address_is_no_question() {
    for text in ["", "/24", "203.0.113.7/33", "203.0.113.7/", "203.0.113.7/+8", "2001:db8::/129", "here", "203.0.113.7/1/2"] {
        assert!(text.parse::<visits::Network>().is_err(), "{text}");
    }
}

#[test]
fn a_full_queue_is_a_gap_that_is_recorded() {
    let mut site = Site::new();
    site.settings.queue_bytes = 2_000;
    let (log, _) = site.open();
    let recorder = log.recorder();
    site.disk.fail_operations(site.disk.operations()..u64::MAX);
    for number in 0..50 {
        site.record(&recorder, number);
        site.clock.advance(HOUR);
    }
    assert!(log.flush().is_err());
    let counts = log.counts();
    assert!(counts.failing && counts.lost > 20 && counts.recorded + counts.lost == 50, "{counts:?}");
    assert_eq!(gaps(&log).iter().map(|gap| gap.count).sum::<u64>(), counts.lost, "a gap is told before it can be written");

    site.disk.heal();
    flush_until_it_works(&log);
    site.record(&recorder, 50);
    log.flush().expect("the disk works");
    assert_eq!(gaps(&log).iter().map(|gap| gap.count).sum::<u64>(), counts.lost);
    drop(log);
    let (log, report) = site.after_crash(0).open();
    assert_eq!(report.damage, []);
    let (found, gap) = (all(&log), gaps(&log));
    assert_eq!(found.len() as u64, counts.recorded + 1);
    assert_eq!(gap.iter().map(|gap| gap.count).sum::<u64>(), counts.lost);
    let start = time("2026-07-01T12:00:00Z");
    let first_lost = (0..50).find(|number| !found.contains(number)).expect("some were lost");
    assert_eq!(gap[gap.len() - 1].from, start + HOUR * first_lost as u32);
    assert_eq!(gap[0].to, start + HOUR * 49);
}

#[test]
fn a_visit_larger_than_the_queue_is_a_gap_too() {
    let mut site = Site::new();
    site.settings.queue_bytes = 100;
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    log.flush().expect("the disk works");
    assert_eq!(all(&log), [0; 0]);
    assert_eq!(gaps(&log)[0].count, 1);
}

#[test]
fn each_day_has_segments_of_its_own() {
    let mut site = Site::new();
    site.settings.segment_bytes = 1 << 20;
    let (log, _) = site.open();
    for number in 0..6 {
        site.record(&log.recorder(), number);
        log.flush().expect("the disk works");
        site.clock.advance(DAY / 2);
    }
    drop(log);
    assert_eq!(
        site.files(),
        [
            "visits/0000000001-2026-07-01.log",
            "visits/0000000002-2026-07-02.log",
            "visits/0000000003-2026-07-03.log",
            "visits/0000000004-2026-07-04.log",
        ]
    );
}

#[test]
fn a_log_that_is_opened_again_goes_on_in_a_file_of_its_own() {
    let site = Site::new();
    for number in 0..3 {
        let (log, report) = site.open();
        assert_eq!((report.visits, report.torn_bytes), (number, 0));
        site.record(&log.recorder(), number);
        log.close().expect("closed");
        site.record(&log.recorder(), 99);
        assert_eq!(log.counts().lost, 1, "after the end there is only the count");
    }
    assert_eq!(site.files().len(), 3);
    assert_eq!(all(&site.open().0), [0, 1, 2]);
}

#[test]
fn what_was_recorded_and_not_flushed_is_there_when_the_log_is_dropped() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    drop(log);
    assert_eq!(all(&site.after_crash(0).open().0), [1]);
}

#[test]
fn nobody_has_to_ask_for_a_visit_to_become_durable() {
    let mut site = Site::new();
    site.settings.sync_interval = std::time::Duration::from_millis(5);
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    let waits = (0..1_000).take_while(|_| log.counts().durable == 0).inspect(|_| std::thread::sleep(std::time::Duration::from_millis(5)));
    assert!(waits.count() < 1_000);
    assert_eq!(all(&site.after_crash(0).open().0), [1]);
}
