//! The console, and who gets in.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::{Database, Folder, Place, Request, Server, Site, browser_script};

/// From the link of the first owner to the removal of the second operator.
fn the_whole_journey(place: &Place, narrow: bool) {
    let site = Site::new();
    let server = place.serve(&site);
    let link = server.first_owner_link().expect("nobody owns it yet");
    let (_, port) = server.private().rsplit_once(':').expect("an address has a port");
    let console = format!("http://localhost:{port}");
    assert!(link.starts_with(&format!("{console}/setup/")), "{link}");
    let saw = browser_script(
        "console.mjs",
        json!({
            "link": link,
            "console": console,
            "number": format!("http://{}", server.private()),
            "narrow": narrow,
            "pictures": PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("console"),
        }),
    );
    assert_eq!(saw["first"], json!({"heading": "How it runs", "as": "Signed in as Ada, an owner."}), "{saw:#}");
    assert_eq!(saw["cookie"], json!([{"name": "candor-console", "httpOnly": true, "sameSite": "Strict"}]), "{saw:#}");
    assert_eq!((&saw["signedOut"]["at"], &saw["signedOut"]["overview"]), (&json!("/sign-in"), &json!("/sign-in")), "{saw:#}");
    assert_eq!((&saw["again"], &saw["signedIn"]), (&json!(410), &json!("/operators")), "{saw:#}");
    assert_eq!(saw["second"], json!({"heading": "How it runs", "as": "Signed in as Bea."}), "{saw:#}");
    assert_eq!(
        (&saw["tabs"], &saw["forOwners"]),
        (&json!(["Overview", "Cases", "People", "Visits", "Operators", "Passkeys"]), &json!(403)),
        "{saw:#}"
    );
    assert_eq!((&saw["operators"], &saw["left"]), (&json!(["Ada", "Bea"]), &json!(["Ada"])), "{saw:#}");
    assert_eq!(saw["beaLands"], "/sign-in", "she is signed out at once: {saw:#}");
    assert!(saw["beaIsTold"].as_str().is_some_and(|says| says.contains("does not sign you in here")), "{saw:#}");
    assert_eq!((&saw["passkeys"], &saw["onePasskey"]), (&json!(["Second key", "First passkey"]), &json!(["Second key"])), "{saw:#}");
    assert_eq!(
        saw["actions"],
        json!([
            "Ada signed in.",
            "Ada signed out.",
            "Ada removed a passkey.",
            "Ada added a passkey.",
            "Ada removed an operator, Bea.",
            "Bea became an operator, invited by Ada.",
            "Ada invited an operator, Bea.",
            "Ada signed in.",
            "Ada signed out.",
            "Ada became an operator.",
            "Candor, on its machine, made a link to become an owner.",
        ]),
        "{saw:#}"
    );
    assert!(saw["withoutScript"].as_str().is_some_and(|says| says.contains("needs JavaScript")), "{saw:#}");
    assert_eq!((&saw["invitedWithoutScript"], &saw["everywhere"]), (&json!(true), &json!("/sign-in")), "{saw:#}");
    assert!(saw["byNumber"].as_str().is_some_and(|leads| leads.starts_with(&format!("{console}/sign-in"))), "{saw:#}");
    assert_eq!((&saw["violations"], &saw["sideways"], &saw["complaints"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");
    assert!(!server.complaints().contains("/setup/"), "the link is in no log");

    assert_eq!(server.stop(), Some(0));
    let again = place.serve(&site);
    assert_eq!(again.first_owner_link(), None, "there is an owner");
}

#[test]
fn the_first_owner_sets_up_the_console_invites_another_operator_and_removes_them() {
    the_whole_journey(&Place::health(), false);
}

#[test]
fn the_same_on_a_phone_in_the_dark_and_on_postgresql_where_there_is_one() {
    let database = if Database::Postgres.is_here() { Database::Postgres } else { Database::Sqlite };
    the_whole_journey(&Place::health_on(database), true);
}

#[test]
fn owners_who_lost_their_passkeys_get_a_new_link_beside_a_server_and_without_one() {
    let (place, site) = (Place::health(), Site::new());
    let data = place.data().to_string_lossy().into_owned();
    let new_link = || place.candor(&["operators", "new-link", "--json", "--data", &data]);
    assert_eq!(new_link().code, Some(2), "there is no data folder yet");
    let server = place.serve(&site);
    let status = |link: &str| {
        let (_, path) = link.split_once("/setup/").expect("a link to the console");
        let (_, port) = server.private().rsplit_once(':').expect("an address has a port");
        Request::get(&format!("/setup/{path}")).header("Host", &format!("localhost:{port}")).send(server.private()).status
    };
    let first = server.first_owner_link().expect("nobody owns it yet");
    assert_eq!(status(&first), 200);
    let made = new_link();
    assert_eq!(made.code, Some(0), "{made:#?}");
    let link = made.json()["link"].as_str().expect("a link").to_owned();
    assert_eq!((status(&link), status(&first)), (200, 410), "only the newest works");
    assert!(made.json()["expires"].is_string());

    assert_eq!(server.stop(), Some(0));
    let made = new_link();
    assert_eq!(made.code, Some(0), "{made:#?}");
    let link = made.json()["link"].as_str().expect("a link").to_owned();
    assert!(link.starts_with("http://localhost:8081/setup/"), "as it is configured: {link}");
    let dumped = std::fs::read(place.data().join("records.sqlite")).expect("the records are a file");
    let (_, token) = link.split_once("/setup/").expect("a link to the console");
    assert!(!dumped.windows(token.len()).any(|window| window == token.as_bytes()), "only its hash is kept");
}

#[test]
fn the_demo_prints_a_link_to_its_console_too() {
    let folder = Folder::new();
    let server = Server::demo(&folder);
    assert!(server.first_owner_link().is_some_and(|link| link.starts_with("http://localhost:")));
}

#[test]
fn another_sites_name_for_this_machine_is_not_answered() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for path in ["/", "/sign-in", "/operators", "/metrics", "/health/live", "/health/ready"] {
        let answer = Request::get(path).header("Host", "rebound.example").send(server.private());
        assert_eq!(answer.status, 421, "{path}");
    }
    let metrics = Request::get("/metrics").header("Host", server.private()).send(server.private());
    assert_eq!(metrics.status, 200, "machines ask by an address");
    let page = Request::get("/page").header("Cookie", "candor-console=secret; sid=1").send(server.public());
    assert_eq!(page.status, 200);
    let seen: Value = json!(format!("{:?}", site.last("/page")));
    assert!(!seen.to_string().contains("secret"), "what signs an operator in never reaches the site: {seen}");
}
