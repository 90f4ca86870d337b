//! Whatever the site says reaches the visitor as the site said it, and the other way round.



use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, get};

const PAGE: &str = "HTTP/1.1 200 OK\r\nserver: site\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nx-twice: a\r\nx-twice: b\r\n\r\nhello";

#[tokio::test]
async fn an_answer_passes_byte_for_byte() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::before(site.address);
    let answer = ask(edge.address, get("/a%2e/../b?c=d&e", &["User-Agent: test", "Accept: */*"])).await;
    assert_eq!(format!("{}{}", answer.head, answer.text()), PAGE);
    assert_eq!(
        site.request(),
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
