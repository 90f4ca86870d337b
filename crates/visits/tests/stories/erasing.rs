//! People who are erased: nobody sees their visits from then on, no file holds them afterwards, and everybody else's are all there.

use std::sync::Arc;

use disk::Disk;
use domain::{AccountId, Field, Span, VisitorId};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{DamageKind, Erased, Log, LogError, Person, Query, Recorder, Retention};

use crate::site::{DAY, HOUR, Site, all, flush_until_it_works, gaps, number, record_as, storage};

const ANNA: AccountId = AccountId([0xa1; 16]);
const BEN: AccountId = AccountId([0xb2; 16]);
const ANNAS_PHONE: VisitorId = VisitorId([0xa3; 16]);
const BENS_PHONE: VisitorId = VisitorId([0xb4; 16]);
const THEIR_TABLET: VisitorId = VisitorId([0xab; 16]);

/// Who made a visit, by its number: each of these in turn.
const WHO: [(Option<VisitorId>, Option<AccountId>); 8] = [
    (Some(ANNAS_PHONE), Some(ANNA)),
    (Some(BENS_PHONE), Some(BEN)),
    (Some(ANNAS_PHONE), None),
    (Some(THEIR_TABLET), Some(ANNA)),
    (Some(THEIR_TABLET), None),
    (None, Some(ANNA)),
    (Some(ANNAS_PHONE), Some(BEN)),
    (None, None),
];

fn person(account: AccountId, visitors: &[VisitorId]) -> Person {
    let visitors = visitors.iter().map(|visitor| Sealed::new(Field::VisitVisitor, *visitor)).collect();
    Person { account: Sealed::new(Field::VisitAccount, account), visitors }
}

fn anna() -> Person {
    person(ANNA, &[ANNAS_PHONE])
}

/// Signed in it is hers, and on her phone, unless somebody else was signed in there.
fn is_annas(number: u64) -> bool {
    matches!(number % 8, 0 | 2 | 3 | 5)
}

fn others(numbers: std::ops::Range<u64>) -> Vec<u64> {
    numbers.filter(|number| !is_annas(*number)).collect()
}

fn record(site: &Site, recorder: &Recorder, number: u64) {
    let (visitor, account) = WHO[number as usize % 8];
    record_as(recorder, site.now(), number, visitor, account);
    site.clock.advance(std::time::Duration::from_millis(1));
}

/// So many visits, a few at a time.
fn visited(site: &Site, log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        record(site, &log.recorder(), number);
        if number % 3 == 2 {
            log.flush().expect("the disk works");
        }
    }
    log.flush().expect("the disk works");
}

/// The page that a visit was to; the purposes follow it.
fn page(number: u64) -> String {
    format!("/page/{number}\u{c}operate")
}

fn assert_erased_from_files(site: &Site, numbers: std::ops::Range<u64>, what: &str) {
    assert!(!site.holds(&ANNA.0), "{what}");
    for number in numbers {
        assert_eq!(site.holds(page(number).as_bytes()), !is_annas(number), "{what}: visit {number}");
    }
}

#[test]
fn whoever_is_erased_is_in_no_file_and_everybody_else_is_where_they_were() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..64);
    site.clock.advance(DAY);
    visited(&site, &log, 64..70);
    assert!(log.counts().segments > 5 && site.holds(&ANNA.0));
    let erased = log.erase(&[anna()], site.now()).expect("the disk works");
    assert_eq!(erased.visits, [(0..70).filter(|number| is_annas(*number)).count() as u64]);
    assert!(erased.rewritten_segments > 5 && erased.unknown_segments == 0);
    assert_erased_from_files(&site, 0..70, "at once");
    assert_eq!(all(&log), others(0..70));
    visited(&site, &log, 70..72);
    assert_eq!(all(&log).last(), Some(&71), "and visits go on being recorded");
    drop(log);
    let (log, report) = site.after_crash(3).open();
    assert_eq!((report.torn_bytes, report.damage), (0, vec![]));
    assert_eq!(all(&log), [others(0..70), vec![70, 71]].concat());
}

#[test]
fn several_people_go_in_one_pass_and_each_is_counted() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..16);
    let erased = log.erase(&[person(BEN, &[BENS_PHONE]), person(ANNA, &[ANNAS_PHONE, THEIR_TABLET])], site.now()).expect("the disk works");
    assert_eq!(erased.visits, [4, 10]);
    assert_eq!(all(&log), [7, 15], "nobody's");
    for bytes in [ANNA.0, BEN.0, ANNAS_PHONE.0, BENS_PHONE.0, THEIR_TABLET.0] {
        assert!(!site.holds(&bytes));
    }
}

#[test]
fn a_log_without_them_is_not_touched() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..16);
    log.erase(&[anna()], site.now()).expect("the disk works");
    let (files, operations) = (site.files(), site.disk.operations());
    let nothing = Erased { visits: vec![0], ..Erased::default() };
    for _ in 0..3 {
        assert_eq!(log.erase(&[anna()], site.now()).expect("the disk works"), nothing);
    }
    assert_eq!(log.erase(&[], site.now()).expect("nothing to do"), Erased::default());
    assert_eq!(site.files(), files);
    assert!(site.disk.operations() <= operations + 3, "but to look for what an earlier rewriting left");
}

#[test]
fn what_waits_in_memory_goes_too() {
    let site = Site::new();
    let (log, _) = site.open();
    for number in 0..8 {
        record(&site, &log.recorder(), number);
    }
    assert_eq!(log.erase(&[anna()], site.now()).expect("the disk works").visits, [4]);
    assert_erased_from_files(&site, 0..8, "written while it was asked for");
}

#[test]
fn from_the_call_on_nobody_sees_them_though_the_disk_fails() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..24);
    let before = site.disk.operations();
    site.disk.fail_operations(before..u64::MAX);
    assert!(log.erase(&[anna()], site.now()).is_err());
    assert_eq!(all(&log), others(0..24));
    let of_her = Query { account: Some(Sealed::new(Field::VisitAccount, ANNA)), ..Query::default() };
    assert_eq!(log.find(&of_her).expect("readable").visits, []);
    assert!(site.holds(&ANNA.0), "the files still do");
    site.disk.heal();
    assert_eq!(log.erase(&[anna()], site.now()).expect("the disk works").visits, [12]);
    assert_erased_from_files(&site, 0..24, "asked again");
    // She comes back to the site with the same phone: that is a new visit of somebody unknown.
    record_as(&log.recorder(), site.now(), 100, Some(ANNAS_PHONE), None);
    log.flush().expect("the disk works");
    assert_eq!(all(&log).last(), Some(&100));
}

#[test]
fn rules_of_retention_hold_for_what_is_written_anew() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..8);
    site.clock.advance(DAY * 2);
    visited(&site, &log, 8..16);
    let ageing = vec![(Field::VisitPath, Span::days(1), AgeingForm::Gone)];
    log.set_retention(Retention { keep: Some(Span::days(30)), ageing, ..Retention::default() }).expect("rules the log can follow");
    log.erase(&[anna()], site.now()).expect("the disk works");
    assert_eq!(all(&log), others(0..16));
    assert!(!site.holds(page(1).as_bytes()) && site.holds(page(9).as_bytes()), "what was due is aged on the way");
}

#[test]
fn bytes_that_nobody_can_read_may_be_theirs_and_go() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..3);
    site.clock.advance(DAY);
    visited(&site, &log, 3..6);
    drop(log);
    site.disk.tamper(&site.files()[0], |bytes| {
        let at = bytes.windows(16).position(|window| window == ANNA.0).expect("it is there");
        bytes[at - 20] ^= 1;
    });
    let (log, _) = site.open();
    log.erase(&[anna()], site.now()).expect("the disk works");
    assert!(!site.holds(&ANNA.0) && !site.holds(&ANNAS_PHONE.0[..8]));
    assert_eq!(all(&log), [1, 4]);
    drop(log);
    let (_, report) = site.open();
    assert_eq!(report.damage.iter().map(|damage| (damage.segment, damage.what)).collect::<Vec<_>>(), [(1, DamageKind::BadChecksum)]);
}

#[test]
fn a_segment_of_another_version_is_left_and_told() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..3);
    site.clock.advance(DAY);
    visited(&site, &log, 3..6);
    drop(log);
    site.disk.tamper(&site.files()[0], |bytes| bytes[8] = 9);
    let (log, _) = site.open();
    let erased = log.erase(&[anna()], site.now()).expect("the disk works");
    assert_eq!(erased, Erased { visits: vec![2], rewritten_segments: 1, rewritten_files: 0, unknown_segments: 1 });
}

#[test]
fn a_segment_the_disk_cannot_read_is_told_and_the_others_are_treated() {
    let site = Site::new();
    let (log, _) = site.open();
    for day in 0..3 {
        visited(&site, &log, day * 8..day * 8 + 3);
        site.clock.advance(DAY);
    }
    let files = site.files();
    site.disk.fail_reads_of(&files[0]);
    assert!(matches!(log.erase(&[anna()], site.now()), Err(LogError::NotReadable { segment: 1 })));
    assert!(files[1..].iter().all(|file| !site.file_holds(file, &ANNA.0)));
    site.disk.heal();
    assert_eq!(log.erase(&[anna()], site.now()).expect("the disk works").visits, [2]);
    assert!(!site.holds(&ANNA.0));
}

#[test]
fn a_file_that_somebody_took_away_stops_nothing() {
    let site = Site::new();
    let (log, _) = site.open();
    for day in 0..3 {
        visited(&site, &log, day * 3..day * 3 + 3);
        site.clock.advance(DAY);
    }
    site.disk.remove(&site.files()[1]).expect("somebody took it away");
    assert_eq!(log.erase(&[anna()], site.now()).expect("what is not there holds nothing").visits, [3]);
    assert!(!site.holds(&ANNA.0));
}

/// Visits, erasing, visits; what is known for sure while it runs.
#[derive(Default)]
struct Script {
    recorded: u64,
    promised: u64,
    is_erased: bool,
    /// Most of it is sealed before.
    seals: bool,
}

impl Script {
    /// None when the disk is gone.
    fn play(&mut self, site: &Site) -> Option<()> {
        let open = || Log::open(Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone()).ok();
        let (log, _) = open().or_else(open)?;
        self.visit(site, &log, 9)?;
        site.clock.advance(DAY);
        if self.seals {
            // What fails is done the next time.
            let _ = log.seal(site.now());
            let _ = log.maintain(site.now());
        }
        self.visit(site, &log, 5)?;
        // Whoever asks remembers, and asks again.
        self.is_erased = (0..8).any(|_| log.erase(&[anna()], site.now()).is_ok());
        self.is_erased.then_some(())?;
        site.clock.advance(HOUR);
        // From here on nobody comes but those who stay.
        for _ in 0..2 {
            let ben = self.recorded.next_multiple_of(8) + 1;
            record(site, &log.recorder(), ben);
            self.recorded = ben + 1;
        }
        self.flush(&log)
    }

    fn visit(&mut self, site: &Site, log: &Log, count: u64) -> Option<()> {
        for _ in 0..count {
            record(site, &log.recorder(), self.recorded);
            self.recorded += 1;
        }
        self.flush(log)
    }

    fn flush(&mut self, log: &Log) -> Option<()> {
        (0..8).any(|_| log.flush().is_ok()).then(|| self.promised = self.recorded)
    }
}

/// What must be true of a log, whatever happened to its disk.
fn assert_intact(script: &Script, site: &Site, what: &str) {
    let (log, report) = site.open();
    assert_eq!(report.damage, [], "{what}");
    assert_eq!(gaps(&log), [], "{what}");
    let found = all(&log);
    assert!(found.is_sorted_by(|one, next| one < next), "{what}: each once and in order, not {found:?}");
    if script.is_erased {
        assert!(!site.holds(&ANNA.0), "{what}: it was said to be done");
        assert!(found.iter().all(|number| !is_annas(*number)), "{what}: {found:?}");
    }
    let was_there = |number: u64| number < 14 || number % 8 == 1;
    for number in (0..script.promised).filter(|number| was_there(*number) && !is_annas(*number)) {
        assert!(found.contains(&number), "{what}: visit {number} was promised, of {found:?}");
    }
    // Whoever asks again finds all that is left of her.
    let left = found.iter().filter(|number| is_annas(**number)).count() as u64;
    assert_eq!(log.erase(&[anna()], site.now()).expect("the disk works").visits, [left], "{what}");
    assert!(!site.holds(&ANNA.0), "{what}");
    let stay: Vec<u64> = found.into_iter().filter(|number| !is_annas(*number)).collect();
    assert_eq!(all(&log), stay, "{what}");
    record(site, &log.recorder(), 1_001);
    log.flush().expect("the disk works");
    drop(log);
    let (log, report) = site.after_crash(1).open();
    assert_eq!((report.torn_bytes, report.damage.len()), (0, 0), "{what}: what was mended is clean");
    assert_eq!(all(&log), [stay, vec![1_001]].concat(), "{what}");
}

/// What is sealed is three files of three visits, and hers are in each: the first two are written anew before the manifest lists them, and then the third.
fn site_of_small_files() -> Site {
    let mut site = Site::new();
    site.settings.file_rows = 3;
    site
}

fn operations(seals: bool) -> u64 {
    let (site, mut script) = (site_of_small_files(), Script { seals, ..Script::default() });
    assert_eq!(script.play(&site), Some(()));
    assert!(script.is_erased);
    let operations = site.disk.operations();
    assert_eq!(site.files().iter().any(|file| file.ends_with(".parquet")), seals);
    assert_intact(&script, &site, "nothing fails");
    operations
}

/// Each operation of the script, with and without sealing.
fn every_operation() -> impl Iterator<Item = (bool, u64)> {
    [false, true].into_iter().flat_map(|seals| (0..operations(seals)).map(move |at| (seals, at)))
}

#[test]
fn a_power_cut_leaves_the_old_file_or_the_new_one() {
    for (seals, at) in every_operation() {
        let (site, mut script) = (site_of_small_files(), Script { seals, ..Script::default() });
        site.disk.stop_from(at);
        let _ = script.play(&site);
        for seed in 0..12 {
            assert_intact(&script, &site.after_crash(seed), &format!("sealed {seals}: power cut at operation {at}, seed {seed}"));
        }
    }
}

#[test]
fn a_killed_process_leaves_the_old_file_or_the_new_one() {
    for (seals, at) in every_operation() {
        let (site, mut script) = (site_of_small_files(), Script { seals, ..Script::default() });
        site.disk.stop_from(at);
        let _ = script.play(&site);
        site.disk.heal();
        assert_intact(&script, &site, &format!("sealed {seals}: killed at operation {at}"));
    }
}

#[test]
fn failures_that_pass_only_mean_to_ask_again() {
    for (seals, at) in every_operation() {
        for failures in 1..5 {
            let what = format!("sealed {seals}: {failures} failures at operation {at}");
            let (site, mut script) = (site_of_small_files(), Script { seals, ..Script::default() });
            site.disk.fail_operations(at..at + failures);
            if script.play(&site).is_none() {
                assert!(failures > 1 && !script.is_erased, "{what}: only opening may be refused, and only twice");
            }
            site.disk.heal();
            for seed in 0..3 {
                assert_intact(&script, &site.after_crash(seed), &format!("{what}, seed {seed}"));
            }
            assert_intact(&script, &site, &format!("{what}, and no power is lost"));
        }
    }
}

#[test]
fn a_full_disk_stops_erasing_and_nothing_else() {
    let site = Site::new();
    let (log, _) = site.open();
    visited(&site, &log, 0..24);
    let used: u64 = site.files().iter().map(|file| site.disk.size(file).expect("it is there")).sum();
    site.disk.fill_up_after(used + 40);
    assert!(matches!(log.erase(&[anna()], site.now()), Err(LogError::Disk(_))));
    assert_eq!(all(&log), others(0..24), "unseen they are all the same");
    site.disk.heal();
    flush_until_it_works(&log);
    let erased = log.erase(&[anna()], site.now()).expect("the disk works");
    assert!(erased.visits[0] <= 12, "{erased:?}");
    assert_erased_from_files(&site, 0..24, "once there is room");
}

#[test]
fn visits_are_recorded_while_others_are_erased() {
    let mut site = Site::new();
    site.settings.sync_interval = std::time::Duration::from_millis(1);
    site.settings.queue_bytes = 4 << 20;
    site.settings.segment_bytes = 60_000;
    let (log, _) = site.open();
    visited(&site, &log, 0..4_000);
    let recorder = log.recorder();
    let (now, count) = (site.now(), 2_000);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..count {
                record_as(&recorder, now, 10_001 + number * 8, Some(BENS_PHONE), Some(BEN));
                std::thread::yield_now();
            }
        });
        assert_eq!(log.erase(&[anna()], now).expect("the disk works").visits, [2_000]);
    });
    log.flush().expect("the disk works");
    assert_eq!((log.counts().lost, gaps(&log)), (0, vec![]));
    let found = all(&log);
    assert_eq!(found.len(), 2_000 + count as usize);
    assert!(found.iter().all(|number| !is_annas(*number)));
    assert!(!site.holds(&ANNA.0));
    let newest = log.find(&Query { limit: Some(1), ..Query::default() }).expect("readable");
    assert_eq!(newest.visits.iter().map(number).collect::<Vec<_>>(), [10_001 + (count - 1) * 8]);
}
