//! Signing in with a passkey, in a real browser with an authenticator in it.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::{Place, Site, browser_script};

/// Goes through a journey on a site of its own, by a name of this machine: passkeys need one.
fn journey(journey: &str, more: &[(&str, Value)]) -> Value {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let (_, port) = server.public().rsplit_once(':').expect("an address has a port");
    let mut told = json!({
        "public": format!("http://localhost:{port}"),
        "number": format!("http://{}", server.public()),
        "mail": place.data().join("mail"),
        "journey": journey,
        "pictures": PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("passkeys"),
    });
    for (name, value) in more {
        told[name] = value.clone();
    }
    let saw = browser_script("passkeys.mjs", told);
    assert_eq!(saw["complaints"], json!([]), "{saw:#}");
    saw
}

fn the_whole_journey(narrow: bool, language: &str) {
    let saw = journey("whole", &[("narrow", narrow.into()), ("language", language.into())]);
    assert_eq!(saw["empty"], json!([]), "{saw:#}");
    assert_eq!(saw["added"], json!(["Blue phone"]), "{saw:#}");
    assert_eq!(saw["elsewhere"], false, "one click on the page after it signs every other browser out: {saw:#}");
    assert_eq!(
        (&saw["resident"], &saw["handle"]),
        (&json!([true]), &json!(16)),
        "found without a name, and the handle is no address: {saw:#}"
    );
    assert_eq!(saw["twice"], saw["twiceExpected"], "one device is not added twice: {saw:#}");
    assert_eq!(saw["signedOut"], "/account/sign-in", "{saw:#}");
    assert_eq!(saw["back"], json!(["Blue phone"]), "{saw:#}");
    assert_eq!((&saw["renamed"], &saw["removed"]), (&json!(["Red phone"]), &json!([])), "{saw:#}");
    assert!(saw["afterwards"].as_str().is_some_and(|says| !says.is_empty()), "the removed one is refused, in words: {saw:#}");
    assert_eq!(saw["signedInAfterwards"], false, "{saw:#}");
    assert_eq!(saw["letters"], 1, "its owner was told by mail: {saw:#}");
    assert_eq!((&saw["violations"], &saw["sideways"]), (&json!([]), &json!([])), "{saw:#}");
}

#[test]
fn somebody_adds_a_passkey_signs_in_with_it_names_it_and_removes_it() {
    the_whole_journey(false, "en-GB");
}

#[test]
fn the_same_on_a_phone_in_spanish() {
    the_whole_journey(true, "es-ES");
}

#[test]
fn the_browsers_own_list_signs_in_without_a_button() {
    let saw = journey("offered", &[]);
    assert_eq!(saw["back"], json!(["Blue phone"]), "{saw:#}");
}

#[test]
fn a_copy_of_a_passkey_is_refused_and_its_owner_told() {
    let saw = journey("copied", &[]);
    assert!(saw["said"].as_str().is_some_and(|says| says.contains("a copy of this passkey")), "{saw:#}");
    assert_eq!((&saw["signedIn"], &saw["letters"]), (&json!(false), &json!(1)), "{saw:#}");
}

#[test]
fn an_answer_signs_in_once_and_only_from_our_own_page() {
    let saw = journey("replayed", &[]);
    assert_eq!(saw["first"]["status"], 200, "{saw:#}");
    assert_eq!((&saw["again"]["status"], &saw["again"]["code"]), (&json!(409), &json!("begin-again")), "{saw:#}");
    assert_eq!((&saw["forged"]["status"], &saw["forged"]["code"]), (&json!(403), &json!("not-our-page")), "{saw:#}");
    assert_eq!(saw["unknown"], saw["altered"], "one that we do not know and one that does not fit are answered alike: {saw:#}");
    assert_eq!(saw["unknown"]["code"], "refused", "{saw:#}");
}

#[test]
fn where_there_can_be_no_passkeys_the_pages_say_what_there_is() {
    let saw = journey("elsewhere", &[]);
    assert!(saw["without"].as_str().is_some_and(|says| says.contains("needs JavaScript")), "{saw:#}");
    assert_eq!((&saw["shown"], &saw["offered"]), (&json!(false), &json!(0)), "{saw:#}");
    assert!(saw["byNumber"].as_str().is_some_and(|leads| leads.starts_with("http://localhost:")), "{saw:#}");
}
