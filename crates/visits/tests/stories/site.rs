//! A site with a log on a simulated disk, and visits that can be told apart by their number.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use disk::{Disk, SimulatedDisk};
use domain::{AccountId, Field, ManualClock, Timestamp, VisitorId};
use policy::{Sealed, StorageCapability};
use visits::{AddressKey, Gap, Log, LogSettings, NewVisit, OpenReport, Query, Recorder, Visit};

use crate::sealed_bytes::decoded;

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
pub(crate) fn storage() -> StorageCapability {
    StorageCapability::issue()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Nothing is written before somebody asks, so that a test knows what each operation on the disk is.
pub(crate) fn settings() -> LogSettings {
    LogSettings {
        sync_interval: HOUR,
        queue_bytes: 16_384,
        segment_bytes: 700,
        file_rows: 12,
        row_group_rows: 64,
        // Two small files.
        rewritten_bytes: 4_000,
        retry_after_min: Duration::from_millis(1),
        retry_after_max: Duration::from_millis(2),
        address_key: Some(address_key(7)),
        ..LogSettings::default()
    }
}

pub(crate) fn address_key(number: u8) -> AddressKey {
    AddressKey::new([number; AddressKey::BYTES])
}

pub(crate) struct Site {
    pub(crate) disk: SimulatedDisk,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) settings: LogSettings,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::on(SimulatedDisk::new())
    }

    pub(crate) fn on(disk: SimulatedDisk) -> Self {
        Self { disk, clock: Arc::new(ManualClock::at(time("2026-07-01T12:00:00Z"))), settings: settings() }
    }

    /// The same site after a power cut.
    pub(crate) fn after_crash(&self, seed: u64) -> Self {
        Self { disk: self.disk.crash(seed), clock: Arc::clone(&self.clock), settings: self.settings.clone() }
    }

    pub(crate) fn open(&self) -> (Log, OpenReport) {
        Log::open(Arc::new(self.disk.clone()), storage(), self.clock.clone(), self.settings.clone()).expect("the log opens")
    }

    pub(crate) fn now(&self) -> Timestamp {
        domain::Clock::now(&*self.clock)
    }

    pub(crate) fn record(&self, recorder: &Recorder, number: u64) {
        record_at(recorder, self.now(), number);
    }

    /// The paths of the log's files.
    pub(crate) fn files(&self) -> Vec<String> {
        self.disk.list("visits").expect("a folder").into_iter().map(|name| format!("visits/{name}")).collect()
    }

    /// Whether any file holds these bytes.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        self.files().iter().any(|file| self.file_holds(file, bytes))
    }

    pub(crate) fn file_holds(&self, file: &str, bytes: &[u8]) -> bool {
        let found = |content: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
        let content = self.disk.read(file).expect("readable");
        found(&content) || (file.ends_with(".parquet") && decoded(content).iter().any(|part| found(part)))
    }
}

pub(crate) fn visitor(number: u64) -> VisitorId {
    VisitorId(std::array::from_fn(|at| if at < 8 { number.to_le_bytes()[at] } else { 0xee }))
}

pub(crate) fn ip(number: u64) -> IpAddr {
    IpAddr::from([203, 0, 113, number as u8])
}

/// A visit says its number in the answer's size; everything personal follows from it.
pub(crate) fn record_at(recorder: &Recorder, time: Timestamp, number: u64) {
    record_as(recorder, time, number, Some(visitor(number % 10)), None);
}

/// The same of somebody, signed in or not.
pub(crate) fn record_as(recorder: &Recorder, time: Timestamp, number: u64, visitor: Option<VisitorId>, account: Option<AccountId>) {
    let path = format!("/page/{number}");
    recorder.record(&NewVisit {
        time,
        method: Some("GET"),
        status: Some(200),
        bytes: Some(number),
        duration_us: Some(1_000 + number),
        ip: Some(Sealed::new(Field::VisitIp, ip(number))),
        browser: Some(Sealed::new(Field::VisitBrowser, "Mozilla/5.0 Firefox/140.0")),
        referrer: Some(Sealed::new(Field::VisitReferrer, "https://example.org/search?q=illness")),
        path: Some(Sealed::new(Field::VisitPath, &path)),
        visitor: visitor.map(|visitor| Sealed::new(Field::VisitVisitor, visitor)),
        account: account.map(|account| Sealed::new(Field::VisitAccount, account)),
        purposes: "operate,news",
    });
}

pub(crate) fn number(visit: &Visit) -> u64 {
    visit.bytes.expect("every visit has its number")
}

/// The numbers of all visits in the order they were recorded.
pub(crate) fn all(log: &Log) -> Vec<u64> {
    log.rows(&Query::default()).map(|visit| number(&visit.expect("readable"))).collect()
}

pub(crate) fn gaps(log: &Log) -> Vec<Gap> {
    log.find(&Query::default()).expect("readable").gaps
}

/// A disk that works again is noticed at the next attempt, or the one after.
pub(crate) fn flush_until_it_works(log: &Log) {
    assert!((0..10).any(|_| log.flush().is_ok()), "the log works again");
}
