//! Shows the privacy centre of a small site on loopback, to look at while working on it: `cargo run -p web --example privacy_centre`.
//!
//! `/page` is a page of the site's, with what Candor puts into it (`?links` where it may send no forms). `/try?go=/privacy/me` follows with a cookie of somebody who came back and chose; `Sec-GPC: 1` and `?gpc` count; the console is one port further.

#[path = "../tests/front_door/world.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod world;

use std::sync::Arc;

use app::choices::Circumstances;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use axum::routing::get;
use domain::{Answer, Choice, ChoiceRecordId, Id, Region, Version, VisitorId};
use policy::cookie::{ChoicesPart, CookieParts, PreferencesPart, VisitorPart, write_choices, write_visit};
use policy::model::Purpose;
use policy::{Person, Revocations, Set, VisitFacts, due, plan_visit};
use web::{Asker, Count, HeldBack, Inserts, Operations, SitePage};
use world::{NOW, World, asker, at};

struct Rehearsal;

impl Operations for Rehearsal {
    fn enforcement(&self) -> &'static str {
        "enforce: what is not permitted is held back"
    }

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
    let console = web::private(world.private(Arc::new(Rehearsal)));
    let own = world.router.clone().layer(from_fn_with_state(world.clone(), with_facts));
    let site =
        Router::new().route("/page", get(page_of_the_site)).with_state(world.clone()).layer(from_fn_with_state(world.clone(), with_facts));
    let router = Router::new().route("/try", get(as_somebody_known).with_state(world.clone())).merge(site).fallback_service(own);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8090)).await?;
    println!("http://127.0.0.1:8090/privacy");
    if let Some(token) = world.operators.first_owner_link(at(NOW)).await.expect("the records answer") {
        println!("http://localhost:8091/setup/{}", token.text());
    }
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

/// As the edge puts a page together, with a site's style that does all it can to get into what is ours.
async fn page_of_the_site(State(world): State<Arc<World>>, asker: Asker, uri: Uri, headers: HeaderMap) -> Html<String> {
    let links = uri.query().is_some_and(|query| query.contains("links"));
    let path = uri.path_and_query().map_or("/page", |path| path.as_str());
    let held = |purpose| HeldBack::Purpose(world.policy.purpose_named(purpose).expect("a purpose"));
    let due = due_to(&asker);
    let inserts = Inserts::new(&world.state, SitePage { asker, path, headers: &headers, due, sends_forms: !links });
    let banner = inserts.banner().unwrap_or_default();
    let (box_in_form, box_in_text) = (inserts.placeholder(&held("return-visits"), false), inserts.placeholder(&held("news"), false));
    let ending = inserts.ending(&[held("return-visits"), held("remember")]);
    let paragraphs =
        "<p>We look after people on both sides of the harbour. <a href=\"#\">Read more</a> about what we do and when.</p>".repeat(12);
    Html(format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\"><title>Harbour \
         Clinic</title><style>{}</style><style>{SITE_STYLE}</style></head><body>{banner}<main id=main><h1>Harbour Clinic</h1>{paragraphs}<form \
         action=/search><p>{box_in_form}<button>Search</button></p></form>{box_in_text}</main>{ending}</body></html>",
        Inserts::style(),
    ))
}

const SITE_STYLE: &str = "html { font-size: 62.5%; } body { font: 1.8rem/1.4 Georgia, serif; color: #333; background: #fff; margin: 0 auto; \
                          max-width: 70rem; text-transform: uppercase; letter-spacing: 0.05em; } body > div, main span, details { margin: 4rem; \
                          float: left; } #main button, button { background: red; border-radius: 50%; font-size: 3rem; } form, ul, li { display: \
                          flex; list-style: square; } p::before, summary::before, li::after { content: '☛'; } a { color: magenta; }";

fn due_to(asker: &Asker) -> Set<Purpose> {
    let standing = asker.cookie.standing(&asker.policy);
    let person = Person { consents: &standing.consents, refusals: standing.refusals, ..Person::default() };
    let facts = VisitFacts { person, gpc: asker.gpc, region: asker.region, at: asker.now };
    let plan = plan_visit(&asker.policy, &Revocations::default(), &facts);
    due(&asker.policy, &asker.cookie, &plan, Circumstances { gpc: asker.gpc, region: asker.region, now: asker.now })
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
        session: None,
        signal: None,
    };
    let set = [write_choices, write_visit].map(|write| write(&world.policy, &world.keys, &parts, at(world::NOW), false).expect("it fits"));
    let set = set.map(|set| (SET_COOKIE, set));
    (axum::http::StatusCode::SEE_OTHER, AppendHeaders(set), [(LOCATION, go)]).into_response()
}
