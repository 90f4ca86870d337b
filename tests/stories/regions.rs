//! Where a visitor is decides whether they are asked first, and a file of the operator's can say where that is.

use std::fs;
use std::time::Duration;

use stories::{Place, Request, Server, Site, database_without_regions, eventually, region_database};

/// Documentation networks, as if they were somewhere.
const NETWORKS: [(&str, &str, Option<&str>); 3] =
    [("203.0.113.0/24", "US", Some("CA")), ("198.51.100.0/25", "DE", None), ("192.0.2.0/24", "US", Some("NY"))];

fn served(place: &Place, site: &Site) -> Server {
    place.serve_url(&site.url(), &["--region-database", "regions.mmdb", "--trusted-proxies", "127.0.0.1"])
}

/// What the site is told about somebody from there.
fn site_asked_first(server: &Server, site: &Site, address: &str) -> bool {
    Request::get("/somewhere").header("X-Forwarded-For", address).send(server.public());
    let seen = site.last("/somewhere");
    !seen.header("candor-purposes").expect("it is always sent").contains("return-visits")
}

/// The same, and what our own page tells them.
fn asked_first(server: &Server, site: &Site, address: &str) -> bool {
    let first = site_asked_first(server, site, address);
    let page = Request::get("/privacy/choices").header("X-Forwarded-For", address).send(server.public());
    assert_eq!(
        page.text().contains("Nobody has to ask first for this where you are"),
        !first,
        "the edge and the page agree about {address}"
    );
    first
}

#[test]
fn a_region_database_says_who_is_asked_first() {
    let (place, site) = (Place::health(), Site::new());
    fs::write(place.site().join("regions.mmdb"), region_database(&NETWORKS)).unwrap();
    let server = served(&place, &site);
    for (address, first) in
        [("203.0.113.200", false), ("198.51.100.1", true), ("198.51.100.200", true), ("192.0.2.7", true), ("2001:db8::1", true)]
    {
        assert_eq!(asked_first(&server, &site, address), first, "{address}");
    }
}

#[test]
fn another_file_counts_without_a_restart_and_a_broken_one_never() {
    let (place, site) = (Place::health(), Site::new());
    let file = place.site().join("regions.mmdb");
    fs::write(&file, region_database(&NETWORKS)).unwrap();
    let server = served(&place, &site);
    assert!(!asked_first(&server, &site, "203.0.113.200"));
    fs::write(&file, "nonsense").unwrap();
    std::thread::sleep(Duration::from_secs(6));
    assert!(!asked_first(&server, &site, "203.0.113.200"), "the old one stays");
    fs::write(&file, region_database(&[("198.51.100.0/25", "US", Some("CA"))])).unwrap();
    eventually("the new file counts", Duration::from_secs(20), || (!site_asked_first(&server, &site, "198.51.100.1")).then_some(()));
    assert!(!asked_first(&server, &site, "198.51.100.1"));
    assert!(asked_first(&server, &site, "203.0.113.200"), "nobody knows any more");
}

#[test]
fn a_file_that_cannot_say_it_is_refused_at_the_start() {
    let place = Place::health();
    let file = place.site().join("regions.mmdb");
    let whole = region_database(&NETWORKS);
    let broken = whole[..whole.len() / 2].to_vec();
    let table: [(Option<Vec<u8>>, &str); 4] = [
        (None, "No such file"),
        (Some(b"nonsense".to_vec()), "it is not in the MaxMind DB format"),
        (Some(broken), "it is not in the MaxMind DB format"),
        (Some(database_without_regions("203.0.113.0/24")), "it holds no countries: it is a `Story-ASN`"),
    ];
    for (bytes, says) in table {
        if let Some(bytes) = bytes {
            fs::write(&file, bytes).unwrap();
        }
        let ended = place.candor(&["serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--region-database", "regions.mmdb"]);
        assert_ne!(ended.code, Some(0), "{ended:#?}");
        assert!(ended.stderr.contains("`region_database` names") && ended.stderr.contains(says), "{says}: {}", ended.stderr);
    }
}
