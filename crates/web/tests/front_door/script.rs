use axum::http::StatusCode;

use crate::world::World;

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
