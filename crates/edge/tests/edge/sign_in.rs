//! Paths that need an account.

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{ask, field, get};

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\npage";
const NAVIGATION: &str = "Sec-Fetch-Dest: document";

async fn before(site: &Site) -> Edge {
    Edge::with_members(site.address, |settings| settings.sign_in = vec!["/members".parse().expect("a path")])
}

#[tokio::test]
async fn whoever_opens_a_members_page_signs_in_first_and_comes_back() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let answer = ask(edge.address, get("/members/list?a=1&b=ü", &[NAVIGATION])).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.field("location").as_deref(), Some("/account/sign-in?return=%2Fmembers%2Flist%3Fa%3D1%26b%3D%C3%BC"));
    assert_eq!(answer.field("cache-control").as_deref(), Some("no-store"));
    let old_browser = ask(edge.address, get("/members", &["Accept: text/html"])).await;
    assert_eq!(old_browser.status(), 303);
    let head = ask(edge.address, format!("HEAD /members HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{NAVIGATION}\r\n\r\n")).await;
    assert_eq!(head.status(), 303);
    assert!(site.requests().is_empty());
    let visits = edge.visits(3).await;
    assert_eq!((visits[0].status, visits[0].path.as_deref()), (Some(303), Some("/members/list")));
    assert_eq!(edge.counts().sign_ins_asked, 3);
}

#[tokio::test]
async fn a_program_is_told_that_it_is_not_signed_in() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    for request in [
        get("/members/data", &["Sec-Fetch-Dest: empty"]),
        get("/members", &["Accept: */*"]),
        format!("POST /members HTTP/1.1\r\nHost: a\r\n{NAVIGATION}\r\nContent-Length: 2\r\n\r\nhi"),
        "GET http://books.example/members HTTP/1.1\r\nHost: books.example\r\n\r\n".to_owned(),
    ] {
        let answer = ask(edge.address, &request).await;
        assert_eq!((answer.status(), answer.field("content-type").as_deref()), (401, Some("application/problem+json")), "{request}");
        assert_eq!(answer.field("www-authenticate").as_deref(), Some("Cookie form-action=\"/account/sign-in\""));
        assert!(answer.text().contains(r#""status":401"#));
    }
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn members_pass_and_the_rest_of_the_site_is_everybodys() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    assert_eq!(ask(edge.address, get("/members/list", &[&cookie, NAVIGATION])).await.status(), 200);
    for path in ["/", "/membership", "/about/members", "/privacy"] {
        assert_eq!(ask(edge.address, get(path, &[NAVIGATION])).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn no_spelling_of_the_path_reaches_the_site() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    for path in [
        "//members",
        "/%6dembers",
        "/%256dembers",
        "/x/../members",
        "/x/%2e%2e/members",
        "/MEMBERS",
        "/members%2fx",
        "/members;x",
        "/;/members",
        "/./members",
    ] {
        assert_eq!(ask(edge.address, get(path, &[NAVIGATION])).await.status(), 303, "{path}");
    }
    assert!(site.requests().is_empty(), "{:#?}", site.requests());
}

#[tokio::test]
async fn no_second_path_goes_beside_the_first() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    ask(edge.address, get("/", &["X-Original-URL: /members", "X-Rewrite-Url: /members", "x_original_url: /members"])).await;
    let request = site.request();
    assert!(!request.contains("/members"), "{request}");
    assert_eq!(field(&request, "candor-account"), None);
}

#[tokio::test]
async fn a_forged_or_ended_ticket_opens_nothing() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    let forged = cookie.replace(&cookie[30..34], "AAAA");
    assert_eq!(ask(edge.address, get("/members", &[&forged, NAVIGATION])).await.status(), 303);
    edge.pass(std::time::Duration::from_secs(11 * 60)).await;
    edge.sessions.end(domain::SessionId([0x11; 16]));
    assert_eq!(ask(edge.address, get("/members", &[&cookie, NAVIGATION])).await.status(), 303);
    assert!(site.requests().is_empty());
}
