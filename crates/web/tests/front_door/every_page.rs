use axum::http::{Method, StatusCode};

use crate::world::World;

const OURS: [&str; 12] = [
    "/privacy",
    "/privacy/choices",
    "/privacy/choices/receipt",
    "/privacy/choices/receipt.json",
    "/privacy/me",
    "/privacy/versions",
    "/privacy/versions/1",
    "/privacy/versions/1/changes",
    "/privacy/feed.atom",
    "/privacy/candor.js",
    "/.well-known/gpc.json",
    "/privacy/nothing-here",
];

#[tokio::test]
async fn every_answer_keeps_itself_to_itself() {
    let world = World::new();
    for path in OURS {
        let reply = world.get(path).send().await;
        assert_eq!(
            reply.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            "{path}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        for inline in ["<script", "<style", " style=", " onclick="] {
            assert!(!reply.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn what_is_personal_is_never_kept_by_a_cache() {
    let world = World::new();
    for path in [
        "/privacy/choices",
        "/privacy/choices/receipt",
        "/privacy/choices/receipt.json",
        "/privacy/me",
        "/privacy/candor.js",
        "/privacy/nothing-here",
    ] {
        assert_eq!(world.get(path).send().await.header("cache-control"), "private, no-store", "{path}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_and_leads_back() {
    let world = World::new();
    let reply = world.get("/privacy/nothing-here").send().await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    insta::assert_snapshot!(reply.page());
    let json = world.get("/privacy/nothing-here").accept("application/json").send().await;
    assert_eq!(json.json()["error"]["code"], "not-found");
}

#[tokio::test]
async fn every_page_speaks_its_readers_language() {
    let world = World::new();
    let given = world.post("/privacy/choices", &[("news", "yes")]).send().await;
    let cookie = world.cookie(&world.parts(&given));
    for (path, words) in [
        ("/privacy/choices", "Sus decisiones"),
        ("/privacy/choices/receipt", "usted dijo que sí"),
        ("/privacy/me", "Qué tenemos sobre usted"),
        ("/privacy/versions", "Versiones de esta política"),
        ("/privacy/versions/1", "La versión 1 está vigente."),
        ("/privacy/versions/1/changes", "Nada: fue la primera versión."),
        ("/privacy/versions/9", "No existe esa versión"),
        ("/privacy/nothing-here", "Aquí no hay ninguna página"),
    ] {
        let page = world.get(path).cookie(&cookie).header("accept-language", "es").send().await.text;
        assert!(page.contains("<html lang=\"es\" dir=\"ltr\">") && page.contains(words), "{path}: {page}");
        for english in ["Published on", "Revised", "In force", "version 1 of", "In your browser", "Read the", "Shown on", "Kept "] {
            assert!(!page.contains(english), "{path} says `{english}`");
        }
        let month = ["January", "February", "March", "April"].into_iter().find(|month| page.contains(month));
        assert_eq!(month, None, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new();
    let reply = world.ask(Method::DELETE, "/privacy/choices").send().await;
    assert_eq!((reply.status, reply.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD,POST"));
    let reply = world.ask(Method::POST, "/privacy").send().await;
    assert_eq!((reply.status, reply.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
}

#[tokio::test]
async fn the_style_is_kept_forever_under_its_own_name() {
    let world = World::new();
    let page = world.get("/privacy").send().await.text;
    let href = page.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a style");
    let style = world.get(href).send().await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    let again = world.get(href).header("if-none-match", style.header("etag")).send().await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(world.get("/privacy/assets/candor-0000000000000000.css").send().await.status, StatusCode::NOT_FOUND);
    for path in ["/privacy/assets/..%2f..%2fCargo.toml", "/privacy/assets/"] {
        assert_eq!(world.get(path).send().await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn only_our_paths_are_ours() {
    let state = World::new().state;
    for path in OURS {
        assert!(web::owns(&state, path), "{path}");
    }
    for path in [
        "/account",
        "/account/register",
        "/",
        "/privacy-notice",
        "/privacyx",
        "/.well-known/security.txt",
        "/.well-known/gpc.json/",
        "/Privacy",
    ] {
        assert!(!web::owns(&state, path), "{path}");
    }
}
