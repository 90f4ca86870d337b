//! In front of a site that does whatever it can to have its visitors tracked, in a real browser. The tracker itself says what reached it.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::hostile::{Hostile, POLICIES};
use stories::{Server, browser_script};

/// What the tracker cannot be told of by a browser that runs no script, and what only such a browser asks for.
const WITHOUT_SCRIPT: &str = "without-script-";

/// What the site does to a browser without Candor: everything that can be held back has to be seen to happen first.
const WAYS_MIN: usize = 120;

fn visit(hostile: &Hostile, server: &Server, story: &str) -> Value {
    visit_by(hostile, server, story, "mouse")
}

fn visit_by(hostile: &Hostile, server: &Server, story: &str, by: &str) -> Value {
    let mut told = hostile.told(server);
    told["story"] = Value::from(story);
    told["by"] = Value::from(by);
    browser_script("hostile.mjs", told)
}

/// Nobody connected to the tracker, let alone asked it for anything.
fn nothing(log: &Value) -> bool {
    log["connections"] == 0 && log["ways"] == json!([])
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|word| word.as_str().expect("a word")).collect()
}

/// The ways of one log that are not in another. What a browser only prepares it may leave when it has much to do, and it says goodbye only if it has time.
fn not_in<'l>(ways: &'l Value, others: &'l Value) -> Vec<&'l str> {
    let others = words(others);
    let is_certain = |way: &str| !["speculation", "prefetch", "leaving"].iter().any(|kind| way.contains(kind));
    words(ways).into_iter().filter(|way| !others.contains(way) && is_certain(way)).collect()
}

fn tracking_cookies(names: &Value) -> Vec<&str> {
    words(names).into_iter().filter(|name| name.starts_with("_trk") || *name == "stranger").collect()
}

#[test]
fn without_a_choice_the_tracker_learns_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "undecided");
    assert!(nothing(&saw["undecided"]), "{saw:#}");
    assert_eq!(words(&saw["undecided"]["files"]), ["needed"], "what needs no asking comes through: {saw:#}");
    assert_eq!(tracking_cookies(&saw["cookies"]), [""; 0], "{saw:#}");
    assert_eq!(cookies_told(&hostile), [""; 0], "no cookie that nobody allowed reaches the site");
}

/// The tracking cookies that the site was sent.
fn cookies_told(hostile: &Hostile) -> Vec<String> {
    let all = hostile.asked();
    let sent = all.iter().filter_map(|request| request.header("cookie")).flat_map(|cookies| cookies.split(';'));
    let names = sent.map(|pair| pair.split('=').next().unwrap_or_default().trim().to_owned());
    let mut tracking: Vec<String> = names.filter(|name| name.starts_with("_trk") || name == "stranger").collect();
    tracking.sort();
    tracking.dedup();
    tracking
}

#[test]
fn after_a_no_by_click_the_tracker_learns_nothing() {
    refused_by("mouse");
}

#[test]
fn after_a_no_by_keyboard_the_tracker_learns_nothing() {
    refused_by("keyboard");
}

fn refused_by(hand: &str) {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit_by(&hostile, &server, "refused", hand);
    assert!(nothing(&saw["refused"]), "{saw:#}");
    assert_eq!(saw["asked"], 0, "a no is not asked about again: {saw:#}");
    assert_eq!(tracking_cookies(&saw["cookies"]), [""; 0], "{saw:#}");
    assert_eq!(cookies_told(&hostile), [""; 0]);
}

#[test]
fn under_global_privacy_control_the_tracker_learns_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "gpc");
    assert!(nothing(&saw["gpc"]), "{saw:#}");
    assert_eq!(tracking_cookies(&saw["cookies"]), [""; 0], "{saw:#}");
}

#[test]
fn a_signal_that_comes_after_a_yes_ends_it() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "gpcLater");
    assert!(words(&saw["before"]["ways"]).contains(&"inner-img"), "the yes counted: {saw:#}");
    assert!(nothing(&saw["after"]), "{saw:#}");
    assert_eq!(tracking_cookies(&saw["left"]), [""; 0], "{saw:#}");
}

#[test]
fn without_script_everything_is_held_back_and_allowed_by_form() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "withoutScript");
    for moment in ["undecided", "refused", "withdrawn"] {
        assert!(nothing(&saw[moment]), "{moment}: {saw:#}");
    }
    let accepted = words(&saw["accepted"]["ways"]);
    assert!(accepted.iter().any(|way| way.starts_with(WITHOUT_SCRIPT)), "a browser without script shows what is meant for it: {saw:#}");
    assert!(accepted.contains(&"img") && accepted.contains(&"iframe") && accepted.contains(&"css-import"), "{saw:#}");
}

#[test]
fn after_a_yes_everything_comes_through_and_after_a_withdrawal_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let direct = visit(&hostile, &server, "direct");
    let saw = visit(&hostile, &server, "accepted");
    let without_candor = words(&direct["direct"]["ways"]);
    assert!(without_candor.len() >= WAYS_MIN, "the site has lost its bite: {direct:#}");
    assert!(without_candor.iter().all(|way| !way.starts_with("never-") && !way.starts_with(WITHOUT_SCRIPT)), "{direct:#}");
    let permitted = words(&saw["accepted"]["ways"]);
    let missing: Vec<&str> = not_in(&direct["direct"]["ways"], &saw["accepted"]["ways"]);
    let missing: Vec<&str> = missing.into_iter().filter(|way| !way.starts_with("stranger")).collect();
    assert_eq!(missing, [""; 0], "a yes lets everything through that comes without Candor");
    assert_eq!(permitted.iter().filter(|way| way.starts_with("stranger")).count(), 0, "nobody declared the stranger: {saw:#}");
    assert_eq!(tracking_cookies(&saw["kept"]).len(), 5, "{saw:#}");

    assert!(nothing(&saw["withdrawn"]), "{saw:#}");
    assert_eq!(tracking_cookies(&saw["left"]), [""; 0], "those too that no script can reach: {saw:#}");
}

#[test]
fn no_page_from_before_a_withdrawal_comes_back_with_the_tracker() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "returning");
    assert!(words(&saw["before"]["ways"]).contains(&"returning-kept"), "the browser keeps pages to go back to: {saw:#}");
    let after = saw["after"].as_object().expect("places");
    assert!(after.len() >= 14, "{saw:#}");
    for (place, log) in after {
        assert!(nothing(log), "{place}: {saw:#}");
    }
    assert!(after.values().any(|log| log["at"] == "/returning.html"), "{saw:#}");
}

#[test]
fn no_service_worker_answers_with_what_it_kept_from_before_a_withdrawal() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "service");
    let before = words(&saw["before"]["ways"]);
    for way in ["service-worker-message", "service-worker-fetch", "inner-img"] {
        assert!(before.contains(&way), "{way}: {saw:#}");
    }
    for (place, log) in saw["after"].as_object().expect("places") {
        assert!(nothing(log), "{place}: {saw:#}");
    }
}

#[test]
fn answers_that_say_in_odd_ways_what_they_are_are_held_back_like_others() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "more");
    let direct = words(&saw["direct"]["ways"]);
    for way in [
        "coded-kind-space",
        "coded-kind-tab",
        "coded-kind-brackets",
        "coded-kind-twice",
        "kind-xsl",
        "coded-moved-300",
        "coded-moved-305",
        "coded-moved-399",
        "coded-moved-nowhere",
        "coded-connection",
        "more-worker",
        "more-in-a-picture",
        "stranger-frame",
        "made-img",
        "made-fetch",
    ] {
        assert!(direct.contains(&way), "the site has lost its bite: {way}: {saw:#}");
    }
    for moment in ["undecided", "refused", "gpc"] {
        assert!(nothing(&saw[moment]), "{moment}: {saw:#}");
    }
}

#[test]
fn no_copy_outlives_the_yes_it_was_made_under() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let saw = visit(&hostile, &server, "copies");
    assert!(words(&saw["before"]["ways"]).len() >= 2, "a picture and a worker: {saw:#}");
    assert!(nothing(&saw["after"]), "{saw:#}");
}

#[test]
fn under_every_policy_of_the_sites_the_banner_is_seen_and_works() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let mut told = hostile.told(&server);
    let pages: Vec<String> = POLICIES
        .iter()
        .flat_map(|(name, _)| ["", "&meta"].map(|how| format!("/policy.html?policy={name}{how}")))
        // A browser takes no sandbox from a page itself, and says so on its console.
        .filter(|path| path != "/policy.html?policy=sandbox&meta")
        .collect();
    told["pages"] = json!(pages);
    told["pictures"] = json!(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile"));
    told["pictured"] = json!({"words": "/policy.html?policy=none", "held-back": "/markup.html", "unstyled": "/policy.html?policy=strict"});
    let looked = browser_script("banner.mjs", told);
    for path in &pages {
        let saw = &looked["saw"][path];
        let what = format!("{path}: {saw:#}");
        assert_eq!((&saw["isThere"], &saw["isFirst"], &saw["isInView"]), (&json!(true), &json!(true), &json!(true)), "{what}");
        assert_eq!(saw["position"], "fixed", "our style counts: {what}");
        assert_eq!(saw["shift"], 0, "nothing moves: {what}");
        assert_eq!((&saw["blocked"], &saw["violations"]), (&json!([]), &json!([])), "nothing of ours is refused: {what}");
        assert_eq!(
            (&saw["blocking"], &saw["requests"], &saw["scripts"]),
            (&json!(0), &json!([]), &json!(0)),
            "nothing waits for us: {what}"
        );
        assert_eq!(saw["axed"], json!([]), "{what}");
        assert_eq!(saw["askedAgain"], 0, "the answer was kept: {what}");
        let answers = saw["answers"].as_array().expect("answers");
        assert_eq!(answers.len(), 3, "yes, no and a choice: {what}");
        assert!(answers.iter().all(|answer| answer["onTop"] == true && *answer == answers[0]), "side by side, one like the other: {what}");
    }
    for (name, by_form) in [("none", true), ("self", true), ("strict", false), ("sandbox", false)] {
        let path = format!("/policy.html?policy={name}");
        assert_eq!(looked["saw"][&path]["byForm"], by_form, "{path}: {looked:#}");
    }
}

#[test]
fn while_only_observed_nothing_changes_and_everything_is_seen() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &["--enforcement", "observe"]);
    let direct = visit(&hostile, &server, "direct");
    let observed = visit(&hostile, &server, "undecided");
    assert_eq!(not_in(&direct["direct"]["ways"], &observed["undecided"]["ways"]), [""; 0], "every way is as open as without Candor");
    assert_eq!(observed["cookies"], direct["cookies"]);

    let seen = place.candor(&["seen", "--json", "--data", &place.data().to_string_lossy()]).json();
    let told = |list: &str, key: &str| -> Vec<(String, bool)> {
        let all = seen[list].as_array().expect("a list");
        all.iter().map(|one| (one[key].as_str().unwrap_or_default().to_owned(), one["declared"] == true)).collect()
    };
    let cookies = told("cookies", "name");
    for (name, declared) in [("_trk", true), ("_trk_hidden", true), ("session", true), ("stranger", false)] {
        assert!(cookies.contains(&(name.to_owned(), declared)), "{name}: {seen:#}");
    }
    let resources = told("resources", "url");
    let names = hostile.names();
    for (host, declared) in [(&names.tracker, true), (&names.files, true), (&names.stranger, false)] {
        let here: Vec<_> = resources.iter().filter(|(url, _)| url.starts_with(host.as_str())).collect();
        assert!(!here.is_empty() && here.iter().all(|(_, known)| *known == declared), "{host}: {seen:#}");
    }
}
