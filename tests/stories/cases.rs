//! A child's account, from the report to the receipt of its deletion.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::{Database, Place, Site, browser_script, candor};

fn the_whole_journey(place: &Place, narrow: bool) {
    let site = Site::new();
    let server = place.serve(&site);
    let link = server.first_owner_link().expect("nobody owns it yet");
    let (_, port) = server.private().rsplit_once(':').expect("an address has a port");
    let saw = browser_script(
        "cases.mjs",
        json!({
            "link": link,
            "console": format!("http://localhost:{port}"),
            "public": format!("http://{}", server.public()),
            "mail": place.data().join("mail"),
            "narrow": narrow,
            "pictures": PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cases"),
        }),
    );
    let says = |name: &str, part: &str| assert!(saw[name].as_str().is_some_and(|text| text.contains(part)), "{name}: {saw:#}");
    assert_eq!((&saw["nothingWaits"], &saw["signedIn"]), (&json!(true), &json!("/account")), "{saw:#}");
    says("overview", "1 to be decided");
    assert_eq!((&saw["username"], &saw["message"]), (&json!("kim"), &json!("She is eleven, and in my class.")), "{saw:#}");
    says("asked", "A letter is on its way.");
    says("letter", "Nothing has been changed.");
    says("answered", "an answer came");
    assert_eq!(saw["stillSignedIn"], "/account", "a report and a question change nothing: {saw:#}");
    let signed_out = json!({"said": "They are signed out everywhere.", "kimLands": "/account/sign-in"});
    assert_eq!(saw["personSignedOut"], signed_out, "{saw:#}");
    let first_step = json!({"heading": "Is this account a minor’s?", "kimLands": "/account"});
    assert_eq!(saw["firstStep"], first_step, "nor does the first of the two steps: {saw:#}");
    says("confirmed", "The account is closed");
    assert_eq!(saw["atOnce"], "/account/sign-in", "{saw:#}");
    assert_eq!(saw["unused"], "This link does not work any more", "{saw:#}");
    assert_eq!(saw["links"][0], saw["links"][1], "there is no link to an account that is closed: {saw:#}");
    says("toldApart", "Look into your mail");
    says("deleted", "in time");
    says("told", "closed");
    the_receipt_says_what_is_gone(&saw);
    assert_eq!((&saw["violations"], &saw["sideways"], &saw["complaints"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");

    let data = place.data().to_string_lossy().into_owned();
    for person in ["kim", "kim@example.org"] {
        let shown = candor(&place.site(), &["person", "-", "show", "--json", "--data", &data], person);
        assert_eq!((shown.code, shown.json()), (Some(1), json!({"people": []})), "{shown:#?}");
    }
    assert!(!server.complaints().contains("kim"), "nobody's name is in the log");
}

fn the_receipt_says_what_is_gone(saw: &Value) {
    let receipt = &saw["receipt"];
    assert_eq!((&receipt["status"], &receipt["document"]["format"]), (&json!(200), &json!("candor-minor-receipt/1")), "{saw:#}");
    assert!(receipt["document"]["deleted"].is_string() && receipt["document"]["in_time"] == true, "{saw:#}");
    let gone = |what: &str| {
        let gone = receipt["document"]["gone"].as_array().expect("a list");
        let counted = gone.iter().filter(|gone| gone["what"].as_str().is_some_and(|says| says.starts_with(what)));
        counted.filter_map(|gone| gone["number"].as_u64()).sum::<u64>()
    };
    assert_eq!((gone("account with"), gone("sessions")), (1, 1), "{saw:#}");
    assert!(gone("mailed links") >= 1, "the link that was not used: {saw:#}");
    assert!(!receipt.to_string().contains("kim"), "nothing in it leads to a person: {receipt:#}");
}

#[test]
fn an_operator_asks_confirms_and_gets_a_receipt() {
    the_whole_journey(&Place::health(), false);
}

#[test]
fn the_same_on_a_phone_and_on_postgresql_where_there_is_one() {
    let database = if Database::Postgres.is_here() { Database::Postgres } else { Database::Sqlite };
    the_whole_journey(&Place::health_on(database), true);
}
