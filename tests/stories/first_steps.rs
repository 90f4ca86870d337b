//! From nothing to a policy that checks, reads well and decides.

use serde_json::{Value, json};
use stories::{Finished, Folder, Place, candor};

fn decide(place: &Place, facts: &Value) -> Finished {
    let file = place.folder().write("facts.json", &facts.to_string());
    place.candor(&["decide", "--json", &file.to_string_lossy()])
}

#[test]
fn init_writes_a_folder_that_checks_clean() {
    let place = Place::fresh();
    let checked = place.candor(&["check", "--json"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert_eq!(checked.json()["ok"], true);
    assert_eq!(checked.json()["findings"], json!([]));
}

#[test]
fn init_leaves_a_folder_alone_that_somebody_wrote_in() {
    let place = Place::fresh();
    std::fs::write(place.site().join("policy.md"), "# Mine\n").unwrap();
    let again = candor(place.folder().path(), &["init", "site"], "");
    assert!(matches!(again.code, Some(1 | 2)), "{again:#?}");
    assert!(again.stderr.contains("site"), "{again:#?}");
    assert_eq!(std::fs::read_to_string(place.site().join("policy.md")).unwrap(), "# Mine\n");
}

#[test]
fn the_example_keeps_all_twenty_four_promises() {
    let place = Place::health();
    let checked = place.candor(&["check", "--json"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    let report = checked.json();
    let promises = report["promises"].as_array().unwrap();
    let ids: Vec<&str> = promises.iter().map(|promise| promise["id"].as_str().unwrap()).collect();
    let expected: Vec<String> = (1..=24).map(|number| format!("P{number:02}")).collect();
    assert_eq!(ids, expected);
    for promise in promises {
        assert!(!promise["rules"].as_array().unwrap().is_empty(), "{promise}");
        assert!(!promise["words"].as_array().unwrap().is_empty(), "{promise}");
        assert!(!promise["title"].as_str().unwrap().is_empty(), "{promise}");
    }
}

#[test]
fn a_promise_nobody_keeps_is_found_at_its_place() {
    let place = Place::fresh();
    let file = place.site().join("policy.md");
    let words = std::fs::read_to_string(&file).unwrap();
    let lines = words.lines().count();
    std::fs::write(&file, format!("{words}\nWe water your plants. {{water-plants}}\n")).unwrap();

    let checked = place.candor(&["check", "--json"]);
    assert_eq!(checked.code, Some(1), "{checked:#?}");
    let report = checked.json();
    assert_eq!(report["ok"], false);
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "unknown-tag").unwrap().clone();
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["file"], "policy.md");
    assert_eq!(finding["line"], lines + 2);
    assert!(finding["help"].as_str().is_some_and(|help| !help.is_empty()), "{finding}");

    let read = place.candor(&["check"]);
    assert_eq!(read.code, Some(1));
    let said = format!("{}{}", read.stdout, read.stderr);
    assert!(said.contains("We water your plants."), "the line itself is shown: {said}");
}

#[test]
fn how_many_errors_there_are_is_said_once() {
    let place = Place::fresh();
    let file = place.site().join("policy.toml");
    let rules = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, rules.replace("minimum_age = 18", "minimum_age = \"18\"")).unwrap();
    let checked = place.candor(&["check"]);
    assert_eq!(checked.code, Some(1), "{checked:#?}");
    let ends: Vec<&str> = checked.stdout.lines().rev().take(2).collect();
    assert_eq!(ends, ["this policy cannot be served yet", "1 error, no warnings"], "{}", checked.stdout);
}

#[test]
fn what_is_wrong_with_facts_is_said_once() {
    let place = Place::fresh();
    for (facts, complaint) in [
        (r#"{"use": "access-log", "gpc": "1"}"#, "expected a boolean"),
        ("[]", "expected one JSON object"),
        (r#"{"data": 1, "purpose": "operate"}"#, "a list of such names"),
    ] {
        let answer = candor(place.folder().path(), &["decide", "--site", "site", "-"], facts);
        assert_eq!((answer.code, answer.stderr.matches(complaint).count()), (Some(2), 1), "{answer:#?}");
    }
}

#[test]
fn facts_from_an_editor_that_marks_its_files_are_facts() {
    let place = Place::fresh();
    let answer = candor(place.folder().path(), &["decide", "--site", "site", "-"], "\u{feff}{\"use\": \"access-log\"}\r\n");
    assert_eq!(answer.code, Some(0), "{answer:#?}");
}

#[test]
fn the_policy_reads_as_it_is_published_without_a_tag() {
    let place = Place::health();
    for form in ["html", "markdown", "text"] {
        let rendered = place.candor(&["render", "--as", form]);
        assert_eq!(rendered.code, Some(0), "{rendered:#?}");
        assert!(rendered.stdout.contains("Revised"), "{form}: {}", rendered.stdout);
        assert!(!rendered.stdout.contains("{access-log}"), "{form}: {}", rendered.stdout);
    }
}

#[test]
fn a_decision_says_yes_with_its_reason() {
    let permitted = decide(&Place::health(), &json!({"use": "access-log"}));
    assert_eq!(permitted.code, Some(0), "{permitted:#?}");
    let decision = permitted.json();
    assert_eq!(decision["verdict"], "permit");
    assert_eq!(decision["use"], "access-log");
    assert_eq!(decision["basis"], "legitimate-interests");
    assert!(decision["clause"].as_str().unwrap().contains("IP"), "the sentence people read: {decision}");
}

#[test]
fn a_decision_says_no_to_what_is_promised_never_to_happen() {
    let place = Place::health();
    let sale = json!({"data": "account.email", "purpose": "news", "act": "sell", "recipient": "us"});
    let refused = decide(&place, &sale);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert_eq!(refused.json()["verdict"], "refuse");
    assert!(!refused.json()["reason"].as_str().unwrap().is_empty());
}

#[test]
fn a_minor_is_never_marketed_to() {
    let place = Place::health();
    let consent = json!({"news": {"at": "2026-01-01T00:00:00Z"}});
    let adult = json!({"use": "news-mail", "person": {"age": "adult", "registered": true, "consents": consent}});
    let minor = json!({"use": "news-mail", "person": {"age": "minor", "registered": true, "consents": consent}});
    assert_eq!(decide(&place, &adult).json()["verdict"], "permit");
    let refused = decide(&place, &minor);
    assert_eq!((refused.code, &refused.json()["code"]), (Some(1), &json!("minor")));
}

#[test]
fn many_decisions_come_one_a_line() {
    let place = Place::health();
    let lines = "{\"use\": \"access-log\"}\n{\"use\": \"no-such-thing\"}\n";
    let file = place.folder().write("facts.jsonl", lines);
    let decided = place.candor(&["decide", "--lines", "--json", &file.to_string_lossy()]);
    assert_eq!(decided.code, Some(1), "one of them is a no: {decided:#?}");
    let verdicts: Vec<Value> = decided.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("permit"), json!("refuse")]);
}

#[test]
fn what_cannot_be_read_is_bad_usage_and_not_a_no() {
    let place = Place::health();
    for facts in [json!({}), json!({"use": "access-log", "colour": "green"}), json!([])] {
        let finished = decide(&place, &facts);
        assert_eq!(finished.code, Some(2), "{facts}: {finished:#?}");
        assert_eq!(finished.stdout, "");
        assert!(!finished.stderr.is_empty());
    }
    let missing = place.candor(&["decide", "--json", "nowhere.json"]);
    assert_eq!(missing.code, Some(2), "{missing:#?}");
}

#[test]
fn unknown_flags_and_commands_are_bad_usage() {
    let folder = Folder::new();
    for arguments in [vec!["--no-such-flag"], vec!["check", "--no-such-flag"], vec!["no-such-command"], vec!["render", "--as", "papyrus"]] {
        let finished = candor(folder.path(), &arguments, "");
        assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:#?}");
    }
}

#[test]
fn a_folder_without_a_policy_says_what_is_missing() {
    let folder = Folder::new();
    let finished = candor(folder.path(), &["check"], "");
    assert!(matches!(finished.code, Some(1 | 2)), "{finished:#?}");
    assert!(finished.stderr.contains("policy.toml") || finished.stderr.contains("policy.md"), "{finished:#?}");
}
