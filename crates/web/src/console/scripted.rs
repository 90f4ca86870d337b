//! What our script is told while a passkey is made or used, and what it says.

use app::operators::{PasskeyName, RecordsError};
use app::passkeys::{Begun, CeremonyError, Party};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::desk::Desk;
use crate::forms::is_of_type;

/// The kind of deed that answers are limited as.
const PASSKEY: &str = "operator's passkey";

/// What the browser's own list of passkeys calls the place.
const CALLED: &str = "Candor console";

/// What the script says: at first only a name, if there is one to choose; then the answer of the passkey, too.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) ticket: String,
    #[serde(default)]
    pub(super) answer: serde_json::Value,
    pub(super) name: Option<String>,
    /// Where somebody goes on afterwards.
    #[serde(rename = "return")]
    pub(super) return_to: Option<String>,
}

/// Something that did not work: a stable code, and what the script shows of it.
pub(super) fn problem(status: StatusCode, code: &'static str, says: &str) -> Response {
    (status, axum::Json(serde_json::json!({ "error": { "code": code, "message": says } }))).into_response()
}

/// Lets the script go on to a page.
pub(super) fn going_on(to: &str) -> Response {
    axum::Json(serde_json::json!({ "go": to })).into_response()
}

/// The question for the passkey.
pub(super) fn asking(begun: Begun) -> Response {
    axum::Json(serde_json::json!({ "options": begun.options, "ticket": begun.ticket })).into_response()
}

/// What a post of the script says. Each counts, whether there is anything to it or not.
#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(super) fn said(desk: &Desk, body: Result<Bytes, BytesRejection>) -> Result<Said, Response> {
    if !desk.is_from_our_page(None) || !is_of_type(&desk.headers, "application/json") {
        let says = "This did not come from a page of the console, so nothing was done. Load the page again and try once more.";
        return Err(problem(StatusCode::FORBIDDEN, "not-our-page", says));
    }
    desk.state.operators.admit(PASSKEY, &desk.client, desk.now).map_err(|too_often| {
        let mut response =
            problem(StatusCode::TOO_MANY_REQUESTS, "too-often", "That was too often. Please wait a few minutes and try again.");
        response.headers_mut().insert("retry-after", HeaderValue::from(too_often.seconds));
        response
    })?;
    let said = body.ok().and_then(|body| serde_json::from_slice(&body).ok());
    said.ok_or_else(|| problem(StatusCode::BAD_REQUEST, "unreadable", BEGIN_AGAIN))
}

/// The place that passkeys are for.
#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(super) fn party(desk: &Desk) -> Result<Party, Response> {
    Party::at(&desk.place.origin, CALLED).map_err(|error| problem(StatusCode::CONFLICT, "no-passkeys-here", &error.to_string()))
}

#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(super) fn passkey_name(said: Option<&str>) -> Result<PasskeyName, Response> {
    let says = "A name needs at least one character and at most 60. No passkey was added.";
    PasskeyName::parse(said.unwrap_or_default()).ok_or_else(|| problem(StatusCode::UNPROCESSABLE_ENTITY, "name", says))
}

/// Why a passkey was not made.
pub(super) fn not_made(error: CeremonyError) -> Response {
    let refused = |code, says| problem(StatusCode::UNPROCESSABLE_ENTITY, code, says);
    match error {
        CeremonyError::NotVerified => refused(
            "not-verified",
            "Your device did not check that it is you. Set up a PIN, a fingerprint or your face on it and try again.",
        ),
        CeremonyError::NotDiscoverable => {
            refused("not-discoverable", "This device cannot keep a passkey. Try another one, such as your phone.")
        }
        CeremonyError::NoTicket | CeremonyError::TooLate | CeremonyError::Replayed => begin_again(),
        CeremonyError::Busy => busy(),
        CeremonyError::Unreadable | CeremonyError::Copied | CeremonyError::Refused | CeremonyError::Damaged => {
            refused("not-added", "The passkey could not be added. Please try again.")
        }
    }
}

pub(super) fn known() -> Response {
    problem(StatusCode::CONFLICT, "known", "This passkey is an operator's already. Use another device.")
}

pub(super) fn begin_again() -> Response {
    problem(StatusCode::CONFLICT, "begin-again", BEGIN_AGAIN)
}

pub(super) fn busy() -> Response {
    problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", UNAVAILABLE)
}

pub(super) fn unavailable(error: &RecordsError) -> Response {
    tracing::error!(%error, "the records of operators do not answer");
    busy()
}

const BEGIN_AGAIN: &str = "It took too long, or was done before. Please try again.";
const UNAVAILABLE: &str = "Something does not work on Candor's side. Please try again in a few minutes.";
