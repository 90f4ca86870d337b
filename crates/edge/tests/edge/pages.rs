//! Pages of the site's, as visitors get them: asked about what is open, and without what is not permitted.

use domain::Answer::{No, Yes};
use edge::Enforcement;

use crate::common::Edge;
use crate::common::inserts::{BANNER, STYLE};
use crate::common::site::Site;
use crate::common::visitor::{Answer, ask, get};

const NAVIGATION: &str = "Sec-Fetch-Dest: document";

fn page(html: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\netag: \"x\"\r\ncontent-length: {}\r\n\r\n{html}", html.len())
        .into_bytes()
}

/// The page that somebody gets who answered everything with no.
async fn refused(html: &str) -> Answer {
    let site = Site::saying(page(html)).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", No), ("news", No), ("return-visits", No)]);
    ask(edge.address, get("/shelf/page", &[NAVIGATION, &cookie])).await
}

async fn permitted(html: &str) -> Answer {
    let site = Site::saying(page(html)).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", Yes), ("maps", Yes)]);
    ask(edge.address, get("/shelf/page", &[NAVIGATION, &cookie])).await
}

#[tokio::test]
async fn who_was_not_asked_yet_is_asked_at_the_start_of_the_page() {
    let site = Site::saying(page("<!doctype html><html><head><title>Books</title></head><body class=a><p>Hello</p></body></html>")).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(
        answer.text(),
        format!("<!doctype html><html><head><title>Books</title></head><body class=a>{STYLE}{BANNER}<p>Hello</p></body></html>")
    );
    assert_eq!(answer.field("set-cookie").as_deref(), Some("candor_form=1; Path=/"));
    assert_eq!(answer.field("cache-control").as_deref(), Some("private, no-cache"));
    let tag = answer.field("etag").expect("a tag");
    assert!(tag.starts_with("W/\"x~candor-"), "{tag}");
    assert_eq!(edge.counts().pages_rewritten, 1);
}

#[tokio::test]
async fn a_noscript_inside_of_another_hides_nothing() {
    let answer = refused("<body><p>Hello</p><noscript><noscript><img src='https://ads.example/x.gif'></noscript></body>").await;
    assert!(answer.text().contains("Hello") && !answer.text().contains("ads.example"), "{}", answer.text());
}

#[tokio::test]
async fn a_page_without_a_body_tag_asks_at_its_end() {
    let site = Site::saying(page("<p>Hello")).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(answer.text(), format!("<p>Hello{STYLE}{BANNER}"));
}

#[tokio::test]
async fn what_is_not_permitted_leaves_a_placeholder_or_a_word_at_the_end() {
    let answer = refused(
        "<head><script src='https://ads.example/a.js'>x</script><link rel=preconnect href='//ads.example'></head><body>\
         <iframe src='https://maps.example/embed/1'></iframe><img src=//a.tiles.example/1.png><img src=https://ads.example/p.gif width=1 height=1>\
         <p>kept <img src=/own.png></p></body>",
    )
    .await;
    assert_eq!(
        answer.text(),
        format!(
            "<head></head><body>{STYLE}<div>[map-frame]</div><div>[map-tiles]</div><p>kept <img src=/own.png></p>\
             <details>[ad-script]</details></body>"
        )
    );
}

#[tokio::test]
async fn what_is_permitted_passes_byte_for_byte() {
    let html = "<body><script src='https://ads.example/a.js'></script><div data-candor-purpose=maps>m</div><img SRC=//a.tiles.example/1.png ></body>";
    let answer = permitted(html).await;
    assert_eq!(answer.text(), html);
}

#[tokio::test]
async fn elements_wait_for_the_purpose_they_are_marked_with() {
    let html = "<body><script data-candor-purpose=ads type=text/plain>go()</script><div data-candor-purpose=maps><b>map</b></div>\
                <p data-candor-purpose=nothing>gone</p><p data-candor-purpose=operate>stays</p></body>";
    assert_eq!(
        refused(html).await.text(),
        format!("<body>{STYLE}<div>[maps]</div><p data-candor-purpose=operate>stays</p><details>[ads]</details></body>")
    );
    assert_eq!(
        permitted(html).await.text(),
        "<body><script data-candor-purpose=\"ads\">go()</script><div data-candor-purpose=maps><b>map</b></div><p data-candor-purpose=operate>stays</p></body>"
            .replace("\"ads\"", "ads")
    );
}

#[tokio::test]
async fn observing_changes_nothing_and_counts() {
    let html = "<body><script src='https://ads.example/a.js'></script><iframe src=https://maps.example/embed/2></iframe></body>";
    let site = Site::saying(page(html)).await;
    let edge = Edge::with(site.address, |settings| settings.enforcement = Enforcement::Observe);
    edge.policy.store(std::sync::Arc::new(crate::common::policy_with_trackers()));
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(answer.text(), html);
    assert_eq!(answer.field("etag").as_deref(), Some("\"x\""));
    assert_eq!(edge.counts().resources_held_back, 2);
}
