//! What visitors see when the site does not answer, and what is tried before they do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_site_that_is_not_there_is_said_to_be_so_without_inner_workings() {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let edge = Edge::before(nowhere);
    let answer = ask(edge.address, get("/", &[])).await;
    assert_eq!((answer.status(), answer.field("retry-after").as_deref()), (502, Some("5")));
    assert_eq!(answer.field("content-type").as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(answer.field("date").as_deref(), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
    let page = answer.text();
    assert!(page.contains("The site does not answer") && !page.contains("127.0.0.1") && !page.contains("refused"), "{page}");
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.bytes), (Some(502), Some(page.len() as u64)));
    assert_eq!(edge.counts().upstream_errors, 1);
}

#[tokio::test]
async fn without_a_site_only_our_own_pages_answer() {
    let edge = Edge::with(SocketAddr::from(([127, 0, 0, 1], 1)), |settings| settings.upstream = None);
    assert_eq!(ask(edge.address, get("/", &[])).await.status(), 503);
    assert_eq!(ask(edge.address, get("/privacy", &[])).await.status(), 200);
}

#[tokio::test]
async fn a_site_that_never_answers_times_out() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.is_closed().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.pass(Duration::from_secs(59)).await;
    edge.visits(0).await;
    edge.pass(Duration::from_secs(2)).await;
    assert_eq!(visitor.answer().await.status(), 504);
    assert_eq!(edge.visit().await.status, Some(504));
    // The connection goes on.
    visitor.say(get("/privacy", &[])).await;
    assert_eq!(visitor.answer().await.status(), 200);
}

#[tokio::test]
async fn an_answer_that_stalls_is_cut_off() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello").await.expect("the edge listens");
        connection.is_closed().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.head().await;
    visitor.bytes(5).await;
    edge.pass(Duration::from_secs(61)).await;
    assert!(visitor.is_closed().await);
    assert_eq!(edge.visit().await.bytes, Some(5));
}

/// A site that answers the first request of each connection and then, at the second, closes it without a word, once.
async fn forgetful(closes_max: usize) -> Site {
    let closes = Arc::new(AtomicUsize::new(0));
    Site::serving(move |mut connection| {
        let closes = closes.clone();
        async move {
            let mut first = true;
            while connection.request().await.is_some() {
                if !std::mem::take(&mut first) && closes.fetch_add(1, Ordering::Relaxed) < closes_max {
                    return;
                }
                connection.say(OK).await.expect("the edge listens");
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_question_that_a_used_connection_swallowed_is_asked_again() {
    let site = forgetful(usize::MAX).await;
    let edge = Edge::before(site.address);
    for _ in 0..3 {
        assert_eq!(ask(edge.address, get("/a?b", &["Cookie: a=1", "X-Empty:"])).await.text(), "ok");
    }
    let requests = site.requests();
    assert_eq!((requests.len(), site.connections()), (5, 3));
    assert!(requests.iter().all(|request| *request == requests[0]), "{requests:#?}");
    edge.visits(3).await;
}

#[tokio::test]
async fn an_order_is_never_given_twice() {
    let site = forgetful(1).await;
    let edge = Edge::before(site.address);
    let order = "POST /order HTTP/1.1\r\nHost: books.example\r\nContent-Length: 1\r\n\r\n1";
    assert_eq!(ask(edge.address, order).await.status(), 200);
    assert_eq!(ask(edge.address, order).await.status(), 502);
    assert_eq!(site.requests().len(), 2);
    let bodyless = "DELETE /order HTTP/1.1\r\nHost: books.example\r\n\r\n";
    assert_eq!(ask(edge.address, bodyless).await.status(), 200);
}

#[tokio::test]
async fn a_fresh_connection_that_says_nothing_is_not_tried_again() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
    })
    .await;
    let edge = Edge::before(site.address);
    assert_eq!(ask(edge.address, get("/", &[])).await.status(), 502);
    assert_eq!(site.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_began_is_not_asked_for_again() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say(OK).await.expect("the edge listens");
        connection.request().await;
        connection.say("HTTP/1.1 200 O").await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    assert_eq!(ask(edge.address, get("/", &[])).await.status(), 200);
    assert_eq!(ask(edge.address, get("/", &[])).await.status(), 502);
    assert_eq!(site.requests().len(), 2);
}

#[tokio::test]
async fn a_connection_that_the_site_closed_meanwhile_is_not_used_for_an_order() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say(OK).await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    for _ in 0..5 {
        let order = "POST /order HTTP/1.1\r\nHost: books.example\r\nContent-Length: 1\r\n\r\n1";
        assert_eq!(ask(edge.address, order).await.status(), 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(site.connections(), 5);
}

#[tokio::test]
async fn an_unused_connection_to_the_site_is_closed_after_a_while() {
    let (closed, mut told) = tokio::sync::mpsc::unbounded_channel();
    let site = Site::serving(move |mut connection| {
        let closed = closed.clone();
        async move {
            connection.request().await;
            connection.say(OK).await.expect("the edge listens");
            assert!(connection.is_closed().await);
            closed.send(()).expect("the test listens");
        }
    })
    .await;
    let edge = Edge::before(site.address);
    ask(edge.address, get("/", &[])).await;
    edge.pass(Duration::from_secs(31)).await;
    tokio::time::timeout(Duration::from_secs(5), told.recv()).await.expect("it is closed");
}
