//! The site's own cookies: kept as far as the policy declares and the visit permits them.

use domain::{Answer, Choice, ChoiceRecordId, Id, Version};
use edge::Enforcement;
use policy::cookie::{ChoicesPart, CookieParts};
use proptest::prelude::*;

use crate::common::site::Site;
use crate::common::visitor::{ask, field, get};
use crate::common::{Edge, NOW};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const NAVIGATION: &str = "Sec-Fetch-Dest: document";

fn setting(cookies: &[&str]) -> String {
    let fields: String = cookies.iter().map(|cookie| format!("set-cookie: {cookie}\r\n")).collect();
    format!("HTTP/1.1 200 OK\r\n{fields}content-length: 2\r\n\r\nok")
}

/// What a browser is told to keep, in order.
fn set(head: &str) -> Vec<String> {
    head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).map(str::to_owned).collect()
}

fn observing(site: &Site) -> Edge {
    Edge::with(site.address, |settings| settings.enforcement = Enforcement::Observe)
}

/// The cookie of somebody who said yes to return visits.
fn yes(edge: &Edge) -> String {
    let now = NOW.parse().expect("a time");
    let purpose = Id::parse("return-visits").expect("an id");
    let choices = vec![Choice { purpose, answer: Answer::Yes, at: now, version: Version::FIRST, gpc: false, opted_out: false }];
    edge.cookie(&CookieParts {
        choices: Some(ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices }),
        ..CookieParts::default()
    })
}

#[tokio::test]
async fn only_what_is_declared_and_permitted_is_set() {
    let site = Site::saying(setting(&[
        "b=2; Path=/; HttpOnly",
        "stranger=1; Path=/",
        "_count=7",
        "_count_once=1; Max-Age=60",
        "__Host-a=1; Secure; Path=/",
        "nameless",
        "=nameless",
        "a=1",
        "B=1",
    ]))
    .await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/", &[])).await;
    assert_eq!(set(&answer.head), ["b=2; Path=/; HttpOnly", "_count_once=1; Max-Age=60", "__Host-a=1; Secure; Path=/", "a=1"]);
    let answer = ask(edge.address, get("/", &[&format!("Cookie: {}", yes(&edge))])).await;
    assert_eq!(set(&answer.head), ["b=2; Path=/; HttpOnly", "_count=7", "_count_once=1; Max-Age=60", "__Host-a=1; Secure; Path=/", "a=1"]);
    assert_eq!(edge.counts().set_cookies_held_back, 5 + 4);
}

#[tokio::test]
async fn a_cookie_lives_as_long_as_declared_and_no_longer() {
    let site = Site::saying(setting(&[
        "a=1; Max-Age=63072000; Path=/",
        "b=1; Expires=Mon, 01 Mar 2027 12:00:00 GMT; Secure",
        "c=1; Max-Age=60",
        "_count_once=1; Max-Age=86401",
    ]))
    .await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/", &[])).await;
    assert_eq!(
        set(&answer.head),
        [
            "a=1; Max-Age=2592000; Path=/",
            "b=1; Expires=Tue, 31 Mar 2026 12:00:00 GMT; Secure",
            "c=1; Max-Age=60",
            "_count_once=1; Max-Age=86400"
        ]
    );
    assert_eq!((edge.counts().set_cookies_shortened, edge.counts().set_cookies_held_back), (3, 0));
}

#[tokio::test]
async fn forgetting_is_always_permitted() {
    let deletions = ["_count=; Max-Age=0", "stranger=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x", "other=gone; max-age=-1"];
    let site = Site::saying(setting(&deletions)).await;
    let edge = Edge::before(site.address);
    assert_eq!(set(&ask(edge.address, get("/", &[])).await.head), deletions);
}

#[tokio::test]
async fn the_site_sees_only_what_is_declared_and_permitted() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    for (sent, seen) in [
        ("a=1; b=2", Some("a=1; b=2")),
        ("a=1;  b=\"2 3\" ;c=4=5", Some("a=1;  b=\"2 3\" ;c=4=5")),
        ("stranger=1; a=1; _count=2; word; b=; _count_once=1", Some("a=1; b=; _count_once=1")),
        ("stranger=1", None),
        ("A=1; __Host-a=2; __Secure-b=3", Some("__Host-a=2; __Secure-b=3")),
    ] {
        let before = site.requests().len();
        ask(edge.address, get("/", &[&format!("Cookie: {sent}")])).await;
        assert_eq!(field(&site.requests()[before], "cookie").as_deref(), seen, "{sent}");
    }
    assert_eq!(edge.counts().cookies_withheld, 3 + 1 + 1);
    let mine = yes(&edge);
    ask(edge.address, get("/", &[&format!("Cookie: _count=2; {mine}; stranger=1")])).await;
    assert_eq!(field(site.requests().last().expect("a request"), "cookie").as_deref(), Some("_count=2"));
}

#[tokio::test]
async fn what_is_withdrawn_is_forgotten_on_the_next_page() {
    let site = Site::saying(setting(&["a=1"])).await;
    let edge = Edge::before(site.address);
    let carried = "Cookie: _count_1=x; a=1; stranger=1; __Host-_count=y; _count_1=z";
    let part = ask(edge.address, get("/style.css", &["Sec-Fetch-Dest: style", carried])).await;
    assert_eq!(set(&part.head), ["a=1"], "this was no page");

    let page = ask(edge.address, get("/", &[NAVIGATION, carried])).await;
    assert_eq!(
        set(&page.head),
        [
            "a=1",
            "_count_1=; Max-Age=0; Path=/",
            "_count_1=; Max-Age=0; Path=/; Domain=books.example",
            "__Host-_count=; Max-Age=0; Path=/; Secure"
        ]
    );
    assert_eq!(page.field("cache-control").as_deref(), Some("private, no-cache"));
    assert_eq!(edge.counts().cookies_expired, 2);

    let ours = ask(edge.address, get("/privacy/choices", &[NAVIGATION, "Cookie: _count=1"])).await;
    assert!(set(&ours.head).contains(&"_count=; Max-Age=0; Path=/".to_owned()), "a page of ours is a page too: {}", ours.head);

    let permitted = format!("Cookie: _count_1=x; {}", yes(&edge));
    let kept = ask(edge.address, get("/", &["Sec-Fetch-Dest: document", &permitted])).await;
    assert!(!kept.head.contains("_count"), "what is permitted stays: {}", kept.head);
}

#[tokio::test]
async fn a_switch_of_protocols_sets_no_more_than_a_page() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nset-cookie: stranger=1\r\nset-cookie: a=1\r\n\r\n";
    let site = Site::saying(head).await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/socket", &["Connection: upgrade", "Upgrade: websocket"])).await;
    assert_eq!((answer.status(), set(&answer.head)), (101, vec!["a=1".to_owned()]));
}

#[tokio::test]
async fn observing_counts_and_changes_nothing() {
    let cookies = ["stranger=1; Max-Age=99999999", "_count=1", "nameless", "a=1; Max-Age=63072000"];
    let site = Site::saying(setting(&cookies)).await;
    let edge = observing(&site);
    let carried = "_count=1;stranger=2 ; a=1";
    let answer = ask(edge.address, get("/", &[NAVIGATION, &format!("Cookie: {carried}")])).await;
    assert_eq!(set(&answer.head), cookies);
    assert_eq!(field(&site.request(), "cookie").as_deref(), Some(carried));
    let counts = edge.counts();
    assert_eq!((counts.cookies_withheld, counts.set_cookies_held_back, counts.set_cookies_shortened, counts.cookies_expired), (2, 3, 1, 1));
}

#[tokio::test]
async fn what_the_site_sets_is_noted_by_name_whatever_becomes_of_it() {
    let site = Site::saying(setting(&["stranger=secret; Max-Age=60", "a=1", "a=", "gone=; Max-Age=0", "nameless", "candor=forged"])).await;
    let edge = observing(&site);
    for _ in 0..2 {
        ask(edge.address, get("/", &[])).await;
        edge.pass(std::time::Duration::from_secs(60)).await;
    }
    let counter = edge.running.as_ref().expect("it runs").counter();
    let noted = counter.take_sightings();
    let rows: Vec<_> =
        noted.cookies().map(|(name, seen)| (name, seen.count, seen.last.duration_since(seen.first).as_secs(), seen.seconds_max)).collect();
    assert_eq!(rows, [("a", 4, 60, None), ("stranger", 2, 60, Some(60))]);
    assert!(!format!("{noted:?}").contains("secret"), "no value is noted");
    assert!(counter.take_sightings().is_empty(), "what was taken is whoever's who took it");
}

/// A pair as a browser might send it, and whether the site may see it.
fn pair() -> impl Strategy<Value = (String, bool)> {
    let value = "[!#-:<-~]{0,6}";
    prop_oneof![
        ("[abc]", value).prop_map(|(name, value)| (format!("{name}={value}"), true)),
        ("__(Host|Secure)-[abc]", value).prop_map(|(name, value)| (format!("{name}={value}"), true)),
        ("_count[0-9]{0,2}", value).prop_map(|(name, value)| (format!("{name}={value}"), false)),
        ("[d-z]{1,4}", value).prop_map(|(name, value)| (format!("{name}={value}"), false)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn exactly_what_is_not_permitted_is_taken_out(pairs in proptest::collection::vec(pair(), 1..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let all: Vec<&str> = pairs.iter().map(|(pair, _)| pair.as_str()).collect();
            let kept: Vec<&str> = pairs.iter().filter(|(_, permitted)| *permitted).map(|(pair, _)| pair.as_str()).collect();
            let site = Site::saying(setting(&all)).await;
            let edge = Edge::before(site.address);
            let answer = ask(edge.address, get("/", &[&format!("Cookie: {}", all.join("; "))])).await;
            assert_eq!(set(&answer.head), kept);
            let seen = field(&site.request(), "cookie");
            assert_eq!(seen.unwrap_or_default(), kept.join("; "));
        });
    }
}
