//! Passkeys, as far as they go without one: whose questions are answered, and how every answer is refused that is none.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use web::Settings;

use crate::account::{Anna, LATER};
use crate::register::world;
use crate::world::{Ask, Reply, World, at};

const LIST: &str = "/account/passkeys";
const CHALLENGE: &str = "/account/passkeys/sign-in/challenge";
const SIGN_IN: &str = "/account/passkeys/sign-in";

/// A site that says where people reach it.
fn named(mut world: World) -> World {
    world.state.settings = Arc::new(Settings { origin: Some("https://clinic.example".to_owned()), ..Settings::default() });
    world.router = web::public(world.state.clone());
    world
}

async fn say(world: &World, path: &str, body: &Value) -> Reply {
    from_script(world, path).json(&body.to_string()).send().await
}

fn from_script<'w>(world: &'w World, path: &str) -> Ask<'w> {
    world.ask(Method::POST, path).header("sec-fetch-site", "same-origin")
}

fn code(reply: &Reply) -> String {
    reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_page_that_offers_passkeys_runs_our_script_and_no_other() {
    let world = named(world());
    let page = world.get("/account/sign-in").send().await;
    assert!(page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'"));
    let script = page.text.split("<script src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    assert!(!page.text.contains("<script>") && page.text.contains("autocomplete=\"email webauthn\""));
    let reply = world.get(script).send().await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "text/javascript; charset=utf-8"));
}

#[tokio::test]
async fn where_nobody_said_what_the_site_is_called_no_passkeys_are_offered() {
    let world = world();
    let page = world.get("/account/sign-in").send().await;
    assert!(!page.text.contains("<script") && !page.header("content-security-policy").contains("script-src"));
    let refused = say(&world, CHALLENGE, &json!({})).await;
    assert_eq!((refused.status, code(&refused)), (StatusCode::FORBIDDEN, "refused".to_owned()));
}

#[tokio::test]
async fn everybody_is_asked_the_same_and_only_on_our_own_page() {
    let world = named(world());
    let asked = say(&world, CHALLENGE, &json!({})).await;
    assert_eq!((asked.status, asked.header("cache-control")), (StatusCode::OK, "private, no-store"));
    let options = &asked.json()["options"]["publicKey"];
    assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("clinic.example"), &json!([])));
    for path in [CHALLENGE, SIGN_IN, "/account/passkeys/challenge", "/account/passkeys/add"] {
        let elsewhere = world.ask(Method::POST, path).header("sec-fetch-site", "cross-site").json("{}").send().await;
        assert_eq!((elsewhere.status, code(&elsewhere)), (StatusCode::FORBIDDEN, "not-our-page".to_owned()), "{path}");
        let a_form = world.post(path, &[("ticket", "x")]).send().await;
        assert_eq!((a_form.status, code(&a_form)), (StatusCode::FORBIDDEN, "not-our-page".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_answer_signs_nobody_in() {
    let world = named(world());
    let ticket = say(&world, CHALLENGE, &json!({})).await.json()["ticket"].clone();
    let answer = json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": {"authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA", "userHandle": "AAAAAAAAAAAAAAAAAAAAAA"},
    });
    let unknown = say(&world, SIGN_IN, &json!({"ticket": ticket, "answer": answer})).await;
    assert_eq!((unknown.status, code(&unknown)), (StatusCode::FORBIDDEN, "refused".to_owned()));
    let nonsense = say(&world, SIGN_IN, &json!({"ticket": ticket, "answer": 7})).await;
    assert_eq!((nonsense.status, code(&nonsense)), (StatusCode::FORBIDDEN, "refused".to_owned()));
    let old = say(&world, SIGN_IN, &json!({"ticket": "AAAA", "answer": answer})).await;
    assert_eq!((old.status, code(&old)), (StatusCode::CONFLICT, "begin-again".to_owned()));
    let unreadable = say(&world, SIGN_IN, &json!([])).await;
    assert_eq!((unreadable.status, code(&unreadable)), (StatusCode::BAD_REQUEST, "unreadable".to_owned()));
    assert_eq!(unknown.cookies_after(""), "");
}

#[tokio::test]
async fn answers_are_limited_and_say_when_to_come_back() {
    let world = named(world());
    let mut last = say(&world, SIGN_IN, &json!([])).await;
    for _ in 0..40 {
        last = say(&world, SIGN_IN, &json!([])).await;
    }
    assert_eq!((last.status, code(&last)), (StatusCode::TOO_MANY_REQUESTS, "too-often".to_owned()));
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
}

#[tokio::test]
async fn only_somebody_who_is_signed_in_and_has_just_proved_it_adds_a_passkey() {
    let stranger = named(world());
    let page = stranger.get(LIST).send().await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/account/sign-in?return=%2Faccount%2Fpasskeys"));
    let refused = say(&stranger, "/account/passkeys/challenge", &json!({})).await;
    assert_eq!((refused.status, code(&refused)), (StatusCode::UNAUTHORIZED, "signed-out".to_owned()));

    let mut anna = Anna::new().await;
    anna.world = named(anna.world);
    let page = anna.get(LIST).await;
    assert!(page.text.contains("data-passkey=\"add\"") && page.text.contains("You have no passkey yet."), "{}", page.text);
    let asked = from_script(&anna.world, "/account/passkeys/challenge").json("{}").cookie(&anna.cookie).send().await;
    let user = &asked.json()["options"]["publicKey"]["user"];
    assert_eq!(user["name"], "anna");
    assert!(!asked.text.contains("example.org"), "the address is not in it");

    let later = anna.get_later(LIST).await;
    assert!(!later.text.contains("data-passkey") && later.text.contains("action=\"/account/prove\""), "{}", later.text);
    let cookie = anna.later_cookie();
    let refused = from_script(&anna.world, "/account/passkeys/challenge").json("{}").cookie(&cookie).at(at(LATER)).send().await;
    assert_eq!((refused.status, code(&refused)), (StatusCode::FORBIDDEN, "prove".to_owned()));
    let removing = anna.world.post(&format!("{LIST}/{}/remove", "0".repeat(32)), &[]).cookie(&cookie).at(at(LATER)).send().await;
    assert_eq!((removing.status, removing.header("location")), (StatusCode::SEE_OTHER, LIST));
}

#[tokio::test]
async fn what_is_not_there_is_neither_renamed_nor_removed() {
    let anna = Anna::new().await;
    let id = "0".repeat(32);
    for (path, field) in [("name", ("_name", "Blue")), ("remove", ("_x", "y"))] {
        for id in [id.as_str(), "nonsense"] {
            let reply = anna.post(&format!("{LIST}/{id}/{path}"), &[field]).await;
            assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account/passkeys?said=gone"));
        }
    }
    let unnamed = anna.post(&format!("{LIST}/{id}/name"), &[("_name", " ")]).await;
    assert_eq!(unnamed.header("location"), "/account/passkeys?said=no-name");
    let said = anna.get("/account/passkeys?said=gone").await;
    assert!(said.text.contains("This passkey was removed already."));
}
