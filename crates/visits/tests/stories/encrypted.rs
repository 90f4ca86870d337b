//! Addresses that become encrypted: the same address has the same value wherever it is written and however often; the old bytes are nowhere.

use std::collections::BTreeSet;

use disk::Disk;
use domain::{AccountId, Field, SeededRandom, Span};
use policy::Sealed;
use policy::model::AgeingForm;
use visits::{Log, Mark, NewVisit, Person, Query, Retention, Visit};

use crate::sealed_bytes::filters_know;
use crate::site::{DAY, HOUR, Site, address_key, all, ip, number, record_as, storage, visitor};

fn encrypted_after(days: u32) -> Retention {
    Retention {
        keep: Some(Span::days(60)),
        ageing: vec![(Field::VisitIp, Span::days(days), AgeingForm::Encrypted)],
        ..Retention::default()
    }
}

fn truncated_after(days: u32) -> Retention {
    Retention {
        keep: Some(Span::days(60)),
        ageing: vec![(Field::VisitIp, Span::days(days), AgeingForm::Truncated)],
        ..Retention::default()
    }
}

fn open(site: &Site, rules: &Retention) -> Log {
    let (log, _) = site.open();
    log.set_retention(rules.clone()).expect("rules the log can follow");
    log
}

/// Ten visits from as many addresses, the hours until they have aged, and the half day after which maintenance has to be done with them.
fn ten_that_age(site: &Site, log: &Log) {
    (1..11).for_each(|number| site.record(&log.recorder(), number));
    log.flush().expect("the disk works");
    site.clock.advance(DAY * 2 + HOUR * 13);
}

fn maintain(site: &Site, log: &Log) -> u64 {
    log.maintain(site.now()).expect("the disk works").aged_visits
}

fn shown(visit: &Visit) -> String {
    visit.ip.as_ref().map_or_else(String::new, |ip| storage().reveal(ip).to_string())
}

/// What the log shows of the addresses, by visit.
fn addresses(log: &Log) -> Vec<(u64, String)> {
    let mut addresses: Vec<_> =
        log.rows(&Query::default()).map(|visit| visit.expect("readable")).map(|visit| (number(&visit), shown(&visit))).collect();
    addresses.sort();
    addresses
}

/// The bytes that an encrypted address has in a record.
fn value(shown: &str) -> Vec<u8> {
    let digits = shown.strip_prefix("encrypted:").expect("it says that it is encrypted");
    u128::from_str_radix(digits, 16).expect("hexadecimal").to_be_bytes().to_vec()
}

fn found(log: &Log, wanted: &str) -> Vec<u64> {
    let query = Query { ip: Some(wanted.parse().expect("an address or a network")), ..Query::default() };
    log.find(&query).expect("readable").visits.iter().map(number).collect()
}

fn assert_that_no_file_knows_them(site: &Site) {
    for number in 1..11 {
        assert!(!site.holds(&[203, 0, 113, number as u8, 200, 0]), "a record holds {number}");
        assert!(!site.holds(ip(number).to_string().as_bytes()), "a file holds {number}");
        for file in site.files().iter().filter(|file| file.ends_with(".parquet")) {
            assert!(
                !filters_know(site.disk.read(file).expect("readable"), "ip", ip(number).to_string().as_bytes()),
                "a filter knows {number}"
            );
        }
    }
    assert!(!site.holds(b"203.0.113."), "nor its network");
}

#[test]
fn encrypted_addresses_are_the_same_in_records_in_files_and_after_a_restart() {
    let (site, rules) = (Site::new(), encrypted_after(2));
    let mut log = open(&site, &rules);
    ten_that_age(&site, &log);
    let seen = addresses(&log);
    assert_eq!(seen.iter().map(|(_, shown)| shown).collect::<BTreeSet<_>>().len(), 10, "visitors can still be told apart");
    assert!(site.holds(&[203, 0, 113, 7, 200, 0]), "they are seen so at once, and the bytes follow");

    assert_eq!(maintain(&site, &log), 10);
    assert_that_no_file_knows_them(&site);
    assert!(seen.iter().all(|(_, shown)| site.holds(&value(shown))), "the records hold the values");
    assert_eq!((addresses(&log), maintain(&site, &log)), (seen.clone(), 0), "once is enough");
    drop(log);
    log = open(&site, &rules);
    assert_eq!((addresses(&log), maintain(&site, &log)), (seen.clone(), 0));

    site.clock.advance(DAY);
    log.seal(site.now()).expect("the disk works");
    assert_that_no_file_knows_them(&site);
    assert!(seen.iter().all(|(_, shown)| site.holds(shown.as_bytes())), "the files hold them as they are shown");
    maintain(&site, &log);
    drop(log);
    log = open(&site, &rules);
    assert_eq!((addresses(&log), maintain(&site, &log)), (seen, 0));
}

#[test]
fn no_page_no_dictionary_no_statistic_and_no_filter_of_a_file_keeps_what_was_encrypted() {
    let (mut site, rules) = (Site::new(), encrypted_after(2));
    site.settings.row_group_rows = 4;
    let log = open(&site, &rules);
    (1..11).for_each(|number| site.record(&log.recorder(), number));
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
    log.seal(site.now()).expect("the disk works");
    assert!(site.holds(b"203.0.113.7"));
    assert_eq!((found(&log, "203.0.113.7"), found(&log, "203.0.113.0/24").len()), (vec![7], 10));
    site.clock.advance(DAY + HOUR * 13);
    let seen = addresses(&log);
    assert_eq!(maintain(&site, &log), 10);
    assert_that_no_file_knows_them(&site);
    assert_eq!(addresses(&log), seen);
    for (_, shown) in &seen {
        let mut files = site.files().into_iter().filter(|file| file.ends_with(".parquet"));
        assert!(site.holds(shown.as_bytes()), "the value is there");
        assert!(files.any(|file| filters_know(site.disk.read(&file).expect("readable"), "ip", shown.as_bytes())), "and can be looked for");
    }
    let person = Person {
        account: Sealed::new(Field::VisitAccount, AccountId([1; 16])),
        visitors: vec![Sealed::new(Field::VisitVisitor, visitor(7))],
    };
    log.erase(&[person], site.now()).expect("the disk works");
    let others: Vec<_> = seen.into_iter().filter(|(number, _)| *number != 7).collect();
    assert_eq!(addresses(&log), others, "what is written anew around somebody who is erased stays what it is");
}

#[test]
fn what_is_encrypted_is_found_by_what_it_is_shown_as_and_by_no_address() {
    let (site, rules) = (Site::new(), encrypted_after(2));
    let log = open(&site, &rules);
    ten_that_age(&site, &log);
    record_as(&log.recorder(), site.now(), 17, None, None);
    record_as(&log.recorder(), site.now(), 256 + 7, None, None);
    log.flush().expect("the disk works");
    let seven = addresses(&log)[6].1.clone();
    for _ in 0..2 {
        assert_eq!(found(&log, &seven), [7], "of {} only what has aged", 256 + 7);
        assert_eq!(found(&log, "203.0.113.7"), [256 + 7], "and the other way round");
        assert_eq!((found(&log, "203.0.113.0/24").len(), found(&log, "::/0").len(), found(&log, "0.0.0.0/0").len()), (2, 0, 2));
        maintain(&site, &log);
        log.seal(site.now()).expect("the disk works");
    }
}

#[test]
fn what_another_server_logged_enters_encrypted_with_the_same_value() {
    let (site, rules) = (Site::new(), encrypted_after(2));
    let log = open(&site, &rules);
    let long_ago = site.now();
    ten_that_age(&site, &log);
    let random = SeededRandom::new(1);
    let mut import = log.import(site.now(), &random).expect("nobody else imports");
    let browser = "Mozilla/5.0 Firefox/140.0";
    for number in 1..11 {
        import.push(&NewVisit {
            time: long_ago,
            method: None,
            status: None,
            bytes: Some(100 + number),
            duration_us: None,
            ip: Some(Sealed::new(Field::VisitIp, ip(number))),
            browser: Some(Sealed::new(Field::VisitBrowser, browser)),
            referrer: None,
            path: None,
            visitor: None,
            account: None,
            purposes: "operate",
        });
    }
    import.publish(Mark { bytes: 1, beginning: 1, head: None, to: 0 }, None).expect("the disk works");
    drop(import);
    assert!(!site.holds(b"203.0.113."), "no file ever held what was imported");
    maintain(&site, &log);
    let seen = addresses(&log);
    assert_eq!(seen.len(), 20);
    for number in 1..11 {
        let of = |wanted: u64| seen.iter().find(|(number, _)| *number == wanted).map(|(_, shown)| shown.as_str());
        assert!(of(number).is_some() && of(number) == of(100 + number), "{number}: {seen:?}");
    }
}

#[test]
fn what_is_encrypted_cannot_be_cut_down_later_and_goes() {
    let site = Site::new();
    let log = open(&site, &encrypted_after(2));
    ten_that_age(&site, &log);
    maintain(&site, &log);
    let changed = site.now();
    for number in 11..16 {
        site.record(&log.recorder(), number);
    }
    log.flush().expect("the disk works");
    let now_truncated = Retention { earlier: vec![(changed, encrypted_after(2))], ..truncated_after(2) };
    log.set_retention(now_truncated).expect("rules the log can follow");
    let gone = |log: &Log| addresses(log).into_iter().filter(|(_, shown)| shown.is_empty()).map(|(number, _)| number).collect::<Vec<_>>();
    assert_eq!(gone(&log), (1..11).collect::<Vec<_>>(), "at once");
    maintain(&site, &log);
    site.clock.advance(DAY * 2 + HOUR * 13);
    maintain(&site, &log);
    log.seal(site.now()).expect("the disk works");
    assert!(!site.holds(b"encrypted"));
    assert_eq!(gone(&log), (1..11).collect::<Vec<_>>());
    assert!(addresses(&log)[10..].iter().all(|(_, shown)| shown == "203.0.113.0"), "what is newer is cut down");
}

#[test]
fn networks_can_be_encrypted_and_then_nobody_knows_more_than_both_promises_let_them() {
    let site = Site::new();
    let log = open(&site, &truncated_after(1));
    ten_that_age(&site, &log);
    maintain(&site, &log);
    log.set_retention(Retention { earlier: vec![(site.now(), truncated_after(1))], ..encrypted_after(2) }).expect("rules");
    let seen = addresses(&log);
    maintain(&site, &log);
    assert!(seen.iter().all(|(_, shown)| shown.starts_with("encrypted-network:") && *shown == seen[0].1), "{seen:?}");
    log.seal(site.now()).expect("the disk works");
    assert_eq!((addresses(&log), maintain(&site, &log)), (seen.clone(), 0));
    assert_eq!(found(&log, &seen[0].1).len(), 10);
    assert!(!site.holds(b"203.0.113.") && site.holds(seen[0].1.as_bytes()));
}

#[test]
fn another_key_makes_other_values_and_leaves_the_old_ones_as_they_are() {
    let (mut site, rules) = (Site::new(), encrypted_after(2));
    let log = open(&site, &rules);
    ten_that_age(&site, &log);
    maintain(&site, &log);
    let before = addresses(&log);
    drop(log);
    site.settings.address_key = Some(address_key(8));
    let log = open(&site, &rules);
    ten_that_age(&site, &log);
    maintain(&site, &log);
    let all = addresses(&log);
    assert_eq!(all.len(), 20);
    assert!(before.iter().all(|known| all.contains(known)), "nobody can turn them back, or into others");
    assert_eq!(all.iter().map(|(_, shown)| shown).collect::<BTreeSet<_>>().len(), 20, "and the two are no more alike");
}

#[test]
fn without_a_key_nothing_can_be_promised_to_be_encrypted() {
    let mut site = Site::new();
    site.settings.address_key = None;
    let (log, _) = site.open();
    let refused = log.set_retention(encrypted_after(2)).expect_err("there is no key");
    assert_eq!(refused.to_string(), "the visit log has no key to encrypt `visit.ip` with");
    site.record(&log.recorder(), 1);
    log.flush().expect("the disk works");
    assert_eq!(all(&log), [1]);
}
