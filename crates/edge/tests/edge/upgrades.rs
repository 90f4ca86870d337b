//! Connections that change to another protocol.

use std::time::Duration;

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, get};

const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: abc\r\n\r\n";
const WEBSOCKET: [&str; 3] = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: def"];

/// A site that switches and then says everything twice.
async fn echo() -> Site {
    Site::serving(|mut connection| async move {
        let head = connection.head().await.expect("a request");
        assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
        connection.say(format!("{SWITCHED}hello")).await.expect("the edge listens");
        while let Some(said) = connection.bytes(2).await {
            connection.say(format!("{said}{said}")).await.expect("the edge listens");
        }
    })
    .await
}

#[tokio::test]
async fn a_web_socket_carries_bytes_both_ways_and_is_one_visit() {
    let site = echo().await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/socket", &WEBSOCKET)).await;
    let head = visitor.head().await;
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n") && head.contains("sec-websocket-accept: abc\r\n"), "{head}");
    assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
    assert_eq!(visitor.bytes(5).await, b"hello");
    for said in ["ab", "cd"] {
        visitor.say(said).await;
        assert_eq!(visitor.bytes(4).await, said.repeat(2).as_bytes());
    }
    edge.visits(0).await;
    drop(visitor);
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.bytes, visit.path.as_deref()), (Some(101), Some(13), Some("/socket")));
    assert_eq!((edge.counts().upgrades, edge.counts().connections_open), (1, 0));
}

#[tokio::test]
async fn a_site_that_declines_answers_as_ever() {
    let site = Site::saying("HTTP/1.1 426 Upgrade Required\r\nupgrade: other\r\ncontent-length: 2\r\n\r\nno").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..2 {
        visitor.say(get("/socket", &WEBSOCKET)).await;
        let answer = visitor.answer().await;
        assert_eq!((answer.status(), answer.text().as_str()), (426, "no"));
    }
    edge.visits(2).await;
}

#[tokio::test]
async fn nobody_talks_past_us_in_http() {
    for fields in [
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAA"].as_slice(),
        &["Connection: Upgrade", "Upgrade: websocket, h2c"],
        &["Connection: Upgrade", "Upgrade: TLS/1.0"],
        &["Connection: Upgrade", "Upgrade: HTTP/2.0"],
        &["Upgrade: websocket"],
    ] {
        let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let edge = Edge::before(site.address);
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", fields)).await;
        assert_eq!(visitor.answer().await.text(), "ok");
        let request = site.request().to_lowercase();
        assert!(!request.contains("upgrade") && !request.contains("http2-settings"), "{request}");
    }
}

#[tokio::test]
async fn a_tunnel_in_which_nothing_moves_is_closed() {
    let site = echo().await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/socket", &WEBSOCKET)).await;
    visitor.head().await;
    visitor.bytes(5).await;
    for _ in 0..3 {
        edge.pass(Duration::from_secs(500)).await;
        visitor.say("ab").await;
        visitor.bytes(4).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    edge.pass(Duration::from_secs(601)).await;
    assert!(visitor.is_closed().await);
    edge.visit().await;
}
