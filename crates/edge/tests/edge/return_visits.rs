//! The visitor part of our cookie: only where it is permitted, only on pages, and gone once it no longer is.

use std::time::Duration;

use domain::VisitorId;
use policy::cookie::{CookieParts, VisitorPart};

use crate::common::site::Site;
use crate::common::visitor::{Answer, ask, get};
use crate::common::{Edge, NOW};

const PAGE: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncache-control: public, max-age=60\r\ncontent-length: 4\r\n\r\npage";
const CALIFORNIA: &str = "X-Region: US-CA";
const NAVIGATION: &str = "Sec-Fetch-Dest: document";

fn cookie_of(answer: &Answer) -> Option<String> {
    answer.field("set-cookie").map(|set| set.split(';').next().expect("name and value").to_owned())
}

#[tokio::test]
async fn the_first_page_makes_a_visitor_and_the_second_knows_them() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let first = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION])).await;
    let set = first.field("set-cookie").expect("a cookie");
    assert!(set.starts_with("candor-visit=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set}");
    assert_eq!(first.field("cache-control").as_deref(), Some("private, no-cache"));
    let cookie = format!("Cookie: {}", cookie_of(&first).expect("a cookie"));
    let second = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION, &cookie])).await;
    assert_eq!((second.field("set-cookie"), second.field("cache-control").as_deref()), (None, Some("private, no-cache")));
    let visits = edge.visits(2).await;
    assert!(visits[0].visitor.is_some());
    assert_eq!(visits[0].visitor, visits[1].visitor);
    let told = site.requests().swap_remove(1);
    assert!(told.contains(&format!("candor-visitor: {}\r\n", visits[0].visitor.as_ref().expect("a visitor"))), "{told}");
}

#[tokio::test]
async fn no_cache_between_keeps_the_page_that_makes_a_visitor() {
    let site = Site::saying(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: private\r\nCDN-Cache-Control: max-age=600\r\n\
         Example-CDN-Cache-Control: max-age=600\r\nSurrogate-Control: max-age=600\r\nX-Accel-Expires: 600\r\ncontent-length: 4\r\n\r\npage",
    )
    .await;
    let edge = Edge::told_of_regions(site.address);
    let targeted = ["cdn-cache-control", "example-cdn-cache-control", "surrogate-control", "x-accel-expires"];
    let first = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION])).await;
    assert!(first.field("set-cookie").is_some());
    assert_eq!(targeted.map(|name| first.field(name)), [const { None }; 4]);
    let other = ask(edge.address, get("/", &[CALIFORNIA])).await;
    assert_eq!(targeted.map(|name| other.field(name)), [const { None }; 4], "others may get another page of the same answer");
}

#[tokio::test]
async fn nobody_becomes_a_visitor_unless_a_page_is_opened_where_that_is_permitted() {
    let site = Site::answering(|request| {
        if request.contains("/image") {
            b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 0\r\n\r\n".to_vec()
        } else {
            PAGE.as_bytes().to_vec()
        }
    })
    .await;
    let edge = Edge::told_of_regions(site.address);
    let unverified = "Cookie: candor=AAAA";
    for request in [
        get("/", &["X-Region: DE", NAVIGATION]),
        get("/", &[NAVIGATION]),
        get("/", &[CALIFORNIA]),
        get("/", &[CALIFORNIA, "Accept: */*"]),
        get("/", &[CALIFORNIA, "Sec-Fetch-Dest: iframe", "Accept: text/html"]),
        get("/image", &[CALIFORNIA, NAVIGATION]),
        get("/", &[CALIFORNIA, NAVIGATION, unverified]),
        format!("POST / HTTP/1.1\r\nHost: a\r\n{CALIFORNIA}\r\n{NAVIGATION}\r\n\r\n"),
    ] {
        let answer = ask(edge.address, &request).await;
        assert_eq!(answer.field("set-cookie"), None, "{request}");
    }
    assert!(edge.visits(8).await.iter().all(|visit| visit.visitor.is_none()));
    let old_browser = ask(edge.address, get("/", &[CALIFORNIA, "Accept: application/xml, text/html;q=0.9"])).await;
    assert!(old_browser.field("set-cookie").is_some());
}

#[tokio::test]
async fn a_visitor_who_may_no_longer_be_noticed_is_forgotten_on_the_next_page() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let visitor = VisitorPart::new(VisitorId([9; 16]), NOW.parse().expect("a time"));
    let cookie = edge.cookie(&CookieParts { visitor: Some(visitor), ..CookieParts::default() });
    let cookie = format!("Cookie: {cookie}");
    let answer = ask(edge.address, get("/", &["X-Region: DE", &cookie])).await;
    assert_eq!(answer.field("set-cookie"), None, "this was no page");
    let answer = ask(edge.address, get("/", &["X-Region: DE", NAVIGATION, &cookie])).await;
    assert_eq!(answer.field("set-cookie").as_deref(), Some("candor-visit=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"));
    assert!(edge.visits(2).await.iter().all(|visit| visit.visitor.is_none()));
}

#[tokio::test]
async fn a_visitor_is_forgotten_when_the_time_is_over() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let first = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION])).await;
    edge.pass(Duration::from_secs(400 * 86_400)).await;
    let cookie = format!("Cookie: {}", cookie_of(&first).expect("a cookie"));
    let second = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION, &cookie])).await;
    assert!(second.field("set-cookie").is_some());
    let visits = edge.visits(2).await;
    assert!(visits[1].visitor.is_some() && visits[0].visitor != visits[1].visitor);
}
