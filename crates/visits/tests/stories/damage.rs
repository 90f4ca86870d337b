use std::sync::Arc;

use disk::Disk;
use domain::{AccountId, Field};
use policy::Sealed;
use visits::{DamageKind, Log, LogError, Person, Query};

use crate::site::{DAY, Site, all, storage, visitor};

/// Three segments of three visits each.
fn three_segments() -> Site {
    let site = Site::new();
    let (log, _) = site.open();
    for number in 0..9 {
        site.record(&log.recorder(), number);
        log.flush().expect("the disk works");
        if number % 3 == 2 {
            site.clock.advance(DAY);
        }
    }
    drop(log);
    assert_eq!(site.files().len(), 3);
    site
}

fn kinds(log: &Log) -> Vec<(u64, DamageKind)> {
    log.find(&Query::default()).expect("readable").damage.iter().map(|damage| (damage.segment, damage.what)).collect()
}

#[test]
fn a_bad_record_is_told_and_the_others_are_read() {
    let site = three_segments();
    let file = &site.files()[1];
    site.disk.tamper(file, |bytes| bytes[200] ^= 1);
    let (log, report) = site.open();
    assert_eq!(report.damage.len(), 1);
    assert_eq!((report.damage[0].segment, report.damage[0].what), (2, DamageKind::BadChecksum));
    assert!(report.damage[0].to_string().starts_with("segment 2, byte "), "{}", report.damage[0]);
    assert_eq!(report.torn_bytes, 0);
    assert_eq!(all(&log), [0, 1, 2, 3, 5, 6, 7, 8]);
    assert_eq!(kinds(&log), [(2, DamageKind::BadChecksum)]);
}

#[test]
fn damage_after_opening_is_told_to_whoever_reads() {
    let site = three_segments();
    let (log, report) = site.open();
    assert_eq!(report.damage, []);
    site.disk.tamper(&site.files()[0], |bytes| bytes[60] ^= 1);
    site.disk.fail_reads_of(&site.files()[1]);
    assert_eq!(kinds(&log), [(2, DamageKind::NotReadable), (1, DamageKind::BadChecksum)]);
    let mut rows = log.rows(&Query::default());
    assert_eq!(rows.by_ref().count(), 5);
    assert_eq!(rows.damage().len(), 2);
}

#[test]
fn a_missing_segment_is_told() {
    let site = three_segments();
    disk::Disk::remove(&site.disk, &site.files()[1]).expect("removed");
    let (log, report) = site.open();
    assert_eq!(report.damage.len(), 1);
    assert_eq!(kinds(&log), [(2, DamageKind::Missing)]);
    assert_eq!(all(&log), [0, 1, 2, 6, 7, 8]);
}

#[test]
fn a_first_segment_that_is_gone_has_expired() {
    let site = three_segments();
    disk::Disk::remove(&site.disk, &site.files()[0]).expect("removed");
    assert_eq!(site.open().1.damage, []);
}

#[test]
fn a_bad_header_and_another_version_are_told_and_left_alone() {
    let site = three_segments();
    site.disk.tamper(&site.files()[0], |bytes| bytes[20] ^= 1);
    site.disk.tamper(&site.files()[1], |bytes| bytes[8] = 9);
    let before: Vec<Vec<u8>> = site.files().iter().map(|file| site.disk.read(file).expect("readable")).collect();
    let (log, _) = site.open();
    assert_eq!(kinds(&log), [(1, DamageKind::BadHeader), (2, DamageKind::UnknownVersion)]);
    assert_eq!(all(&log), [6, 7, 8]);
    site.record(&log.recorder(), 9);
    log.flush().expect("the disk works");
    let after: Vec<Vec<u8>> = site.files().iter().map(|file| site.disk.read(file).expect("readable")).collect();
    assert_eq!(after[..2], before[..2]);
}

#[test]
fn a_segment_that_lost_its_end_is_told() {
    let site = three_segments();
    site.disk.tamper(&site.files()[0], |bytes| bytes.truncate(bytes.len() - 1));
    let (log, report) = site.open();
    assert_eq!(all(&log), [0, 1, 3, 4, 5, 6, 7, 8]);
    assert!(report.damage.iter().any(|damage| damage.what == DamageKind::CutShort), "{report:?}");
}

#[test]
fn a_log_goes_on_in_a_new_segment_when_its_last_one_is_damaged() {
    let site = three_segments();
    site.clock.advance(DAY);
    let (log, _) = site.open();
    for number in 9..12 {
        site.record(&log.recorder(), number);
        log.flush().expect("the disk works");
    }
    drop(log);
    site.disk.tamper(&site.files()[3], |bytes| bytes[60] ^= 1);
    let (log, report) = site.open();
    assert_eq!((report.damage.len(), report.torn_bytes), (1, 0), "a bad record before good ones is no torn tail");
    site.record(&log.recorder(), 12);
    log.flush().expect("the disk works");
    drop(log);
    assert_eq!(site.files().len(), 5);
    assert_eq!(all(&site.open().0), [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]);
}

#[test]
fn a_torn_tail_is_cut_at_every_byte() {
    let site = Site::new();
    let (log, _) = site.open();
    site.record(&log.recorder(), 0);
    log.flush().expect("the disk works");
    let file = site.files().remove(0);
    let good = disk::Disk::size(&site.disk, &file).expect("it is there");
    site.record(&log.recorder(), 1);
    log.flush().expect("the disk works");
    drop(log);
    let whole = disk::Disk::size(&site.disk, &file).expect("it is there");
    for length in 0..whole {
        let torn = site.after_crash(0);
        torn.disk.tamper(&file, |bytes| bytes.truncate(length as usize));
        let (log, report) = torn.open();
        assert_eq!(report.damage, [], "{length}");
        let expected = if length >= good { vec![0] } else { vec![] };
        assert_eq!(all(&log), expected, "{length}");
        torn.record(&log.recorder(), 2);
        log.flush().expect("the disk works");
        drop(log);
        let (log, report) = torn.open();
        assert_eq!((report.torn_bytes, report.damage.len()), (0, 0), "{length}");
        assert_eq!(all(&log), expected.into_iter().chain([2]).collect::<Vec<_>>(), "{length}");
    }
}

#[test]
fn a_sealed_file_that_cannot_be_read_now_is_not_taken_for_a_damaged_one() {
    let site = Site::new();
    let (log, _) = site.open();
    for number in 0..10 {
        site.record(&log.recorder(), number);
    }
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    log.seal(site.now()).expect("the disk works");
    let file = site.files().into_iter().find(|name| name.ends_with(".parquet")).expect("a sealed file");
    let somebody = [Person { account: Sealed::new(Field::VisitAccount, AccountId([9; 16])), visitors: vec![] }];
    site.disk.fail_reads_of(&file);
    assert!(log.find(&Query::default()).is_err());
    assert!(log.erase(&somebody, site.now()).is_err(), "what is not read may be theirs");
    drop(log);
    let open = || Log::open(Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone());
    assert!(matches!(open(), Err(LogError::Disk(_))));
    site.disk.heal();
    let (log, report) = open().expect("the disk works");
    log.erase(&somebody, site.now()).expect("the disk works");
    assert_eq!((all(&log).len(), report.damage), (10, vec![]));
}

/// Whatever a bad sector does to a sealed file, the log opens, tells of it or notices nothing, and what belongs to others can be erased.
#[test]
fn no_changed_byte_of_a_sealed_file_stops_the_log() {
    let site = Site::new();
    let (log, _) = site.open();
    for number in 0..40 {
        site.record(&log.recorder(), number);
        site.clock.advance(std::time::Duration::from_millis(1));
    }
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    log.seal(site.now()).expect("the disk works");
    drop(log);
    let files: Vec<String> = site.files().into_iter().filter(|file| file.ends_with(".parquet")).collect();
    let mut told = 0;
    for file in files.iter().take(2) {
        let bytes = site.disk.read(file).expect("it is there");
        for at in 0..bytes.len() {
            let change = [0xff, 0x01, 0x80][at % 3];
            site.disk.tamper(file, |bytes| bytes[at] ^= change);
            let (log, _) = site.open();
            let listed = log.rows(&Query::default()).filter(Result::is_ok).count();
            let somebody = Some(Sealed::new(Field::VisitVisitor, visitor(3)));
            let found = log.find(&Query { visitor: somebody, ..Query::default() }).expect("a bad file is no failure");
            assert!(listed <= 40 && found.visits.len() <= 40, "byte {at} of {file}");
            told += usize::from(listed < 40 && !found.damage.is_empty());
            drop(log);
            site.disk.tamper(file, |bytes| bytes[at] ^= change);
        }
    }
    assert!(told > 100, "much of it is noticed: {told}");
    assert_eq!(all(&site.open().0).len(), 40);
}
