//! Pages in caches: one that was made under other choices is never shown again.

use domain::Answer::{No, Yes};

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Answer, ask, field, get};

const NAVIGATION: &str = "Sec-Fetch-Dest: document";
const HTML: &str = "<body><iframe src=https://maps.example/embed/1></iframe></body>";

/// A site that knows its page by the tag `"x"`, and says so.
async fn site() -> Site {
    Site::answering(|request| {
        let asked = field(request, "if-none-match");
        if asked.is_some_and(|tags| tags.split(", ").any(|tag| tag == "\"x\"")) {
            return b"HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\ncache-control: max-age=600\r\nlast-modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n\r\n".to_vec();
        }
        let length = if request.starts_with("HEAD") { String::new() } else { HTML.to_owned() };
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\netag: \"x\"\r\nlast-modified: Sun, 01 Mar 2026 00:00:00 GMT\r\naccept-ranges: bytes\r\n\
             digest: sha-256=abc\r\ncontent-md5: abc\r\ncache-control: public, max-age=600\r\ncontent-length: {}\r\n\r\n{length}",
            HTML.len()
        )
        .into_bytes()
    })
    .await
}

async fn open(edge: &Edge, fields: &[&str]) -> Answer {
    ask(edge.address, get("/", &[&[NAVIGATION], fields].concat())).await
}

#[tokio::test]
async fn a_page_is_asked_for_again_each_time_and_known_by_what_it_was_made_under() {
    let site = site().await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", Yes)]);
    let first = open(&edge, &[&cookie]).await;
    assert_eq!((first.status(), first.text()), (200, HTML.to_owned()));
    assert_eq!(first.field("cache-control").as_deref(), Some("private, no-cache"));
    for gone in ["last-modified", "accept-ranges"] {
        assert_eq!(first.field(gone), None, "{gone}");
    }
    let tag = first.field("etag").expect("a tag");
    let second = open(&edge, &[&cookie, &format!("If-None-Match: {tag}")]).await;
    assert_eq!((second.status(), second.field("etag")), (304, Some(tag)));
    assert_eq!(second.field("cache-control").as_deref(), Some("private, no-cache"));
    assert_eq!(second.field("last-modified"), None);
}

#[tokio::test]
async fn who_takes_a_yes_back_gets_the_page_without_it() {
    let site = site().await;
    let edge = Edge::with_trackers(site.address);
    let tag = open(&edge, &[&edge.choice(&[("ads", No), ("maps", Yes)])]).await.field("etag").expect("a tag");
    let cookie = edge.choice(&[("ads", No), ("maps", No)]);
    for condition in
        [format!("If-None-Match: {tag}"), format!("If-None-Match: \"x\", {tag}"), "If-None-Match: \"x\"".into(), "If-None-Match: *".into()]
    {
        let after = open(&edge, &[&cookie, &condition, "If-Modified-Since: Sun, 01 Mar 2026 00:00:00 GMT"]).await;
        assert_eq!(after.status(), 200, "{condition}");
        assert!(!after.text().contains("maps.example"), "{}", after.text());
        let told = site.requests().pop().expect("a request");
        assert_eq!((field(&told, "if-none-match"), field(&told, "if-modified-since")), (None, None));
        assert_ne!(after.field("etag"), Some(tag.clone()));
    }
}

#[tokio::test]
async fn nothing_is_said_of_bytes_that_are_others() {
    let site = site().await;
    let edge = Edge::with_trackers(site.address);
    let answer = open(&edge, &[&edge.choice(&[("ads", No), ("maps", No)])]).await;
    assert!(!answer.text().contains("maps.example"));
    assert_eq!((answer.field("digest"), answer.field("content-md5")), (None, None));
    assert_eq!(answer.field("content-length"), Some(answer.body.len().to_string()));
}

#[tokio::test]
async fn a_head_says_what_the_page_would() {
    let site = site().await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", No)]);
    let page = open(&edge, &[&cookie]).await;
    let mut visitor = crate::common::visitor::Visitor::of(edge.address).await;
    visitor.say(get("/", &[NAVIGATION, &cookie]).replacen("GET", "HEAD", 1)).await;
    let head = visitor.head().await;
    for name in ["etag", "cache-control", "last-modified", "digest", "accept-ranges", "content-type"] {
        assert_eq!(field(&head, name), page.field(name), "{name}");
    }
    assert_eq!(field(&head, "content-length"), None);
}

#[tokio::test]
async fn what_changes_the_page_itself_is_asked_under_the_sites_own_tag() {
    let site = site().await;
    let edge = Edge::with_trackers(site.address);
    let tag = open(&edge, &[]).await.field("etag").expect("a tag");
    let put = format!("PUT / HTTP/1.1\r\nHost: books.example\r\nIf-Match: {tag}\r\nContent-Length: 0\r\n\r\n");
    ask(edge.address, put).await;
    assert_eq!(field(&site.requests().pop().expect("a request"), "if-match").as_deref(), Some("\"x\""));
}

#[tokio::test]
async fn a_part_of_a_page_is_never_sent() {
    let part = "HTTP/1.1 206 Partial Content\r\ncontent-type: text/html\r\ncontent-range: bytes 0-4/64\r\ncontent-length: 5\r\n\r\n<body";
    let site = Site::answering(move |request| match field(request, "range") {
        Some(_) => part.as_bytes().to_vec(),
        None => format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{HTML}", HTML.len()).into_bytes(),
    })
    .await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", No)]);
    for kind in [NAVIGATION, "Sec-Fetch-Dest: iframe", "Sec-Fetch-Dest: empty", "Accept: */*"] {
        let answer = ask(edge.address, get("/", &[kind, &cookie, "Range: bytes=0-4"])).await;
        assert_eq!(answer.status(), 200, "{kind}");
        assert!(!answer.text().contains("maps.example"), "{}", answer.text());
    }
    let stubborn = Site::saying(part).await;
    let edge = Edge::with_trackers(stubborn.address);
    assert_eq!(ask(edge.address, get("/", &["Range: bytes=0-4"])).await.status(), 502);
}

#[tokio::test]
async fn parts_of_other_things_are_sent_as_ever() {
    let site = Site::answering(|request| {
        let range = field(request, "range").expect("a range");
        format!("HTTP/1.1 206 Partial Content\r\ncontent-type: video/mp4\r\ncontent-range: {range}/9\r\ncontent-length: 2\r\n\r\nab")
            .into_bytes()
    })
    .await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/a.mp4", &["Sec-Fetch-Dest: video", "Range: bytes=0-1", "If-Range: \"v\""])).await;
    assert_eq!((answer.status(), answer.text()), (206, "ab".to_owned()));
    assert_eq!(field(&site.request(), "if-range").as_deref(), Some("\"v\""));
}

#[tokio::test]
async fn other_files_keep_their_conditions() {
    let site = Site::saying("HTTP/1.1 304 Not Modified\r\netag: \"s\"\r\ncache-control: max-age=60\r\n\r\n").await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/a.css", &["Sec-Fetch-Dest: style", "If-None-Match: W/\"s\"", "If-Modified-Since: Sun"])).await;
    assert_eq!(
        (answer.status(), answer.field("etag"), answer.field("cache-control")),
        (304, Some("\"s\"".into()), Some("max-age=60".into()))
    );
    let told = site.request();
    assert_eq!((field(&told, "if-none-match").as_deref(), field(&told, "if-modified-since").as_deref()), (Some("W/\"s\""), Some("Sun")));
}
