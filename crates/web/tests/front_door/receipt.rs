use axum::http::StatusCode;

use crate::world::{RULES, WORDS, World, at, sources};

fn sha256(text: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn whoever_chose_gets_a_receipt_of_it() {
    let world = World::new();
    let first = world.post("/privacy/choices", &[("news", "yes"), ("_language", "es"), ("_interface", "banner")]).send().await;
    let cookie = world.cookie(&world.parts(&first));
    let second = world.post("/privacy/choices", &[("news", "no")]).cookie(&cookie).at(at("2026-03-10T17:31:00Z")).send().await;
    let cookie = world.cookie(&world.parts(&second));
    let choices = world.get("/privacy/choices").cookie(&cookie).send().await.text;
    assert!(choices.contains("href=\"/privacy/choices/receipt\""));

    let page = world.get("/privacy/choices/receipt").cookie(&cookie).send().await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "private, no-store"));
    assert!(page.text.contains("you said yes") && page.text.contains("you took your yes back"), "{}", page.text);
    assert!(page.text.contains("News about our services") && page.text.contains("Pigeon Post Inc."));

    let receipt = world.get("/privacy/choices/receipt").cookie(&cookie).accept("application/json").send().await;
    let as_file = world.get("/privacy/choices/receipt.json").cookie(&cookie).send().await;
    assert_eq!(receipt.json(), as_file.json());
    let receipt = receipt.json();
    let record = world.parts(&first).choices.expect("choices").record.to_hex();
    assert_eq!((&receipt["schema_version"], &receipt["record_id"]), (&"ISO/IEC TS 27560:2023".into(), &record.as_str().into()));
    assert_eq!(receipt["party_identification"][0]["party_name"], "Harbour Clinic");
    assert_eq!(receipt["party_identification"][1]["party_role"], "pii-processor");
    let events: Vec<_> = receipt["events"].as_array().expect("events").iter().map(|event| &event["event_type"]).collect();
    assert_eq!(events, ["withdrawn", "given"], "the newest first");
    assert_eq!((&receipt["events"][0]["event_state"], &receipt["events"][1]["event_state"]), (&"current".into(), &"superseded".into()));

    let spanish = receipt["pii_processing"].as_array().expect("a list").iter().find(|known| known["language"] == "es").expect("Spanish");
    assert_eq!(spanish["privacy_notice"]["url"], "https://clinic.example/privacy/versions/1");
    assert_eq!(spanish["privacy_notice"]["is_as_recorded"], true);
    assert_eq!(spanish["withdrawal_method"], "https://clinic.example/privacy/choices");
    let purpose = &spanish["purposes"][0];
    assert_eq!((&purpose["purpose_id"], &purpose["lawful_basis"]), (&"news".into(), &"consent".into()));
    let words = purpose["words"].as_str().expect("words");
    assert!(words.starts_with("Noticias sobre nuestros servicios\n"), "{words}");
    assert_eq!(purpose["words_sha256"], sha256(words), "whoever has sha256sum can check it");
    assert_eq!((&purpose["words_are_as_recorded"], &receipt["events"][1]["words_sha256"]), (&true.into(), &purpose["words_sha256"]));
}

#[tokio::test]
async fn a_receipt_shows_the_words_of_then_after_the_policy_changed() {
    let world = World::new();
    let first = world.post("/privacy/choices", &[("news", "yes")]).send().await;
    let rules = RULES.replace("News about our services", "All the news about our services");
    let world = world.changed_to(&sources(&rules, WORDS), "2026-03-09T08:00:00Z");
    let cookie = world.cookie(&world.parts(&first));
    let receipt = world.get("/privacy/choices/receipt.json").cookie(&cookie).send().await.json();
    let purpose = &receipt["pii_processing"][0]["purposes"][0];
    assert_eq!((&purpose["purpose"], &purpose["words_are_as_recorded"]), (&"News about our services".into(), &true.into()));
    assert_eq!(receipt["events"][0]["policy_version"], 1);
}

#[tokio::test]
async fn nobody_else_gets_it() {
    let world = World::new();
    world.post("/privacy/choices", &[("news", "yes")]).send().await;
    for cookie in ["", "__Host-candor=AAAA"] {
        let page = world.get("/privacy/choices/receipt").cookie(cookie).send().await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.text.contains("There is no receipt for this browser"), "{}", page.text);
        let json = world.get("/privacy/choices/receipt.json").cookie(cookie).accept("application/json").send().await;
        assert_eq!((json.status, &json.json()["error"]["code"]), (StatusCode::NOT_FOUND, &"no-receipt".into()));
    }
    let nothing = world.get("/privacy/choices").send().await.text;
    assert!(!nothing.contains("/choices/receipt"), "there is nothing to show");
}

#[tokio::test]
async fn records_that_cannot_be_read_say_so() {
    let world = World::new();
    let first = world.post("/privacy/choices", &[("news", "yes")]).send().await;
    world.records.close().await;
    let page = world.get("/privacy/choices/receipt").cookie(&world.cookie(&world.parts(&first))).send().await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("try again in a few minutes"), "{}", page.text);
}

#[tokio::test]
async fn the_file_that_is_not_there_is_missed_in_its_own_language() {
    let world = World::new();
    let reply = world.get("/privacy/choices/receipt.json").accept("text/html,*/*;q=0.8").send().await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (StatusCode::NOT_FOUND, &"no-receipt".into()));
}
