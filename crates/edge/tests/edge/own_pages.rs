//! Candor's own pages, among the site's.

use std::time::Duration;

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, get};

#[tokio::test]
async fn our_pages_are_ours_and_the_rest_is_the_sites() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nsite").await;
    let edge = Edge::before(site.address);
    let page = ask(edge.address, get("/privacy/choices?x=y", &["Sec-GPC: 1", "Candor-Purposes: news"])).await;
    assert_eq!(page.text(), "own page: https=false gpc=true region=* authority=books.example client=[visit.ip]");
    assert_eq!(page.field("date").as_deref(), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
    assert_eq!(ask(edge.address, get("/privacy-notes", &[])).await.text(), "site");
    let visits = edge.visits(2).await;
    assert_eq!(
        (visits[0].status, visits[0].bytes, visits[0].path.as_deref()),
        (Some(200), Some(page.body.len() as u64), Some("/privacy/choices"))
    );
}

#[tokio::test]
async fn a_page_of_ours_reads_a_body() {
    let site = Site::saying("").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST /privacy/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n").await;
    assert_eq!(visitor.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    visitor.say("hello").await;
    assert_eq!(visitor.answer().await.text(), "hello");
}

#[tokio::test]
async fn a_page_of_ours_that_panics_is_an_error_and_a_visit() {
    let site = Site::saying("").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for page in ["/privacy/panics", "/privacy/panics-at-once"] {
        visitor.say(get(page, &[])).await;
        let answer = visitor.answer().await;
        assert!(answer.status() == 500 && !answer.text().contains("panic"), "{}", answer.text());
    }
    assert!(edge.visits(2).await.iter().all(|visit| visit.status == Some(500)));
}

#[tokio::test]
async fn a_page_of_ours_that_never_comes_is_an_error_and_a_visit() {
    let site = Site::saying("").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/privacy/never", &[])).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.pass(Duration::from_secs(61)).await;
    assert_eq!(visitor.answer().await.status(), 500);
    assert_eq!(edge.visit().await.status, Some(500));
}

#[tokio::test]
async fn a_form_for_us_that_stops_coming_is_not_waited_for() {
    let site = Site::saying("").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST /privacy/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.pass(Duration::from_secs(61)).await;
    assert_eq!(visitor.answer().await.status(), 408);
    assert_eq!(edge.visit().await.status, Some(408));
}

#[tokio::test]
async fn a_form_for_us_that_comes_byte_by_byte_is_waited_for_no_longer_than_half_a_minute() {
    let site = Site::saying("").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST /privacy/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n").await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        edge.pass(Duration::from_secs(8)).await;
        visitor.say(".").await;
    }
    let answer = visitor.answer().await;
    assert_eq!((answer.status(), answer.field("connection").as_deref()), (408, Some("close")));
    assert!(visitor.is_closed().await);

    // Whoever sends all of it in time is answered, and another form after it has all of its own.
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..3 {
        visitor.say("POST /privacy/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        edge.pass(Duration::from_secs(20)).await;
        visitor.say("hello").await;
        assert_eq!(visitor.answer().await.text(), "hello");
    }
}

#[tokio::test]
async fn a_form_for_the_site_may_take_its_time() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nsite").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n").await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        edge.pass(Duration::from_secs(20)).await;
        visitor.say(".").await;
    }
    assert_eq!(visitor.answer().await.text(), "site");
}
