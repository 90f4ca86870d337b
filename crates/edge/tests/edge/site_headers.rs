//! What an answer tells a browser to load, to tell others, to prepare and to forget: no more than the visit permits.

use std::sync::Arc;

use domain::{Answer, Choice, ChoiceRecordId, Id, Version};
use edge::Enforcement;
use policy::cookie::{ChoicesPart, CookieParts};

use crate::common::site::Site;
use crate::common::visitor::{Answer as Got, ask, field, get};
use crate::common::{Edge, NOW, RULES, WORDS, policy_saying};

const PAGE: &str = "content-type: text/html\r\n";
const OWN: &str = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem:";

/// A site whose pages use a typeface of somebody else's, and a map where one said yes.
const RESOURCES: &str = r#"
[purpose.type]
title = "Show our typeface"
compelling = "Without it nothing could be read."

[purpose.map]
title = "Show a map"

[[recipient]]
id = "fonts"
kind = "processor"
name = "Fonts Cooperative"
address = "1 Type Row, Leeds, United Kingdom"

[[recipient]]
id = "maps"
kind = "third-party"
name = "Maps Foundation"
address = "2 Chart Lane, Leeds, United Kingdom"

[[use]]
id = "typeface"
title = "Typeface"
data = ["visit.ip"]
purpose = "type"
basis = "legitimate-interests"
balancing = "The cooperative keeps nothing."
recipients = ["fonts"]
act = "process"

[[use]]
id = "street-map"
title = "Street map"
data = ["visit.ip"]
purpose = "map"
basis = "consent"
recipients = ["maps"]

[[resource]]
id = "fonts-files"
match = "https://fonts.example/files/*"
purpose = "type"
recipient = "fonts"

[[resource]]
id = "map-tiles"
match = "https://*.maps.example/*"
purpose = "map"
recipient = "maps"
"#;

fn answering(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}content-length: 2\r\n\r\nok")
}

/// The edge before such a site.
fn edge_of(site: &Site, enforcement: Enforcement) -> Edge {
    let edge = Edge::with(site.address, |settings| settings.enforcement = enforcement);
    let words = format!("{WORDS}\nOthers send our typeface and the map. {{typeface, type, street-map, map}}\n");
    edge.policy.store(Arc::new(policy_saying(&format!("{RULES}{RESOURCES}"), &words)));
    edge
}

async fn answer_of(fields: &str, asked: &[&str]) -> Got {
    let site = Site::saying(answering(fields)).await;
    ask(edge_of(&site, Enforcement::Enforce).address, get("/", asked)).await
}

/// The cookie of somebody who said this about a purpose.
fn says(edge: &Edge, purpose: &str, answer: Answer) -> String {
    let now = NOW.parse().expect("a time");
    let purpose = Id::parse(purpose).expect("an id");
    let choices = vec![Choice { purpose, answer, at: now, version: Version::FIRST, gpc: false, opted_out: false }];
    let choices = Some(ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices });
    format!("Cookie: {}", edge.cookie(&CookieParts { choices, ..CookieParts::default() }))
}

/// The cookie of somebody who said yes to everything.
fn says_all(edge: &Edge) -> String {
    edge.choice(&[("map", Answer::Yes), ("news", Answer::Yes), ("return-visits", Answer::Yes)])
}

/// Each of these for pages and files, and for web sockets too.
fn list(third_parties: &str) -> String {
    let sockets: String = third_parties.split_ascii_whitespace().map(|source| format!(" ws://{source}")).collect();
    let third_parties = format!("{third_parties}{sockets}");
    format!("{OWN}{third_parties}; report-uri /privacy/csp-report")
}

#[tokio::test]
async fn a_page_may_load_what_its_visitor_permits_and_nothing_else_of_others() {
    let site = Site::saying(answering(PAGE)).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    let sent = |answer: Got| answer.field("content-security-policy");
    assert_eq!(sent(ask(edge.address, get("/", &[])).await), Some(list(" fonts.example/files/")));
    let yes = says(&edge, "map", Answer::Yes);
    assert_eq!(sent(ask(edge.address, get("/", &[&yes])).await), Some(list(" fonts.example/files/ *.maps.example")));
    let no = says(&edge, "map", Answer::No);
    assert_eq!(sent(ask(edge.address, get("/", &[&no])).await), Some(list(" fonts.example/files/")));
    assert_eq!(sent(ask(edge.address, get("/", &[])).await), Some(list(" fonts.example/files/")), "each visitor has their own");
}

#[tokio::test]
async fn the_sites_own_policies_stay_and_ours_comes_behind_them() {
    let own = "content-security-policy: default-src 'self'; img-src *\r\ncontent-security-policy-report-only: img-src 'none'\r\n";
    let answer = answer_of(&format!("{PAGE}{own}"), &[]).await;
    let policies: Vec<&str> = answer.head.lines().filter_map(|line| line.strip_prefix("content-security-policy: ")).collect();
    assert_eq!(policies, ["default-src 'self'; img-src *", &list(" fonts.example/files/")]);
    assert_eq!(answer.field("content-security-policy-report-only").as_deref(), Some("img-src 'none'"));
}

#[tokio::test]
async fn whatever_can_run_carries_the_list_and_is_kept_by_one_browser_alone() {
    for (fields, asked) in [
        ("content-type: text/html charset=utf-8\r\n", "Sec-Fetch-Dest: document"),
        ("content-type: application/json\r\ncontent-type: text/html y\r\n", "Sec-Fetch-Dest: document"),
        ("content-type: application/xhtml+xml; charset=utf-8\r\n", "Sec-Fetch-Dest: iframe"),
        ("content-type: image/svg+xml\r\n", "Sec-Fetch-Dest: object"),
        ("content-type: text/xsl\r\n", "Sec-Fetch-Dest: document"),
        ("content-type: text/xml\r\n", "Accept: */*"),
        ("", "Sec-Fetch-Dest: document"),
        ("", "Sec-Fetch-Dest: empty"),
        ("content-type: text/javascript\r\n", "Sec-Fetch-Dest: worker"),
        ("content-type: text/plain\r\n", "Sec-Fetch-Dest: sharedworker"),
        ("content-type: text/javascript\r\n", "Accept: */*"),
        ("content-type: text/html\r\ncontent-disposition: attachment\r\n", "Sec-Fetch-Dest: empty"),
    ] {
        let kept = "cache-control: public, max-age=600\r\netag: \"a\"\r\nlast-modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n";
        let answer = answer_of(&format!("{fields}{kept}"), &[asked]).await;
        assert_eq!(answer.field("content-security-policy"), Some(list(" fonts.example/files/")), "{fields}{asked}");
        assert_eq!(answer.field("cache-control").as_deref(), Some("private, no-cache"), "{fields}{asked}");
        assert!(answer.field("etag").is_some_and(|tag| tag.contains("\"a~candor-")), "{fields}{asked}");
        assert_eq!(answer.field("last-modified"), None, "{fields}{asked}");
    }
}

#[tokio::test]
async fn whatever_else_has_a_content_is_held_to_the_site_and_stays_in_caches() {
    for (fields, asked) in [
        ("content-type: text/javascript\r\n", "Sec-Fetch-Dest: script"),
        ("content-type: image/svg+xml\r\n", "Sec-Fetch-Dest: image"),
        ("content-type: image/png\r\n", "Sec-Fetch-Dest: document"),
        ("content-type: image/png\r\n", "Accept: */*"),
        ("content-type: text/plain\r\n", "Accept: */*"),
        ("content-type: application/json\r\n", "Accept: */*"),
        ("content-type: application/made-up\r\n", "Sec-Fetch-Dest: iframe"),
    ] {
        let fields =
            format!("{fields}cache-control: public, max-age=600\r\netag: \"a\"\r\nlast-modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n");
        let answer = answer_of(&fields, &[asked]).await;
        let expected = answering(&format!("{fields}content-length: 2\r\ncontent-security-policy: {OWN}\r\n"));
        assert_eq!(answer.head, expected.replacen("content-length: 2\r\n\r\nok", "\r\n", 1), "{asked}");
    }
    let site = Site::saying(answering("content-type: image/png\r\n")).await;
    let answer = ask(edge_of(&site, Enforcement::Observe).address, get("/", &["Sec-Fetch-Dest: image"])).await;
    assert_eq!(answer.head, answering("content-type: image/png\r\n").trim_end_matches("ok"));
}

#[tokio::test]
async fn the_site_cannot_name_our_fields_as_those_of_its_connection() {
    let named = "connection: content-security-policy, referrer-policy, cache-control, permissions-policy\r\n";
    let answer = answer_of(&format!("{PAGE}{named}"), &[]).await;
    assert_eq!(answer.field("content-security-policy"), Some(list(" fonts.example/files/")));
    assert_eq!(answer.field("cache-control").as_deref(), Some("private, no-cache"));
    assert!(answer.field("referrer-policy").is_some() && answer.field("permissions-policy").is_some(), "{}", answer.head);
}

#[tokio::test]
async fn what_no_browser_follows_is_a_page() {
    let html = "<body><img src=https://a.maps.example/1.png></body>";
    for (status, location) in [(300, "/b"), (304, "/b"), (305, "/b"), (306, "/b"), (309, "/b"), (399, "/b"), (302, ""), (308, " ")] {
        let length = html.len();
        let site =
            Site::saying(format!("HTTP/1.1 {status} X\r\n{PAGE}location: {location}\r\ncontent-length: {length}\r\n\r\n{html}")).await;
        let edge = edge_of(&site, Enforcement::Enforce);
        let answer = ask(edge.address, get("/", &["Sec-Fetch-Dest: document"])).await;
        if status == 304 {
            assert_eq!(answer.text(), "", "a copy has no content");
            continue;
        }
        assert!(!answer.text().contains("maps.example"), "{status}: {}", answer.text());
        assert_eq!(answer.field("content-security-policy"), Some(list(" fonts.example/files/")), "{status}");
    }
}

#[tokio::test]
async fn no_page_goes_by_itself_to_what_is_refused() {
    for (value, left) in [
        ("0; url=https://a.maps.example/", None),
        ("1;URL='//b.maps.example/x'", None),
        ("5", Some("5")),
        ("0; url=/next", Some("0; url=/next")),
        ("0; url=https://elsewhere.example/", Some("0; url=https://elsewhere.example/")),
    ] {
        assert_eq!(answer_of(&format!("{PAGE}refresh: {value}\r\n"), &[]).await.field("refresh").as_deref(), left, "{value}");
    }
}

#[tokio::test]
async fn pages_that_take_each_others_place_are_not_shown() {
    let site = Site::saying(answering("content-type: multipart/x-mixed-replace; boundary=a\r\n")).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    assert_eq!(ask(edge.address, get("/", &["Sec-Fetch-Dest: document"])).await.status(), 502);
    let camera = ask(edge.address, get("/", &["Sec-Fetch-Dest: image"])).await;
    assert_eq!((camera.status(), camera.field("content-security-policy").as_deref()), (200, Some(OWN)));
    let yes = says_all(&edge);
    assert_eq!(ask(edge.address, get("/", &["Sec-Fetch-Dest: document", &yes])).await.status(), 200);
}

#[tokio::test]
async fn who_refuses_anything_has_no_service_worker() {
    let script = "self.addEventListener('fetch', () => 0);";
    let site =
        Site::saying(format!("HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: {}\r\n\r\n{script}", script.len())).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    let yes = says(&edge, "map", Answer::Yes);
    for asked in [&["Service-Worker: script"][..], &["Sec-Fetch-Dest: serviceworker"]] {
        let answer = ask(edge.address, get("/worker.js", asked)).await;
        assert!(answer.text().contains("registration.unregister()") && !answer.text().contains("fetch"), "{}", answer.text());
        assert_eq!(answer.field("cache-control").as_deref(), Some("no-store"));
        assert_eq!(answer.field("service-worker-allowed").as_deref(), Some("/"));
        assert_eq!(ask(edge.address, get("/worker.js", &[asked, &[&yes]].concat())).await.text(), script);
    }
    assert_eq!(site.requests().len(), 2, "the site is not asked for what nobody gets");
    assert_eq!(ask(edge.address, get("/worker.js", &["Sec-Fetch-Dest: script"])).await.text(), script);
    let observed = edge_of(&site, Enforcement::Observe);
    assert_eq!(ask(observed.address, get("/worker.js", &["Service-Worker: script"])).await.text(), script);
}

#[tokio::test]
async fn a_copy_that_stays_keeps_both_policies() {
    let copied = |fields: &str| format!("HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n{fields}\r\n");
    let own = "content-security-policy: img-src 'none'\r\nreferrer-policy: unsafe-url\r\n";
    let site = Site::saying(copied(own)).await;
    let answer = ask(edge_of(&site, Enforcement::Enforce).address, get("/", &[])).await;
    assert_eq!(answer.field("content-security-policy"), Some(format!("img-src 'none', {OWN}")));
    assert_eq!(answer.field("referrer-policy").as_deref(), Some("unsafe-url, strict-origin-when-cross-origin"));
    // One that came with the page and is not said again would be lost if ours were said alone.
    let site = Site::saying(copied("")).await;
    let answer = ask(edge_of(&site, Enforcement::Enforce).address, get("/", &[])).await;
    assert_eq!(answer.head, copied(""));
}

#[tokio::test]
async fn observing_asks_for_reports_and_changes_nothing_else() {
    let link = "link: <https://a.maps.example/x.js>; rel=preload\r\n";
    let fields = format!("{PAGE}{link}referrer-policy: unsafe-url\r\nspeculation-rules: \"/rules.json\"\r\n");
    let site = Site::saying(answering(&fields)).await;
    let edge = edge_of(&site, Enforcement::Observe);
    let answer = ask(edge.address, get("/", &[])).await;
    let reported = format!("content-security-policy-report-only: {}\r\n", list(" fonts.example/files/"));
    assert!(answer.head.contains(&reported), "{}", answer.head);
    let mut lines: Vec<&str> = answer.head.lines().filter(|line| !line.starts_with("content-security-policy-report-only")).collect();
    let site_said = answering(&fields);
    let mut before: Vec<&str> = site_said.lines().take_while(|line| *line != "ok").collect();
    lines.sort_unstable();
    before.sort_unstable();
    assert_eq!(lines, before);
    assert_eq!(edge.counts().links_held_back, 1);
}

#[tokio::test]
async fn links_to_what_is_refused_are_taken_out_and_the_others_stay() {
    let links = "link: </a.css>;rel=preload, <https://a.maps.example/x.js>; rel=preload; as=script\r\nlink: <//b.maps.example>; rel=preconnect\r\n\
                 link: <https://fonts.example/files/a>; rel=preload; as=font,<https://fonts.example/>; rel=author\r\n";
    let site = Site::saying(answering(&format!("content-type: text/css\r\n{links}"))).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    let answer = ask(edge.address, get("/", &["Sec-Fetch-Dest: style"])).await;
    let kept: Vec<&str> = answer.head.lines().filter_map(|line| line.strip_prefix("link: ")).collect();
    assert_eq!(
        kept,
        ["</a.css>;rel=preload", "<https://fonts.example/files/a>; rel=preload; as=font,<https://fonts.example/>; rel=author"]
    );
    assert_eq!(edge.counts().links_held_back, 2);
    let counter = edge.running.as_ref().expect("it runs").counter();
    let seen: Vec<String> = counter.take_sightings().resources().map(|(url, _)| url.to_owned()).collect();
    assert_eq!(seen, ["https://a.maps.example/", "https://b.maps.example/", "https://fonts.example/files/"]);
    let yes = says(&edge, "map", Answer::Yes);
    let answer = ask(edge.address, get("/", &["Sec-Fetch-Dest: style", &yes])).await;
    assert_eq!(answer.head.lines().filter(|line| line.starts_with("link: ")).count(), 3);
}

#[tokio::test]
async fn a_page_offers_its_visitors_to_no_advertiser_and_tells_others_little_of_them() {
    let site = Site::saying(answering(&format!("{PAGE}permissions-policy: camera=(self), browsing-topics=*\r\n"))).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    let no = says(&edge, "news", Answer::No);
    let answer = ask(edge.address, get("/", &[&no])).await;
    let permissions = answer.field("permissions-policy").expect("it is there");
    assert!(
        permissions.starts_with("camera=(self), browsing-topics=*, ") && permissions.contains(", browsing-topics=(), "),
        "{permissions}"
    );
    assert_eq!(answer.field("referrer-policy").as_deref(), Some("strict-origin-when-cross-origin"));
    // Book news are marketing: with a yes to them the site's own word stands.
    let yes = says(&edge, "news", Answer::Yes);
    let answer = ask(edge.address, get("/", &[&yes])).await;
    assert_eq!(answer.field("permissions-policy").as_deref(), Some("camera=(self), browsing-topics=*"));
}

#[tokio::test]
async fn nothing_of_others_is_prepared_before_anybody_asks_for_it() {
    let fields = format!("{PAGE}speculation-rules: \"/rules.json\"\r\nx-dns-prefetch-control: on\r\n");
    let answer = answer_of(&fields, &[]).await;
    assert_eq!((answer.field("speculation-rules"), answer.field("x-dns-prefetch-control").as_deref()), (None, Some("off")));
}

#[tokio::test]
async fn a_way_elsewhere_tells_no_more_than_the_page_it_comes_from() {
    let elsewhere =
        |fields: &str| format!("HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-type: text/html\r\n{fields}content-length: 0\r\n\r\n");
    let site = Site::saying(elsewhere("")).await;
    let answer = ask(edge_of(&site, Enforcement::Enforce).address, get("/", &[])).await;
    assert_eq!(answer.head, elsewhere(""), "a policy here would take the place of the page's own, stricter one");
    let site = Site::saying(elsewhere("referrer-policy: unsafe-url\r\n")).await;
    let answer = ask(edge_of(&site, Enforcement::Enforce).address, get("/", &[])).await;
    assert_eq!(answer.field("referrer-policy").as_deref(), Some("unsafe-url, strict-origin-when-cross-origin"));
}

#[tokio::test]
async fn a_site_that_clears_cookies_clears_its_own_and_not_a_recorded_no() {
    for enforcement in [Enforcement::Enforce, Enforcement::Observe] {
        let site = Site::saying(answering("content-type: text/plain\r\nclear-site-data: \"cache\", \"cookies\"\r\n")).await;
        let edge = edge_of(&site, enforcement);
        let no = says(&edge, "news", Answer::No);
        let answer = ask(edge.address, get("/", &[&format!("{no}; a=1; stranger=2; a=3")])).await;
        assert_eq!(answer.field("clear-site-data").as_deref(), Some("\"cache\""));
        let set: Vec<&str> = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).collect();
        assert_eq!(
            set,
            [
                "a=; Max-Age=0; Path=/",
                "a=; Max-Age=0; Path=/; Domain=books.example",
                "stranger=; Max-Age=0; Path=/",
                "stranger=; Max-Age=0; Path=/; Domain=books.example"
            ]
        );
    }
    let answer = answer_of("content-type: text/plain\r\nclear-site-data: \"cookies\"\r\n", &[]).await;
    assert_eq!((answer.field("clear-site-data"), answer.field("set-cookie")), (None, None));
    let everything = answer_of("content-type: text/plain\r\nclear-site-data: \"*\"\r\n", &[]).await.field("clear-site-data");
    assert!(everything.is_some_and(|value| value.contains("\"storage\"") && !value.contains('*') && !value.contains("cookies")));
    let untouched = answer_of("content-type: text/plain\r\nclear-site-data:  \"cache\" ,\"storage\"\r\n", &["Cookie: a=1"]).await;
    assert_eq!(untouched.field("clear-site-data").as_deref(), Some("\"cache\" ,\"storage\""));
}

#[tokio::test]
async fn a_withdrawal_reaches_what_a_service_worker_kept() {
    let site = Site::saying(answering("content-type: text/javascript\r\n")).await;
    let edge = edge_of(&site, Enforcement::Enforce);
    let cleared = async || ask(edge.address, get("/privacy/withdrawn", &[])).await.field("clear-site-data");
    assert_eq!(cleared().await.as_deref(), Some("\"cache\""));
    ask(edge.address, get("/worker.js", &["Service-Worker: script", "Sec-Fetch-Dest: serviceworker"])).await;
    assert_eq!(cleared().await.as_deref(), Some("\"cache\", \"storage\""));
    let seen = edge.running.as_ref().expect("it runs").counter().take_sightings();
    assert!(seen.service_worker);
    // After a restart somebody who kept it says so.
    let restarted = edge_of(&site, Enforcement::Enforce);
    restarted.running.as_ref().expect("it runs").counter().remember(&seen);
    let answer = ask(restarted.address, get("/privacy/withdrawn", &[])).await;
    assert_eq!(field(&answer.head, "clear-site-data").as_deref(), Some("\"cache\", \"storage\""));
}
