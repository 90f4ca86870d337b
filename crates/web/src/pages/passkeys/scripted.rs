//! What our script is told, and what it says.

use app::choices::RecordsError;
use app::people::Doer;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::PASSKEY;
use crate::forgery;
use crate::forms::is_of_type;
use crate::pages::register::here::Here;
use crate::phrases::{PasskeyProblems, PasskeyWords};

/// The answer of a browser's passkey.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) ticket: String,
    pub(super) answer: serde_json::Value,
    /// What a new one is to be called.
    pub(super) name: Option<String>,
    /// Where somebody goes on afterwards.
    #[serde(rename = "return")]
    pub(super) return_to: Option<String>,
}

/// Something that did not work: a stable code, and what the script shows of it.
pub(super) fn problem(here: &Here, status: StatusCode, code: &'static str, says: fn(&PasskeyProblems) -> &'static str) -> Response {
    told(status, code, says(&words(here).problems))
}

pub(super) fn told(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, axum::Json(serde_json::json!({ "error": { "code": code, "message": message } }))).into_response()
}

/// Lets the script go on to where a page would send its browser.
pub(super) fn going_on(here: &Here, sent_on: Response) -> Response {
    let (mut head, _) = sent_on.into_parts();
    let to = head.headers.remove(LOCATION).and_then(|to| to.to_str().ok().map(str::to_owned));
    let Some(to) = to.filter(|_| head.status == StatusCode::SEE_OTHER) else {
        return problem(here, StatusCode::SERVICE_UNAVAILABLE, "unavailable", |problems| problems.unavailable);
    };
    let mut response = axum::Json(serde_json::json!({ "go": to })).into_response();
    response.headers_mut().extend(head.headers);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn unavailable(here: &Here, error: &RecordsError) -> Response {
    tracing::error!(%error, "the records of passkeys do not answer");
    problem(here, StatusCode::SERVICE_UNAVAILABLE, "unavailable", |problems| problems.unavailable)
}

pub(super) fn words(here: &Here) -> &'static PasskeyWords {
    PasskeyWords::of(here.words.language)
}

/// That a post comes from a page of ours. Every browser that knows passkeys says where a script's post comes from.
#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(super) fn from_our_page(here: &Here) -> Result<(), Response> {
    let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
    let is_ours = forgery::is_from_our_page(&here.asker, &here.headers, &origin, None, &here.state.keys.load());
    if is_ours && is_of_type(&here.headers, "application/json") {
        return Ok(());
    }
    Err(problem(here, StatusCode::FORBIDDEN, "not-our-page", |problems| problems.forged))
}

/// What a post of the script says. Each counts, whether there is anything to it or not.
#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(super) fn answered(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Answered, Response> {
    from_our_page(here)?;
    let doer = Doer { client: &here.asker.client, email: None };
    here.state.accounts.admit(PASSKEY, doer, here.asker.now).map_err(|too_often| {
        let mut response = problem(here, StatusCode::TOO_MANY_REQUESTS, "too-often", |problems| problems.too_often);
        response.headers_mut().insert("retry-after", HeaderValue::from(too_often.seconds));
        response
    })?;
    let answered = body.ok().and_then(|body| serde_json::from_slice(&body).ok());
    answered.ok_or_else(|| problem(here, StatusCode::BAD_REQUEST, "unreadable", |problems| problems.begin_again))
}
