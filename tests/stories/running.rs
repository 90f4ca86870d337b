//! Starting, being watched, and stopping.

use std::thread;
use std::time::Duration;

use stories::{Place, Request, Site, eventually};

#[test]
fn health_and_metrics_are_on_the_private_listener_only() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for page in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(Request::get(page).send(server.private()).status, 200, "{page}");
        assert_eq!(site.count(page), 0);
        Request::get(page).send(server.public());
        assert_eq!(site.count(page), 1, "on the public listener {page} is the site's");
    }
    let console = Request::get("/").send(server.private());
    let leads_to = console.header("location").unwrap_or_default();
    assert!(console.status == 303 && leads_to.starts_with("http://localhost:"), "browsers make passkeys for names only: {leads_to}");
}

#[test]
fn a_folder_with_errors_is_not_served() {
    let place = Place::health();
    let file = place.site().join("policy.md");
    let words = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{words}\nAnd we promise you the moon.\n")).unwrap();
    let refused = place.candor(&["serve", "--upstream", "http://127.0.0.1:9", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stderr.contains("untagged-words") || refused.stderr.contains("the moon"), "{refused:#?}");
}

#[test]
fn a_data_folder_has_one_owner_and_the_second_is_told_who() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let data = place.data();
    let data = data.to_str().unwrap();
    let url = site.url();
    let second = place.candor(&["serve", "--data", data, "--upstream", &url, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"]);
    assert!(matches!(second.code, Some(1 | 2)), "{second:#?}");
    assert!(second.stderr.contains(data), "which folder: {second:#?}");
    assert!(second.stderr.contains(&server.id().to_string()), "whose it is: {second:#?}");
    assert_eq!(Request::get("/unharmed").send(server.public()).status, 200);
    server.kill();
    let third = place.serve(&site);
    assert_eq!(Request::get("/taken-over").send(third.public()).status, 200, "a killed owner owns nothing");
}

#[test]
fn a_supervisor_stops_it_and_nobody_is_cut_off() {
    let (place, site) = (Place::health(), Site::new());
    let mut server = place.serve(&site);
    let public = server.public().to_owned();
    let visitor = thread::spawn(move || Request::get("/slow").send(&public));
    eventually("the visitor is being served", Duration::from_secs(10), || (site.count("/slow") == 1).then_some(()));
    server.ask_to_stop();
    let answer = visitor.join().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("/slow"));
    assert_eq!(server.ended(), Some(0));
    let visits = place.visits();
    assert!(visits.iter().any(|visit| visit["path"] == "/slow" && visit["status"] == 200), "{visits:?}");
}

#[test]
fn choices_survive_a_restart() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let chosen = Request::form("/privacy/choices", &[("advertise".to_owned(), "yes".to_owned())]).send(server.public());
    let cookie = chosen.cookies().unwrap();
    assert_eq!(server.stop(), Some(0));
    let server = place.serve(&site);
    Request::get("/restarted").cookie(Some(&cookie)).send(server.public());
    assert!(site.last("/restarted").header("candor-purposes").unwrap().contains("advertise"), "the keys are kept");
}

#[test]
fn our_pages_may_live_elsewhere() {
    let (place, site) = (Place::fresh(), Site::new());
    let server = place.serve_url(&site.url(), &["--paths", "privacy=/datenschutz"]);
    let page = Request::get("/datenschutz").send(server.public());
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("href=\"/privacy"), "every link leads where the pages are: {}", page.text());
    assert_eq!(site.count("/datenschutz"), 0);
    Request::get("/privacy").send(server.public());
    assert_eq!(site.count("/privacy"), 1, "the usual prefix is the site's then");
}

#[test]
fn a_setting_nobody_knows_is_named_with_the_nearest_one() {
    let place = Place::fresh();
    std::fs::write(place.site().join("candor.toml"), "upstreem = \"http://127.0.0.1:3000\"\n").unwrap();
    let refused = place.candor(&["serve"]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("candor.toml:1") && refused.stderr.contains("`upstream`"), "{refused:#?}");
}
