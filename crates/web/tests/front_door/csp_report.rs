//! What browsers report of our Content-Security-Policy: taken from our own pages only, in small numbers, and cut to what is about nobody.

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};

use crate::world::{Ask, World};

const BLOCKED: &str = r#"{"csp-report": {"document-uri": "https://clinic.example/mine?q=secret", "referrer": "https://mail.example/",
    "blocked-uri": "https://ads.example/a/t.js?visitor=7", "effective-directive": "script-src-elem", "source-file": "https://clinic.example/"}}"#;

fn report<'w>(world: &'w World, kind: &str, body: &str) -> Ask<'w> {
    world.ask(Method::POST, "/privacy/csp-report").header("content-type", kind).body(body.to_owned())
}

fn heard(world: &World) -> Vec<String> {
    world.reports.blocked.lock().expect("no test panics while it holds this").clone()
}

fn dropped(world: &World) -> u64 {
    world.reports.dropped.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_report_tells_an_address_and_nothing_of_the_person() {
    let world = World::new();
    let reply = report(&world, "application/csp-report", BLOCKED).header("sec-fetch-site", "same-origin").send().await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let batch = r#"[{"type": "csp-violation", "url": "https://clinic.example/mine", "body": {"blockedURL": "https://b.example/p.gif#x"}},
        {"type": "deprecation", "body": {"blockedURL": "https://c.example/"}}, {"type": "csp-violation", "body": {"blockedURL": "inline"}}]"#;
    let reply = report(&world, "application/reports+json; charset=utf-8", batch).send().await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert_eq!(heard(&world), ["https://ads.example/a/t.js", "https://b.example/p.gif"]);
    assert_eq!(dropped(&world), 0);
}

#[tokio::test]
async fn an_address_of_the_sites_own_that_led_elsewhere_is_nobodys_name() {
    let world = World::new();
    let kind = "application/csp-report";
    let own = |address: &str| format!(r#"{{"csp-report": {{"blocked-uri": "{address}"}}}}"#);
    for address in
        ["https://clinic.example/elsewhere?to=x", "http://Clinic.example/", "https://clinic.example:8443/a", "https://a.clinic.example/"]
    {
        assert_eq!(report(&world, kind, &own(address)).send().await.status, StatusCode::NO_CONTENT);
    }
    let others = ["https://clinic.example:8443/a", "https://a.clinic.example/"];
    assert_eq!(heard(&world), ["the site's own", "the site's own", others[0], others[1]]);
}

#[tokio::test]
async fn what_is_no_report_of_our_pages_is_not_taken() {
    let world = World::new();
    let kind = "application/csp-report";
    for (ask, status) in [
        (report(&world, kind, BLOCKED).header("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
        (report(&world, kind, BLOCKED).header("sec-fetch-site", "same-site"), StatusCode::FORBIDDEN),
        (report(&world, "application/json", BLOCKED), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (report(&world, kind, "{"), StatusCode::BAD_REQUEST),
        (report(&world, kind, "[]"), StatusCode::BAD_REQUEST),
        (report(&world, kind, &format!("{BLOCKED}{}", " ".repeat(16 * 1024))), StatusCode::PAYLOAD_TOO_LARGE),
        (report(&world, kind, &" ".repeat(1024 * 1024)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(ask.send().await.status, status);
    }
    assert_eq!((heard(&world).len(), dropped(&world)), (0, 7));
    assert_eq!(world.get("/privacy/csp-report").send().await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_batch_takes_as_many_turns_as_it_names_addresses() {
    let world = World::new();
    let one = r#"{"type": "csp-violation", "body": {"blockedURL": "https://b.example/p.gif"}}"#;
    let batch = format!("[{}]", [one; 50].join(","));
    for _ in 0..10 {
        report(&world, "application/reports+json", &batch).send().await;
    }
    assert_eq!(heard(&world).len(), 200);
    assert!(dropped(&world) > 0);
}

#[tokio::test]
async fn a_flood_of_reports_is_not_taken() {
    let world = World::new();
    for _ in 0..300 {
        report(&world, "application/csp-report", BLOCKED).send().await;
    }
    assert_eq!((heard(&world).len(), dropped(&world)), (200, 100));
    let later = world.policy.revised.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time").timestamp();
    let later = later + jiff::SignedDuration::from_hours(24 * 365);
    assert_eq!(report(&world, "application/csp-report", BLOCKED).at(later).send().await.status, StatusCode::NO_CONTENT);
}
