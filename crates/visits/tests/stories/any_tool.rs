//! What is sealed is plain Parquet: the library's own reader, which knows nothing of us, reads in it what our log reads.

use disk::Disk;
use domain::{AccountId, Field, SeededRandom, VisitorId};
use parquet::record::Field as Value;
use policy::Sealed;
use visits::{Log, Mark, NewVisit, Query, Visit};

use crate::site::{Site, ip, storage};

/// More than a dictionary may hold, of paths that come once.
const LONG: usize = 8_000;

/// Of some visits nothing is known but their time and purposes; others have all, and among both some come again and again.
fn push(log: &Log, site: &Site, count: u64, path_bytes: usize) {
    let mut import = log.import(site.now(), &SeededRandom::new(1)).expect("nobody else imports");
    for number in 0..count {
        let is_known = number % 7 != 3;
        let path = format!("/{number}/{}", "x".repeat(path_bytes));
        let referrer = format!("https://example.org/{}", number / 40);
        assert!(import.push(&NewVisit {
            time: site.now(),
            method: is_known.then_some("GET"),
            status: is_known.then_some(if number % 5 == 0 { 404 } else { 200 }),
            bytes: Some(number),
            duration_us: (number % 2 == 0).then_some(number * 3),
            ip: is_known.then(|| Sealed::new(Field::VisitIp, ip(number % 90))),
            browser: None,
            referrer: is_known.then(|| Sealed::new(Field::VisitReferrer, referrer.as_str())),
            path: is_known.then(|| Sealed::new(Field::VisitPath, path.as_str())),
            visitor: (number % 3 == 0).then(|| Sealed::new(Field::VisitVisitor, VisitorId([(number % 50) as u8; 16]))),
            account: (number % 4 == 0).then(|| Sealed::new(Field::VisitAccount, AccountId([(number % 60) as u8; 16]))),
            purposes: "operate",
        }));
    }
    let mark = Mark { bytes: 1, beginning: 1, head: None, to: site.now().as_microsecond() };
    import.publish(mark, None).expect("the disk works");
}

fn site() -> Site {
    let mut site = Site::new();
    site.settings.file_rows = 100_000;
    // Several row groups, and in each several pages.
    site.settings.row_group_rows = 5_000;
    site
}

fn sealed(site: &Site) -> Vec<Vec<(String, Value)>> {
    let files: Vec<String> = site.files().into_iter().filter(|file| file.ends_with(".parquet")).collect();
    assert_eq!(files.len(), 1);
    crate::sealed_bytes::rows(site.disk.read(&files[0]).expect("readable"))
}

/// A visit as the columns of a row would say it.
fn told(visit: &Visit) -> Vec<(String, Value)> {
    let storage = storage();
    let text = |text: Option<&String>| text.map_or(Value::Null, |text| Value::Str(text.clone()));
    let id = |id: Option<[u8; 16]>| id.map_or(Value::Null, |id| Value::Bytes(id.to_vec().into()));
    let ip = visit.ip.as_ref().map(|ip| storage.reveal(ip).to_string());
    let named = |name: &str, value: Value| (name.to_owned(), value);
    vec![
        named("time", Value::TimestampMicros(visit.time.as_microsecond())),
        named("ip", text(ip.as_ref())),
        named("browser", text(visit.browser.as_ref().map(|browser| storage.reveal(browser)))),
        named("referrer", text(visit.referrer.as_ref().map(|referrer| storage.reveal(referrer)))),
        named("method", text(visit.method.as_ref())),
        named("path", text(visit.path.as_ref().map(|path| storage.reveal(path)))),
        named("status", visit.status.map_or(Value::Null, Value::UShort)),
        named("bytes", visit.bytes.map_or(Value::Null, Value::ULong)),
        named("duration_us", visit.duration_us.map_or(Value::Null, Value::ULong)),
        named("visitor", id(visit.visitor.as_ref().map(|visitor| storage.reveal(visitor).0))),
        named("account", id(visit.account.as_ref().map(|account| storage.reveal(account).0))),
        named("purposes", text(Some(&visit.purposes))),
    ]
}

fn assert_the_same(log: &Log, site: &Site, count: u64) {
    let number = |row: &Vec<(String, Value)>| match row.iter().find(|(name, _)| name == "bytes") {
        Some((_, Value::ULong(number))) => *number,
        other => panic!("every visit has its number, and this one {other:?}"),
    };
    let mut theirs = sealed(site);
    theirs.sort_by_key(number);
    let mut ours: Vec<_> = log.find(&Query::default()).expect("readable").visits.iter().map(told).collect();
    ours.sort_by_key(number);
    assert_eq!(ours.len() as u64, count);
    assert_eq!(theirs.iter().map(number).collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
    for (one, other) in theirs.iter().zip(&ours) {
        assert_eq!(one, other);
    }
}

#[test]
fn any_tool_reads_what_is_sealed() {
    let site = site();
    let (log, _) = site.open();
    push(&log, &site, 12_000, 2);
    assert_the_same(&log, &site, 12_000);
}

#[test]
fn values_that_take_more_room_than_a_dictionary_may_are_read_too() {
    let site = site();
    let (log, _) = site.open();
    push(&log, &site, 600, LONG);
    assert_the_same(&log, &site, 600);
    // Of few rows, only the pages that they are on are read.
    let of = |number: u64| Query { ip: Some(ip(number).into()), ..Query::default() };
    assert_eq!(log.find(&of(80)).expect("readable").visits.len(), (0..600).filter(|number| number % 90 == 80 && number % 7 != 3).count());
}
