use std::sync::Arc;

use app::publishing::Versions;
use axum::http::StatusCode;

use crate::world::{RULES, WORDS, World, at, sources};
use web::Settings;

/// The clinic passes its news to one more company, keeps the log for a shorter time, and finds better words.
const CHANGED: &str = "2026-03-05T09:00:00Z";

fn changed_world() -> World {
    let rules = RULES
        .replace("recipients = [\"us\", \"mailer\"]", "recipients = [\"us\", \"mailer\", \"printer\"]")
        .replace("[[recipient]]\nid = \"mailer\"", "[[recipient]]\nid = \"printer\"\nkind = \"processor\"\nname = \"Ink & Sons\"\naddress = \"1 Press Yard, Reno, NV 89501, USA\"\n\n[[recipient]]\nid = \"mailer\"")
        .replace("keep = \"180 days\"", "keep = \"90 days\"");
    let words = WORDS.replace(
        "A company called Pigeon Post delivers it for us. {news-mail, mailer}",
        "Pigeon Post delivers it, and Ink & Sons prints it. {news-mail, mailer, printer}",
    );
    World::of(&sources(RULES, WORDS), Settings::default()).changed_to(&sources(&rules, &words), CHANGED)
}

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
    for number in ["0", "2", "01", "+1", "1.0", "one", "99999999999", "2/changes", "01/changes", "one/changes", "1/changes/1"] {
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
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:") && id.len() == 45) && ids[0] != ids[1], "{ids:?}");
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

#[tokio::test]
async fn what_a_version_changed_is_told_in_plain_language() {
    let world = changed_world();
    let reply = world.get("/privacy/versions/2/changes").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    insta::assert_snapshot!(reply.page());
    let first = world.get("/privacy/versions/1/changes").send().await;
    assert!(first.status == StatusCode::OK && first.text.contains("it was the first version"), "{}", first.text);
}

#[tokio::test]
async fn the_list_leads_to_what_each_version_changed() {
    let world = changed_world();
    let list = world.get("/privacy/versions").send().await;
    insta::assert_snapshot!(list.page());
    let second = world.get("/privacy/versions/2").send().await;
    assert!(second.text.contains("href=\"/privacy/versions/2/changes\""));
    let first = world.get("/privacy/versions/1").send().await;
    assert!(first.text.contains("Version 1 is no longer in force.") && !first.text.contains("/changes"));
}

#[tokio::test]
async fn a_change_that_matters_is_announced_above_the_policy_for_as_long_as_it_says() {
    let world = changed_world();
    let page = |time| world.get("/privacy").at(at(time)).send();
    let announced = page("2026-03-10T17:30:00Z").await;
    assert!(
        announced.text.contains("This policy changed materially on <time datetime=\"2026-03-05\">5 March 2026</time>"),
        "{}",
        announced.text
    );
    assert!(announced.text.contains("<li>News by e-mail: now also received by Ink &#38; Sons.</li>"), "{}", announced.text);
    assert!(announced.text.contains("href=\"/privacy/versions/2/changes\""));
    let later = page("2026-04-05T00:00:00Z").await;
    assert!(!later.text.contains("changed materially"));
    let etag = announced.header("etag");
    let again = world.get("/privacy").at(at("2026-04-05T00:00:00Z")).header("if-none-match", etag).send().await;
    assert_eq!(again.status, StatusCode::OK, "a browser that keeps the page is told that the notice is over");
    assert!(!World::new().get("/privacy").send().await.text.contains("changed materially"), "a first version changes nothing");
}

#[tokio::test]
async fn a_version_that_follows_soon_takes_nobodys_notice_away() {
    let longer = |days: &str| sources(&RULES.replace("keep = \"180 days\"", &format!("keep = \"{days} days\"")), WORDS);
    let world = World::new().changed_to(&longer("190"), CHANGED).changed_to(&longer("200"), "2026-03-05T18:08:00Z");
    let page = world.get("/privacy").at(at("2026-03-10T17:30:00Z")).send().await.text;
    assert_eq!(page.matches("This policy changed materially on").count(), 2, "{page}");
    for version in [2, 3] {
        assert!(page.contains(&format!("href=\"/privacy/versions/{version}/changes\"")), "{page}");
    }
}

#[tokio::test]
async fn the_feed_says_what_each_version_changed() {
    let world = changed_world();
    let reply = world.get("/privacy/feed.atom").send().await;
    let feed = roxmltree::Document::parse(&reply.text).expect("well-formed XML");
    let summaries: Vec<&str> = feed.descendants().filter(|node| node.has_tag_name("summary")).filter_map(|node| node.text()).collect();
    insta::assert_snapshot!(summaries.join("\n"));
    assert!(reply.text.contains("<link rel=\"related\" type=\"text/html\" href=\"https://clinic.example/privacy/versions/2/changes\"/>"));
    let updated = feed.root_element().children().find(|node| node.has_tag_name("updated")).and_then(|node| node.text());
    assert_eq!(updated, Some(CHANGED));
}

#[tokio::test]
async fn nothing_a_change_says_runs_in_the_page() {
    let rules = RULES
        .replace("en = \"News by e-mail\"", "en = \"<script>alert(1)</script>\"")
        .replace("keep = \"180 days\"", "keep = \"181 days\"");
    let words = WORDS.replace("Every mail says how to get no more of them.", "`<img src=x onerror=alert(2)>`");
    let world = World::new().changed_to(&sources(&rules, &words), CHANGED);
    for path in ["/privacy", "/privacy/versions", "/privacy/versions/2/changes", "/privacy/feed.atom"] {
        let page = world.get(path).send().await.text;
        assert!(!page.contains("<script") && !page.contains("<img src=x"), "{path}");
    }
}
