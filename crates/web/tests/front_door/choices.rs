use axum::http::StatusCode;
use domain::{Answer, ChoiceRecordId, Id, Version, VisitorId};
use policy::cookie::{ChoicesPart, CookieParts, SignalPart, VisitorPart};

use crate::world::{NOW, RULES, SPANISH_WORDS, WORDS, World, at, sources};
use web::Settings;

fn answer(parts: &CookieParts, purpose: &str) -> Option<Answer> {
    let id = domain::Id::parse(purpose).expect("an id");
    parts.choices.as_ref()?.answer(&id).map(|choice| choice.answer)
}

#[tokio::test]
async fn a_visitor_sees_every_purpose_and_nothing_is_ticked_for_them() {
    let world = World::new();
    let reply = world.get("/privacy/choices").header("sec-fetch-site", "none").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(!reply.text.contains(" checked"), "nothing is chosen before they choose");
    assert!(reply.headers.get("set-cookie").is_none(), "looking sets no cookie");
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn what_is_on_by_default_is_not_ticked_either() {
    let world = World::new();
    let page = world.get("/privacy/choices").from("US-CA").send().await.text;
    assert!(page.contains("It ends as soon as you say no."));
    assert!(!page.contains(" checked"));
}

#[tokio::test]
async fn a_no_without_script_is_saved_and_leads_back() {
    let world = World::new();
    let reply = world.post("/privacy/choices", &[("news", "no"), ("return-visits", "no"), ("return", "/blog?page=2")]).send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/blog?page=2"));
    let parts = world.parts(&reply);
    assert_eq!(answer(&parts, "news"), Some(Answer::No));
    assert_eq!(answer(&parts, "return-visits"), Some(Answer::No));
    assert_eq!(answer(&parts, "remember"), None, "a missing field changes nothing");
    assert!(parts.visitor.is_none(), "refusing makes no visitor");
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("__Host-candor=") && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn saved_choices_are_shown_as_chosen() {
    let world = World::new();
    let saved = world.post("/privacy/choices", &[("news", "yes"), ("remember", "no")]).send().await;
    assert_eq!(saved.header("location"), "/privacy/choices?saved=1773163800");
    let cookie = world.cookie(&world.parts(&saved));
    let page = world.get("/privacy/choices?saved=1773163800").cookie(&cookie).send().await.text;
    assert!(page.contains("name=\"news\" value=\"yes\" checked") && page.contains("name=\"remember\" value=\"no\" checked"));
    assert!(page.contains("<strong>Saved.</strong>"));
    let spanish = world.post("/privacy/choices?language=es", &[("news", "yes")]).send().await;
    assert_eq!(spanish.header("location"), "/privacy/choices?saved=1773163800&language=es");
    let later = world.get("/privacy/choices?saved=1773163800").cookie(&cookie).at(at("2026-03-11T10:00:00Z")).send().await.text;
    assert!(!later.contains("<strong>Saved.</strong>"), "an old link does not claim that something was just saved");
}

#[tokio::test]
async fn refusing_all_and_accepting_all_are_one_click_each() {
    let world = World::new();
    let refused = world.post("/privacy/choices", &[("_all", "no")]).send().await;
    let accepted = world.post("/privacy/choices", &[("_all", "yes")]).send().await;
    for purpose in ["news", "remember", "return-visits"] {
        assert_eq!(answer(&world.parts(&refused), purpose), Some(Answer::No));
        assert_eq!(answer(&world.parts(&accepted), purpose), Some(Answer::Yes));
    }
}

#[tokio::test]
async fn a_no_ends_the_visitors_number() {
    let world = World::new();
    let known = CookieParts { visitor: Some(VisitorPart::new(VisitorId([4; 16]), at(NOW))), ..CookieParts::default() };
    let reply = world.post("/privacy/choices", &[("return-visits", "no")]).cookie(&world.cookie(&known)).send().await;
    assert!(world.parts(&reply).visitor.is_none());
}

#[tokio::test]
async fn global_privacy_control_is_seen_to_be_honoured() {
    let world = World::new();
    let page = world.get("/privacy/choices").with_gpc().send().await.text;
    assert!(page.contains("Your browser sends Global Privacy Control, and we honour it."));
    assert!(page.contains("We honour it, so this is off."));
}

#[tokio::test]
async fn a_forged_cookie_counts_as_refusing_everything() {
    let world = World::new();
    let page = world.get("/privacy/choices").cookie("__Host-candor=AAAA").from("US-CA").send().await.text;
    assert!(page.contains("Until you choose again we treat everything as refused."));
    assert!(!page.contains("value=\"yes\" checked"));
}

#[tokio::test]
async fn an_unknown_purpose_is_named_and_nothing_changes() {
    let world = World::new();
    let reply = world.post("/privacy/choices", &[("newz", "no"), ("news", "no")]).send().await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text.contains("There is no purpose `newz` in this site&#39;s policy. Nothing has changed."), "{}", reply.text);
    assert!(reply.headers.get("set-cookie").is_none());
    let always_on = world.post("/privacy/choices", &[("operate", "no")]).accept("application/json").send().await;
    assert_eq!((always_on.status, &always_on.json()["error"]["code"]), (StatusCode::BAD_REQUEST, &"not-a-choice".into()));
}

#[tokio::test]
async fn an_old_form_changes_nothing_and_a_new_one_comes_back() {
    let world = World::new();
    let form = world.get("/privacy/choices?return=/shop").send().await;
    let (version, last) = (form.field("_version").expect("a version"), form.field("_last_choice").expect("a time"));
    assert_eq!((version.as_str(), last.as_str()), ("1", ""));
    let record = ChoiceRecordId([5; 16]);
    let chosen =
        CookieParts { choices: Some(ChoicesPart { record, made: at("2026-03-09T08:00:00Z"), choices: vec![] }), ..CookieParts::default() };
    let fields = [("news", "yes"), ("_version", version.as_str()), ("_last_choice", last.as_str()), ("return", "/shop")];
    let reply = world.post("/privacy/choices", &fields).cookie(&world.cookie(&chosen)).send().await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.headers.get("set-cookie").is_none());
    assert!(reply.text.contains("Nothing was saved."));
    let last = reply.field("_last_choice").expect("the last choice");
    assert!(last.starts_with("2026-03-09T08:00:00Z~"), "{last}");
    assert_eq!(reply.field("return").as_deref(), Some("/shop"));

    let fresh = [("news", "yes"), ("_version", "1"), ("_last_choice", last.as_str())];
    let saved = world.post("/privacy/choices", &fresh).cookie(&world.cookie(&chosen)).send().await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(world.parts(&saved).choices.expect("choices").record, record);
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let world = World::new();
    for path in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\r\nX-Evil: 1",
        "\\/evil.example",
        "/\t/evil.example",
    ] {
        let reply = world.post("/privacy/choices", &[("news", "no"), ("return", path)]).send().await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/privacy/choices?saved=1773163800"), "{path:?}");
        let encoded: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let form = world.get(&format!("/privacy/choices?return={encoded}")).send().await;
        assert_eq!(form.field("return"), None, "{path:?}");
    }
}

#[tokio::test]
async fn scripts_get_and_give_the_same_as_json() {
    let world = World::new();
    let before = world.get("/privacy/choices").accept("application/json").send().await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&before.json()).expect("JSON"));

    let saved =
        world.post("/privacy/choices", &[]).json(r#"{"news": true, "return-visits": "no"}"#).accept("application/json").send().await;
    assert_eq!(saved.status, StatusCode::OK);
    let purposes = saved.json()["purposes"].clone();
    let news = purposes.as_array().expect("purposes").iter().find(|purpose| purpose["id"] == "news").expect("news").clone();
    assert_eq!((&news["allowed"], &news["choice"]), (&true.into(), &"yes".into()));
    assert_eq!(answer(&world.parts(&saved), "return-visits"), Some(Answer::No));

    for body in ["[]", "{\"news\": null}", "{\"news\": {}}", "nonsense", ""] {
        let reply = world.post("/privacy/choices", &[]).json(body).accept("application/json").send().await;
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (StatusCode::BAD_REQUEST, &"unreadable-json".into()), "{body}");
    }
}

#[tokio::test]
async fn a_body_is_small_and_of_a_known_kind() {
    let world = World::new();
    let reply = world.post("/privacy/choices", &[]).body(format!("news=no&filler={}", "x".repeat(64 * 1024))).send().await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    let reply = world
        .ask(axum::http::Method::POST, "/privacy/choices")
        .header("content-type", "multipart/form-data; boundary=x")
        .header("sec-fetch-site", "same-origin")
        .body("--x".to_owned())
        .send()
        .await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let nothing = world.post("/privacy/choices", &[]).send().await;
    assert_eq!(nothing.status, StatusCode::SEE_OTHER);
    assert!(nothing.headers.get("set-cookie").is_none(), "nothing asked, nothing changed");
}

#[tokio::test]
async fn preferences_are_kept_while_their_purpose_is_on() {
    let world = World::new();
    let fields = [("remember", "yes"), ("preference.text-size", "large"), ("preference.language", "")];
    let reply = world.post("/privacy/choices", &fields).send().await;
    let parts = world.parts(&reply);
    assert_eq!(parts.preferences.as_ref().expect("preferences").values.len(), 1);
    let page = world.get("/privacy/choices").cookie(&world.cookie(&parts)).send().await.text;
    assert!(page.contains("<option value=\"large\" selected>"));
    let ended = world.post("/privacy/choices", &[("remember", "no")]).cookie(&world.cookie(&parts)).send().await;
    assert!(world.parts(&ended).preferences.is_none());
}

#[tokio::test]
async fn a_policy_that_remembers_no_choices_asks_for_none() {
    let rules = RULES.replace("holds = \"choices\"", "name = \"site_choices\"");
    let world = World::of(&sources(&rules, WORDS), Settings::default());
    let page = world.get("/privacy/choices").send().await.text;
    assert!(page.contains("keeps no cookie for choices") && !page.contains("type=\"radio\""));
    let reply = world.post("/privacy/choices", &[("news", "no")]).send().await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text.contains("declares no cookie that could remember choices"));
}

#[tokio::test]
async fn the_page_speaks_its_readers_language_throughout() {
    let world = World::new();
    let saved = world.post("/privacy/choices", &[("news", "yes"), ("return-visits", "no")]).send().await;
    let cookie = world.cookie(&world.parts(&saved));
    let reply =
        world.get("/privacy/choices").header("accept-language", "es-MX").header("sec-fetch-site", "none").cookie(&cookie).send().await;
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn somebody_whose_browser_keeps_no_cookie_is_told_what_that_means() {
    let world = World::new();
    let page = world.get("/privacy/choices?saved=1773163800").send().await.text;
    assert!(page.contains("Your browser keeps no cookie of ours"), "{page}");
    assert!(page.contains("Everything works but for this: Counting return visits."));
    assert!(!page.contains("Something is on here until you say no") && !page.contains("<strong>Saved.</strong>"));
    let in_california = world.get("/privacy/choices?saved=1773163800").from("US-CA").send().await.text;
    assert!(in_california.contains("Something is on here until you say no, and only a cookie can remember that no."));
    assert!(!world.get("/privacy/choices").send().await.text.contains("keeps no cookie of ours"), "nobody has tried yet");
}

#[tokio::test]
async fn what_went_wrong_is_told_in_the_readers_language_on_a_page_and_in_english_to_a_script() {
    let world = World::new();
    let strange = || world.bare_post("/privacy/choices", &[("news", "yes")]).header("accept-language", "es");
    let page = strange().send().await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("<html lang=\"es\"") && page.text.contains("Este formulario no vino de nuestra página"), "{}", page.text);
    let script = strange().accept("application/json").send().await.json();
    assert!(script["error"]["message"].as_str().is_some_and(|message| message.starts_with("We could not tell")), "{script}");
}

fn signalled() -> CookieParts {
    let news = (Id::parse("news").expect("an id"), at("2026-03-09T08:00:00Z"), Version(1));
    let signal = SignalPart::new(ChoiceRecordId([9; 16]), at("2026-03-09T08:00:00Z"), [news]);
    CookieParts { signal: Some(signal), ..CookieParts::default() }
}

#[tokio::test]
async fn what_the_signal_ended_is_not_told_as_if_somebody_had_answered() {
    let world = World::new();
    let cookie = world.cookie(&signalled());
    let page = world.get("/privacy/choices").cookie(&cookie).send().await.text;
    assert!(page.contains("Your browser’s signal, Global Privacy Control, switched this off on 9 March 2026."), "{page}");
    for false_words in ["You said no", "Last saved", "what you answered"] {
        assert!(!page.contains(false_words), "{false_words}: {page}");
    }
    let told = world.get("/privacy/choices").accept("application/json").cookie(&cookie).send().await.json();
    let news = told["purposes"].as_array().and_then(|all| all.iter().find(|purpose| purpose["id"] == "news")).expect("the purpose");
    assert_eq!((&news["allowed"], &news["choice"], &told["last_choice"]), (&false.into(), &().into(), &().into()), "{told:#}");
    assert!(news["reason"].as_str().is_some_and(|reason| reason.starts_with("Your browser’s signal")), "{news:#}");
    let held = world.get("/privacy/me").cookie(&cookie).send().await.text;
    assert!(held.contains("Global Privacy Control</h3>") && held.contains(&ChoiceRecordId([9; 16]).to_hex()), "{held}");
}

#[tokio::test]
async fn answers_leave_the_signal_to_its_own_cookie_and_are_recorded_under_its_number() {
    let world = World::new();
    let cookie = world.cookie(&signalled());
    let answered = world.post("/privacy/choices", &[("remember", "yes")]).cookie(&cookie).send().await;
    assert_eq!(answered.cookie("__Host-candor-visit"), None, "nothing changes there");
    let parts = world.parts(&answered);
    assert_eq!(parts.choices.as_ref().map(|part| (part.record, part.choices.len())), Some((ChoiceRecordId([9; 16]), 1)));

    let unsure = world.post("/privacy/choices", &[("news", "yes")]).cookie(&cookie).send().await;
    assert_eq!((unsure.status, unsure.cookie("__Host-candor")), (StatusCode::CONFLICT, None), "it takes a second step");
    let sure = world.post("/privacy/choices", &[("news", "yes"), ("_confirm", "yes")]).cookie(&cookie).send().await;
    let both = CookieParts { signal: signalled().signal, ..world.parts(&sure) };
    assert_eq!(both.answer(&Id::parse("news").expect("an id")).map(|choice| choice.answer), Some(Answer::Yes), "said after the signal");
}

#[tokio::test]
async fn an_answer_counts_though_the_cookie_of_visits_could_not_be_believed() {
    let world = World::new();
    let before = world.cookie(&CookieParts { visitor: None, ..signalled() }).replace("__Host-candor-visit=", "__Host-candor-visit=A");
    let answered = world.post("/privacy/choices", &[("remember", "yes")]).cookie(&before).send().await;
    assert_eq!(answered.cookie("__Host-candor-visit").as_deref(), Some(""), "it would refuse everything for ever");
    assert_eq!(answer(&world.parts(&answered), "remember"), Some(Answer::Yes));
}

#[tokio::test]
async fn a_form_without_an_answer_claims_nothing_about_the_browsers_cookies() {
    let world = World::new();
    let nothing = world.post("/privacy/choices", &[]).send().await;
    assert_eq!(nothing.header("location"), "/privacy/choices?saved=0");
    assert!(nothing.headers.get("set-cookie").is_none());
    let page = world.get(nothing.header("location")).send().await.text;
    assert!(page.contains("You have not answered anything yet") && !page.contains("keeps no cookie"), "{page}");
    let odd = world.get("/privacy/choices?saved=1").send().await.text;
    assert!(!odd.contains("keeps no cookie") && !odd.contains("not answered anything"), "a link that no form of ours led to");
}

#[tokio::test]
async fn what_a_cookie_that_nobody_chooses_is_needed_for_is_named_where_cookies_are_missing() {
    let cart = "\n[[cookie]]\nid = \"cart-cookie\"\nname = \"cart\"\npurpose = \"operate\"\nkeep = \"1 day\"\nneeded_for = [{ en = \"Your cart\", es = \"Su cesta\" }]\n";
    let told = |words: &str| words.replace("{choices-cookie}", "{choices-cookie, cart-cookie}");
    let spanish = domain::Language::parse("es").expect("a language");
    let sources = policy::syntax::SiteSources::new(format!("{RULES}{cart}"), told(WORDS)).with_translation(spanish, told(SPANISH_WORDS));
    let page = World::of(&sources, Settings::default()).get("/privacy/choices?saved=1773163800").send().await.text;
    assert!(page.contains("Everything works but for this: Counting return visits; Your cart."), "{page}");
}
