//! What the site sets, told to whoever writes the policy.

use serde_json::Value;
use stories::{Place, Request, Site};

fn seen(place: &Place) -> Vec<Value> {
    let finished = place.candor(&["seen", "--json", "--data", &place.data().to_string_lossy()]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    finished.json()["cookies"].as_array().expect("`cookies` is a list").clone()
}

#[test]
fn cookies_are_seen_with_what_the_policy_could_say_of_them() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for target in ["/cookies", "/cookies", "/topics-cookie"] {
        Request::get(target).send(server.public());
    }
    let beside = seen(&place);
    let told: Vec<(&str, u64, bool)> = beside
        .iter()
        .map(|cookie| {
            (cookie["name"].as_str().unwrap_or_default(), cookie["count"].as_u64().unwrap_or_default(), cookie["declared"] == true)
        })
        .collect();
    assert_eq!(told, [("theirs", 2, false), ("thistledown_topics", 1, true)], "declared or not, and never ours");
    assert_eq!(beside[1]["proposal"], Value::Null, "the policy says it all");
    assert!(beside[0]["first"].as_str() < beside[0]["last"].as_str(), "{beside:#?}");

    assert_eq!(server.stop(), Some(0));
    assert_eq!(seen(&place), beside, "a restart forgets nothing");

    let rules = place.site().join("policy.toml");
    let declared = std::fs::read_to_string(&rules).unwrap() + "\n" + beside[0]["proposal"].as_str().expect("a proposal");
    std::fs::write(&rules, declared).unwrap();
    let checked = place.candor(&["check"]);
    assert_eq!(checked.code, Some(0), "a proposal checks clean as it is: {checked:#?}");
}

fn resources(place: &Place) -> Vec<Value> {
    let finished = place.candor(&["seen", "--json", "--data", &place.data().to_string_lossy()]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    finished.json()["resources"].as_array().expect("`resources` is a list").clone()
}

/// What a browser says that a page was kept from loading.
fn reported(blocked: &str) -> Request {
    let mut report = Request::new("POST", "/privacy/csp-report").header("Content-Type", "application/csp-report");
    report.body =
        format!("{{\"csp-report\": {{\"blocked-uri\": \"{blocked}\", \"document-uri\": \"https://books.example/mine\"}}}}").into_bytes();
    report
}

#[test]
fn what_pages_load_of_others_is_seen_with_what_the_policy_could_say_of_it() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let page = Request::get("/page").send(server.public());
    let list = page.header("content-security-policy").expect("pages carry a list");
    assert!(list.ends_with("; report-uri /privacy/csp-report"), "{list}");
    for blocked in ["https://ads.example/t/a.js?visitor=7", "https://ads.example/t/b.js", "https://www.openstreetmap.org/export/embed.html"]
    {
        assert_eq!(reported(blocked).send(server.public()).status, 204);
    }
    assert_eq!(reported("https://ads.example/").header("Sec-Fetch-Site", "cross-site").send(server.public()).status, 403);

    let beside = resources(&place);
    let told: Vec<(&str, u64, bool)> = beside
        .iter()
        .map(|row| (row["url"].as_str().unwrap_or_default(), row["count"].as_u64().unwrap_or_default(), row["declared"] == true))
        .collect();
    assert_eq!(told, [("https://ads.example/t/", 2, false), ("https://www.openstreetmap.org/export/", 1, true)]);
    assert_eq!(beside[1]["proposal"], Value::Null, "the policy says it all");
    let metrics = Request::get("/metrics").send(server.private()).text();
    assert!(metrics.contains("\ncandor_csp_reports_total 3\n") && metrics.contains("\ncandor_csp_reports_dropped_total 1\n"), "{metrics}");

    assert_eq!(server.stop(), Some(0));
    assert_eq!(resources(&place), beside, "a restart forgets nothing");

    let rules = place.site().join("policy.toml");
    let declared = std::fs::read_to_string(&rules).unwrap() + "\n" + beside[0]["proposal"].as_str().expect("a proposal");
    std::fs::write(&rules, declared).unwrap();
    let checked = place.candor(&["check", "--json"]).json();
    let findings: Vec<&str> = checked["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert_eq!(findings, ["recipient-without-address", "undisclosed-rule"], "who they are and what people read, only a person can say");
}
