//! The log: what it says of a visit, and who reads it.

use serde_json::{Value, json};
use stories::{Place, Request, Site, Visitor};

fn visit(target: &str) -> Request {
    Request::get(target).header("User-Agent", "Story/1.0").header("Referer", "https://search.example/")
}

#[test]
fn a_visit_is_recorded_with_what_the_policy_names() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let answer = visit("/articles/sleep?token=secret").send(server.public());

    let found = place.visits_to("/articles/sleep", 1);
    let recorded = &found[0];
    assert_eq!(recorded["ip"], "127.0.0.1");
    assert_eq!(recorded["browser"], "Story/1.0");
    assert_eq!(recorded["referrer"], "https://search.example/");
    assert_eq!(recorded["method"], "GET");
    assert_eq!(recorded["status"], 200);
    assert_eq!(recorded["bytes"], answer.body.len());
    assert!(recorded["duration_us"].as_u64().is_some_and(|duration| duration > 0), "{recorded}");
    assert!(recorded["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{recorded}");
    assert_eq!((&recorded["visitor"], &recorded["account"]), (&Value::Null, &Value::Null));
    assert!(recorded["purposes"].to_string().contains("operate"), "{recorded}");
    assert!(!recorded.to_string().contains("secret"), "what follows the question mark is not kept");
}

#[test]
fn a_visitor_who_agreed_is_recognised() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut somebody = Visitor::of(&server);
    somebody.choose("return-visits", "yes");
    for _ in 0..2 {
        somebody.open("/again");
    }
    Visitor::of(&server).open("/again");
    let mut visitors: Vec<Value> = place.visits_to("/again", 3).iter().map(|visit| visit["visitor"].clone()).collect();
    visitors.sort_by_key(Value::is_null);
    assert!(visitors[0].is_string() && visitors[0] == visitors[1], "{visitors:?}");
    assert_eq!(visitors[2], Value::Null);
}

#[test]
fn what_the_policy_does_not_name_is_not_kept() {
    let (place, site) = (Place::health(), Site::new());
    let file = place.site().join("policy.toml");
    let rules = std::fs::read_to_string(&file).unwrap();
    let fewer = rules.replace("\"method\", ", "").replace("\"duration\", ", "");
    assert_ne!(fewer, rules);
    std::fs::write(&file, fewer).unwrap();
    let server = place.serve(&site);
    visit("/sparse").send(server.public());
    let found = place.visits_to("/sparse", 1);
    assert_eq!((&found[0]["method"], &found[0]["duration_us"]), (&Value::Null, &Value::Null), "{}", found[0]);
    assert_eq!(found[0]["ip"], "127.0.0.1");
}

#[test]
fn the_log_is_read_beside_the_server_and_after_it() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for page in ["/one", "/two", "/three"] {
        visit(page).send(server.public());
    }
    place.visits_to("/three", 1);
    let beside = place.visits();
    assert_eq!(server.stop(), Some(0));
    let after = place.visits();
    let site_pages =
        |visits: &[Value]| -> Vec<Value> { visits.iter().map(|visit| visit["path"].clone()).filter(|path| path != "/privacy").collect() };
    assert_eq!(site_pages(&beside), [json!("/one"), json!("/two"), json!("/three")], "the oldest first, as logs are read");
    assert_eq!(beside, after);
}

#[test]
fn the_log_is_asked_by_address_and_time() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    visit("/asked").send(server.public());
    place.visits_to("/asked", 1);
    let count = |options: &[&str]| {
        let data = place.data();
        let asked = [&["visits", "--json", "--data", data.to_str().unwrap()], options].concat();
        let finished = place.candor(&asked);
        assert_eq!(finished.code, Some(0), "{finished:#?}");
        finished.json()["visits"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--ip", "127.0.0.1"]), 1);
    assert_eq!(count(&["--ip", "192.0.2.1"]), 0);
    assert_eq!(count(&["--since", "2020-01-01T00:00:00Z"]), 1);
    assert_eq!(count(&["--until", "2020-01-01T00:00:00Z"]), 0);
}

#[test]
fn every_ending_is_one_visit() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for (method, target, status) in
        [("GET", "/status/500", 500), ("HEAD", "/head", 200), ("GET", "/privacy", 200), ("GET", "/privacy/none", 404)]
    {
        Request::new(method, target).send(server.public());
        let found = place.visits_to(target, 1);
        assert_eq!(found.len(), 1, "{target}");
        assert_eq!((&found[0]["method"], &found[0]["status"]), (&json!(method), &json!(status)), "{target}");
    }
}

#[test]
fn the_operators_figures_count_visits() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for _ in 0..25 {
        visit("/counted").send(server.public());
    }
    place.visits_to("/counted", 25);
    let metrics = Request::get("/metrics").send(server.private()).text();
    let counted = metrics.lines().filter(|line| line.starts_with("candor_") && line.ends_with(" 25")).count();
    assert!(counted > 0, "{metrics}");
}

#[test]
fn the_log_is_read_for_a_purpose_or_not_at_all() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    visit("/private-matter").send(server.public());
    place.visits_to("/private-matter", 1);
    let data = place.data();
    let asked = |purpose: &str| place.candor(&["visits", "--json", "--data", data.to_str().unwrap(), "--purpose", purpose]);
    assert_eq!(asked("operate").code, Some(0));
    for purpose in ["news", "no-such-purpose"] {
        let refused = asked(purpose);
        assert_eq!(refused.code, Some(1), "{purpose}: {refused:#?}");
        assert!(!refused.stdout.contains("/private-matter"), "{refused:#?}");
        assert!(refused.stderr.contains(purpose), "{refused:#?}");
    }
}

#[test]
fn only_a_trusted_proxy_says_who_and_where_a_visitor_is() {
    let (place, site) = (Place::health(), Site::new());
    let ask = |options: &[&str], page: &str| {
        let server = place.serve_url(&site.url(), options);
        visit(page).header("X-Forwarded-For", "203.0.113.9").header("X-Region", "US-CA").send(server.public());
        let told = site.last(page).header("candor-purposes").expect("always sent").contains("analytics");
        (place.visits_to(page, 1)[0]["ip"].clone(), told)
    };
    let trusting = ["--trusted-proxies", "127.0.0.0/8", "--region-header", "X-Region"];
    assert_eq!(ask(&trusting, "/trusting"), (json!("203.0.113.9"), true), "in California silence is a yes to this");
    let wary = ["--trusted-proxies", "10.0.0.0/8", "--region-header", "X-Region"];
    assert_eq!(ask(&wary, "/wary"), (json!("127.0.0.1"), false));
}

#[test]
fn what_the_server_says_of_itself_names_nobody() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut somebody = Visitor::of(&server);
    somebody.choose("return-visits", "yes");
    somebody.open("/their-page?with=words");
    visit("/status/500").header("Cookie", "candor=forged-by-somebody").send(server.public());
    let visitor = place.visits_to("/their-page", 1)[0]["visitor"].as_str().expect("a visitor").to_owned();
    let metrics = Request::get("/metrics").send(server.private()).text();
    let said = format!("{}{metrics}", server.complaints());
    for personal in ["127.0.0.1", "Story/1.0", "search.example", "/their-page", "with=words", "forged-by-somebody", visitor.as_str()] {
        assert!(!said.contains(personal), "`{personal}` is in {said}");
    }
}
