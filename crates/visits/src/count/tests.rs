//! Counting is adding up one visit after the other, only faster.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use disk::{Disk, SimulatedDisk};
use domain::{AccountId, Clock, FieldSet, ManualClock, Span, VisitorId};
use policy::StorageCapability;
use policy::model::AgeingForm;
use proptest::prelude::*;

use super::*;
use crate::{AddressKey, Log, LogSettings, NewVisit, Person, Retention, Visit, ageing};

const DAY: Duration = Duration::from_secs(86_400);
const DAY_SECONDS: i64 = 86_400;

const PAGES: [&str; 4] = ["/", "/articles/sleep", "/articles/pain", "/contact"];
const BROWSERS: [&str; 4] =
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Mozilla/5.0 Chrome/140.0 Safari/537.36", "curl/8.5.0", "x"];
const REFERRERS: [&str; 3] = ["https://search.example/?q=one", "https://search.example/?q=two", "no page at all"];
const PURPOSES: [&str; 4] = ["operate", "operate,count", "count", ""];

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// What a visit is made of: when it was, and which of each.
#[derive(Clone, Debug)]
struct Made {
    seconds_ago: i64,
    page: Option<usize>,
    browser: Option<usize>,
    referrer: Option<usize>,
    status: Option<u16>,
    visitor: Option<u8>,
    account: Option<u8>,
    ip: Option<u8>,
    purposes: usize,
}

fn made() -> impl Strategy<Value = Made> {
    let ids = (proptest::option::of(0..6_u8), proptest::option::weighted(0.2, 0..3_u8), proptest::option::weighted(0.9, 0..20_u8));
    let texts = (
        proptest::option::weighted(0.9, 0..PAGES.len()),
        proptest::option::weighted(0.9, 0..BROWSERS.len()),
        proptest::option::of(0..REFERRERS.len()),
    );
    let rest = (0..60 * DAY_SECONDS, proptest::option::of(prop_oneof![Just(200), Just(404)]), 0..PURPOSES.len());
    (ids, texts, rest).prop_map(|((visitor, account, ip), (page, browser, referrer), (seconds_ago, status, purposes))| Made {
        seconds_ago,
        page,
        browser,
        referrer,
        status,
        visitor,
        account,
        ip,
        purposes,
    })
}

fn sealed<T>(field: Field, value: T) -> Sealed<T> {
    Sealed::new(field, value)
}

fn ip(number: u8) -> IpAddr {
    IpAddr::from([203, 0, number % 2, number])
}

/// Two eras: in the second, whoever counts for `count` may see addresses no more; whoever operates sees all, but of a visit without that purpose only what
/// happened.
struct Permits(Vec<Timestamp>, &'static str);

impl Judge for Permits {
    fn eras(&self) -> &[Timestamp] {
        &self.0
    }

    fn fields(&self, purposes: &str, era: usize) -> Option<FieldSet> {
        let of = |fields: &[Field]| FieldSet::from_iter(fields.iter().copied());
        let is_in_force = purposes.split(',').any(|purpose| purpose == self.1);
        match (self.1, is_in_force, era) {
            ("operate", true, _) => Some(of(Field::ALL)),
            ("operate", false, _) => Some(of(&[Field::VisitTime, Field::VisitStatus])),
            (_, false, _) => None,
            (_, true, 0) => Some(of(&[Field::VisitPath, Field::VisitBrowser, Field::VisitTime, Field::VisitIp, Field::VisitVisitor])),
            (_, true, _) => Some(of(&[Field::VisitPath, Field::VisitReferrer, Field::VisitTime])),
        }
    }
}

struct Site {
    disk: SimulatedDisk,
    clock: Arc<ManualClock>,
    log: Log,
}

fn days(days: u32) -> Span {
    Span::parse(&format!("{days} days")).expect("a span")
}

impl Site {
    fn new() -> Self {
        let (disk, clock) = (SimulatedDisk::new(), Arc::new(ManualClock::at("2026-07-01T12:00:00Z".parse().expect("a time"))));
        let settings = LogSettings {
            sync_interval: Duration::from_secs(3_600),
            segment_bytes: 2_000,
            file_rows: 40,
            row_group_rows: 8,
            address_key: Some(AddressKey::new([7; 16])),
            ..LogSettings::default()
        };
        let (log, _) = Log::open(Arc::new(disk.clone()), storage(), Arc::<ManualClock>::clone(&clock), settings).expect("the log opens");
        Self { disk, clock, log }
    }

    fn record(&self, all: &[Made]) {
        let now = self.clock.now();
        for made in all {
            let text = |which: Option<usize>, of: &[&'static str], field: Field| which.map(|at| sealed(field, of[at]));
            self.log.recorder().record(&NewVisit {
                time: now - jiff::SignedDuration::from_secs(made.seconds_ago),
                method: Some("GET"),
                status: made.status,
                bytes: None,
                duration_us: None,
                ip: made.ip.map(|number| sealed(Field::VisitIp, ip(number))),
                browser: text(made.browser, &BROWSERS, Field::VisitBrowser),
                referrer: text(made.referrer, &REFERRERS, Field::VisitReferrer),
                path: text(made.page, &PAGES, Field::VisitPath),
                visitor: made.visitor.map(|number| sealed(Field::VisitVisitor, VisitorId([number; 16]))),
                account: made.account.map(|number| sealed(Field::VisitAccount, AccountId([100 + number; 16]))),
                purposes: PURPOSES[made.purposes],
            });
        }
        self.log.flush().expect("the disk works");
    }

    /// The first so many are sealed, the others are not.
    fn with(all: &[Made], sealed: usize) -> Self {
        let site = Self::new();
        site.record(&all[..sealed]);
        site.clock.advance(DAY);
        site.log.seal(site.clock.now()).expect("the disk works");
        site.record(&all[sealed..]);
        site
    }

    fn ages(&self) {
        let ageing = vec![
            (Field::VisitReferrer, days(3), AgeingForm::Origin),
            (Field::VisitIp, days(5), AgeingForm::Truncated),
            (Field::VisitBrowser, days(7), AgeingForm::Family),
            (Field::VisitPath, days(20), AgeingForm::Gone),
            (Field::VisitVisitor, days(25), AgeingForm::Gone),
        ];
        let before = self.clock.now() - jiff::SignedDuration::from_hours(24 * 15);
        let earlier = Retention { keep: Some(days(30)), ageing: vec![(Field::VisitBrowser, days(1), AgeingForm::Gone)], earlier: vec![] };
        let retention = Retention { keep: Some(days(40)), ageing, earlier: vec![(before, earlier)] };
        self.log.set_retention(retention).expect("the log can do it");
    }

    fn count(&self, query: &Query, by: By, judge: &Permits, at_least: u64) -> Counted {
        let counting = Counting { query, by, at_least };
        self.log.count(&counting, judge, &mut |_| ()).expect("readable")
    }

    /// What every group has: visits, visitors, robots.
    fn by_hand(&self, query: &Query, by: By, judge: &Permits) -> BTreeMap<String, (u64, BTreeSet<VisitorId>, u64)> {
        let storage = storage();
        let all: Vec<Visit> = self.log.rows(&Query { since: None, ..query.clone() }).map(|visit| visit.expect("readable")).collect();
        let fields = |visit: &Visit| {
            let fields = judge.fields(&visit.purposes, judge.0.iter().filter(|era| **era <= visit.time).count())?;
            query.is_covered_by(fields, visit.account.is_some()).then_some(fields)
        };
        let reveal = |text: &Option<Sealed<String>>| text.as_ref().map(|text| storage.reveal::<String>(text).clone());
        let day = |visit: &Visit| visit.time.to_zoned(jiff::tz::TimeZone::UTC).date();
        let is_robot = |visit: &Visit, fields: FieldSet| {
            fields.contains(Field::VisitBrowser) && reveal(&visit.browser).is_some_and(|browser| crate::is_robot(&browser))
        };
        let mut groups = BTreeMap::<String, (u64, BTreeSet<VisitorId>, u64)>::new();
        for visit in all.iter().filter(|visit| query.since.is_none_or(|since| visit.time >= since)) {
            let Some(fields) = fields(visit) else { continue };
            let may = by.fields().iter().all(|field| fields.contains(field));
            let first = || {
                let theirs = all.iter().filter(|other| {
                    let seen = may_be_recognised(other, judge, query);
                    seen && other.visitor == visit.visitor && !is_robot(other, judge_fields(judge, other))
                });
                theirs.map(&day).min()
            };
            let value = match by {
                _ if !may => "unseen".to_owned(),
                By::Page => reveal(&visit.path).unwrap_or_default(),
                By::Referrer => reveal(&visit.referrer).and_then(|referrer| ageing::origin(&referrer)).unwrap_or_default(),
                By::Browser => reveal(&visit.browser).map_or("", |browser| ageing::family(&browser)).to_owned(),
                By::Day => day(visit).to_string(),
                By::Status => visit.status.map(|status| status.to_string()).unwrap_or_default(),
                By::Return if visit.visitor.is_none() || is_robot(visit, fields) => String::new(),
                By::Return => if first() == Some(day(visit)) { "new" } else { "returning" }.to_owned(),
            };
            let group = groups.entry(value).or_default();
            if is_robot(visit, fields) {
                group.2 += 1;
            } else {
                group.0 += 1;
                let visitor = visit.visitor.as_ref().filter(|_| fields.contains(Field::VisitVisitor));
                group.1.extend(visitor.map(|visitor| *storage.reveal(visitor)));
            }
        }
        groups
    }
}

fn judge_fields(judge: &Permits, visit: &Visit) -> FieldSet {
    judge.fields(&visit.purposes, judge.0.iter().filter(|era| **era <= visit.time).count()).unwrap_or_default()
}

/// Whether a visit tells that its visitor was here.
fn may_be_recognised(visit: &Visit, judge: &Permits, query: &Query) -> bool {
    let fields = judge_fields(judge, visit);
    By::Return.fields().iter().all(|field| fields.contains(field)) && query.is_covered_by(fields, visit.account.is_some())
}

fn told(value: &Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Text(text)) => storage().reveal::<String>(text).clone(),
        Some(Value::Day(day)) => day.to_string(),
        Some(Value::Status(status)) => status.to_string(),
        Some(Value::New) => "new".to_owned(),
        Some(Value::Returning) => "returning".to_owned(),
    }
}

fn queries(now: Timestamp) -> Vec<Query> {
    let ago = |days: i64| Some(now - jiff::SignedDuration::from_hours(24 * days));
    let person = Person {
        account: sealed(Field::VisitAccount, AccountId([101; 16])),
        visitors: vec![sealed(Field::VisitVisitor, VisitorId([1; 16])), sealed(Field::VisitVisitor, VisitorId([2; 16]))],
    };
    vec![
        Query::default(),
        Query { since: ago(10), until: ago(2), ..Query::default() },
        Query { path: "/articles/*".parse().ok(), ..Query::default() },
        Query { ip: "203.0.1.0/24".parse().ok(), since: ago(30), ..Query::default() },
        Query { ip: "203.0.1.3".parse().ok(), ..Query::default() },
        Query { people: Some(vec![person]), ..Query::default() },
        Query { people: Some(Vec::new()), ..Query::default() },
        Query { visitor: Some(sealed(Field::VisitVisitor, VisitorId([3; 16]))), path: "/".parse().ok(), ..Query::default() },
    ]
}

fn judges(now: Timestamp) -> [Permits; 2] {
    let since = now - jiff::SignedDuration::from_hours(24 * 8);
    ["operate", "count"].map(|purpose| Permits(vec![since], purpose))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn counting_is_adding_up_one_visit_after_the_other(all in proptest::collection::vec(made(), 0..120), part in 0..=100_usize, ages: bool) {
        let site = Site::with(&all, all.len() * part / 100);
        if ages {
            site.ages();
        }
        let now = site.clock.now();
        for judge in judges(now) {
            for query in queries(now) {
                for by in By::ALL {
                    let counted = site.count(&query, *by, &judge, 1);
                    let unseen = counted.unseen.map(|tally| ("unseen".to_owned(), tally));
                    let groups = counted.groups.iter().map(|group| (told(&group.value), group.tally)).chain(unseen);
                    let groups: BTreeMap<String, (u64, u64, u64)> = groups
                        .map(|(value, tally)| (value, (tally.visits.expect("told"), tally.visitors.unwrap_or(0), tally.robots)))
                        .collect();
                    let by_hand: BTreeMap<String, (u64, u64, u64)> = site
                        .by_hand(&query, *by, &judge)
                        .into_iter()
                        .map(|(value, (visits, visitors, robots))| (value, (visits, visitors.len() as u64, robots)))
                        .collect();
                    prop_assert_eq!(&groups, &by_hand, "{} for {}: {:?}", by.name(), judge.1, query);
                    let visits: u64 = counted.groups.iter().map(|group| group.tally.visits.expect("told")).sum();
                    prop_assert_eq!(counted.total.visits, Some(visits));
                }
            }
        }
    }

    #[test]
    fn what_has_aged_in_the_files_counts_as_what_only_looks_so(all in proptest::collection::vec(made(), 0..80), part in 0..=100_usize) {
        let site = Site::with(&all, all.len() * part / 100);
        site.ages();
        let now = site.clock.now();
        let count = || -> Vec<Counted> {
            let each = |judge: Permits| By::ALL.iter().map(|by| site.count(&Query::default(), *by, &judge, 3)).collect::<Vec<_>>();
            judges(now).into_iter().flat_map(each).collect()
        };
        let before = count();
        site.log.maintain(now).expect("the disk works");
        site.log.seal(now).expect("the disk works");
        for (after, before) in count().into_iter().zip(before) {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn no_group_of_few_is_told_nor_can_be_worked_out(all in proptest::collection::vec(made(), 0..120), at_least in 1..12_u64) {
        let site = Site::with(&all, all.len() / 2);
        let judge = Permits(Vec::new(), "operate");
        for by in By::ALL {
            let (told, all) = (site.count(&Query::default(), *by, &judge, at_least), site.count(&Query::default(), *by, &judge, 1));
            let large = |tally: &Tally| tally.visits.is_none_or(|visits| visits == 0 || visits >= at_least);
            prop_assert!(told.groups.iter().all(|group| large(&group.tally)));
            prop_assert!(told.groups.iter().all(|group| group.tally.visitors.is_none_or(|visitors| visitors >= at_least)));
            prop_assert!(large(&told.total));
            let sum: u64 = told.groups.iter().chain(&[]).map(|group| group.tally.visits.expect("told")).sum();
            match told.others {
                Some(others) => {
                    prop_assert!(large(&others.tally));
                    prop_assert_eq!(others.groups.is_some(), others.tally.visits.is_some());
                    if let Some(groups) = others.groups {
                        prop_assert!(groups > 1, "one group alone is what it is: {others:?}");
                        prop_assert_eq!(groups + told.groups.len() as u64, all.groups.len() as u64);
                    }
                    prop_assert_eq!(told.total.visits, others.tally.visits.map(|visits| visits + sum));
                }
                None => prop_assert_eq!((told.total.visits, told.groups.len()), (Some(sum), all.groups.len())),
            }
        }
    }
}

#[test]
fn somebody_who_is_being_erased_is_not_counted() {
    let made = Made {
        seconds_ago: 60,
        page: Some(0),
        browser: Some(0),
        referrer: None,
        status: Some(200),
        visitor: Some(1),
        account: None,
        ip: Some(1),
        purposes: 0,
    };
    let other = Made { visitor: Some(2), ..made.clone() };
    let site = Site::with(&[made.clone(), other.clone(), made, other.clone(), other], 3);
    let judge = Permits(Vec::new(), "operate");
    let visits = || site.count(&Query::default(), By::Page, &judge, 1).total.visits;
    assert_eq!(visits(), Some(5));
    // The disk fails before anything is written, so that only what is in memory hides them.
    let from = site.disk.operations();
    site.disk.fail_operations(from..u64::MAX);
    let person = Person {
        account: sealed(Field::VisitAccount, AccountId([9; 16])),
        visitors: vec![sealed(Field::VisitVisitor, VisitorId([1; 16]))],
    };
    site.log.erase(&[person], site.clock.now()).expect_err("the disk fails");
    assert_eq!(visits(), Some(3));
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_counted() {
    let made = |number: u8| Made {
        seconds_ago: 60 + i64::from(number),
        page: Some(usize::from(number) % 3),
        browser: Some(0),
        referrer: Some(0),
        status: Some(200),
        visitor: Some(number),
        account: None,
        ip: Some(number),
        purposes: 0,
    };
    let site = Site::with(&(0..40).map(made).collect::<Vec<_>>(), 40);
    let is_sealed = |name: &String| name.ends_with(".parquet");
    let file = site.disk.list("visits").expect("a folder").into_iter().find(is_sealed).expect("a sealed file");
    // Whatever is packed at the beginning of its first row group cannot be unpacked any more.
    site.disk.tamper(&format!("visits/{file}"), |bytes| bytes[4..400].fill(0xff));
    let readable = site.log.find(&Query::default()).expect("the disk works").visits.len() as u64;
    assert!(readable < 40 && readable > 0, "{readable} of 40");
    for by in By::ALL {
        let counted = site.count(&Query::default(), *by, &Permits(Vec::new(), "operate"), 1);
        let said = !counted.damage.is_empty();
        assert!(said, "{}", by.name());
        assert!(counted.total.visits.is_some_and(|visits| (readable..40).contains(&visits)), "{}: {:?}", by.name(), counted.total);
    }
}

#[test]
fn whoever_has_an_encrypted_address_is_one_person_and_the_same_as_before() {
    let made = |number: u8, days: i64| Made {
        seconds_ago: 86_400 * days + i64::from(number),
        page: Some(0),
        browser: Some(0),
        referrer: None,
        status: Some(200),
        visitor: None,
        account: None,
        ip: Some(number),
        purposes: 0,
    };
    // Nine people, on two days: of the first day their addresses are encrypted by now.
    let all: Vec<Made> = [7, 1].into_iter().flat_map(|days| (0..9).map(move |number| made(number, days))).collect();
    let ageing = vec![(Field::VisitIp, days(5), AgeingForm::Encrypted)];
    for sealed in [0, 9, 18] {
        let site = Site::with(&all, sealed);
        site.log.set_retention(Retention { keep: Some(days(40)), ageing: ageing.clone(), earlier: vec![] }).expect("the log can do it");
        let visits = |at_least: u64| site.count(&Query::default(), By::Page, &Permits(Vec::new(), "operate"), at_least).total.visits;
        for _ in 0..2 {
            assert_eq!((visits(9), visits(10)), (Some(18), None), "{sealed} are sealed: they are nine and no more");
            site.log.maintain(site.clock.now()).expect("the disk works");
        }
    }
}
