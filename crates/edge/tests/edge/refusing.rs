//! Requests that could be read in two ways are not read in any.

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, field, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Sends these bytes, and then a second request that must not be taken for one.
async fn is_refused(request: &str) -> (u16, Site, Edge) {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(request).await;
    visitor.say(get("/smuggled", &[])).await;
    let answer = visitor.answer().await;
    assert!(answer.field("connection").is_some_and(|says| says == "close") || answer.body.is_empty(), "{request:?}: {}", answer.head);
    assert_eq!(visitor.rest().await, b"", "{request:?}");
    assert_eq!(site.requests(), Vec::<String>::new(), "{request:?} reached the site");
    (answer.status(), site, edge)
}

#[tokio::test]
async fn a_body_with_two_ends_is_refused() {
    for request in [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\n0\r\n\r\nX",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6, 6\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +6\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x6\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nabcdef",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 6\r\n\r\nabcdef",
    ] {
        assert_eq!(is_refused(request).await.0, 400, "{request:?}");
    }
}

#[tokio::test]
async fn no_padding_hides_where_a_body_ends() {
    for padding in [" ".repeat(40), "0".repeat(40)] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:{padding}5\r\n\r\nhello\
             POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        );
        assert_eq!(is_refused(&request).await.0, 400, "{request:?}");
    }
}

#[tokio::test]
async fn a_body_in_chunks_that_cannot_be_read_is_the_visitors_fault_and_not_the_sites() {
    for chunks in ["xyz\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n"]
    {
        let site = Site::saying(OK).await;
        let edge = Edge::before(site.address);
        let request = format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(ask(edge.address, request).await.status(), 400, "{chunks:?}");
        assert_eq!((edge.visit().await.status, edge.counts().upstream_errors), (Some(400), 0), "{chunks:?}");
    }
}

#[tokio::test]
async fn an_encoding_other_than_chunked_is_refused() {
    for request in [
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        assert_eq!(is_refused(request).await.0, 400, "{request:?}");
    }
}

#[tokio::test]
async fn a_request_is_for_exactly_one_host() {
    for request in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:port\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(is_refused(request).await.0, 400, "{request:?}");
    }
}

#[tokio::test]
async fn an_address_is_a_path_and_a_plain_one() {
    for request in [
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\x00b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\x7fb HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(is_refused(request).await.0, 400, "{request:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_too_long_is_refused() {
    let request = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(16 * 1024));
    assert_eq!(is_refused(&request).await.0, 414);
    let request = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(80 * 1024));
    assert!(matches!(is_refused(&request).await.0, 414 | 431));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_counted() {
    let (status, _site, edge) = is_refused(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(70_000))).await;
    edge.visits(0).await;
    assert_eq!((status, edge.counts().parse_errors, edge.counts().requests), (431, 1, 0));
    let (status, ..) = is_refused(&format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(200))).await;
    assert_eq!(status, 431);
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_in_words() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    for (request, status, says) in [
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(70_000)), 431, "Deleting this site's cookies may help."),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(200)), 431, "longer fields"),
        ("GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400, "cannot be read"),
    ] {
        let answer = ask(edge.address, request).await;
        assert_eq!((answer.status(), answer.field("content-type").as_deref()), (status, Some("text/plain; charset=utf-8")));
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    let site = Site::saying("HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n").await;
    let edge = Edge::before(site.address);
    assert_eq!(
        ask(edge.address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.text(),
        "",
        "the site's own words stay its own"
    );
}

#[tokio::test]
async fn a_request_that_comes_back_goes_round_once() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    ask(edge.address, get("/", &["Candor-Passed: 0123456789abcdef, <b>, Candor"])).await;
    let passed = field(&site.request(), "candor-passed").expect("it says where it has passed");
    let (before, own) = passed.split_once(", ").expect("two");
    assert_eq!((before, own.len()), ("0123456789abcdef", 16));
    // Behind another server of ours, too.
    let answer = ask(edge.address, get("/", &[&format!("Candor-Passed: {own}, fedcba9876543210")])).await;
    assert_eq!((answer.status(), site.requests().len()), (508, 1));
}

#[test]
fn the_site_is_not_this_server_itself() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    for (listen, upstream) in [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("0.0.0.0", "127.0.0.2"), ("[::]", "[::1]")] {
        let settings = edge::Settings {
            listen: vec![format!("{listen}:{}", address.port()).parse().expect("an address")],
            workers: 1,
            upstream: Some(format!("http://{upstream}:{}", address.port()).parse().expect("an upstream")),
            trusted_proxies: Vec::new(),
            region_header: None,
            enforcement: edge::Enforcement::Enforce,
            origin: None,
            sign_in: Vec::new(),
            limits: edge::Limits::default(),
            tls: None,
        };
        let error = edge::bind(settings).expect_err("it would go round in circles");
        assert!(error.to_string().contains("this server's own"), "{listen} {upstream}: {error}");
    }
}

#[tokio::test]
async fn methods_that_would_turn_us_inside_out_are_refused() {
    for method in ["TRACE", "CONNECT"] {
        let site = Site::saying(OK).await;
        let edge = Edge::before(site.address);
        let target = if method == "CONNECT" { "a:443" } else { "/" };
        let answer = ask(edge.address, format!("{method} {target} HTTP/1.1\r\nHost: a:443\r\n\r\n")).await;
        assert_eq!(answer.status(), 405);
        assert_eq!(answer.field("allow").as_deref(), Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        assert!(site.requests().is_empty());
        assert_eq!(edge.visit().await.status, Some(405));
    }
}

#[tokio::test]
async fn nothing_is_read_behind_a_chunked_request() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n").await;
    visitor.say(get("/smuggled", &[])).await;
    let answer = visitor.answer().await;
    assert_eq!((answer.status(), answer.field("connection").as_deref()), (200, Some("close")));
    assert_eq!(visitor.rest().await, b"");
    assert!(site.request().starts_with("POST / "));
}

#[tokio::test]
async fn what_is_merely_unusual_passes() {
    for request in [
        "GET http://A/x HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET //x/%2e%2e/%5c;a=b?%00 HTTP/1.1\r\nHost: a:8080\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        "BREW /pot HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    ] {
        let site = Site::saying(OK).await;
        let edge = Edge::before(site.address);
        assert_eq!(ask(edge.address, request).await.status(), 200, "{request:?}");
        site.request();
    }
}

#[tokio::test]
async fn refused_requests_are_visits_too() {
    let (_, _site, edge) = is_refused("POST /form HTTP/1.1\r\nHost: a\r\nHost: b\r\nUser-Agent: x\r\n\r\n").await;
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.path.as_deref(), visit.browser.as_deref()), (Some(400), Some("/form"), Some("x")));
}

#[tokio::test]
async fn an_answer_with_two_ends_does_not_reach_anybody() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nzip",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let site = Site::saying(answer).await;
        let edge = Edge::before(site.address);
        let got = ask(edge.address, get("/", &[])).await;
        assert_eq!(got.status(), 502, "{answer}");
        assert_eq!((edge.visit().await.status, edge.counts().upstream_errors), (Some(502), 1));
    }
}
