//! What a site that people sign in to can rely on, before anybody has.

use std::time::Duration;

use stories::{Place, Request, Site, eventually};

#[test]
fn the_keys_of_assertions_are_public_and_outlive_the_process() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let shown = Request::get("/privacy/keys.json").send(server.public());
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("application/jwk-set+json")));
    let keys = shown.json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"], &key["use"]), (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into(), &"sig".into()));
    assert!(key["x"].is_string() && key["kid"].is_string() && key["d"].is_null(), "{keys}");
    server.kill();
    let server = place.serve(&site);
    assert_eq!(Request::get("/privacy/keys.json").send(server.public()).json(), keys);
}

#[test]
fn a_members_path_leads_to_the_sign_in_page_and_never_to_the_site() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve_url(&site.url(), &["--sign-in", "/members,/clubs/inner"]);
    let opened = Request::get("/members/list?page=2").header("Sec-Fetch-Dest", "document").send(server.public());
    assert_eq!((opened.status, opened.header("location")), (303, Some("/account/sign-in?return=%2Fmembers%2Flist%3Fpage%3D2")));
    for target in ["//members", "/%6Dembers", "/x/..%2fmembers", "/Clubs/./Inner/x", "/members;a"] {
        assert_eq!(Request::get(target).send(server.public()).status, 401, "{target}");
        assert_eq!(site.count(target), 0, "{target}");
    }
    let asked = Request::get("/members").header("Candor-Account", &"a".repeat(32)).send(server.public());
    assert_eq!((asked.status, asked.header("content-type")), (401, Some("application/problem+json")));
    assert_eq!(Request::get("/membership").send(server.public()).status, 200);
    let metrics = || Request::get("/metrics").send(server.private()).text();
    eventually("the metrics count it", Duration::from_secs(10), || metrics().contains("\ncandor_sign_ins_asked_total 7\n").then_some(()));
    assert_eq!(place.visits_to("/members", 1)[0]["status"], 401);
}

#[test]
fn nobody_outside_says_who_is_signed_in() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut forged = Request::get("/forged").header("Connection", "candor-account");
    for name in ["Candor-Account", "Candor-Username", "Candor-Assertion", "candor_assertion", "CANDOR_ACCOUNT"] {
        forged = forged.header(name, "somebody");
    }
    assert_eq!(forged.send(server.public()).status, 200);
    let seen = format!("{:?}", site.last("/forged"));
    assert!(!seen.contains("somebody"), "{seen}");
}
