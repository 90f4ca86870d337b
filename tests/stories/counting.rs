//! Counting visits, and asking whose they are.

use std::path::PathBuf;

use serde_json::{Value, json};
use stories::{Finished, Place, Request, Server, Site, Visitor, browser_script};

use crate::api::{anna, token};

/// Candor behind a proxy that says whom a request is from.
fn serve(place: &Place, site: &Site) -> Server {
    place.serve_url(&site.url(), &["--trusted-proxies", "127.0.0.0/8"])
}

/// Each of so many addresses opens a page once.
fn visited(server: &Server, page: &str, people: u8, browser: &str) {
    for number in 1..=people {
        let from = format!("198.51.100.{number}");
        Request::get(page).header("X-Forwarded-For", &from).header("User-Agent", browser).send(server.public());
    }
}

fn asked(place: &Place, options: &[&str]) -> Finished {
    let data = place.data();
    place.candor(&[&["visits", "--data", &data.to_string_lossy()], options].concat())
}

fn counted(place: &Place, options: &[&str]) -> Value {
    let finished = asked(place, &[&["--json"], options].concat());
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert_eq!(finished.stderr, "", "silent, but for what was asked");
    finished.json()
}

/// Two pages that many opened, one that few did, and a robot.
fn a_day(place: &Place, server: &Server) {
    visited(server, "/articles/sleep", 24, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    visited(server, "/articles/pain", 12, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36");
    visited(server, "/articles/rare", 3, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36");
    visited(server, "/articles/sleep", 5, "curl/8.5.0");
    place.visits_to("/articles/sleep", 29);
}

#[test]
fn visits_are_counted_beside_the_server_and_after_it_and_few_people_are_told_of_together() {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    a_day(&place, &server);
    let articles = ["--by", "page", "--path", "/articles/*"];
    let beside = counted(&place, &articles);
    assert_eq!((&beside["by"], &beside["purpose"], &beside["at_least"]), (&json!("page"), &json!("operate"), &json!(10)));
    assert_eq!(beside["groups"], json!([{"value": "/articles/sleep", "visits": 24, "visitors": null, "robots": 5}]));
    assert_eq!(beside["others"], json!({"groups": 2, "too_few": 2, "visits": 15, "visitors": null, "robots": 0}));
    assert_eq!(beside["total"], json!({"visits": 39, "visitors": null, "robots": 5}));
    assert_eq!(
        counted(&place, &["--by", "browser", "--path", "/articles/*"])["groups"],
        json!([
            {"value": "Firefox", "visits": 24, "visitors": null, "robots": 0},
            {"value": "Chrome", "visits": 15, "visitors": null, "robots": 0},
            {"value": "Robot", "visits": 0, "visitors": null, "robots": 5},
        ])
    );
    let day = counted(&place, &["--by", "day", "--path", "/articles/*"]);
    assert_eq!(day["total"]["visits"], 39, "{day}");
    assert_eq!(counted(&place, &["--by", "page", "--until", "2020-01-01"])["groups"], json!([]));
    let few = counted(&place, &["--by", "page", "--path", "/articles/rare"]);
    assert_eq!((&few["groups"], &few["total"]["visits"]), (&json!([]), &Value::Null), "{few}");

    assert_eq!(server.stop(), Some(0));
    assert_eq!(counted(&place, &articles), beside);
}

#[test]
fn counts_are_printed_as_a_table_where_a_person_reads_them() {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    a_day(&place, &server);
    let printed = asked(&place, &["--by", "page", "--path", "/articles/*"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{printed:#?}");
    let lines: Vec<&str> = printed.stdout.lines().collect();
    assert_eq!(
        lines[..3],
        ["page             visits  robots", "/articles/sleep      24       5", "2 others             15       0"],
        "{printed:#?}"
    );
    assert!(printed.stdout.contains("fewer than 10 people") && !printed.stdout.contains("/articles/rare"), "{printed:#?}");
}

#[test]
fn who_may_not_read_a_field_neither_counts_nor_finds_by_it() {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    a_day(&place, &server);
    for options in [
        &["--purpose", "analytics", "--ip", "198.51.100.1"][..],
        &["--purpose", "return-visits", "--path", "/articles/*", "--by", "day"],
        &["--purpose", "news", "--by", "page"],
    ] {
        let refused = asked(&place, options);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{options:?}: {refused:#?}");
        assert!(refused.stderr.contains("refused"), "{options:?}: {refused:#?}");
    }
    for options in [&["--by", "colour"][..], &["--by", "page", "--at-least", "4"], &["--at-least", "20"], &["--path", "articles"]] {
        assert_eq!(asked(&place, options).code, Some(2), "{options:?}");
    }
}

#[test]
fn new_and_returning_are_told_of_those_who_are_recognised() {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    for _ in 0..12 {
        let mut somebody = Visitor::of(&server);
        somebody.choose("return-visits", "yes");
        somebody.open("/again");
    }
    visited(&server, "/again", 11, "Mozilla/5.0 Firefox/140.0");
    place.visits_to("/again", 23);
    let counts = counted(&place, &["--by", "return", "--path", "/again"]);
    assert_eq!(counts["groups"][0], json!({"value": "new", "visits": 12, "visitors": 12, "robots": 0}), "{counts}");
    assert_eq!(counts["groups"][1], json!({"value": null, "visits": 11, "visitors": null, "robots": 0}), "{counts}");
}

#[test]
fn a_persons_visits_are_found_by_address_name_and_id() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut anna = anna(&place, &server);
    anna.open("/hers");
    Visitor::of(&server).open("/somebody-elses");
    place.visits_to("/somebody-elses", 1);
    let id = site.last("/hers").header("candor-account").expect("the site knows her").to_owned();
    let paths = |person: &str| -> Vec<String> {
        let visits = counted(&place, &["--person", person])["visits"].as_array().expect("visits").clone();
        visits.iter().map(|visit| visit["path"].as_str().expect("a path").to_owned()).filter(|path| !path.starts_with("/account")).collect()
    };
    for person in ["anna@example.org", "anna", &id] {
        assert_eq!(paths(person), ["/hers"], "{person}");
    }
    assert_eq!(asked(&place, &["--person", "nobody@example.org", "--json"]).json()["visits"], json!([]));
    let alone = counted(&place, &["--person", "anna", "--by", "page"]);
    assert_eq!((&alone["groups"], &alone["total"]["visits"]), (&json!([]), &Value::Null), "one person is no group: {alone}");

    assert_eq!(server.stop(), Some(0));
    assert_eq!(paths("anna@example.org"), ["/hers"], "without the server, too");
    let from_input =
        stories::candor(&place.site(), &["visits", "--json", "--person", "-", "--data", &place.data().to_string_lossy()], "anna\n");
    assert!(from_input.stdout.contains("/hers"), "{from_input:#?}");
}

#[test]
fn a_program_asks_with_a_token_for_visits() {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    a_day(&place, &server);
    let token = token(&place, &["visits"]);
    let ask = |query: &str| {
        Request::get(&format!("/v1/visits?{query}")).header("Authorization", &format!("Bearer {token}")).send(server.private())
    };
    let counts = ask("purpose=operate&by=page&path=/articles/*").json();
    assert_eq!(counts["groups"], json!([{"value": "/articles/sleep", "visits": 24, "visitors": null, "robots": 5}]));
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let part = ask(&format!("purpose=operate&limit=20&path=/articles/*{cursor}")).json();
        seen += part["items"].as_array().expect("visits").len();
        match part["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 44);
    assert_eq!(ask("by=page").status, 422, "without a purpose there is no answer");
    assert!(!server.complaints().contains("198.51.100"), "nothing personal is in the log");
}

/// From the form to the bars, in a browser.
fn an_operator_counts(narrow: bool) {
    let (place, site) = (Place::health(), Site::new());
    let server = serve(&place, &site);
    a_day(&place, &server);
    let (_, port) = server.private().rsplit_once(':').expect("an address has a port");
    let saw = browser_script(
        "visits.mjs",
        json!({
            "link": server.first_owner_link().expect("nobody owns it yet"),
            "console": format!("http://localhost:{port}"),
            "narrow": narrow,
            "pictures": PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("visits"),
        }),
    );
    assert_eq!((&saw["tables"], &saw["url"]), (&json!(0), &json!("/visits")), "nothing before a purpose, and no filter in a URL: {saw:#}");
    assert!(saw["purposes"].as_array().is_some_and(|all| all.contains(&json!("operate")) && !all.contains(&json!("news"))), "{saw:#}");
    assert_eq!(saw["rows"], json!([["/articles/sleep", "24", 24], ["2 others", "15", null], ["All", "39", null]]), "{saw:#}");
    assert_eq!((&saw["chosen"], &saw["withoutScript"]), (&json!(["operate", "/articles/*"]), &json!(3)), "{saw:#}");
    assert!(saw["refused"].as_str().is_some_and(|says| says.contains("analytics")), "{saw:#}");
    assert_eq!((&saw["violations"], &saw["sideways"]), (&json!([]), &json!([])), "{saw:#}");
    assert_eq!(saw["complaints"], json!([]), "{saw:#}");
    assert!(!server.complaints().contains("198.51.100"), "what was searched by is in no log");
}

#[test]
fn an_operator_counts_visits_in_the_console() {
    an_operator_counts(false);
}

#[test]
fn an_operator_counts_visits_on_a_phone() {
    an_operator_counts(true);
}
