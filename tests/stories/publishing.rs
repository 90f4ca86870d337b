//! The policy changes, and everybody can see what that means.

use std::fs;

use serde_json::{Value, json};
use stories::{Finished, Place, Request, Server, Site, Visitor};

const MAP: &str = "data = [\"visit.ip\", \"visit.browser\", \"visit.time\"]\npurpose = \"map\"";
const WIDER_MAP: &str = "data = [\"visit.ip\", \"visit.browser\", \"visit.time\", \"visit.referrer\"]\npurpose = \"map\"";
const NOTICE: &str = "[notice]\nmaterial = [\"banner\", \"mail\"]\nbanner_days = 30\n";

/// Edits one of the site's files, as its operator does.
fn edit(place: &Place, file: &str, from: &str, to: &str) {
    let path = place.site().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in {file}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

fn publish(place: &Place, options: &[&str]) -> Finished {
    let data = place.data();
    place.candor(&[&["publish", "--data", data.to_str().unwrap()], options].concat())
}

fn page(server: &Server, path: &str) -> String {
    let answer = Request::get(path).header("Accept", "text/html").send(server.public());
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

/// What the site is told this visitor permits.
fn told(site: &Site, visitor: &mut Visitor<'_>, path: &str) -> Vec<String> {
    visitor.open(path);
    site.last(path).header("candor-purposes").unwrap().split(',').map(str::to_owned).collect()
}

#[test]
fn a_new_version_comes_into_force_beside_the_running_server() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut visitor = Visitor::of(&server);
    visitor.choose("map", "yes");
    visitor.choose("personalise", "yes");
    let before = told(&site, &mut visitor, "/before");
    assert!(before.contains(&"map".to_owned()) && before.contains(&"personalise".to_owned()), "{before:?}");

    edit(&place, "policy.toml", MAP, WIDER_MAP);
    assert_eq!(told(&site, &mut visitor, "/edited"), before, "an edited folder changes nothing yet");
    let published = publish(&place, &["--json"]);
    assert_eq!(published.code, Some(0), "{published:#?}");
    let report = published.json();
    assert_eq!((&report["published"], &report["version"]), (&json!(true), &json!(2)), "{report:#}");
    assert_eq!(report["changes"]["material"], true, "{report:#}");
    assert_eq!(report["changes"]["purposes_changed_materially"], json!(["map"]));

    let after = told(&site, &mut visitor, "/after");
    let without_map: Vec<String> = before.into_iter().filter(|purpose| purpose != "map").collect();
    assert_eq!(after, without_map, "the yes was to less than this");
    visitor.choose("map", "yes");
    assert!(told(&site, &mut visitor, "/again").contains(&"map".to_owned()), "a fresh yes counts");

    assert!(page(&server, "/privacy").contains("This policy changed materially on"));
    assert!(page(&server, "/privacy/versions").contains("/privacy/versions/2/changes"));
    let changes = page(&server, "/privacy/versions/2/changes");
    assert!(changes.contains("Street map from OpenStreetMap") && changes.contains("It matters because it brings new data."), "{changes}");
    assert!(page(&server, "/privacy/versions/1").contains("Version 1 is no longer in force."));
    let feed = Request::get("/privacy/feed.atom").send(server.public()).text();
    assert!(feed.contains("/privacy/versions/2/changes") && feed.contains("it brings new data"), "{feed}");
    let metrics = Request::get("/metrics").send(server.private()).text();
    assert!(metrics.contains("candor_policy_version 2"), "{metrics}");
    let nothing_new = place.candor(&["publish", "--dry-run", "--data", &place.data().to_string_lossy()]);
    assert_eq!(nothing_new.code, Some(1), "nothing waits to be published: {nothing_new:#?}");
    assert_eq!(place.visits_to("/after", 1).len(), 1, "the log is still read and written");

    server.kill();
    let again = place.serve(&site);
    assert!(page(&again, "/privacy/versions").contains("/privacy/versions/2/changes"), "what was published stays published");
}

#[test]
fn what_cannot_be_published_says_why_and_changes_nothing() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let nothing = publish(&place, &[]);
    assert_eq!(nothing.code, Some(1), "{nothing:#?}");
    assert!(nothing.stderr.contains("nothing changed since version 1"), "{nothing:#?}");

    edit(&place, "policy.toml", MAP, WIDER_MAP);
    edit(&place, "policy.toml", NOTICE, "");
    let unannounced = publish(&place, &["--json"]);
    assert_eq!(unannounced.code, Some(1), "{unannounced:#?}");
    assert!(unannounced.stderr.contains("changes that matter have to be announced"), "{unannounced:#?}");
    assert_eq!(unannounced.json()["published"], false);

    edit(&place, "policy.toml", "[choices]\n", &format!("{NOTICE}\n[choices]\n"));
    edit(&place, "policy.toml", "minimum_age = 18\n", "");
    let broken = publish(&place, &[]);
    assert_eq!(broken.code, Some(1), "{broken:#?}");
    assert!(broken.stderr.contains("missing-minimum-age"), "{broken:#?}");
    assert!(!page(&server, "/privacy/versions").contains("/privacy/versions/2"));
}

#[test]
fn it_can_be_tried_first_and_published_without_a_server() {
    let place = Place::health();
    let first = publish(&place, &["--dry-run"]);
    assert_eq!(first.code, Some(0), "{first:#?}");
    assert!(first.stdout.contains("this would be version 1"), "{first:#?}");
    assert!(!place.data().exists(), "trying leaves nothing behind");
    assert_eq!(publish(&place, &[]).code, Some(0));

    edit(&place, "policy.toml", "keep = \"180 days\"", "keep = \"360 days\"");
    let tried = publish(&place, &["--dry-run"]);
    assert!(tried.stdout.contains("this would be version 2") && tried.stdout.contains("because data is kept longer"), "{tried:#?}");
    let published = publish(&place, &[]);
    assert!(published.stdout.contains("published: version 2"), "{published:#?}");
    let site = Site::new();
    let server = place.serve(&site);
    assert!(page(&server, "/privacy").contains("Version 2, revised"));
}

#[test]
fn two_versions_are_compared_wherever_they_are() {
    let place = Place::health();
    assert_eq!(publish(&place, &[]).code, Some(0));
    edit(&place, "policy.toml", MAP, WIDER_MAP);
    assert_eq!(publish(&place, &[]).code, Some(0));
    let data = place.data();
    let compare = |old: &str, new: &str| place.candor(&["diff", old, new, "--data", data.to_str().unwrap(), "--json"]);

    let numbers = compare("1", "2");
    assert_eq!(numbers.code, Some(0), "{numbers:#?}");
    let changes = numbers.json();
    assert_eq!((&changes["material"], &changes["uses_reaching_further"]), (&json!(true), &json!(["map-view"])), "{changes:#}");
    let why: Vec<&Value> = changes["rules"].as_array().unwrap().iter().map(|rule| &rule["material"]).collect();
    assert_eq!(why, [&json!("new-data")]);
    let folder = compare("1", ".");
    assert_eq!(folder.json(), changes, "the folder says what version 2 says");
    let back = compare("2", "1");
    assert_eq!((back.code, &back.json()["material"]), (Some(0), &json!(false)), "to use less is not material");
    assert_eq!(compare("2", ".").json()["rules"], json!([]));

    assert_eq!(compare("1", "3").code, Some(2), "never published");
    assert_eq!(compare("1", "no-such-folder").code, Some(2));
    edit(&place, "policy.toml", "minimum_age = 18\n", "");
    assert_eq!(compare("1", ".").code, Some(1), "a folder with errors");
    let words = place.candor(&["diff", "1", "2", "--data", data.to_str().unwrap()]);
    assert!(words.stdout.contains("Material:\n  use Street map from OpenStreetMap (map-view): it now also uses"), "{words:#?}");
}
