use domain::{Field, Span};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{DamageKind, Log, Maintained, Query, Retention};

use crate::site::{DAY, HOUR, Site, all, flush_until_it_works, ip, number, storage, visitor};

fn keep(days: u32) -> Retention {
    Retention { keep: Some(Span::days(days)), ageing: Vec::new(), ..Retention::default() }
}

/// One visit an hour for so many days, flushed and maintained as it goes.
fn run(site: &Site, log: &Log, days: u64) -> Vec<Maintained> {
    let recorder = log.recorder();
    let mut done = Vec::new();
    for hour in 0..days * 24 {
        site.record(&recorder, hour);
        log.flush().expect("the disk works");
        site.clock.advance(HOUR);
        done.push(log.maintain(site.now()).expect("the disk works"));
    }
    done
}

/// The bytes under which an address stands in a file; a record's address is followed by its status.
fn ip_bytes(number: u64) -> [u8; 6] {
    [203, 0, 113, number as u8, 200, 0]
}

#[test]
fn what_has_expired_is_invisible_at_once() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    log.flush().expect("the disk works");
    log.set_retention(keep(30)).expect("rules the log can follow");
    site.clock.advance(DAY * 30 - HOUR);
    assert_eq!(all(&log), [1]);
    site.clock.advance(HOUR);
    assert_eq!(all(&log), [0; 0]);
    assert_eq!(log.find(&Query::default()).expect("readable").visits, []);
    log.set_retention(keep(31)).expect("rules the log can follow");
    assert_eq!(all(&log), [1], "the rules of the moment count");
}

#[test]
fn a_longer_retention_is_for_visits_to_come() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    // From here on visits are kept for ten days; those before were promised three.
    log.set_retention(Retention { earlier: vec![(site.now(), keep(3))], ..keep(10) }).expect("rules the log can follow");
    site.record(&log.recorder(), 2);
    log.flush().expect("the disk works");
    site.clock.advance(DAY * 2 - HOUR * 2);
    assert_eq!(all(&log), [1, 2]);
    site.clock.advance(HOUR * 2);
    assert_eq!(all(&log), [2], "three days are over");
    for _ in 0..26 {
        site.clock.advance(HOUR);
        log.maintain(site.now()).expect("the disk works");
    }
    assert!(!site.holds(&ip_bytes(1)) && site.holds(&ip_bytes(2)), "within a day no file keeps it");
    site.clock.advance(DAY * 7);
    assert_eq!(all(&log), [0; 0], "and ten days later the other is gone as well");
}

#[test]
fn no_file_keeps_what_expired_more_than_a_day_ago() {
    let mut site = Site::new();
    site.settings.segment_bytes = 2_000;
    let (log, _) = site.open();
    log.set_retention(keep(3)).expect("rules the log can follow");
    let done = run(&site, &log, 8);
    let hours = 8 * 24;
    for hour in 0..hours {
        let is_there = site.holds(&ip_bytes(hour));
        let age = hours - hour;
        assert!(age >= 72 || is_there, "hour {hour} is kept");
        assert!(age <= 72 + 24 || !is_there, "hour {hour} is a day past its time");
        assert_eq!(is_there, site.holds(format!("/page/{hour}\u{c}operate").as_bytes()), "hour {hour}");
    }
    assert_eq!(all(&log), (hours - 71..hours).collect::<Vec<_>>());
    assert!(done.iter().map(|done| done.removed_segments).sum::<u64>() > 5, "whole files go");
    let (log, report) = site.after_crash(0).open();
    assert_eq!(report.damage, []);
    assert_eq!(all(&log).last(), Some(&(hours - 1)));
}

#[test]
fn a_short_retention_holds_within_a_day_too() {
    let mut site = Site::new();
    site.settings.segment_bytes = 1 << 20;
    let (log, _) = site.open();
    log.set_retention(Retention { keep: Some(Span::parse("1 hour").expect("a span")), ageing: Vec::new(), ..Retention::default() })
        .expect("rules");
    let done = run(&site, &log, 3);
    for hour in 0..3 * 24_u64 {
        assert!(3 * 24 - hour <= 1 + 24 || !site.holds(&ip_bytes(hour)), "hour {hour}");
    }
    assert!(done.iter().map(|done| done.rewritten_segments + done.removed_segments).sum::<u64>() < 20, "not all day long");
}

#[test]
fn fields_lose_detail_with_time_and_no_file_keeps_it() {
    let site = Site::new();
    let (log, _) = site.open();
    let ageing = vec![
        (Field::VisitIp, Span::days(1), AgeingForm::Truncated),
        (Field::VisitBrowser, Span::days(1), AgeingForm::Family),
        (Field::VisitReferrer, Span::days(1), AgeingForm::Origin),
        (Field::VisitPath, Span::days(2), AgeingForm::Gone),
        (Field::VisitVisitor, Span::days(2), AgeingForm::Gone),
    ];
    log.set_retention(Retention { keep: None, ageing, ..Retention::default() }).expect("rules the log can follow");
    let done = run(&site, &log, 5);
    assert!(done.iter().all(|done| done.removed_visits == 0));

    let (storage, hours) = (storage(), 5 * 24);
    for visit in log.find(&Query::default()).expect("readable").visits {
        let hour = number(&visit);
        let (aged, old) = (hours - hour >= 24, hours - hour >= 48);
        let text = |text: &Option<Sealed<String>>| text.as_ref().map(|text| storage.reveal(text).clone());
        assert_eq!(visit.ip.map(|sealed| *storage.reveal(&sealed)), Some(ip(if aged { 0 } else { hour }).into()), "hour {hour}");
        assert_eq!(text(&visit.browser).as_deref(), Some(if aged { "Firefox" } else { "Mozilla/5.0 Firefox/140.0" }));
        assert_eq!(
            text(&visit.referrer).as_deref(),
            Some(if aged { "https://example.org" } else { "https://example.org/search?q=illness" })
        );
        assert_eq!((visit.path.is_none(), visit.visitor.is_none()), (old, old), "hour {hour}");
    }
    for hour in 0..hours {
        let age = hours - hour;
        assert!(age <= 48 || hour == 0 || !site.holds(&ip_bytes(hour)), "hour {hour}");
        assert!(age <= 72 || !site.holds(format!("/page/{hour}\u{c}operate").as_bytes()), "hour {hour}");
    }
    let find = |query: Query| log.find(&query).expect("readable").visits.len();
    assert_eq!(find(Query { ip: Some(ip(3).into()), ..Query::default() }), 0, "what is gone cannot be searched for");
    assert_eq!(find(Query { visitor: Some(Sealed::new(Field::VisitVisitor, visitor(3))), ..Query::default() }), 5);
}

#[test]
fn maintenance_with_nothing_to_do_touches_nothing() {
    let site = Site::new();
    let (log, _) = site.open();
    log.set_retention(Retention {
        keep: Some(Span::days(90)),
        ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Truncated)],
        ..Retention::default()
    })
    .expect("rules the log can follow");
    run(&site, &log, 4);
    site.clock.advance(DAY * 2);
    log.maintain(site.now()).expect("the disk works");
    let operations = site.disk.operations();
    for _ in 0..3 {
        assert_eq!(log.maintain(site.now()).expect("the disk works"), Maintained::default());
    }
    assert_eq!(site.disk.operations(), operations);
    drop(log);
    let (log, _) = site.open();
    log.set_retention(Retention {
        keep: Some(Span::days(90)),
        ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Truncated)],
        ..Retention::default()
    })
    .expect("rules the log can follow");
    assert_eq!(log.maintain(site.now()).expect("the disk works"), Maintained::default(), "nor after a restart");
}

#[test]
fn visits_go_on_while_nobody_visits_for_a_long_time() {
    let site = Site::new();
    let (log, _) = site.open();
    log.set_retention(keep(3)).expect("rules the log can follow");
    run(&site, &log, 2);
    site.clock.advance(DAY * 10);
    log.maintain(site.now()).expect("the disk works");
    for hour in 0..48 {
        assert!(!site.holds(&ip_bytes(hour)), "hour {hour}");
    }
    site.record(&log.recorder(), 99);
    log.flush().expect("the disk works");
    drop(log);
    let (log, report) = site.open();
    assert_eq!((all(&log), report.damage), (vec![99], vec![]));
}

#[test]
fn what_cannot_be_read_goes_too_and_stays_known() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 1);
    site.record(&log.recorder(), 2);
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    site.record(&log.recorder(), 3);
    log.flush().expect("the disk works");
    drop(log);
    site.disk.tamper(&site.files()[0], |bytes| {
        let at = bytes.windows(6).position(|window| window == ip_bytes(1)).expect("it is there");
        bytes[at - 20] ^= 1;
    });
    let (log, _) = site.open();
    log.set_retention(Retention { keep: None, ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Gone)], ..Retention::default() })
        .expect("rules");
    site.clock.advance(DAY);
    log.maintain(site.now()).expect("the disk works");
    assert!(!site.holds(&ip_bytes(1)) && !site.holds(&ip_bytes(2)));
    assert_eq!(all(&log), [2, 3]);
    drop(log);
    let (_, report) = site.open();
    assert_eq!(report.damage.iter().map(|damage| (damage.segment, damage.what)).collect::<Vec<_>>(), [(1, DamageKind::BadChecksum)]);
}

#[test]
fn a_segment_with_a_bad_header_goes_when_its_time_has_come() {
    let site = Site::new();
    let (log, _) = site.open();
    for number in 1..4 {
        site.record(&log.recorder(), number);
        log.flush().expect("the disk works");
        site.clock.advance(DAY);
    }
    drop(log);
    site.disk.tamper(&site.files()[1], |bytes| bytes[30] ^= 1);
    let (log, _) = site.open();
    log.set_retention(Retention {
        keep: Some(Span::days(30)),
        ageing: vec![(Field::VisitIp, Span::days(2), AgeingForm::Truncated)],
        ..Retention::default()
    })
    .expect("rules");
    site.clock.advance(DAY * 3);
    log.maintain(site.now()).expect("the disk works");
    assert!((1..4).all(|number| !site.holds(&ip_bytes(number))));
    drop(log);
    let (log, report) = site.open();
    assert_eq!(report.damage.iter().map(|damage| (damage.segment, damage.what)).collect::<Vec<_>>(), [(2, DamageKind::BadHeader)]);
    assert_eq!(all(&log), [1, 3]);
}

#[test]
fn a_segment_that_the_disk_cannot_read_now_is_left_alone_and_told() {
    let site = Site::new();
    let (log, _) = site.open();
    log.set_retention(Retention { keep: None, ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Gone)], ..Retention::default() })
        .expect("rules");
    for number in 1..4 {
        site.record(&log.recorder(), number);
        log.flush().expect("the disk works");
        site.clock.advance(DAY);
    }
    site.clock.advance(DAY);
    site.disk.fail_reads_of(&site.files()[0]);
    let error = log.maintain(site.now()).expect_err("one segment cannot be read");
    assert_eq!(
        error.to_string(),
        "the visit log could not read segment 1 to remove what has to go from it; look at the disk, and run this again"
    );
    assert!(!site.file_holds(&site.files()[1], &ip_bytes(2)), "the others were treated");
    site.disk.heal();
    log.maintain(site.now()).expect("the disk works");
    assert!((1..4).all(|number| !site.holds(&ip_bytes(number))));
    site.record(&log.recorder(), 4);
    flush_until_it_works(&log);
    assert_eq!(all(&log), [1, 2, 3, 4]);
}
