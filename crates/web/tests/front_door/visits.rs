//! The visit log, asked by programs and in the console.

use app::programs::Scope;
use axum::http::StatusCode;
use records::Role;
use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::console::Console;
use crate::register::world;
use crate::world::World;

/// Thirty visitors read one page, twelve another and three a third; two visits at a time are of one moment.
fn visited(world: &World) {
    for (path, visitors) in [("/articles/sleep", 30_u8), ("/articles/pain", 12), ("/rare", 3)] {
        for visitor in 1..=visitors {
            world.record(visitor, &format!("2026-03-03T10:{:02}:00Z", visitor / 2), path);
        }
    }
}

async fn asked(api: &Api, query: &str) -> Answer {
    let token = api.token(&[Scope::Visits]).await;
    api.ask("GET", &format!("/v1/visits?{query}")).with(&token).send().await
}

#[tokio::test]
async fn visits_come_in_parts_the_newest_first_and_each_once() {
    let api = Api::new();
    visited(&api.world);
    let all = asked(&api, "purpose=operate&limit=1000").await.json();
    let all = all["items"].as_array().expect("visits");
    assert_eq!(all.len(), 45);
    let times: Vec<&str> = all.iter().map(|visit| visit["time"].as_str().expect("a time")).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    for limit in [1, 4, 45, 100] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let part = asked(&api, &format!("purpose=operate&limit={limit}{cursor}")).await.json();
            let items = part["items"].as_array().expect("visits").clone();
            assert!(items.len() <= limit && (part["gaps"].is_array() && part["damage"].is_array()), "{part}");
            seen.extend(items);
            match part["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(&seen, all, "{limit} at a time");
    }
}

#[tokio::test]
async fn visits_are_found_by_time_page_address_and_whose_they_are() {
    let api = Api::new();
    visited(&api.world);
    let found = async |query: &str| {
        let answer = asked(&api, &format!("purpose=operate&limit=1000&{query}")).await;
        answer.json()["items"].as_array().map_or_else(|| panic!("{query}: {}", answer.text), Vec::len)
    };
    assert_eq!(found("path=/articles/pain").await, 12);
    assert_eq!(found("path=/articles/*").await, 42);
    assert_eq!(found("since=2026-03-03T10:01:00Z&until=2026-03-03T10:02:00Z").await, 6);
    let visitor =
        asked(&api, "purpose=operate&path=/rare&limit=1").await.json()["items"][0]["visitor"].as_str().expect("a visitor").to_owned();
    assert_eq!(found(&format!("person={visitor}")).await, 3);
    assert_eq!(found("ip=192.0.2.0/24").await + found("ip=203.0.113.0/24").await, 45);
}

#[tokio::test]
async fn a_program_that_counts_is_told_of_no_few_people() {
    let api = Api::new();
    visited(&api.world);
    let counts = asked(&api, "purpose=operate&by=page").await.json();
    assert_eq!(counts["groups"], json!([{"value": "/articles/sleep", "visits": 30, "visitors": 30, "robots": 0}]));
    assert_eq!((&counts["others"]["groups"], &counts["others"]["visits"]), (&json!(2), &json!(15)), "{counts}");
    assert_eq!((&counts["total"]["visits"], &counts["at_least"]), (&json!(45), &json!(10)));
    assert_eq!((&counts["unseen"], &counts["gaps"], &counts["damage"]), (&Value::Null, &json!([]), &json!([])));
    let fewer = asked(&api, "purpose=operate&by=page&at_least=4").await;
    assert_eq!(fewer.problem().0, 400);
}

#[tokio::test]
async fn what_is_not_for_a_purpose_is_not_answered() {
    let api = Api::new();
    visited(&api.world);
    for (query, status, code) in [
        ("", 422, "purpose-missing"),
        ("by=page", 422, "purpose-missing"),
        ("purpose=no-such", 403, "not-permitted"),
        ("purpose=news", 403, "not-permitted"),
        ("purpose=return-visits&ip=192.0.2.1", 403, "not-permitted"),
        ("purpose=operate&person=anna@example.org", 422, "person-unusable"),
        ("purpose=operate&ip=nowhere", 400, "bad-request"),
        ("purpose=operate&path=nowhere", 400, "bad-request"),
        ("purpose=operate&by=colour", 400, "bad-request"),
        ("purpose=operate&limit=0", 400, "bad-request"),
        ("purpose=operate&cursor=x", 400, "bad-request"),
        ("purpose=operate&by=page&cursor=MS4x", 400, "bad-request"),
        ("purpose=operate&colour=red", 400, "bad-request"),
        ("purpose=operate&since=yesterday", 400, "bad-request"),
    ] {
        assert_eq!(asked(&api, query).await.problem(), (status, code.to_owned()), "{query}");
    }
    let token = api.token(&[Scope::PeopleRead, Scope::Cases]).await;
    let without = api.ask("GET", "/v1/visits?purpose=operate").with(&token).send().await;
    assert_eq!(without.problem(), (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn an_operator_counts_for_a_purpose_and_sees_bars() {
    let world = world();
    visited(&world);
    let console = Console::of(world, Ok(()), None);
    assert_eq!(console.get("/visits").await.status, StatusCode::SEE_OTHER, "to where operators sign in");
    let ada = console.operator(1, "Ada", Role::Operator).await;
    let form = console.open(&ada, "/visits").await;
    assert!(form.text.contains("<option value=\"operate\">") && !form.text.contains("<option value=\"news\""), "{}", form.text);
    assert!(!form.text.contains("<table"), "nothing is counted before somebody says what for");
    let counted = console.post(&ada, "/visits", "_purpose=operate&_by=page&_since=2026-03-03&_until=2026-03-03").await;
    assert_eq!(counted.status, StatusCode::OK);
    assert!(
        counted.text.contains("/articles/sleep") && counted.text.contains("<meter aria-hidden=\"true\" min=\"0\" max=\"30\" value=\"30\">")
    );
    assert!(counted.text.contains("2 others") && !counted.text.contains("/rare"), "{}", counted.text);
    assert!(counted.text.contains("fewer than 10 people"), "{}", counted.text);
    let before = console.post(&ada, "/visits", "_purpose=operate&_by=day&_until=2026-03-02").await;
    assert!(before.text.contains("No visits."), "{}", before.text);
    for (fields, says) in [
        ("_by=page", "Say what the visits are counted for."),
        ("_purpose=news&_by=page", "no use of visits for `news`"),
        ("_purpose=return-visits&_by=day&_ip=192.0.2.1", "does not open `visit.ip` for `return-visits`"),
        ("_purpose=operate&_ip=nowhere", "An address is written like"),
        ("_purpose=operate&_since=soon", "A day is written like 2026-03-01."),
    ] {
        let refused = console.post(&ada, "/visits", fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(refused.text.contains("role=\"alert\"") && refused.text.replace("&#96;", "`").contains(says), "{fields}: {}", refused.text);
    }
}
