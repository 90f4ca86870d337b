//! One visit for each request, however it ends.

use std::time::Duration;

use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, get};
use crate::common::{Edge, NOW, RULES, Seen, policy_of};

#[tokio::test]
async fn a_visit_says_what_the_policy_says_it_says() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let edge = Edge::before(site.address);
    let fields = ["User-Agent: Lynx", "Referer: https://a.example/?q=1"];
    ask(edge.address, get("/books?author=me", &fields)).await;
    let visit = edge.visit().await;
    let expected = Seen {
        time: NOW.parse().expect("a time"),
        method: Some("GET".to_owned()),
        status: Some(200),
        bytes: Some(2),
        duration_us: Some(0),
        ip: Some("127.0.0.1".to_owned()),
        browser: Some("Lynx".to_owned()),
        referrer: Some("https://a.example/".to_owned()),
        path: Some("/books".to_owned()),
        visitor: None,
        account: None,
        purposes: "operate".to_owned(),
    };
    assert_eq!(visit, expected);
}

#[tokio::test]
async fn what_the_policy_does_not_declare_is_not_kept() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let edge = Edge::before(site.address);
    let fewer = RULES.replace(
        r#""ip", "browser", "referrer", "time", "method", "path", "status", "bytes", "duration", "visitor""#,
        r#""time", "path", "visitor""#,
    );
    edge.policy.store(std::sync::Arc::new(policy_of(&fewer)));
    ask(edge.address, get("/books", &["User-Agent: Lynx", "Referer: https://a.example/"])).await;
    let expected =
        Seen { time: NOW.parse().expect("a time"), path: Some("/books".to_owned()), purposes: "operate".to_owned(), ..Seen::default() };
    assert_eq!(edge.visit().await, expected);
}

#[tokio::test]
async fn a_visit_lasts_from_its_head_to_its_last_byte() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab").await.expect("the edge listens");
        tokio::time::sleep(Duration::from_millis(100)).await;
        connection.say("cd").await.expect("the edge listens");
        connection.request().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.head().await;
    edge.clock.advance(Duration::from_secs(3));
    visitor.bytes(4).await;
    let visit = edge.visit().await;
    assert_eq!((visit.duration_us, visit.bytes), (Some(3_000_000), Some(4)));
    assert_eq!(visit.time, NOW.parse().expect("a time"));
}

#[tokio::test]
async fn a_visitor_who_leaves_before_the_answer_was_here() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        assert!(connection.is_closed().await, "the site goes on working for nobody");
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/slow", &[])).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(visitor);
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.bytes, visit.path.as_deref()), (None, Some(0), Some("/slow")));
    assert_eq!(edge.counts().answers, [1, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_visitor_who_leaves_in_the_middle_of_the_answer_was_here() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello").await.expect("the edge listens");
        assert!(connection.is_closed().await, "the site goes on working for nobody");
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.head().await;
    visitor.bytes(5).await;
    drop(visitor);
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.bytes), (Some(200), Some(5)));
}

#[tokio::test]
async fn an_answer_that_the_site_cuts_off_is_cut_off_and_recorded() {
    for head in
        ["HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"]
    {
        let site = Site::serving(move |mut connection| async move {
            connection.request().await;
            connection.say(head).await.expect("the edge listens");
        })
        .await;
        let edge = Edge::before(site.address);
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", &[])).await;
        visitor.head().await;
        let rest = String::from_utf8(visitor.rest().await).expect("text");
        assert!(rest.contains("hello") && !rest.ends_with("0\r\n\r\n"), "a cut-off answer looks whole: {rest:?}");
        let visit = edge.visit().await;
        assert_eq!((visit.status, visit.bytes), (Some(200), Some(5)));
    }
}

#[tokio::test]
async fn a_visitor_who_leaves_in_the_middle_of_the_request_was_here() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(visitor);
    assert_eq!(edge.visit().await.path.as_deref(), Some("/form"));
}

#[tokio::test]
async fn bytes_that_are_no_request_are_counted_and_not_recorded() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, "what is this\r\n\r\n").await;
    assert_eq!(answer.status(), 400);
    edge.visits(0).await;
    let counts = edge.counts();
    assert_eq!((counts.parse_errors, counts.requests, counts.connections_accepted), (1, 0, 1));
}
