use app::programs::Scope;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};

use super::idempotency::{BODY_BYTES_MAX, once};
use super::problem::Problem;
use super::token::{authenticate, only_with};
use super::{agreements, cases, decide, host, openapi, people, requests, sessions, visits};
use crate::PrivateState;

/// Facts may be long, as on the command line.
const FACTS_BYTES_MAX: usize = 1024 * 1024;

/// Every operation with the scope it takes, for whoever holds the description to it.
#[cfg(test)]
pub(super) const OPERATIONS: &[(&str, &str, Option<Scope>)] = &[
    ("POST", "/decide", Some(Scope::Decide)),
    ("POST", "/people/search", Some(Scope::PeopleRead)),
    ("GET", "/people/{person}", Some(Scope::PeopleRead)),
    ("GET", "/people/{person}/agreements", Some(Scope::Agreements)),
    ("GET", "/people/{person}/agreements/{name}", Some(Scope::Agreements)),
    ("PUT", "/people/{person}/agreements/{name}", Some(Scope::Agreements)),
    ("DELETE", "/people/{person}/agreements/{name}", Some(Scope::Agreements)),
    ("DELETE", "/people/{person}/sessions", Some(Scope::Sessions)),
    ("POST", "/requests", Some(Scope::Cases)),
    ("GET", "/requests/{request}", Some(Scope::Cases)),
    ("GET", "/cases", Some(Scope::Cases)),
    ("GET", "/visits", Some(Scope::Visits)),
    ("GET", "/openapi.json", None),
];

/// Each path with the scope it takes. What changes something passes `writes`, too.
pub(super) fn router(state: &PrivateState) -> Router<PrivateState> {
    let writes = |route: MethodRouter<PrivateState>| route.route_layer(from_fn_with_state(state.clone(), once));
    let with = |scope: Scope, route: MethodRouter<PrivateState>| route.route_layer(from_fn_with_state(scope, only_with));
    let agreement = put(agreements::put).get(agreements::get).delete(agreements::end);
    Router::new()
        .route("/decide", with(Scope::Decide, post(decide::take)).route_layer(DefaultBodyLimit::max(FACTS_BYTES_MAX)))
        .route("/people/search", with(Scope::PeopleRead, post(people::search)))
        .route("/people/{person}", with(Scope::PeopleRead, get(people::show)))
        .route("/people/{person}/agreements", with(Scope::Agreements, get(agreements::list)))
        .route("/people/{person}/agreements/{name}", with(Scope::Agreements, writes(agreement)))
        .route("/people/{person}/sessions", with(Scope::Sessions, writes(delete(sessions::end))))
        .route("/requests", with(Scope::Cases, writes(post(requests::take))))
        .route("/requests/{request}", with(Scope::Cases, get(requests::get)))
        .route("/cases", with(Scope::Cases, get(cases::list)))
        .route("/visits", with(Scope::Visits, get(visits::list)))
        .fallback(async || nothing())
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "this path does not take this method; `Allow` says which it takes",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), authenticate))
        // What there is to ask is no secret.
        .route("/openapi.json", get(openapi::show))
        .layer(from_fn(host::only_by_address))
}

pub(super) fn nothing() -> Problem {
    Problem::not_found("there is nothing at this path; `/v1/openapi.json` lists what there is")
}
