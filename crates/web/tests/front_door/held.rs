use axum::http::StatusCode;
use domain::{Answer, Choice, ChoiceRecordId, Id, Version, VisitorId};
use policy::cookie::{ChoicesPart, CookieParts, VisitorPart};

use crate::world::{World, at};

fn visitor(number: u8) -> CookieParts {
    CookieParts { visitor: Some(VisitorPart::new(VisitorId([number; 16]), at("2026-03-03T09:00:00Z"))), ..CookieParts::default() }
}

#[tokio::test]
async fn a_visitor_sees_their_own_visits_and_nobody_elses() {
    let world = World::new();
    world.record(7, "2026-03-08T09:12:00Z", "/treatments");
    world.record(8, "2026-03-08T09:13:00Z", "/secret-of-eight");
    world.record(7, "2026-03-09T10:00:00Z", "/opening-hours");
    let reply = world.get("/privacy/me").cookie(&world.cookie(&visitor(7))).from("US-CA").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    for mine in ["/treatments", "/opening-hours", "203.0.113.7", "Firefox/140.0", "https://search.example/"] {
        assert!(reply.text.contains(mine), "{mine}");
    }
    assert!(!reply.text.contains("/secret-of-eight") && !reply.text.contains("203.0.113.8"));
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn an_encrypted_address_is_told_to_be_one_in_the_readers_words() {
    let world = World::new();
    world.record(7, "2026-03-08T09:12:00Z", "/treatments");
    world.encrypt_addresses();
    for (language, said) in [("en", "encrypted ("), ("es", "cifrada (")] {
        let ask = world.get("/privacy/me").header("accept-language", language);
        let reply = ask.cookie(&world.cookie(&visitor(7))).from("US-CA").send().await;
        assert!(reply.text.contains(said) && !reply.text.contains("203.0.113.7"), "{language}: {}", reply.text);
    }
}

#[tokio::test]
async fn somebody_without_a_cookie_is_told_why_nothing_more_is_shown() {
    let world = World::new();
    world.record(7, "2026-03-08T09:12:00Z", "/treatments");
    let reply = world.get("/privacy/me").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.text.contains("We cannot tell you apart from other people"));
    assert!(reply.text.contains("IP address, browser, page that linked here"), "what this request leaves");
    assert!(!reply.text.contains("/treatments"));
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn a_forged_cookie_shows_nothing() {
    let world = World::new();
    world.record(7, "2026-03-08T09:12:00Z", "/treatments");
    let mut forged = world.cookie(&visitor(7));
    let last = forged.pop().expect("a letter");
    forged.push(if last == 'A' { 'B' } else { 'A' });
    let mut middle = forged.clone().into_bytes();
    middle[30] = if middle[30] == b'A' { b'B' } else { b'A' };
    for cookie in [forged, String::from_utf8(middle).expect("text")] {
        let page = world.get("/privacy/me").cookie(&cookie).send().await.text;
        assert!(page.contains("We do not believe such a cookie."));
        assert!(!page.contains("/treatments"));
    }
}

#[tokio::test]
async fn the_newest_two_hundred_are_shown_and_the_rest_is_mentioned() {
    let world = World::new();
    for minute in 0..205 {
        let time = at("2026-03-08T00:00:00Z") + std::time::Duration::from_secs(60 * minute);
        world.record(7, &time.to_string(), &format!("/page-{minute}/"));
    }
    let page = world.get("/privacy/me").cookie(&world.cookie(&visitor(7))).send().await.text;
    assert!(page.contains("The newest 200; there are older ones."));
    assert!(page.contains("/page-204/") && page.contains("/page-5/") && !page.contains("/page-4/"));
}

#[tokio::test]
async fn what_the_cookie_holds_is_shown_with_its_reason() {
    let world = World::new();
    let made = at("2026-03-09T08:00:00Z");
    let choice = Choice {
        purpose: Id::parse("news").expect("an id"),
        answer: Answer::No,
        at: made,
        version: Version(1),
        gpc: false,
        opted_out: false,
    };
    let parts = CookieParts {
        choices: Some(ChoicesPart { record: ChoiceRecordId([0xab; 16]), made, choices: vec![choice] }),
        ..CookieParts::default()
    };
    let page = world.get("/privacy/me").cookie(&world.cookie(&parts)).send().await.text;
    assert!(page.contains("News about our services</span>: <strong>No</strong>"));
    assert!(page.contains(&"ab".repeat(16)) && page.contains("Kept 13 months, for: Run and protect the site."));
    assert!(page.contains("We cannot tell you apart"), "a choice makes nobody a visitor");
}
