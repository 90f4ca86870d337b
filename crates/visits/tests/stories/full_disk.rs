use std::time::Duration;

use disk::Disk;
use domain::{Field, SeededRandom, Span, Timestamp};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{Mark, NewVisit, Retention};

use crate::site::{DAY, Site, all, flush_until_it_works, gaps};

/// Whatever fits, visits and gaps add up, and the log works when there is space again.
#[test]
fn a_disk_that_is_full_after_any_number_of_bytes_stops_nothing() {
    for capacity in 0..1_600 {
        let mut site = Site::new();
        site.settings.queue_bytes = 700;
        let (log, _) = site.open();
        let recorder = log.recorder();
        site.disk.fill_up_after(capacity);
        let mut promised = 0;
        for number in 0..20 {
            site.record(&recorder, number);
            if number % 2 == 1 && log.flush().is_ok() {
                promised = number + 1;
            }
        }
        let counts = log.counts();
        assert_eq!(counts.recorded + counts.lost, 20, "{capacity}");
        assert_eq!(counts.failing, promised < 20, "{capacity}");
        assert!(counts.lost > 0 || promised > 8, "{capacity}: so much fits in memory");

        let mut kept = site.after_crash(capacity);
        kept.settings = site.settings.clone();
        let (after_crash, report) = kept.open();
        assert_eq!(report.damage, [], "{capacity}");
        let found = all(&after_crash);
        assert!(found.is_sorted_by(|one, next| one < next), "{capacity}: {found:?}");
        let told: u64 = gaps(&after_crash).iter().map(|gap| gap.count).sum();
        assert!(found.len() as u64 + told >= promised, "{capacity}: {found:?}");

        site.disk.heal();
        flush_until_it_works(&log);
        site.record(&recorder, 20);
        log.flush().expect("the disk works");
        assert!(!log.counts().failing, "{capacity}");
        drop(log);
        let (log, report) = site.after_crash(0).open();
        assert_eq!((report.damage.len(), report.torn_bytes), (0, 0), "{capacity}");
        let found = all(&log);
        assert!(found.is_sorted_by(|one, next| one < next), "{capacity}: {found:?}");
        assert_eq!(found.last(), Some(&20), "{capacity}");
        let told: u64 = gaps(&log).iter().map(|gap| gap.count).sum();
        assert_eq!((found.len() as u64, told), (counts.recorded + 1, counts.lost), "{capacity}");
    }
}

#[test]
fn a_disk_that_stays_full_is_not_littered_with_files() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 0);
    log.flush().expect("the disk works");
    let size = site.disk.size(&site.files()[0]).expect("it is there");
    site.disk.fill_up_after(size + 30);
    site.record(&log.recorder(), 1);
    for _ in 0..50 {
        assert!(log.flush().is_err());
    }
    assert_eq!(site.files().len(), 1);
    assert_eq!(site.disk.size(&site.files()[0]).expect("it is there"), size);
    site.disk.heal();
    flush_until_it_works(&log);
    assert_eq!(all(&log), [0, 1]);
}

/// Sealing, putting together, ageing and taking in what another server logged need room for new files. Where there is none, everything stays as it was, readable,
/// and is done once there is some.
#[test]
fn a_disk_that_is_full_after_any_number_of_bytes_only_puts_sealing_ageing_and_importing_off() {
    let retention = Retention { ageing: vec![(Field::VisitIp, Span::days(2), AgeingForm::Truncated)], ..Retention::default() };
    let mut full = 0;
    for more in (0..16_000).step_by(97) {
        let site = Site::new();
        let (log, _) = site.open();
        log.set_retention(retention.clone()).expect("rules the log can follow");
        for day in 0..3 {
            for number in day * 10..day * 10 + 5 {
                site.record(&log.recorder(), number);
                site.clock.advance(Duration::from_millis(1));
            }
            log.flush().expect("the disk works");
            site.clock.advance(DAY);
            if day == 0 {
                log.seal(site.now()).expect("the disk works");
            }
        }
        let used: u64 = site.files().iter().map(|file| site.disk.size(file).expect("it is there")).sum();
        site.disk.fill_up_after(used + more);
        let import = || {
            let mut import = log.import(site.now(), &SeededRandom::new(7)).expect("nobody else imports");
            let path = "/imported".to_owned();
            import.push(&imported(site.now(), 100, &path));
            import.publish(Mark { bytes: 1, beginning: 1, head: None, to: site.now().as_microsecond() }, None).map(|_| import.pending())
        };
        let done = [log.seal(site.now()).is_ok(), log.maintain(site.now()).is_ok(), import().is_ok()];
        full += u32::from(done.contains(&false));
        let mut expected: Vec<u64> = (0..3).flat_map(|day| day * 10..day * 10 + 5).collect();
        expected.extend(done[2].then_some(100));
        assert_eq!(all(&log), expected, "{more}: {done:?}");

        site.disk.heal();
        log.seal(site.now()).expect("there is room");
        log.maintain(site.now()).expect("there is room");
        if !done[2] {
            import().expect("there is room");
            expected.push(100);
        }
        assert_eq!(all(&log), expected, "{more}: once there is room");
        assert!(!site.files().iter().any(|file| file.ends_with(".unfinished")), "{more}");
        drop(log);
        let (log, report) = site.after_crash(more).open();
        assert_eq!((report.damage.len(), all(&log)), (0, expected), "{more}: after a power cut");
    }
    assert!(full > 50, "{full} times there was too little room");
}

fn imported(time: Timestamp, number: u64, path: &str) -> NewVisit<'_> {
    NewVisit {
        time,
        method: None,
        status: Some(200),
        bytes: Some(number),
        duration_us: None,
        ip: None,
        browser: None,
        referrer: None,
        path: Some(Sealed::new(Field::VisitPath, path)),
        visitor: None,
        account: None,
        purposes: "operate",
    }
}
