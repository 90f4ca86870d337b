use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use disk::RealDisk;
use domain::ManualClock;
use visits::{Log, LogSettings, Query};

use crate::site::{all, number, record_at, storage, time};

/// A folder of this test's own, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("candor-visits-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn many_threads_record_while_others_read_and_nothing_is_lost() {
    let folder = Folder::new("threads");
    let clock = Arc::new(ManualClock::at(time("2026-07-01T12:00:00Z")));
    let settings = LogSettings { sync_interval: Duration::from_millis(2), segment_bytes: 200_000, ..LogSettings::default() };
    let open = || Log::open(Arc::new(RealDisk::new(&folder.0)), storage(), clock.clone(), settings.clone()).expect("the log opens").0;
    let log = open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let recorder = log.recorder();
            scope.spawn(move || {
                for at in 0..2_500 {
                    record_at(&recorder, time("2026-07-01T12:00:00Z"), thread * 10_000 + at);
                    if at % 250 == 0 {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                }
            });
        }
        for _ in 0..20 {
            let found = log.find(&Query { limit: Some(10), ..Query::default() }).expect("readable");
            assert_eq!(found.damage, []);
        }
    });
    log.close().expect("closed");
    let counts = log.counts();
    assert_eq!((counts.recorded, counts.durable, counts.lost), (10_000, 10_000, 0));
    drop(log);

    let log = open();
    let visits: Vec<u64> = log.rows(&Query::default()).map(|visit| number(&visit.expect("readable"))).collect();
    for thread in 0..4 {
        let of_thread: Vec<u64> = visits.iter().copied().filter(|number| number / 10_000 == thread).collect();
        assert_eq!(of_thread, (0..2_500).map(|at| thread * 10_000 + at).collect::<Vec<_>>(), "each once and in order");
    }
    assert_eq!(all(&log).len(), 10_000);
}

#[test]
fn maintenance_on_a_real_disk_leaves_what_is_young() {
    let folder = Folder::new("maintain");
    let clock = Arc::new(ManualClock::at(time("2026-07-01T12:00:00Z")));
    let open = || Log::open(Arc::new(RealDisk::new(&folder.0)), storage(), clock.clone(), LogSettings::default()).expect("the log opens");
    let (log, _) = open();
    let retention = visits::Retention { keep: Some(domain::Span::days(2)), ageing: Vec::new(), ..visits::Retention::default() };
    log.set_retention(retention).expect("rules the log can follow");
    for number in 0..40 {
        record_at(&log.recorder(), domain::Clock::now(&*clock), number);
        log.flush().expect("the disk works");
        clock.advance(Duration::from_secs(4 * 3_600));
    }
    clock.advance(Duration::from_secs(10 * 3_600));
    let done = log.maintain(domain::Clock::now(&*clock)).expect("the disk works");
    assert!(done.removed_segments > 0 && done.rewritten_segments > 0, "{done:?}");
    drop(log);
    let (log, report) = open();
    assert_eq!((report.damage, report.torn_bytes), (vec![], 0));
    assert_eq!(all(&log), (31..40).collect::<Vec<_>>());
}
