use axum::http::{Method, StatusCode};

use crate::world::{RULES, WORDS, World, sources};
use web::Settings;

#[tokio::test]
async fn a_visitor_reads_the_policy() {
    let world = World::new();
    let reply = world.get("/privacy").accept("text/html").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.text.contains("Revised <time datetime=\"2026-03-02\">"));
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn the_words_come_in_the_form_that_is_liked_best() {
    let world = World::new();
    let table = [
        ("text/html", "text/html; charset=utf-8", "<!doctype html>"),
        ("*/*", "text/html; charset=utf-8", "<!doctype html>"),
        ("text/markdown", "text/markdown; charset=utf-8", "# How Harbour Clinic treats your data\n\n*Revised 2026-03-02*"),
        ("text/plain", "text/plain; charset=utf-8", "How Harbour Clinic treats your data"),
        ("text/html;q=0.4, text/markdown;q=0.9", "text/markdown; charset=utf-8", "# How"),
        ("text/html, text/markdown;q=0.9", "text/html; charset=utf-8", "<!doctype html>"),
    ];
    for (accept, content_type, start) in table {
        let reply = world.get("/privacy").accept(accept).send().await;
        assert_eq!(reply.header("content-type"), content_type, "{accept}");
        assert!(reply.text.starts_with(start), "{accept}: {}", reply.text);
        assert_eq!(reply.header("vary"), "Accept, Accept-Language, Cookie");
        assert!(!reply.text.contains("{access-log}"), "tags are not shown");
    }
    let none = world.get("/privacy").accept("image/png").send().await;
    assert_eq!(none.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn the_words_come_in_a_language_of_the_policy() {
    let world = World::new();
    let spanish = world.get("/privacy").header("accept-language", "es-MX,es;q=0.9,en;q=0.5").send().await;
    assert!(spanish.text.contains("Cómo trata tus datos") && spanish.text.contains("lang=\"es\""));
    let asked = world.get("/privacy?language=es").header("accept-language", "en").send().await;
    assert!(asked.text.contains("Cómo trata tus datos"));
    assert!(asked.text.contains("href=\"/privacy/choices?language=es\""), "the language stays from page to page");
    let unknown = world.get("/privacy?language=xx%22%3E%3Cscript%3E").send().await;
    assert!(unknown.text.contains("How Harbour Clinic"));
    assert!(!unknown.text.contains("<script"));
}

#[tokio::test]
async fn a_browser_that_has_the_policy_is_told_so() {
    let world = World::new();
    let first = world.get("/privacy").send().await;
    let again = world.get("/privacy").header("if-none-match", first.header("etag")).send().await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.text.is_empty());
    assert_eq!(again.header("cache-control"), "no-cache");
    let spanish = world.get("/privacy?language=es").header("if-none-match", first.header("etag")).send().await;
    assert_eq!(spanish.status, StatusCode::OK);
}

#[tokio::test]
async fn a_head_request_gets_the_head() {
    let world = World::new();
    let reply = world.ask(Method::HEAD, "/privacy").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.text.is_empty());
}

#[tokio::test]
async fn nothing_a_policy_says_runs_in_the_page() {
    let words = WORDS.replace("# How Harbour Clinic treats your data", "# <script>alert(1)</script>");
    let rules = RULES
        .replace("\"Harbour Clinic\"", "\"<img src=x onerror=alert(2)>\"")
        .replace("en = \"News about our services\"", "en = \"<script>alert(3)</script>\"")
        .replace("\"Pigeon Post Inc.\"", "\"\\\"><svg onload=alert(4)>\"");
    let world = World::of(&sources(&rules, &words), Settings::default());
    for path in [
        "/privacy",
        "/privacy/choices",
        "/privacy/me",
        "/privacy/versions",
        "/privacy/versions/1",
        "/privacy/nothing",
        "/privacy/feed.atom",
    ] {
        let page = world.get(path).send().await.text;
        for attack in ["<script", "<img src=x", "<svg"] {
            assert!(!page.contains(attack), "{path} lets {attack} through");
        }
    }
}

#[tokio::test]
async fn the_privacy_centre_lives_where_it_is_put() {
    let settings = Settings { prefix: web::Prefix::parse("/legal/data").expect("a prefix"), ..Settings::default() };
    let world = World::of(&sources(RULES, WORDS), settings);
    let page = world.get("/legal/data").send().await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("href=\"/legal/data/choices\"") && !page.text.contains("\"/privacy"));
    assert_eq!(world.get("/privacy").send().await.status, StatusCode::NOT_FOUND);
    let slash = world.get("/legal/data/").send().await;
    assert_eq!((slash.status, slash.header("location")), (StatusCode::PERMANENT_REDIRECT, "/legal/data"));
}

#[tokio::test]
async fn the_site_says_that_it_honours_global_privacy_control() {
    let world = World::new();
    let reply = world.get("/.well-known/gpc.json").send().await;
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.json(), serde_json::json!({ "gpc": true, "lastUpdate": "2026-03-02" }));
}

#[tokio::test]
async fn a_site_that_only_tries_it_out_claims_no_effect() {
    let world = World::of(&sources(RULES, WORDS), Settings { observing: true, ..Settings::default() });
    for path in ["/privacy", "/privacy/choices?saved=1773163800", "/privacy/me", "/privacy/versions"] {
        let page = world.get(path).header("sec-gpc", "1").send().await.text;
        assert!(page.contains("Nothing is held back yet"), "{path}: {page}");
        for claim in ["count from now on", "and we honour it"] {
            assert!(!page.contains(claim), "{path} says {claim}");
        }
    }
    assert_eq!(world.get("/.well-known/gpc.json").send().await.json()["gpc"], false);
    assert!(!World::new().get("/privacy/choices").send().await.text.contains("Nothing is held back yet"));
}

#[tokio::test]
async fn words_that_are_not_translated_are_not_said_to_be() {
    let rules = RULES.replace("languages = [\"en\", \"es\"]", "languages = [\"en\", \"fr\"]");
    let world = World::of(&sources(&rules, WORDS), Settings::default());
    let page = world.get("/privacy?language=fr").send().await.text;
    assert!(page.contains("<html lang=\"fr\"") && page.contains("<article class=\"words\" lang=\"en\""), "{page}");
}
