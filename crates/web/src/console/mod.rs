//! What operators see, each behind a passkey of theirs; and what machines ask a running Candor, who ask nobody.

mod actions;
mod cases;
pub(crate) mod desk;
pub(crate) mod frame;
mod front_page;
mod joining;
mod operators;
mod passkeys;
mod people;
mod place;
mod scripted;
mod sign_in;
pub(crate) mod told;
mod visits;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::PrivateState;
use crate::assets::serve;

pub use desk::ConsoleClient;
pub use place::ConsoleSettings;

/// What the running program tells of itself.
pub trait Operations: Send + Sync + 'static {
    /// Whether it can serve visitors; if not, why, in a sentence without personal data.
    fn ready(&self) -> Result<(), String>;

    /// All metrics in Prometheus' text format.
    fn metrics(&self) -> String;

    /// Whether obligations act or are only observed, in a word or a few.
    fn enforcement(&self) -> &'static str;

    /// What the front page counts.
    fn counts(&self) -> Vec<Count>;

    /// What an operator should know now, one sentence each: "the site folder differs from version 3".
    fn notices(&self) -> Vec<String>;
}

/// One number on the front page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub title: &'static str,
    pub number: u64,
}

/// No form or answer of a passkey is longer.
const BODY_BYTES_MAX: usize = 64 * 1_024;

pub(crate) fn router(state: &PrivateState) -> Router<PrivateState> {
    for_operators()
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), place::only_by_name))
        .merge(for_machines().layer(from_fn_with_state(state.clone(), place::only_by_address_or_name)))
        .route("/assets/{file}", get(serve))
}

/// Every page but those where somebody signs in takes an [`desk::Operator`], and every form a [`desk::Posted`].
fn for_operators() -> Router<PrivateState> {
    Router::new()
        .route("/", get(front_page::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::end))
        .route("/sign-in/challenge", post(sign_in::begin))
        .route("/sign-out", post(sign_in::out))
        .route("/sign-out/everywhere", post(sign_in::out_everywhere))
        .route("/setup/{token}", get(joining::show).post(joining::end))
        .route("/setup/{token}/challenge", post(joining::begin))
        .route("/invitation/{token}", get(joining::show).post(joining::end))
        .route("/invitation/{token}/challenge", post(joining::begin))
        .route("/operators", get(operators::list))
        .route("/operators/invite", post(operators::invite))
        .route("/operators/{operator}/remove", post(operators::remove))
        .route("/operators/{operator}/withdraw", post(operators::withdraw))
        .route("/passkeys", get(passkeys::list).post(passkeys::end))
        .route("/passkeys/challenge", post(passkeys::begin))
        .route("/passkeys/{passkey}/remove", post(passkeys::remove))
        .route("/actions", get(actions::list))
        .route("/people", get(people::ask).post(people::find))
        .route("/people/{person}", get(people::show))
        .route("/people/{person}/sign-out", post(people::sign_out))
        .route("/visits", get(visits::ask).post(visits::count))
        .route("/cases", get(cases::list::show))
        .route("/cases/{case}", get(cases::file::show))
        .route("/cases/{case}/account", post(cases::decide::name))
        .route("/cases/{case}/sign-out", post(cases::decide::sign_out))
        .route("/cases/{case}/ask", post(cases::decide::ask))
        .route("/cases/{case}/answered", post(cases::decide::answered))
        .route("/cases/{case}/dismiss", post(cases::decide::dismiss))
        .route("/cases/{case}/confirm", get(cases::file::ask_again).post(cases::decide::confirm))
        .route("/cases/{case}/receipt.json", get(cases::file::receipt))
}

/// Whoever asks may be anybody, and learns nothing but that.
pub(crate) async fn nothing_here(State(state): State<PrivateState>) -> Response {
    let told = told::Told::new("There is no such page", "The address may be mistyped, or the page is gone.");
    told.status(StatusCode::NOT_FOUND).way("/", "To the overview").shown(&state)
}

fn for_machines() -> Router<PrivateState> {
    Router::new().route("/health/live", get(|| async { "ok\n" })).route("/health/ready", get(ready)).route("/metrics", get(metrics))
}

async fn ready(State(console): State<PrivateState>) -> Response {
    match console.operations.ready() {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn metrics(State(console): State<PrivateState>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], console.operations.metrics()).into_response()
}
