//! A day and a half of traffic, as fast as it goes: what is in memory and on the disk stays bounded, nothing is lost, nothing outlives its time, and nobody who was erased comes back.

use std::sync::Arc;
use std::time::Duration;

use disk::{Disk, RealDisk};
use domain::{AccountId, Clock, Field, ManualClock, SeededRandom, Span, Timestamp, VisitorId};
use jiff::SignedDuration;
use policy::model::AgeingForm;
use policy::{Sealed, StorageCapability};
use visits::{Log, LogSettings, Mark, NewVisit, Person, Query, Retention};

const MINUTES: u64 = 36 * 60;
const VISITS_A_MINUTE: u64 = 120;
const PEOPLE: u64 = 5_000;

/// What is older is gone half a day later at the latest.
const KEEP_HOURS: u32 = 8;
const PATIENCE_HOURS: u32 = 12;

struct Day {
    log: Log,
    clock: Arc<ManualClock>,
    recorded: u64,
}

impl Day {
    fn record_a_minute(&mut self) {
        let recorder = self.log.recorder();
        for _ in 0..VISITS_A_MINUTE {
            let number = self.recorded;
            let somebody = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            let path = format!("/page/{}", somebody % 700);
            recorder.record(&visit(self.clock.now(), number, somebody % PEOPLE, &path));
            self.recorded += 1;
            self.clock.advance(Duration::from_micros(60_000_000 / VISITS_A_MINUTE));
        }
        self.log.flush().expect("the disk keeps up");
    }

    /// Another server's log of the last minute.
    fn import(&self, number: u64) {
        let mut import = self.log.import(self.clock.now(), &SeededRandom::new(7)).expect("nobody else imports");
        for visit_of in 0..100 {
            assert!(import.push(&visit(self.clock.now(), number * 100 + visit_of, PEOPLE + visit_of, "/imported")));
        }
        let mark = Mark { bytes: number + 1, beginning: u128::from(number), head: None, to: self.clock.now().as_microsecond() };
        import.publish(mark, None).expect("the disk works");
    }

    fn erase(&self, somebody: u64) {
        let person = Person { account: Sealed::new(Field::VisitAccount, AccountId([1; 16])), visitors: vec![visitor(somebody)] };
        self.log.erase(&[person], self.clock.now()).expect("the disk works");
    }
}

fn visitor(number: u64) -> Sealed<VisitorId> {
    Sealed::new(Field::VisitVisitor, VisitorId(std::array::from_fn(|at| number.to_le_bytes()[at % 8])))
}

fn visit(time: Timestamp, number: u64, somebody: u64, path: &str) -> NewVisit<'_> {
    NewVisit {
        time,
        method: Some("GET"),
        status: Some(200),
        bytes: Some(number),
        duration_us: Some(900),
        ip: Some(Sealed::new(Field::VisitIp, std::net::IpAddr::from([10, 0, (somebody >> 8) as u8, somebody as u8]))),
        browser: Some(Sealed::new(Field::VisitBrowser, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")),
        referrer: None,
        path: Some(Sealed::new(Field::VisitPath, path)),
        visitor: Some(visitor(somebody)),
        account: None,
        purposes: "operate",
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// What this process holds, in kilobytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system says so");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it does");
    line.trim().trim_end_matches(" kB").parse().expect("kilobytes")
}

#[test]
fn a_day_and_a_half_of_traffic_leaves_memory_flat_and_files_few() {
    let folder = std::env::temp_dir().join(format!("candor-soak-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let real = Arc::new(RealDisk::new(&folder));
    let clock = Arc::new(ManualClock::at("2026-03-01T06:00:00Z".parse().expect("a time")));
    let settings = LogSettings { segment_bytes: 1 << 20, file_rows: 32_768, row_group_rows: 4_096, ..LogSettings::default() };
    let (log, _) = Log::open(real.clone(), storage(), clock.clone(), settings).expect("the log opens");
    let retention = Retention {
        keep: Some(Span::hours(KEEP_HOURS)),
        ageing: vec![(Field::VisitIp, Span::hours(2), AgeingForm::Truncated)],
        ..Retention::default()
    };
    log.set_retention(retention).expect("rules the log can follow");
    let mut day = Day { log, clock: clock.clone(), recorded: 0 };

    let (mut memory_at_noon, mut most_files, mut most_bytes) = (0, 0, 0);
    let mut erased = Vec::new();
    for minute in 0..MINUTES {
        day.record_a_minute();
        if minute % 5 == 0 {
            day.import(minute);
        }
        if minute % 15 == 0 {
            day.log.seal(clock.now()).expect("the disk works");
            day.log.maintain(clock.now()).expect("the disk works");
            most_files = most_files.max(real.list("visits").expect("a folder").len());
            most_bytes = most_bytes.max(day.log.counts().bytes);
        }
        if minute % 60 == 59 {
            day.erase(minute);
            erased.push((minute, clock.now()));
        }
        // By then there is as much of everything as there will ever be.
        if minute == u64::from(KEEP_HOURS + PATIENCE_HOURS) * 60 {
            memory_at_noon = memory();
        }
    }

    let grown = memory().saturating_sub(memory_at_noon);
    assert!(grown < 24_000, "memory grew by {grown} kB from {memory_at_noon} kB");
    assert!(most_files < 120, "{most_files} files");
    assert!(most_bytes < 40 << 20, "{most_bytes} bytes");
    let counts = day.log.counts();
    assert_eq!((counts.lost, counts.recorded, counts.durable), (0, day.recorded, day.recorded));

    let found = day.log.find(&Query::default()).expect("readable");
    assert_eq!((&found.gaps[..], &found.damage[..]), (&[][..], &[][..]));
    let oldest = found.visits.last().expect("there are visits").time;
    assert!(oldest > clock.now() - SignedDuration::from_hours(KEEP_HOURS.into()), "{oldest} has had its time");
    let due = u64::from(KEEP_HOURS) * (60 * VISITS_A_MINUTE + 12 * 100);
    let there = found.visits.len() as u64;
    assert!(there <= due && there + 2_000 > due - erased.len() as u64 * 100, "{there} of {due} visits are there");
    for (somebody, when) in erased {
        let query = Query { visitor: Some(visitor(somebody % PEOPLE)), until: Some(when), ..Query::default() };
        assert!(day.log.find(&query).expect("readable").visits.is_empty(), "visitor {somebody} was erased");
    }
    day.log.close().expect("the disk works");
    std::fs::remove_dir_all(&folder).expect("gone");
}
