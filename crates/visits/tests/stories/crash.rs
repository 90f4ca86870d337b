//! A failure, a power cut or a killed process at every single operation on the disk.

use std::sync::Arc;
use std::time::Duration;

use domain::{Field, Span, Timestamp};
use policy::model::AgeingForm;
use visits::{Log, Maintained, Query, Recorder, Retention};

use crate::site::{DAY, HOUR, Site, all, gaps, ip, number, storage};

const A_MOMENT: Duration = Duration::from_millis(1);

/// A script that ends when the disk does.
type Play = fn(&mut Script, &Site) -> Option<()>;

/// Making files takes so much longer than writing segments that of the ways to fail at an operation only every third is tried.
fn ways(play: Play, all: std::ops::Range<u64>) -> impl Iterator<Item = u64> {
    all.step_by(if std::ptr::fn_addr_eq(play, PLAYS[2]) { 3 } else { 1 })
}

const PLAYS: [Play; 3] = [Script::some_days, Script::growing_old, Script::becoming_files];

/// What is known for sure while a script runs.
#[derive(Default)]
struct Script {
    /// When each visit was recorded; its place is its number.
    recorded: Vec<Timestamp>,
    /// How many of those are promised to be durable.
    promised: usize,
    maintained: Maintained,
    sealed: u64,
    retention: Retention,
}

impl Script {
    /// Visits, rotation by size and by day, a restart.
    fn some_days(&mut self, site: &Site) -> Option<()> {
        let log = self.open(site)?;
        let recorder = log.recorder();
        for count in [3, 1, 4, 1, 1] {
            self.record(site, &recorder, count);
            self.flush(&log)?;
        }
        site.clock.advance(DAY);
        self.record(site, &recorder, 2);
        self.flush(&log)?;
        drop(log);
        let log = self.open(site)?;
        self.record(site, &log.recorder(), 2);
        self.flush(&log)
    }

    /// Days on which maintenance rewrites and removes segments.
    fn growing_old(&mut self, site: &Site) -> Option<()> {
        self.retention = Retention {
            keep: Some(Span::days(4)),
            ageing: vec![(Field::VisitIp, Span::days(1), AgeingForm::Truncated)],
            ..Retention::default()
        };
        let log = self.open(site)?;
        let recorder = log.recorder();
        for count in [3, 1, 4] {
            self.record(site, &recorder, count);
            self.flush(&log)?;
            site.clock.advance(HOUR);
        }
        for days in [1, 1, 2] {
            site.clock.advance(DAY);
            self.record(site, &recorder, 2);
            self.flush(&log)?;
            self.maintain(site, &log);
            site.clock.advance(DAY * (days - 1));
        }
        self.maintain(site, &log);
        self.record(site, &recorder, 1);
        self.flush(&log)
    }

    /// Days after which what was recorded is sealed, put together, aged and removed, and a restart.
    fn becoming_files(&mut self, site: &Site) -> Option<()> {
        self.retention = Retention {
            keep: Some(Span::days(5)),
            ageing: vec![(Field::VisitIp, Span::days(2), AgeingForm::Truncated)],
            ..Retention::default()
        };
        let mut log = self.open(site)?;
        for count in [9, 3, 2] {
            self.record(site, &log.recorder(), count);
            self.flush(&log)?;
            site.clock.advance(DAY);
            self.seal(site, &log);
            self.maintain(site, &log);
        }
        drop(log);
        log = self.open(site)?;
        for count in [2, 0, 1] {
            self.record(site, &log.recorder(), count);
            self.flush(&log)?;
            site.clock.advance(DAY + 13 * HOUR);
            self.maintain(site, &log);
            self.seal(site, &log);
        }
        self.record(site, &log.recorder(), 1);
        self.flush(&log)
    }

    /// What is refused once is tried once more.
    fn open(&self, site: &Site) -> Option<Log> {
        let open = || Log::open(Arc::new(site.disk.clone()), storage(), site.clock.clone(), site.settings.clone()).ok();
        let (log, _) = open().or_else(open)?;
        log.set_retention(self.retention.clone()).expect("rules the log can follow");
        Some(log)
    }

    fn record(&mut self, site: &Site, recorder: &Recorder, count: usize) {
        for _ in 0..count {
            site.record(recorder, self.recorded.len() as u64);
            self.recorded.push(site.now());
            site.clock.advance(A_MOMENT);
        }
    }

    /// Asks again a few times, as a failure may pass. None when the disk is gone.
    fn flush(&mut self, log: &Log) -> Option<()> {
        (0..8).any(|_| log.flush().is_ok()).then(|| self.promised = self.recorded.len())
    }

    /// What fails now is done by the next maintenance.
    fn maintain(&mut self, site: &Site, log: &Log) {
        if let Ok(done) = log.maintain(site.now()) {
            self.maintained.removed_segments += done.removed_segments;
            self.maintained.rewritten_segments += done.rewritten_segments;
            self.maintained.removed_files += done.removed_files;
            self.maintained.rewritten_files += done.rewritten_files;
            self.maintained.merged_files += done.merged_files;
        }
    }

    fn seal(&mut self, site: &Site, log: &Log) {
        self.sealed += log.seal(site.now()).map_or(0, |done| done.visits);
    }
}

/// What must be true of a log, whatever happened to its disk.
fn assert_intact(script: &Script, site: &Site, what: &str) {
    let (log, report) = site.open();
    assert_eq!(report.damage, [], "{what}");
    assert_eq!(gaps(&log), [], "{what}");
    let found = all(&log);
    assert!(found.is_sorted_by(|one, next| one < next), "{what}: each once and in order, not {found:?}");
    assert!(found.iter().all(|number| *number < script.recorded.len() as u64), "{what}: {found:?}");

    log.set_retention(script.retention.clone()).expect("rules the log can follow");
    let visible = all(&log);
    for (number, recorded) in script.recorded.iter().enumerate() {
        let is_expired = script.retention.keep.is_some_and(|keep| keep.after(*recorded) <= site.now());
        let is_visible = visible.contains(&(number as u64));
        assert!(!(is_expired && is_visible), "{what}: visit {number} has expired");
        assert!(is_expired || is_visible || number >= script.promised, "{what}: visit {number} was promised, of {visible:?}");
    }
    for visit in log.rows(&Query::default()) {
        let visit = visit.expect("readable");
        let is_old = script.retention.ageing.iter().any(|(_, after, _)| after.after(visit.time) <= site.now());
        assert_eq!(storage().reveal(&visit.ip.expect("it was kept")), &ip(if is_old { 0 } else { number(&visit) }).into(), "{what}");
    }

    site.record(&log.recorder(), 1_000);
    log.flush().expect("the disk works");
    drop(log);
    let (log, report) = site.open();
    assert_eq!((report.torn_bytes, report.damage.len()), (0, 0), "{what}: what was mended is clean");
    assert_eq!(all(&log).last(), Some(&1_000), "{what}");
}

/// For every play and each of its operations, a site where something happens at that operation, and what to call it.
fn at_every_operation(happens: impl Fn(Play, u64, &str)) {
    for (which, play) in PLAYS.into_iter().enumerate() {
        let site = Site::new();
        let mut script = Script::default();
        assert_eq!(play(&mut script, &site), Some(()));
        assert_eq!(script.promised, script.recorded.len());
        let maintained = script.maintained;
        assert_eq!(which == 1, maintained.removed_segments > 0 && maintained.rewritten_segments > 0, "{maintained:?}");
        let treated = [script.sealed, maintained.removed_files, maintained.rewritten_files, maintained.merged_files];
        assert_eq!(which == 2, treated.iter().all(|count| *count > 0), "{treated:?}");
        assert_intact(&script, &site.after_crash(0), "nothing fails");
        let operations = site.disk.operations();
        assert!(operations > 30, "{operations}");
        (0..operations).for_each(|at| happens(play, at, &format!("play {which}, operation {at}")));
    }
}

#[test]
fn a_power_cut_takes_nothing_that_was_promised() {
    at_every_operation(|play, at, what| {
        let site = Site::new();
        let mut script = Script::default();
        site.disk.stop_from(at);
        let _ = play(&mut script, &site);
        for seed in ways(play, 0..12) {
            assert_intact(&script, &site.after_crash(seed), &format!("{what}: power cut, seed {seed}"));
        }
    });
}

#[test]
fn failures_that_pass_take_nothing_and_stop_nothing() {
    at_every_operation(|play, at, what| {
        for failures in ways(play, 1..5) {
            let what = format!("{what}: {failures} failures");
            let site = Site::new();
            let mut script = Script::default();
            site.disk.fail_operations(at..at + failures);
            if play(&mut script, &site).is_none() {
                assert!(failures > 1, "{what}: only opening may be refused, and only twice");
            } else {
                assert_eq!(script.promised, script.recorded.len(), "{what}");
            }
            site.disk.heal();
            for seed in ways(play, 0..3) {
                assert_intact(&script, &site.after_crash(seed), &format!("{what}, seed {seed}"));
            }
            assert_intact(&script, &site, &format!("{what}, and no power is lost"));
        }
    });
}

#[test]
fn a_power_cut_soon_after_a_failure_takes_nothing_that_was_promised() {
    at_every_operation(|play, at, what| {
        for after in ways(play, 1..8) {
            let site = Site::new();
            let mut script = Script::default();
            site.disk.fail_operations(at..at + 1);
            site.disk.stop_from(at + after);
            let _ = play(&mut script, &site);
            for seed in [0, after] {
                assert_intact(&script, &site.after_crash(seed), &format!("{what}: failure, power cut {after} later, seed {seed}"));
            }
        }
    });
}

#[test]
fn a_power_cut_after_a_killed_process_was_started_again_takes_nothing_that_was_promised() {
    at_every_operation(|play, at, what| {
        for wait in [HOUR, DAY] {
            let site = Site::new();
            let mut script = Script::default();
            site.disk.stop_from(at);
            let _ = play(&mut script, &site);
            site.disk.heal();
            site.clock.advance(wait);
            let log = script.open(&site).expect("the disk works");
            let lost_with_the_process = (all(&log).last().map_or(0, |last| *last as usize + 1)).max(script.promised);
            script.recorded.truncate(lost_with_the_process);
            script.record(&site, &log.recorder(), 2);
            script.flush(&log).expect("the disk works");
            for seed in ways(play, 0..3) {
                assert_intact(&script, &site.after_crash(seed), &format!("{what}: killed, started again after {wait:?}, seed {seed}"));
            }
        }
    });
}
