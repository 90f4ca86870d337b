use std::sync::Arc;

use app::publishing::Versions;
use axum::http::StatusCode;

use crate::world::{RULES, WORDS, World, sources};
use web::Settings;

#[tokio::test]
async fn every_version_is_listed_with_its_date() {
    let world = World::new();
    let reply = world.get("/privacy/versions").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn a_version_is_shown_with_its_words_and_its_hash() {
    let world = World::new();
    let reply = world.get("/privacy/versions/1").send().await;
    let hash = world.state.versions.newest().expect("version 1").record.hash.clone();
    assert!(reply.text.contains(&hash) && reply.text.contains("Version 1 is in force."));
    assert!(reply.text.contains("Our server notes each visit"));
    let markdown = world.get("/privacy/versions/1").accept("text/markdown").send().await;
    assert!(markdown.text.starts_with("# How Harbour Clinic"));
}

#[tokio::test]
async fn a_version_that_never_was_is_not_found() {
    let world = World::new();
    for number in ["0", "2", "01", "+1", "1.0", "one", "99999999999", "1/changes"] {
        assert_eq!(world.get(&format!("/privacy/versions/{number}")).send().await.status, StatusCode::NOT_FOUND, "{number}");
    }
}

#[tokio::test]
async fn a_damaged_version_is_reported_and_not_shown() {
    let first = World::new();
    first.disk.tamper("versions/1/policy.md", |bytes| bytes.extend_from_slice(b"We sell everything. {-}\n"));
    let versions = Versions::open(Arc::new(first.disk.clone())).expect("the versions");
    let world = World::with(first.disk.clone(), versions, first.policy.clone(), Settings::default());
    let reply = world.get("/privacy/versions/1").send().await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reply.text.contains("This version cannot be shown") && !reply.text.contains("We sell everything"));
    assert!(world.get("/privacy/versions").send().await.text.contains("Version 1 cannot be shown"));
}

#[tokio::test]
async fn a_feed_reader_can_follow() {
    let world = World::new();
    let reply = world.get("/privacy/feed.atom").send().await;
    assert_eq!(reply.header("content-type"), "application/atom+xml; charset=utf-8");
    let feed = roxmltree::Document::parse(&reply.text).expect("well-formed XML");
    let atom = "http://www.w3.org/2005/Atom";
    let texts = |name: &str| {
        let named = |node: &roxmltree::Node<'_, '_>| node.has_tag_name((atom, name));
        feed.descendants().filter(named).filter_map(|node| node.text().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(feed.root_element().has_tag_name((atom, "feed")));
    let ids = texts("id");
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:") && id.len() == 45) && ids[0] != ids[1]);
    assert_eq!(texts("updated"), ["2026-03-02T20:00:00Z", "2026-03-02T20:00:00Z"]);
    assert_eq!(texts("name"), ["Harbour Clinic"]);
    let links: Vec<_> = feed
        .descendants()
        .filter(|node| node.has_tag_name((atom, "link")))
        .map(|node| (node.attribute("rel").unwrap_or_default(), node.attribute("href").unwrap_or_default()))
        .collect();
    assert_eq!(
        links,
        [
            ("self", "https://clinic.example/privacy/feed.atom"),
            ("alternate", "https://clinic.example/privacy"),
            ("alternate", "https://clinic.example/privacy/versions/1"),
        ]
    );
    let again = world.get("/privacy/feed.atom").send().await;
    assert_eq!(again.text, reply.text, "ids and times stay");
}

#[tokio::test]
async fn a_feed_stays_well_formed_whatever_the_policy_is_called() {
    let words = WORDS.replace("# How Harbour Clinic treats your data", "# Us & <you> ]]> \"data\"");
    let rules = RULES.replace("\"Harbour Clinic\"", "\"A \\u0008 & B <Ltd>\"");
    let world = World::of(&sources(&rules, &words), Settings::default());
    let feed = world.get("/privacy/feed.atom").send().await.text;
    roxmltree::Document::parse(&feed).expect("well-formed XML");
}
