//! In a real browser, where a page is involved.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use stories::{Folder, Nginx, Place, Request, Server, Site, browser_script, differences, documentation, find};

/// Pictures of the pages, for whoever wants to look; never compared.
fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages")
}

#[test]
fn every_page_is_accessible_wide_and_narrow_light_and_dark() {
    let folder = Folder::new();
    let server = Server::demo(&folder);
    let looked = browser_script(
        "pages.mjs",
        json!({
            "public": format!("http://{}", server.public()),
            "private": format!("http://{}", server.private()),
            "pictures": pictures(),
        }),
    );
    assert_eq!(looked["violations"], json!([]), "{looked:#}");
    assert_eq!(looked["complaints"], json!([]), "{looked:#}");
    assert_eq!(looked["sideways"], json!([]), "pages that scroll sideways: {looked:#}");
    assert!(looked["pages"].as_u64().is_some_and(|pages| pages >= 8), "{looked:#}");
}

#[test]
fn the_demo_asks_on_its_pages_and_shows_what_is_held_back() {
    let folder = Folder::new();
    let server = Server::demo(&folder);
    let saw = browser_script("asking.mjs", json!({"public": format!("http://{}", server.public()), "pictures": pictures()}));
    assert_eq!((&saw["held"]["banner"], &saw["held"]["frames"]), (&json!(1), &json!(0)), "{saw:#}");
    assert!(
        saw["held"]["box"].as_str().is_some_and(|says| says.contains("Something from OpenStreetMap Foundation belongs here.")),
        "{saw:#}"
    );
    assert_eq!(saw["allowed"], json!({"at": "/find-us", "boxes": 0, "frames": 1}), "one click in its place allows it: {saw:#}");
    assert!(
        saw["tips"].as_str().is_some_and(|says| says.contains("Without it, this does not work: Tips that follow what you read.")),
        "{saw:#}"
    );
    assert_eq!(saw["refused"], json!({"banner": 0, "at": "/"}), "{saw:#}");

    assert_eq!(saw["language"], "es", "{saw:#}");
    let controls = saw["controls"].as_array().expect("the three of the banner");
    assert_eq!(controls.len(), 3, "{saw:#}");
    assert!(controls.iter().all(|control| *control == controls[0] && control["seen"] == true), "alike, and all to be seen: {saw:#}");

    let cookieless = &saw["cookieless"];
    assert_eq!(cookieless["answered"], "#candor-answered", "{saw:#}");
    assert!(
        cookieless["says"].as_str().is_some_and(|says| says.contains("keeps no cookie of ours") && says.contains("Staying signed in")),
        "{saw:#}"
    );
    assert!(cookieless["putAway"].as_f64() < Some(60.0) && cookieless["height"].as_f64() > Some(100.0), "{saw:#}");

    assert_eq!((&saw["violations"], &saw["covered"]), (&json!([]), &json!([])), "{saw:#}");
}

#[test]
fn what_a_new_version_changed_is_accessible_too() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for (file, from, to) in [
        ("policy.toml", "keep = \"180 days\"", "keep = \"360 days\""),
        ("policy.toml", "banner_days = 30", "banner_days = 40"),
        ("policy.md", "Please look in again now and then.", "Please look in again every few months."),
    ] {
        let path = place.site().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
    let published = place.candor(&["publish", "--data", &place.data().to_string_lossy()]);
    assert_eq!(published.code, Some(0), "{published:#?}");
    let looked = browser_script(
        "pages.mjs",
        json!({
            "public": format!("http://{}", server.public()),
            "private": format!("http://{}", server.private()),
            "pictures": pictures().join("changed"),
            "only": ["/privacy", "/privacy/versions", "/privacy/versions/2", "/privacy/versions/2/changes"],
        }),
    );
    assert_eq!(looked["violations"], json!([]), "{looked:#}");
    assert_eq!(looked["complaints"], json!([]), "{looked:#}");
    assert_eq!(looked["sideways"], json!([]), "pages that scroll sideways: {looked:#}");
    assert_eq!(looked["pages"], 4, "{looked:#}");
}

#[test]
fn a_choice_is_made_with_the_keyboard_alone() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let chosen = browser_script("choose.mjs", json!({"public": format!("http://{}", server.public()), "by": "keyboard", "script": true}));
    assert_eq!(chosen["kept"], true, "{chosen:#}");
    assert!(site.last("/after-the-choice").header("candor-purposes").unwrap().contains("analytics"));
}

#[test]
fn a_choice_is_made_without_script() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let chosen = browser_script("choose.mjs", json!({"public": format!("http://{}", server.public()), "by": "mouse", "script": false}));
    assert_eq!(chosen["kept"], true, "{chosen:#}");
    assert!(site.last("/after-the-choice").header("candor-purposes").unwrap().contains("analytics"));
}

#[test]
fn the_sites_own_script_asks_and_chooses() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let saw = browser_script("script.mjs", json!({"public": format!("http://{}", server.public())}));
    assert_eq!(
        saw,
        json!({"before": false, "after": true, "changed": ["analytics"], "reloaded": true, "preferences": {"text-size": "large"}, "complaints": []})
    );
    assert!(site.last("/scripted").header("candor-purposes").unwrap().contains("analytics"));
}

#[test]
fn over_https_the_cookie_is_bound_to_this_host() {
    let (place, site) = (Place::health(), Site::new());
    let (certificate, key) = (place.folder().join("certificate.pem"), place.folder().join("key.pem"));
    let mut made = Command::new(find("openssl"));
    made.args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    let made = made.arg("-keyout").arg(&key).arg("-out").arg(&certificate).output().expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (certificate, key) = (certificate.to_string_lossy(), key.to_string_lossy());
    let server = place.serve_url(&site.url(), &["--tls-certificate", &certificate, "--tls-key", &key]);
    let chosen = browser_script("choose.mjs", json!({"public": format!("https://{}", server.public()), "by": "mouse", "script": false}));
    assert_eq!(chosen["kept"], true, "{chosen:#}");
    let cookie = &chosen["cookies"][0];
    assert_eq!(
        (&cookie["name"], &cookie["secure"], &cookie["httpOnly"], &cookie["sameSite"], &cookie["path"]),
        (&json!("__Host-candor"), &json!(true), &json!(true), &json!("Lax"), &json!("/")),
        "{chosen:#}"
    );
    assert_eq!(chosen["cookies"].as_array().map(Vec::len), Some(1), "{chosen:#}");
    assert!(site.last("/after-the-choice").header("candor-purposes").unwrap().contains("analytics"));
}

#[test]
fn the_documentation_of_rust_works_behind_candor() {
    let nginx = Nginx::serving(&documentation());
    let place = Place::health();
    let server = place.serve_url(&nginx.url(), &[]);
    let read = |authority: &str| browser_script("documentation.mjs", json!({"public": format!("http://{authority}")}));
    let (direct, through) = (read(nginx.direct()), read(server.public()));
    for same in ["followed", "found", "title", "missing"] {
        assert_eq!(through[same], direct[same], "as without Candor: {same}");
    }
    assert_eq!(of_its_own(&through["complaints"]), of_its_own(&direct["complaints"]), "as without Candor");
    assert!(through["followed"].as_u64().is_some_and(|followed| followed >= 20), "{through:#}");
    assert!(through["found"].to_string().contains("HashMap"), "the search finds: {through:#}");
    assert_eq!(Request::get("/privacy").send(server.public()).status, 200);

    assert_eq!(server.stop(), Some(0));
    let mut recorded = place.counted();
    assert_eq!(recorded.remove(&("/privacy".to_owned(), 200)), Some(1));
    assert!(recorded.remove(&("/privacy/csp-report".to_owned(), 204)) > Some(0), "the browser tells what it did not load");
    assert_eq!(differences(&recorded, &nginx.asked_by_candor()), Vec::<String>::new(), "every request is in the log once");
    let asked = recorded.values().sum::<usize>() as u64;
    assert!(through["asked"].as_u64() >= Some(asked), "the browser's own cache answers some: {asked} of {}", through["asked"]);
    let browsers: Vec<Value> = place
        .visits()
        .iter()
        .filter(|visit| !visit["path"].to_string().contains("/privacy"))
        .map(|visit| visit["browser"].clone())
        .collect();
    assert!(browsers.iter().all(|browser| browser.to_string().contains("Chrome")), "{browsers:?}");
}

/// The documentation wants to load something from a playground elsewhere, which fails without Candor too, and differently.
fn of_its_own(complaints: &Value) -> Vec<&Value> {
    let about_the_playground = |complaint: &&Value| {
        let complaint = complaint.to_string();
        complaint.contains("play.rust-lang.org") || complaint.contains("Failed to fetch")
    };
    complaints.as_array().into_iter().flatten().filter(|complaint| !about_the_playground(complaint)).collect()
}

#[test]
fn somebody_registers_and_signs_in_on_a_phone_and_on_a_desk_with_script_and_without() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mail = place.data().join("mail");
    std::fs::create_dir_all(&mail).unwrap();
    let saw =
        browser_script("registering.mjs", json!({"public": format!("http://{}", server.public()), "mail": mail, "pictures": pictures()}));
    let journeys = saw["journeys"].as_array().expect("four of them");
    assert_eq!(journeys.len(), 4, "{saw:#}");
    for journey in journeys {
        assert_eq!(journey["refusedName"], "This name sounds as if it spoke for the site. Please choose another.", "{saw:#}");
        assert_eq!((&journey["mailed"], &journey["arrived"]), (&json!("/account/check-mail"), &json!("/board")), "{saw:#}");
        assert_eq!((&journey["home"], &journey["session"]), (&json!("/account"), &json!(1)), "{saw:#}");
        assert_eq!(journey["again"], "This link does not work any more", "{saw:#}");
        assert_eq!(journey["refused"], "We cannot open an account for you", "{saw:#}");
        assert_eq!(journey["back"], "We cannot open an account for you", "no second try by the back button: {saw:#}");
    }
    assert_eq!((&saw["violations"], &saw["complaints"], &saw["sideways"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");
}

#[test]
fn somebody_does_with_their_account_all_that_can_be_done_and_deletes_it() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve_url(&site.url(), &["--trusted-proxies", "127.0.0.1"]);
    let mail = place.data().join("mail");
    std::fs::create_dir_all(&mail).unwrap();
    let saw = browser_script("account.mjs", json!({"public": format!("http://{}", server.public()), "mail": mail, "pictures": pictures()}));
    let journeys = saw["journeys"].as_array().expect("four of them");
    assert_eq!(journeys.len(), 4, "{saw:#}");
    for journey in journeys {
        let script = if journey["script"] == true { "s" } else { "p" };
        let name = format!("{}{script}", journey["size"].as_str().expect("a size"));
        assert_eq!((&journey["home"], &journey["renamed"]), (&json!("Your account"), &json!(format!("{name}.two"))), "{saw:#}");
        assert_eq!(journey["moved"], "The e-mail address is changed", "{saw:#}");
        assert_eq!(journey["address"], format!("{name}-new@example.org"), "{saw:#}");
        let taken_back = "The account has its old address again";
        let sessions = json!({
            "elsewhereBefore": true, "listed": 2, "elsewhereAfter": false, "takenBack": taken_back, "afterBack": false,
            "restored": format!("{name}@example.org"), "everywhere": {"here": false, "elsewhere": false},
        });
        assert_eq!(journey["sessions"], sessions, "{saw:#}");
        assert_eq!((&journey["exported"], &journey["held"]), (&json!(true), &json!(true)), "{saw:#}");
        assert_eq!((&journey["closed"], &journey["after"]), (&json!("Your account is closed"), &json!("/account/sign-in")), "{saw:#}");
    }
    assert_eq!((&saw["violations"], &saw["complaints"], &saw["sideways"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");
}

#[test]
fn whoever_reports_a_childs_account_can_follow_it_with_script_and_without() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    std::fs::create_dir_all(pictures()).unwrap();
    let saw = browser_script("reporting.mjs", json!({"public": format!("http://{}", server.public()), "pictures": pictures()}));
    let journeys = saw["journeys"].as_array().expect("journeys");
    assert_eq!(journeys.len(), 4, "{saw:#}");
    for journey in journeys {
        assert_eq!(journey["trapSeen"], false, "{saw:#}");
        assert!(journey["problem"].as_str().is_some_and(|says| says.contains("not an e-mail address")), "{saw:#}");
        assert_eq!((&journey["thanks"], &journey["step"]), (&json!("Thank you. We have your report"), &json!("Received")), "{saw:#}");
    }
    assert_eq!((&saw["violations"], &saw["complaints"], &saw["sideways"]), (&json!([]), &json!([]), &json!([])), "{saw:#}");
}
