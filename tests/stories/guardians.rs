//! A guardian and a child, through the whole program.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::{Place, Site, browser_script};

/// The health site with guardians let in, in its rules and in its words.
fn with_guardians() -> Place {
    let place = Place::health();
    for (file, from, to) in [
        ("policy.toml", "guardians = \"refuse\"", "guardians = \"register\""),
        (
            "policy.md",
            "Accounts are for adults alone; a parent or guardian cannot open one for a child.",
            "A parent or guardian can open an account for a child.",
        ),
    ] {
        let path = place.site().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} says {from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
    place
}

#[test]
fn a_guardian_opens_an_account_for_a_child_answers_for_it_and_erases_it() {
    let (place, site) = (with_guardians(), Site::new());
    let server = place.serve(&site);
    let mail = place.data().join("mail");
    std::fs::create_dir_all(&mail).unwrap();
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guardians");
    let saw = browser_script("guardians.mjs", json!({"public": format!("http://{}", server.public()), "mail": mail, "pictures": pictures}));
    let journeys = saw["journeys"].as_array().expect("four of them");
    assert_eq!(journeys.len(), 4, "{saw:#}");
    for journey in journeys {
        let says = |name: &str, part: &str| journey[name].as_str().is_some_and(|text| text.contains(part));
        assert!(says("problem", "not a month") && says("waiting", "Nobody can use this account before"), "{saw:#}");
        assert_eq!((&journey["sent"], &journey["confirmed"]), (&json!("Look into your mail"), &json!("The account is open")), "{saw:#}");
        assert_eq!((&journey["asked"], &journey["off"]), (&json!(3), &json!(4)), "{saw:#}");
        assert!(says("saved", "Saved.") && says("home", "They see everything in it"), "{saw:#}");
        assert_eq!(journey["mine"], json!([["return-visits", false], ["analytics", false], ["map", true]]), "{saw:#}");
        assert_eq!(journey["refused"], "Only your parent or guardian can say yes", "{saw:#}");
        assert_eq!(journey["exported"], json!([true, Value::Null, true]), "{saw:#}");
        assert_eq!((&journey["erased"], &journey["after"]), (&json!("The account is closed"), &json!("/account/sign-in")), "{saw:#}");
    }
    // What the site was told of the last child.
    let told = site.last("/told");
    assert!(
        told.header("candor-username").is_some_and(|name| name.ends_with(".kid")) && told.header("candor-assertion").is_some(),
        "{told:?}"
    );
    let purposes: Vec<&str> = told.header("candor-purposes").unwrap_or_default().split(',').collect();
    assert!(purposes.contains(&"map") && !purposes.contains(&"analytics"), "{purposes:?}");
    assert!(["news", "offers", "personalise", "advertise"].iter().all(|purpose| !purposes.contains(purpose)), "{purposes:?}");
    assert_eq!((&saw["violations"], &saw["complaints"], &saw["sideways"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");
}
