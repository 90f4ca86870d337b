use axum::http::StatusCode;
use domain::VisitorId;
use policy::cookie::{CookieParts, VisitorPart};

use crate::world::{World, at};

#[tokio::test]
async fn the_sites_script_asks_what_is_permitted() {
    let world = World::new();
    let reply = world.get("/privacy/candor.js").header("sec-fetch-site", "same-origin").send().await;
    assert_eq!(reply.header("content-type"), "text/javascript; charset=utf-8");
    assert!(reply.text.contains("\"allowed\":[\"operate\"]"), "{}", reply.text);
    assert!(!reply.text.contains("__STATE__"));
    let saved = world.post("/privacy/choices", &[("news", "yes")]).send().await;
    let cookie = world.cookie(&world.parts(&saved));
    let chosen = world.get("/privacy/candor.js").cookie(&cookie).send().await;
    assert!(chosen.text.contains("\"allowed\":[\"operate\",\"news\"]"));
    let gpc = world.get("/privacy/candor.js").cookie(&cookie).with_gpc().send().await;
    assert!(gpc.text.contains("\"allowed\":[\"operate\"]") && gpc.text.contains("\"gpc\":true"));
}

#[tokio::test]
async fn another_site_cannot_read_what_somebody_chose() {
    let world = World::new();
    for site in ["cross-site", "same-site"] {
        let reply = world.get("/privacy/candor.js").header("sec-fetch-site", site).send().await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{site}");
        assert!(!reply.text.contains("allowed"));
    }
    let reply = world.get("/privacy/candor.js").send().await;
    assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
}

#[tokio::test]
async fn the_script_is_small() {
    let reply = World::new().get("/privacy/candor.js").send().await;
    assert!(reply.text.len() < 2_048, "{} bytes", reply.text.len());
}

#[tokio::test]
async fn the_script_knows_what_somebody_prefers_while_that_may_be_kept() {
    let world = World::new();
    let saved = world.post("/privacy/choices", &[("remember", "yes"), ("preference.text-size", "large")]).send().await;
    let cookie = world.cookie(&world.parts(&saved));
    let script = world.get("/privacy/candor.js").cookie(&cookie).send().await.text;
    assert!(script.contains("\"preferences\":{\"text-size\":\"large\"}"), "{script}");
    let unasked = world.get("/privacy/candor.js").send().await.text;
    assert!(unasked.contains("\"preferences\":{}"), "{unasked}");
}

#[tokio::test]
async fn a_return_visit_is_one_that_comes_after_another_and_may_be_noticed() {
    let world = World::new();
    let known = |since: &str| {
        let visitor = VisitorPart::new(VisitorId([4; 16]), at(since));
        world.cookie(&CookieParts { visitor: Some(visitor), ..CookieParts::default() })
    };
    for (since, region, returned) in [
        ("2026-03-10T17:29:00Z", "US-CA", false),
        ("2026-03-10T16:59:00Z", "US-CA", true),
        ("2026-03-01T08:00:00Z", "US-CA", true),
        ("2026-03-01T08:00:00Z", "DE", false),
    ] {
        let script = world.get("/privacy/candor.js").cookie(&known(since)).from(region).send().await.text;
        assert!(script.contains(&format!("\"returned\":{returned}")), "{since} {region}: {script}");
    }
}
