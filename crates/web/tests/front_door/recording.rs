//! What is kept of answers, and what happens when it cannot be.

use axum::http::StatusCode;
use domain::{Answer, Basis, Choice, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id, Version};
use policy::cookie::{ChoicesPart, CookieParts};
use records::ChoiceRow;

use crate::world::{NOW, Reply, World, at};

/// Every row there is under the record of the cookie that an answer set.
async fn rows(world: &World, reply: &Reply) -> Vec<ChoiceRow> {
    world.records.choices_of(world.parts(reply).choices.expect("choices").record).await.expect("the records can be read")
}

fn choice(purpose: &str, answer: Answer, opted_out: bool) -> Choice {
    let purpose = Id::parse(purpose).expect("an id");
    Choice { purpose, answer, at: at("2026-03-09T08:00:00Z"), version: Version(1), gpc: false, opted_out }
}

/// The `Cookie` header of somebody who answered so yesterday.
fn carrying(world: &World, choices: Vec<Choice>) -> String {
    let part = ChoicesPart { record: ChoiceRecordId([9; 16]), made: at("2026-03-09T08:00:00Z"), choices };
    world.cookie(&CookieParts { choices: Some(part), ..CookieParts::default() })
}

fn said(parts: &CookieParts) -> Vec<(String, Answer)> {
    let choices = parts.choices.as_ref().map_or(&[][..], |part| &part.choices);
    choices.iter().map(|choice| (choice.purpose.to_string(), choice.answer)).collect()
}

#[tokio::test]
async fn every_answer_is_recorded_before_it_counts() {
    let world = World::new();
    let fields = [("news", "yes"), ("remember", "no"), ("_interface", "banner"), ("_language", "es")];
    let reply = world.post("/privacy/choices", &fields).from("US-CA").send().await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let rows = rows(&world, &reply).await;
    let told: Vec<_> = rows.iter().map(|row| (row.purpose.to_string(), row.action)).collect();
    assert_eq!(told, [("news".to_owned(), ChoiceAction::Given), ("remember".to_owned(), ChoiceAction::Refused)]);
    for row in &rows {
        assert_eq!((row.method, row.interface.as_str(), row.language.as_str()), (ChoiceMethod::Banner, "banner/1", "es"));
        assert_eq!((row.basis, row.policy_version, row.policy_hash), (Basis::Consent, world.policy.version, world.policy.hash));
        assert_eq!((row.region.to_string().as_str(), row.gpc, row.at, row.account), ("us-ca", false, at(NOW), None));
        let shown = app::choices::words(&world.policy, world.policy.purpose_named(row.purpose.as_str()).expect("known"), "es");
        assert_eq!(row.words_hash, shown.hash);
    }
}

#[tokio::test]
async fn where_an_answer_was_given_is_told_apart() {
    let world = World::new();
    let page = world.post("/privacy/choices", &[("news", "no")]).header("accept-language", "es").send().await;
    let row = &rows(&world, &page).await[0];
    assert_eq!((row.method, row.language.as_str()), (ChoiceMethod::Page, "es"), "the page in the language the browser likes");
    let script = world.post("/privacy/choices", &[]).json(r#"{"news": false}"#).accept("application/json").send().await;
    assert_eq!(rows(&world, &script).await[0].method, ChoiceMethod::Api);
    let placeholder = world.post("/privacy/choices", &[("news", "no"), ("_interface", "placeholder")]).send().await;
    assert_eq!(rows(&world, &placeholder).await[0].method, ChoiceMethod::Placeholder);
    let odd = world.post("/privacy/choices", &[("news", "no"), ("_language", "tlh"), ("_interface", "page")]).send().await;
    assert_eq!(rows(&world, &odd).await[0].language, "en", "a language the policy does not speak was not shown");
    for nowhere in ["signal", "dream", ""] {
        let refused = world.post("/privacy/choices", &[("news", "no"), ("_interface", nowhere)]).accept("application/json").send().await;
        assert_eq!((refused.status, &refused.json()["error"]["code"]), (StatusCode::BAD_REQUEST, &"unknown-interface".into()), "{nowhere}");
    }
}

#[tokio::test]
async fn a_yes_that_cannot_be_recorded_does_not_count() {
    let world = World::new();
    world.records.close().await;
    let yes = || world.post("/privacy/choices", &[("news", "yes"), ("preference.text-size", "large")]);
    let reply = yes().send().await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.headers.get("set-cookie").is_none() && reply.headers.get("clear-site-data").is_none());
    assert!(reply.text.contains("Your yes was not saved") && reply.text.contains("nothing has changed"), "{}", reply.text);
    let json = yes().accept("application/json").send().await;
    assert_eq!((json.status, &json.json()["error"]["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"not-recorded".into()));
    assert_eq!(world.state.choices.counts(), app::choices::KeptCounts { kept: 0, unkept: 2 });
}

#[tokio::test]
async fn a_no_counts_even_when_it_cannot_be_recorded() {
    let world = World::new();
    world.records.close().await;
    let had = carrying(&world, vec![choice("news", Answer::Yes, false)]);
    let reply = world.post("/privacy/choices", &[("news", "no"), ("return", "/shop")]).cookie(&had).send().await;
    assert_eq!(reply.status, StatusCode::OK, "the person is told, wherever they wanted to go");
    assert!(reply.text.contains("Your no counts") && reply.text.contains("could not write it"), "{}", reply.text);
    assert_eq!(said(&world.parts(&reply)), [("news".to_owned(), Answer::No)]);
    assert_eq!(reply.header("clear-site-data"), "\"cache\"");
    let json = world.post("/privacy/choices", &[("news", "no")]).accept("application/json").cookie(&had).send().await;
    assert_eq!((json.status, &json.json()["recorded"]), (StatusCode::OK, &false.into()));
    assert_eq!(said(&world.parts(&json)), [("news".to_owned(), Answer::No)]);
}

#[tokio::test]
async fn of_a_yes_and_a_no_that_cannot_be_recorded_only_the_no_counts() {
    let world = World::new();
    world.records.close().await;
    let reply = world.post("/privacy/choices", &[("news", "yes"), ("remember", "no")]).send().await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.text.contains("What you said no to is off"), "{}", reply.text);
    assert_eq!(said(&world.parts(&reply)), [("remember".to_owned(), Answer::No)]);
}

#[tokio::test]
async fn an_old_or_repeated_form_records_nothing() {
    let world = World::new();
    let form = world.get("/privacy/choices").header("sec-fetch-site", "none").send().await;
    let (version, last) = (form.field("_version").expect("a version"), form.field("_last_choice").expect("a time"));
    let fields = [("news", "yes"), ("_version", version.as_str()), ("_last_choice", last.as_str())];
    let first = world.post("/privacy/choices", &fields).send().await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let cookie = world.cookie(&world.parts(&first));
    let again = world.post("/privacy/choices", &fields).cookie(&cookie).send().await;
    assert_eq!(again.status, StatusCode::CONFLICT, "the form was made before that choice");
    assert!(again.cookie("__Host-candor").is_none());
    assert_eq!(rows(&world, &first).await.len(), 1);
    assert_eq!(world.state.choices.counts().kept, 1);
}

#[tokio::test]
async fn what_is_not_believed_or_not_understood_records_nothing() {
    let world = World::new();
    let forged = world.bare_post("/privacy/choices", &[("news", "yes"), ("_token", "AAAA")]);
    assert_eq!(forged.send().await.status, StatusCode::FORBIDDEN);
    let foreign = world.bare_post("/privacy/choices", &[("news", "yes")]).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.status, StatusCode::FORBIDDEN);
    for fields in
        [&[("news", "yes"), ("nope", "yes")][..], &[("news", "perhaps")], &[("news", "yes"), ("news", "no")], &[("operate", "no")]]
    {
        let reply = world.post("/privacy/choices", fields).send().await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{fields:?}");
        assert!(reply.headers.get("set-cookie").is_none() && reply.headers.get("clear-site-data").is_none());
    }
    assert_eq!(world.state.choices.counts(), app::choices::KeptCounts::default());
}

#[tokio::test]
async fn taking_a_yes_back_is_one_click_as_giving_it_is() {
    let world = World::new();
    let had = carrying(&world, vec![choice("news", Answer::Yes, false)]);
    let page = world.get("/privacy/choices").cookie(&had).send().await.text;
    let button = |purpose: &str, answer: &str| {
        page.contains(&format!("<button type=\"submit\" form=\"one-click\" name=\"{purpose}\" value=\"{answer}\">"))
    };
    assert!(button("news", "no") && !button("news", "yes"), "what was said needs no button to be said again");
    assert!(button("remember", "yes") && button("remember", "no"), "what is not answered can be answered either way");
    let withdrawn = world.post("/privacy/choices", &[("news", "no")]).cookie(&had).send().await;
    assert_eq!(rows(&world, &withdrawn).await[0].action, ChoiceAction::Withdrawn);
}

#[tokio::test]
async fn only_what_ends_something_clears_the_browsers_cache() {
    let world = World::new();
    let had = carrying(&world, vec![choice("news", Answer::Yes, false)]);
    let cleared = async |fields: &[(&str, &str)], cookie: &str, region: &str| {
        world.post("/privacy/choices", fields).cookie(cookie).from(region).send().await.header("clear-site-data").to_owned()
    };
    assert_eq!(cleared(&[("news", "no")], &had, "DE").await, "\"cache\"");
    assert_eq!(cleared(&[("return-visits", "no")], "", "US-CA").await, "\"cache\"", "it was on unasked");
    assert_eq!(cleared(&[("news", "no")], "", "DE").await, "", "it was never on");
    assert_eq!(cleared(&[("news", "yes")], "", "DE").await, "");
    assert_eq!(cleared(&[], &had, "DE").await, "");
}

#[tokio::test]
async fn opting_back_in_is_asked_twice_and_works_without_script() {
    let world = World::new();
    let had = carrying(&world, vec![choice("return-visits", Answer::No, true)]);
    let fields = [("return-visits", "yes"), ("news", "yes"), ("return", "/shop"), ("_interface", "banner"), ("_language", "en")];
    let first = world.post("/privacy/choices", &fields).cookie(&had).send().await;
    assert_eq!(first.status, StatusCode::CONFLICT);
    assert!(first.text.contains("Are you sure?") && first.text.contains("You opted out on"), "{}", first.text);
    assert!(first.text.contains("href=\"/shop\">No, leave it off"));
    let parts = world.parts(&first);
    let mut counts = said(&parts);
    counts.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(counts, [("news".to_owned(), Answer::Yes), ("return-visits".to_owned(), Answer::No)], "what needs no second step counts");

    let names = ["_version", "_last_choice", "_interface", "_language", "_confirm", "return", "return-visits"];
    let values: Vec<String> = names.iter().map(|name| first.field(name).unwrap_or_else(|| panic!("no {name}: {}", first.text))).collect();
    let fields: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
    let second = world.post("/privacy/choices", &fields).cookie(&world.cookie(&parts)).send().await;
    assert_eq!((second.status, second.header("location")), (StatusCode::SEE_OTHER, "/shop"));
    assert!(said(&world.parts(&second)).contains(&("return-visits".to_owned(), Answer::Yes)));
    let rows = rows(&world, &second).await;
    let told: Vec<_> = rows.iter().map(|row| (row.purpose.to_string(), row.action, row.method)).collect();
    let given = |purpose: &str| (purpose.to_owned(), ChoiceAction::Given, ChoiceMethod::Banner);
    assert_eq!(told, [given("news"), given("return-visits")]);
}

#[tokio::test]
async fn an_old_browser_confirms_with_the_token_of_the_second_step() {
    let world = World::new();
    let had = carrying(&world, vec![choice("return-visits", Answer::No, true)]);
    let form = world.get("/privacy/choices").cookie(&had).send().await;
    let token = form.field("_token").expect("a token");
    let first = world.bare_post("/privacy/choices", &[("return-visits", "yes"), ("_token", &token)]).cookie(&had).send().await;
    assert_eq!(first.status, StatusCode::CONFLICT);
    let token = first.field("_token").expect("a token of its own");
    let fields = [("return-visits", "yes"), ("_confirm", "yes"), ("_token", token.as_str())];
    assert_eq!(world.bare_post("/privacy/choices", &fields).cookie(&had).send().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_signal_makes_a_yes_take_two_steps_and_a_no_never() {
    let world = World::new();
    let all = |answer| world.post("/privacy/choices", &[("_all", answer)]).with_gpc();
    let yes = all("yes").accept("application/json").send().await;
    assert_eq!(yes.status, StatusCode::CONFLICT);
    assert_eq!((&yes.json()["error"]["code"], &yes.json()["error"]["purposes"]), (&"confirm-opt-in".into(), &serde_json::json!(["news"])));
    assert!(said(&world.parts(&yes)).iter().all(|(purpose, _)| purpose != "news"), "the others count at once");
    assert_eq!(all("no").send().await.status, StatusCode::SEE_OTHER);
    let confirmed = world.post("/privacy/choices", &[("news", "yes"), ("_confirm", "yes")]).with_gpc().send().await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER);
    assert!(rows(&world, &confirmed).await[0].gpc);
}

#[tokio::test]
async fn a_no_on_an_old_form_counts_and_its_yes_is_asked_again() {
    let world = World::new();
    let had = carrying(&world, vec![choice("news", Answer::Yes, false)]);
    let old = |fields: &[(&'static str, &'static str)]| [fields, &[("_version", "1"), ("_last_choice", "")]].concat();
    let no = world.post("/privacy/choices", &old(&[("news", "no")])).cookie(&had).send().await;
    assert_eq!(
        (no.status, no.header("location")),
        (StatusCode::SEE_OTHER, "/privacy/choices?saved=1773163800"),
        "nothing is old about a no"
    );
    assert_eq!(said(&world.parts(&no)), [("news".to_owned(), Answer::No)]);

    let mixed = old(&[("news", "no"), ("remember", "yes")]);
    let reply = world.post("/privacy/choices", &mixed).cookie(&had).send().await;
    assert_eq!((reply.status, reply.header("clear-site-data")), (StatusCode::CONFLICT, "\"cache\""));
    assert!(reply.text.contains("Your no counts; your yes was not saved."), "{}", reply.text);
    let parts = world.parts(&reply);
    assert_eq!(said(&parts), [("news".to_owned(), Answer::No)]);
    let told: Vec<_> = rows(&world, &reply).await.iter().map(|row| (row.purpose.to_string(), row.action)).collect();
    assert_eq!(told.last(), Some(&("news".to_owned(), ChoiceAction::Withdrawn)), "{told:?}");

    let last = reply.field("_last_choice").expect("the form is a new one");
    let again = [("remember", "yes"), ("_version", "1"), ("_last_choice", last.as_str())];
    let saved = world.post("/privacy/choices", &again).cookie(&world.cookie(&parts)).send().await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let json = world.post("/privacy/choices", &mixed).accept("application/json").cookie(&had).send().await;
    assert_eq!((json.status, &json.json()["error"]["code"]), (StatusCode::CONFLICT, &"stale".into()));
    assert_eq!(said(&world.parts(&json)), [("news".to_owned(), Answer::No)]);
}

#[tokio::test]
async fn a_yes_that_waited_does_not_undo_the_no_that_came_after_it() {
    let world = World::new();
    let had = carrying(&world, vec![choice("remember", Answer::Yes, false)]);
    let no = world.post("/privacy/choices", &[("news", "no"), ("remember", "no")]).cookie(&had).at(at("2026-03-10T17:30:01Z")).send().await;
    assert_eq!(no.status, StatusCode::SEE_OTHER);
    // It came a second earlier, with the cookie from before, and its answer is ready only now.
    let late = world.post("/privacy/choices", &[("news", "yes")]).cookie(&had).send().await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let mut counts = said(&world.parts(&late));
    counts.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(counts, [("news".to_owned(), Answer::No), ("remember".to_owned(), Answer::No)]);
    let after = world.post("/privacy/choices", &[("news", "yes")]).cookie(&world.cookie(&world.parts(&late)));
    assert_eq!(after.at(at("2026-03-10T17:30:09Z")).send().await.status, StatusCode::SEE_OTHER, "a yes said afterwards counts");
}

#[tokio::test]
async fn too_many_answers_from_one_network_leave_no_rows_and_a_no_counts_all_the_same() {
    let world = World::new();
    let post = |fields: &[(&str, &str)]| world.post("/privacy/choices", fields);
    for _ in 0..60 {
        assert_eq!(post(&[("news", "no")]).send().await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(world.state.choices.counts(), app::choices::KeptCounts { kept: 60, unkept: 0 });

    let yes = post(&[("news", "yes")]).send().await;
    assert_eq!((yes.status, yes.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert!(yes.headers.get("set-cookie").is_none());
    assert!(yes.text.contains("Your yes was not saved") && yes.text.contains("nothing has changed"), "{}", yes.text);
    let json = post(&[("news", "yes"), ("remember", "no")]).accept("application/json").send().await;
    assert_eq!((json.status, &json.json()["error"]["code"]), (StatusCode::TOO_MANY_REQUESTS, &"too-many-answers".into()));
    assert_eq!(said(&world.parts(&json)), [("remember".to_owned(), Answer::No)]);

    let no = post(&[("news", "no")]).send().await;
    assert_eq!((no.status, said(&world.parts(&no))), (StatusCode::OK, vec![("news".to_owned(), Answer::No)]));
    assert!(no.text.contains("Your no counts"), "{}", no.text);
    assert!(rows(&world, &no).await.is_empty());
    assert_eq!(world.state.choices.counts(), app::choices::KeptCounts { kept: 60, unkept: 4 });
    let later = post(&[("news", "yes")]).at(at("2026-03-10T17:30:02Z")).send().await;
    assert_eq!(later.status, StatusCode::SEE_OTHER, "turns come back");
}

#[tokio::test]
async fn what_is_answered_again_leaves_no_row_until_a_day_has_passed() {
    let world = World::new();
    let all = [("news", "yes"), ("remember", "no")];
    let first = world.post("/privacy/choices", &all).send().await;
    let cookie = world.cookie(&world.parts(&first));
    let again = world.post("/privacy/choices", &all).cookie(&cookie).at(at("2026-03-10T17:31:00Z")).send().await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(rows(&world, &again).await.len(), 2);
    let choices = |reply| world.parts(reply).choices.expect("choices").choices;
    assert_eq!(choices(&again), choices(&first), "they were said when they were said first");
    let other = world.post("/privacy/choices", &[("news", "no"), ("remember", "no")]).cookie(&cookie);
    let other = other.at(at("2026-03-10T17:32:00Z")).send().await;
    assert_eq!(rows(&world, &other).await.len(), 3, "one of them is new");
    let next_day = world.post("/privacy/choices", &[("remember", "no")]).cookie(&cookie).at(at("2026-03-11T17:31:00Z")).send().await;
    assert_eq!(rows(&world, &next_day).await.len(), 4);
}
