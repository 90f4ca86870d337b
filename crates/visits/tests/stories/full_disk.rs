use crate::site::{Site, all, flush_until_it_works, gaps};

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
    let size = disk::Disk::size(&site.disk, &site.files()[0]).expect("it is there");
    site.disk.fill_up_after(size + 30);
    site.record(&log.recorder(), 1);
    for _ in 0..50 {
        assert!(log.flush().is_err());
    }
    assert_eq!(site.files().len(), 1);
    assert_eq!(disk::Disk::size(&site.disk, &site.files()[0]).expect("it is there"), size);
    site.disk.heal();
    flush_until_it_works(&log);
    assert_eq!(all(&log), [0, 1]);
}
