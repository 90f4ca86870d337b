//! Shows the privacy centre of a small site on loopback, to look at while working on it: `cargo run -p web --example privacy_centre`.
//!
//! `/try?go=/privacy/me` follows with a cookie of somebody who came back and chose; `Sec-GPC: 1` and `?gpc` count; the console is one port further.

#[path = "../tests/front_door/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::sync::Arc;

use app::choices::Circumstances;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{Answer, Choice, ChoiceRecordId, Id, Region, Version, VisitorId};
use policy::cookie::{ChoicesPart, CookieParts, PreferencesPart, VisitorPart, write};
use web::{Count, Operations};
use world::{World, asker, at};

struct Rehearsal;

impl Operations for Rehearsal {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn metrics(&self) -> String {
        "# TYPE candor_visits_total counter\ncandor_visits_total 1284021\n".to_owned()
    }

    fn counts(&self) -> Vec<Count> {
        vec![
            Count { title: "Recorded", number: 1_284_021 },
            Count { title: "Lost", number: 0 },
            Count { title: "Bytes", number: 48_211_004 },
        ]
    }

    fn notices(&self) -> Vec<String> {
        vec!["The site folder differs from version 1; `candor publish` makes the next one.".to_owned()]
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let world = Arc::new(World::new());
    for (visitor, time, path) in [
        (7, "2026-03-08T09:12:00Z", "/"),
        (7, "2026-03-08T09:13:20Z", "/treatments/physiotherapy"),
        (7, "2026-03-10T17:29:00Z", "/privacy"),
    ] {
        world.record(visitor, time, path);
    }
    let console = web::private(world.state.versions.clone(), Arc::new(Rehearsal));
    let own = world.router.clone().layer(from_fn_with_state(world.clone(), with_facts));
    let router = Router::new().route("/try", get(as_somebody_known).with_state(world.clone())).fallback_service(own);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8090)).await?;
    println!("http://127.0.0.1:8090/privacy");
    tokio::spawn(async move {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8091)).await?;
        axum::serve(listener, console).await
    });
    axum::serve(listener, router).await
}

async fn with_facts(State(world): State<Arc<World>>, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let gpc = query.contains("gpc") || request.headers().get("sec-gpc").is_some_and(|value| value == "1");
    let region = Region::parse(if query.contains("california") { "US-CA" } else { "DE" }).expect("a region");
    let mut asker = asker(&world, request.headers(), Circumstances { gpc, region, now: at(world::NOW) }, false);
    asker.authority = "127.0.0.1:8090".to_owned();
    request.extensions_mut().insert(asker);
    next.run(request).await
}

async fn as_somebody_known(State(world): State<Arc<World>>, uri: Uri) -> Response {
    let go = uri.query().and_then(|query| query.split_once("go=")).map_or("/privacy", |(_, path)| path).to_owned();
    let id = |text| Id::parse(text).expect("an id");
    let made = at("2026-03-09T08:00:00Z");
    let choice = |purpose, answer| Choice { purpose: id(purpose), answer, at: made, version: Version(1), gpc: false, opted_out: false };
    let parts = CookieParts {
        choices: Some(ChoicesPart {
            record: ChoiceRecordId([9; 16]),
            made,
            choices: vec![choice("return-visits", Answer::Yes), choice("remember", Answer::Yes), choice("news", Answer::No)],
        }),
        visitor: Some(VisitorPart::new(VisitorId([7; 16]), at("2026-03-08T09:12:00Z"))),
        preferences: Some(PreferencesPart { made, values: vec![(id("text-size"), "large".to_owned())] }),
    };
    let cookie = write(&world.policy, &world.keys, &parts, at(world::NOW), false).expect("it fits");
    (axum::http::StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, go)]).into_response()
}
