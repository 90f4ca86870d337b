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
