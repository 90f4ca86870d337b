//! What a connection may take, and how it ends.

use std::time::Duration;

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{OWN_ONLY, Visitor, ask, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..2 {
        visitor.say("GET / HTTP/1.1\r\nX-").await;
        edge.pass(Duration::from_secs(6)).await;
    }
    assert!(visitor.is_closed().await);
    edge.visits(0).await;

    // Nor is one that follows another request.
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.answer().await;
    edge.pass(Duration::from_secs(70)).await;
    for _ in 0..2 {
        visitor.say("GET / HTTP/1.1\r\nX-").await;
        edge.pass(Duration::from_secs(6)).await;
    }
    assert!(visitor.is_closed().await);
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_a_while() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..3 {
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "ok");
        edge.pass(Duration::from_secs(70)).await;
    }
    edge.pass(Duration::from_secs(10)).await;
    assert!(visitor.is_closed().await);
    assert_eq!((edge.counts().connections_open, edge.counts().connections_accepted), (0, 1));
}

#[tokio::test]
async fn a_body_that_stops_coming_is_not_waited_for() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf").await;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        edge.pass(Duration::from_secs(40)).await;
        visitor.say(".").await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.pass(Duration::from_secs(61)).await;
    let answer = visitor.answer().await;
    assert_eq!((answer.status(), answer.field("connection").as_deref()), (408, Some("close")));
    assert!(visitor.is_closed().await);
    assert_eq!(edge.visit().await.status, Some(408));
}

#[tokio::test]
async fn a_visitor_who_does_not_read_is_not_waited_for() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        let _ = connection.say(format!("HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n{}", "x".repeat(50_000_000))).await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.head().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    edge.pass(Duration::from_secs(61)).await;
    let visit = edge.visit().await;
    assert!(visit.status == Some(200) && visit.bytes.is_some_and(|bytes| bytes < 50_000_000), "{visit:?}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_others_to_end() {
    let plain = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n";
    let site = Site::saying(format!("{plain}ok")).await;
    let edge = Edge::with(site.address, |settings| settings.limits.connections_max = 2);
    let mut first = Visitor::of(edge.address).await;
    let mut second = Visitor::of(edge.address).await;
    for visitor in [&mut first, &mut second] {
        visitor.say(get("/", &[])).await;
        visitor.answer().await;
    }
    let mut third = Visitor::of(edge.address).await;
    third.say(get("/", &[])).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), third.head()).await.is_err());
    drop(first);
    assert_eq!(third.head().await.replacen(OWN_ONLY, "", 1), plain);
}

#[tokio::test]
async fn a_client_with_too_many_connections_is_refused_one_more_and_others_are_not() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| settings.limits.connections_of_a_client_max = 2);
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "ok");
        held.push(visitor);
    }
    for _ in 0..20 {
        assert!(Visitor::of(edge.address).await.is_closed().await);
    }
    assert_eq!((edge.counts().connections_refused, edge.counts().connections_open), (20, 2));
    let mut other = Visitor::from("127.0.0.2", edge.address).await;
    other.say(get("/", &[])).await;
    assert_eq!(other.answer().await.text(), "ok");

    held.pop();
    while edge.counts().connections_open > 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(edge.address, get("/", &[])).await.text(), "ok", "there is room again");
}

#[tokio::test]
async fn a_trusted_proxy_holds_as_many_connections_as_it_brings() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| {
        settings.limits.connections_of_a_client_max = 2;
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    });
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "ok");
        held.push(visitor);
    }
    assert_eq!(edge.counts().connections_refused, 0);
}

#[tokio::test]
async fn a_shutdown_lets_requests_end_and_closes_what_is_idle() {
    let site = Site::serving(|mut connection| async move {
        while connection.request().await.is_some() {
            tokio::time::sleep(Duration::from_millis(300)).await;
            connection.say(OK).await.expect("the edge listens");
        }
    })
    .await;
    let mut edge = Edge::before(site.address);
    let mut idle = Visitor::of(edge.address).await;
    idle.say(get("/", &[])).await;
    idle.answer().await;
    let mut silent = Visitor::of(edge.address).await;
    let mut busy = Visitor::of(edge.address).await;
    busy.say(get("/", &[])).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let running = edge.running.take().expect("it runs");
    let (address, stopped) = (edge.address, tokio::spawn(running.shutdown(Duration::from_secs(30))));
    assert!(idle.is_closed().await);
    assert!(silent.is_closed().await);
    let answer = busy.answer().await;
    assert_eq!((answer.text().as_str(), answer.field("connection").as_deref()), ("ok", Some("close")));
    tokio::time::timeout(Duration::from_secs(5), stopped).await.expect("in time").expect("no panic");
    edge.visits(2).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "somebody still listens");
}

#[tokio::test]
async fn a_shutdown_ends_what_does_not_end_by_itself_and_records_it() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.is_closed().await;
    })
    .await;
    let mut edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/endless", &[])).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.running.take().expect("it runs").shutdown(Duration::from_millis(100)).await;
    assert!(visitor.is_closed().await);
    assert_eq!(edge.visit().await.path.as_deref(), Some("/endless"));
}

#[tokio::test]
async fn several_workers_share_a_port_and_nobody_else_does() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| settings.workers = 3);
    for _ in 0..20 {
        assert_eq!(ask(edge.address, get("/", &[])).await.text(), "ok");
    }
    edge.visits(20).await;
    assert_eq!(edge.counts().requests, 20);
    let upstream = format!("http://{}", site.address).parse().expect("an upstream");
    let again = edge::bind(edge::Settings {
        listen: vec![edge.address],
        workers: 3,
        upstream: Some(upstream),
        trusted_proxies: Vec::new(),
        region_header: None,
        enforcement: edge::Enforcement::Enforce,
        origin: None,
        sign_in: Vec::new(),
        limits: edge::Limits::default(),
        tls: None,
    });
    assert_eq!(again.expect_err("the port is taken").to_string(), format!("cannot listen on {}", edge.address));
}
