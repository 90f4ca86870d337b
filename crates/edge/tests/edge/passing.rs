//! Whatever the site says reaches the visitor as the site said it, and the other way round.

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{OWN_ONLY, Visitor, ask, get};

const PAGE: &str =
    "HTTP/1.1 200 OK\r\nserver: site\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nx-twice: a\r\nx-twice: b\r\n\r\nhello";

#[tokio::test]
async fn an_answer_passes_byte_for_byte() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/a%2e/../b?c=d&e", &["User-Agent: test", "Accept: */*"])).await;
    assert_eq!(answer.as_sent(), PAGE);
    let request: String = site.request().split_inclusive("\r\n").filter(|line| !line.starts_with("candor-passed: ")).collect();
    assert_eq!(
        request,
        "GET /a%2e/../b?c=d&e HTTP/1.1\r\nhost: books.example\r\nuser-agent: test\r\naccept: */*\r\nx-forwarded-for: 127.0.0.1\r\n\
         x-forwarded-proto: http\r\nx-forwarded-host: books.example\r\ncandor-purposes: operate\r\n\r\n"
    );
    let visit = edge.visit().await;
    assert_eq!((visit.status, visit.bytes, visit.path.as_deref()), (Some(200), Some(5), Some("/a%2e/../b")));
    assert_eq!((visit.browser.as_deref(), visit.ip.as_deref(), visit.purposes.as_str()), (Some("test"), Some("127.0.0.1"), "operate"));
}

#[tokio::test]
async fn one_connection_carries_many_requests_to_the_site_over_one_connection() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..20 {
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "hello");
    }
    assert_eq!((site.connections(), site.requests().len()), (1, 20));
    edge.visits(20).await;
}

#[tokio::test]
async fn requests_sent_all_at_once_are_answered_in_order() {
    let site = Site::answering(|request| {
        let path = request.split(' ').nth(1).expect("a path").to_owned();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{path}", path.len()).into_bytes()
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say((0..10).map(|number| get(&format!("/{number}"), &[])).collect::<String>()).await;
    for number in 0..10 {
        assert_eq!(visitor.answer().await.text(), format!("/{number}"));
    }
    edge.visits(10).await;
}

/// What the site answered and what the visitor got, as one text, must be the same.
async fn passes_untouched(request: &str, answer: &str) {
    let site = Site::saying(answer).await;
    let edge = Edge::before(site.address);
    let got = ask(edge.address, request).await;
    assert_eq!(got.as_sent(), answer);
    edge.visit().await;
}

#[tokio::test]
async fn a_head_request_gets_the_length_and_no_body() {
    let mut answered = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4711\r\n\r\n";
    let site = Site::saying(answered).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..2 {
        visitor.say("HEAD / HTTP/1.1\r\nHost: books.example\r\n\r\n").await;
        assert_eq!(visitor.head().await.replacen(OWN_ONLY, "", 1), answered);
    }
    assert_eq!(site.connections(), 1);
    assert_eq!(edge.visits(2).await[0].bytes, Some(0));
    // One whose length nobody knows says so by saying nothing.
    answered = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("HEAD / HTTP/1.1\r\nHost: books.example\r\n\r\n").await;
    assert_eq!(visitor.head().await.replacen(OWN_ONLY, "", 1), answered);
}

#[tokio::test]
async fn answers_without_a_body_keep_what_their_heads_say() {
    passes_untouched(&get("/", &["If-None-Match: \"a\""]), "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\ncontent-length: 4711\r\n\r\n")
        .await;
    passes_untouched(&get("/", &[]), "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n").await;
    passes_untouched(&get("/", &[]), "HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n").await;
    passes_untouched(&get("/", &[]), "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: b\r\ncontent-length: 0\r\n\r\n").await;
}

#[tokio::test]
async fn ranges_encodings_and_unusual_answers_are_not_touched() {
    let request = get("/", &["Range: bytes=0-3", "Accept-Encoding: gzip, br"]);
    let ranged = "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-3/10\r\ncontent-length: 4\r\ncontent-type: image/png\r\naccept-ranges: bytes\r\n\r\nabcd";
    passes_untouched(&request, ranged).await;
    passes_untouched(
        &request,
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-type: text/css\r\nvary: accept-encoding\r\ncontent-length: 3\r\n\r\nzip",
    )
    .await;
    passes_untouched(&request, "HTTP/1.1 418 I'm a teapot\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\ntea").await;
    passes_untouched(&request, "HTTP/1.1 299 Why Not\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n").await;
    passes_untouched(
        &request,
        "HTTP/1.1 302 Found\r\nlocation: /there?x=y\r\nset-cookie: a=b\r\nset-cookie: c=d\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn a_chunked_answer_stays_chunked_and_one_that_ends_with_its_connection_becomes_so() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..3 {
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "abcde");
    }
    assert_eq!(site.connections(), 1);

    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection
            .say("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nuntil the end")
            .await
            .expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/", &[])).await;
    assert_eq!((answer.field("transfer-encoding").as_deref(), answer.text().as_str()), (Some("chunked"), "until the end"));
    assert_eq!(edge.visit().await.bytes, Some(13));
}

#[tokio::test]
async fn somebody_who_speaks_http_1_0_is_answered_in_it() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("GET / HTTP/1.0\r\n\r\n").await;
    let answer = String::from_utf8_lossy(&visitor.rest().await).replacen(OWN_ONLY, "", 1);
    assert_eq!(answer, "HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nabc");
    assert!(site.request().contains(&format!("host: {}\r\n", site.address)), "{}", site.request());
}

#[tokio::test]
async fn a_site_that_speaks_http_1_0_is_answered_for_in_1_1() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.say("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\nabc").await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/", &[])).await;
    assert_eq!(answer.as_sent(), "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\nabc");
}

#[tokio::test]
async fn bodies_stream_both_ways_at_the_same_time() {
    let site = Site::serving(|mut connection| async move {
        connection.head().await;
        connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.expect("the edge listens");
        for _ in 0..3 {
            let piece = connection.bytes("5\r\nhello\r\n".len()).await.expect("a piece");
            connection.say(piece).await.expect("the edge listens");
        }
        connection.say("0\r\n\r\n").await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST / HTTP/1.1\r\nHost: books.example\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    visitor.head().await;
    for _ in 0..3 {
        visitor.say("5\r\nhello\r\n").await;
        assert_eq!(visitor.bytes("5\r\nhello\r\n".len()).await, b"5\r\nhello\r\n");
    }
    visitor.say("0\r\n\r\n").await;
    assert_eq!(visitor.rest().await, b"0\r\n\r\n");
}

#[tokio::test]
async fn large_bodies_arrive_whole() {
    let site = Site::answering(|request| {
        let body = request.split_once("\r\n\r\n").expect("a body").1;
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    })
    .await;
    let edge = Edge::before(site.address);
    let body: String = (0..400_000).map(|number| format!("{number:08}")).collect();
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..2 {
        visitor.say(format!("POST / HTTP/1.1\r\nHost: books.example\r\nContent-Length: {}\r\n\r\n{body}", body.len())).await;
        assert!(visitor.answer().await.text() == body, "the body came back changed");
    }
    assert_eq!(site.connections(), 1);
    assert_eq!(edge.visits(2).await[1].bytes, Some(body.len() as u64));
}

#[tokio::test]
async fn trailers_pass_both_ways_where_they_are_announced() {
    let site =
        Site::saying("HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n").await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor
        .say(
            "POST / HTTP/1.1\r\nHost: books.example\r\nTE: gzip, trailers\r\nTrailer: x-check, candor-visitor, cookie\r\nTransfer-Encoding: chunked\r\n\r\n\
             2\r\nhi\r\n0\r\nx-check: 1\r\ncandor-visitor: me\r\ncookie: candor=me\r\n\r\n",
        )
        .await;
    let answer = String::from_utf8(visitor.rest().await).expect("text");
    assert!(answer.contains("trailer: x-sum\r\n"), "{answer}");
    assert!(answer.ends_with("3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n"), "{answer}");
    let request = site.request();
    assert!(request.contains("te: trailers\r\n") && request.contains("connection: te\r\n"), "{request}");
    assert!(request.ends_with("2\r\nhi\r\n0\r\nx-check: 1\r\n\r\n"), "{request}");
}

#[tokio::test]
async fn a_body_is_asked_for_only_when_the_site_wants_it() {
    let site = Site::serving(|mut connection| async move {
        let head = connection.head().await.expect("a head");
        assert!(head.contains("expect: 100-continue\r\n"), "{head}");
        assert!(tokio::time::timeout(std::time::Duration::from_millis(200), connection.bytes(1)).await.is_err(), "the body came unasked");
        connection.say("HTTP/1.1 100 Continue\r\n\r\n").await.expect("the edge listens");
        assert_eq!(connection.bytes(4).await.as_deref(), Some("body"));
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("PUT / HTTP/1.1\r\nHost: books.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    assert_eq!(visitor.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    visitor.say("body").await;
    assert_eq!(visitor.answer().await.text(), "ok");
    assert_eq!(edge.visit().await.status, Some(200));
}

#[tokio::test]
async fn a_body_that_the_site_does_not_want_is_never_asked_for() {
    let site = Site::saying("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig").await;
    let site_without_body = Site::serving(|mut connection| async move {
        connection.head().await;
        connection.say("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig").await.expect("the edge listens");
        assert!(connection.is_closed().await, "the body came although nobody wanted it");
    })
    .await;
    drop(site);
    let edge = Edge::before(site_without_body.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("PUT / HTTP/1.1\r\nHost: books.example\r\nExpect: 100-continue\r\nContent-Length: 400000\r\n\r\n").await;
    let answer = visitor.answer().await;
    assert_eq!((answer.status(), answer.text().as_str()), (413, "big"));
    assert_eq!(answer.field("connection").as_deref(), Some("close"));
    assert!(visitor.is_closed().await);
    assert_eq!(edge.visit().await.status, Some(413));
}

#[tokio::test]
async fn a_site_that_knows_nothing_of_expectations_gets_the_body_after_a_moment() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let edge = Edge::with(site.address, |settings| settings.limits.expect_continue = std::time::Duration::from_millis(50));
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("PUT / HTTP/1.1\r\nHost: books.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").await;
    assert_eq!(visitor.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    visitor.say("body").await;
    assert_eq!(visitor.answer().await.text(), "ok");
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_is_read_reaches_a_visitor_who_still_sends() {
    let site = Site::serving(|mut connection| async move {
        connection.head().await;
        connection.say("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno").await.expect("the edge listens");
    })
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say("POST / HTTP/1.1\r\nHost: books.example\r\nContent-Length: 3000000\r\n\r\n").await;
    let answer = visitor.answer().await;
    assert_eq!((answer.status(), answer.text().as_str()), (403, "no"));
    // What is still on its way does not reset the connection before the answer is read.
    visitor.say(vec![b'x'; 1_000_000]).await;
}

#[tokio::test]
async fn what_comes_before_the_answer_is_not_mistaken_for_it() {
    let site = Site::saying(
        "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..2 {
        visitor.say(get("/", &[])).await;
        let answer = visitor.answer().await;
        assert_eq!(answer.as_sent(), "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok");
    }
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn what_belongs_to_one_connection_stays_on_it() {
    let site = Site::saying(
        "HTTP/1.1 200 OK\r\nconnection: x-internal, keep-alive\r\nkeep-alive: timeout=5\r\nx-internal: secret\r\nproxy-authenticate: Basic\r\n\
         x-kept: 1\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let edge = Edge::before(site.address);
    let fields = [
        "Connection: keep-alive, X-Mine, Host, Candor-Purposes, X-Forwarded-For",
        "Keep-Alive: 300",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic abc",
        "TE: gzip",
        "X-Mine: 1",
        "X-Kept: 1",
        "Authorization: Bearer abc",
    ];
    let answer = ask(edge.address, get("/", &fields)).await;
    assert_eq!(answer.as_sent(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-kept: 1\r\ncontent-type: text/plain\r\n\r\nok");
    let request = site.request();
    assert!(
        request.contains("host: books.example\r\n")
            && request.contains("x-kept: 1\r\n")
            && request.contains("authorization: Bearer abc\r\n")
    );
    assert!(request.contains("candor-purposes: operate\r\n") && request.contains("x-forwarded-for: 127.0.0.1\r\n"), "{request}");
    for gone in ["keep-alive", "proxy-connection", "proxy-authorization", "te:", "x-mine", "connection:"] {
        assert!(!request.to_lowercase().contains(gone), "{gone} in {request}");
    }
}
