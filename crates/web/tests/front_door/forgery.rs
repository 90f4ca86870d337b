use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{ChoiceRecordId, Timestamp};
use policy::cookie::{ChoicesPart, CookieParts};

use crate::world::{NOW, RULES, WORDS, World, at, sources};
use web::Settings;

const ACCEPTED: StatusCode = StatusCode::SEE_OTHER;
const REFUSED: StatusCode = StatusCode::FORBIDDEN;

#[tokio::test]
async fn what_a_browser_says_of_a_posts_origin_decides() {
    let world = World::new();
    let table: [(&[&str], &[&str], StatusCode); 17] = [
        (&["same-origin"], &[], ACCEPTED),
        (&["same-origin"], &["https://clinic.example"], ACCEPTED),
        (&["same-origin"], &["null"], ACCEPTED),
        (&["same-site"], &["https://clinic.example"], REFUSED),
        (&["cross-site"], &["https://clinic.example"], REFUSED),
        (&["none"], &["https://clinic.example"], REFUSED),
        (&[""], &["https://clinic.example"], REFUSED),
        (&["same-origin", "cross-site"], &[], REFUSED),
        (&[], &["https://clinic.example"], ACCEPTED),
        (&[], &["https://CLINIC.example:443"], ACCEPTED),
        (&[], &["http://clinic.example"], REFUSED),
        (&[], &["https://evil.example"], REFUSED),
        (&[], &["https://clinic.example.evil.example"], REFUSED),
        (&[], &["https://clinic.example:8443"], REFUSED),
        (&[], &["https://clinic.example", "https://evil.example"], REFUSED),
        (&[], &["null"], REFUSED),
        (&[], &[], REFUSED),
    ];
    for (sites, origins, status) in table {
        let mut ask = world.bare_post("/privacy/choices", &[("news", "no")]);
        for site in sites {
            ask = ask.header("sec-fetch-site", site);
        }
        for origin in origins {
            ask = ask.header("origin", origin);
        }
        let reply = ask.send().await;
        assert_eq!(reply.status, status, "Sec-Fetch-Site {sites:?}, Origin {origins:?}");
        assert_eq!(reply.headers.contains_key("set-cookie"), status == ACCEPTED);
    }
}

#[tokio::test]
async fn the_configured_origin_is_the_one_that_counts() {
    let settings = Settings { origin: Some("https://www.clinic.example".to_owned()), ..Settings::default() };
    let world = World::of(&sources(RULES, WORDS), settings);
    let from = |origin: &'static str| world.bare_post("/privacy/choices", &[("news", "no")]).header("origin", origin);
    assert_eq!(from("https://www.clinic.example").send().await.status, ACCEPTED);
    assert_eq!(from("https://clinic.example").send().await.status, REFUSED);
}

#[tokio::test]
async fn a_browser_that_says_where_it_comes_from_gets_no_form_cookie() {
    let world = World::new();
    let modern = world.get("/privacy/choices").header("sec-fetch-site", "none").send().await;
    assert!(modern.headers.get("set-cookie").is_none() && modern.field("_token").is_none());
    let old = world.get("/privacy/choices").send().await;
    assert!(old.field("_token").is_some());
    let cookie = old.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-candor-form=") && cookie.ends_with("; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let plain = world.get("/privacy/choices").over_plain_http().send().await;
    let plain = plain.header("set-cookie");
    assert!(plain.starts_with("candor-form=") && plain.ends_with("; Path=/privacy/choices; HttpOnly; SameSite=Strict"), "{plain}");
}

async fn old_browser(world: &World, token: Option<&str>, cookies: &[&str], now: Timestamp) -> StatusCode {
    let mut fields = vec![("news", "no")];
    fields.extend(token.map(|token| ("_token", token)));
    let mut ask = world.bare_post("/privacy/choices", &fields).at(now);
    for cookie in cookies {
        ask = ask.cookie(cookie);
    }
    let without_origin = ask.send().await.status;
    let mut ask = world.bare_post("/privacy/choices", &fields).header("origin", "null").at(now);
    for cookie in cookies {
        ask = ask.cookie(cookie);
    }
    assert_eq!(ask.send().await.status, without_origin, "`null` says as little as nothing");
    without_origin
}

#[tokio::test]
async fn an_old_browser_saves_with_the_token_of_its_form() {
    let world = World::new();
    let form = world.get("/privacy/choices").send().await;
    let (token, secret) = (form.field("_token").expect("a token"), form.cookie("__Host-candor-form").expect("a cookie"));
    let cookie = format!("__Host-candor-form={secret}");
    let now = at(NOW);
    assert_eq!(old_browser(&world, Some(&token), &[cookie.as_str()], now).await, ACCEPTED);

    assert_eq!(old_browser(&world, Some(&token), &[], now).await, REFUSED, "the token alone, as another browser would have it");
    assert_eq!(old_browser(&world, None, &[cookie.as_str()], now).await, REFUSED, "the cookie alone, as a browser sends it for anybody");
    assert_eq!(old_browser(&world, Some(&token), &["__Host-candor-form=AAAAAAAAAAAAAAAAAAAAAA"], now).await, REFUSED);
    assert_eq!(
        old_browser(&world, Some(&token), &[cookie.as_str(), "__Host-candor-form=x"], now).await,
        REFUSED,
        "somebody set a second one"
    );
    let planted = format!("candor-form={secret}");
    assert_eq!(old_browser(&world, Some(&token), &[planted.as_str()], now).await, REFUSED, "a neighbouring host can set one of this name");
    assert_eq!(old_browser(&world, Some(&token[1..]), &[cookie.as_str()], now).await, REFUSED);
    assert_eq!(old_browser(&world, Some(""), &[cookie.as_str()], now).await, REFUSED);
    for made in [i64::MIN, i64::MAX] {
        let invented = BASE64_URL_SAFE_NO_PAD.encode([&made.to_le_bytes()[..], &[0; 36]].concat());
        assert_eq!(old_browser(&world, Some(&invented), &[cookie.as_str()], now).await, REFUSED, "made at {made}");
    }
    assert_eq!(old_browser(&world, Some(&token), &[cookie.as_str()], at("2026-03-10T18:29:59Z")).await, ACCEPTED);
    assert_eq!(old_browser(&world, Some(&token), &[cookie.as_str()], at("2026-03-10T18:30:00Z")).await, REFUSED, "an hour has passed");
    assert_eq!(old_browser(&world, Some(&token), &[cookie.as_str()], at("2026-03-10T17:29:59Z")).await, REFUSED, "made in the future");
}

#[tokio::test]
async fn an_old_browser_with_our_cookie_needs_no_second_one() {
    let world = World::new();
    let of = |record: u8| CookieParts {
        choices: Some(ChoicesPart { record: ChoiceRecordId([record; 16]), made: at(NOW), choices: vec![] }),
        ..CookieParts::default()
    };
    let (mine, theirs) = (world.cookie(&of(1)), world.cookie(&of(2)));
    let form = world.get("/privacy/choices").cookie(&mine).send().await;
    assert!(form.headers.get("set-cookie").is_none());
    let token = form.field("_token").expect("a token");
    assert_eq!(old_browser(&world, Some(&token), &[mine.as_str()], at(NOW)).await, ACCEPTED);
    assert_eq!(old_browser(&world, Some(&token), &[theirs.as_str()], at(NOW)).await, REFUSED);
}

#[tokio::test]
async fn a_refused_form_says_what_to_do() {
    let world = World::new();
    let reply = world.bare_post("/privacy/choices", &[("newz", "no")]).header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(reply.status, REFUSED);
    assert!(reply.text.contains("This form did not come from our page") && reply.text.contains("Open your choices"));
    assert!(!reply.text.contains("newz"), "a stranger's form learns nothing of what is wrong with it");
}
