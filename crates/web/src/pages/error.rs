use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::pages::frame::{Frame, Place};
use crate::pages::{accept, html};
use crate::phrases::{Failures, Phrases};
use crate::{Asker, State, negotiate};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    message: &'static str,
    detail: Option<String>,
    way_out: WayOut,
}

/// Where a page about a failure leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayOut {
    Policy,
    Choices,
    Versions,
}

/// A failure that its reader can do something about: a stable code, a title, and what happened and what to do.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) words: FailureWords,
    /// What exactly was wrong, in English, where that helps whoever wrote the form or the script.
    pub(crate) detail: Option<String>,
    pub(crate) way_out: WayOut,
}

/// Picks a title and a message.
pub(crate) type FailureWords = fn(&Failures) -> (&'static str, &'static str);

impl Failure {
    pub(crate) const fn new(status: StatusCode, code: &'static str, words: FailureWords, way_out: WayOut) -> Self {
        Self { status, code, words, detail: None, way_out }
    }

    /// As a page in the reader's language, or as JSON in English where that is liked better.
    pub(crate) fn response(self, state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri) -> Response {
        if negotiate::prefers_json(&accept(headers)) {
            return self.json();
        }
        let frame = Frame::new(state, asker, headers, uri, Place::Elsewhere);
        let (title, message) = (self.words)(&frame.phrases.failures);
        html(self.status, &ErrorPage { frame, title, message, detail: self.detail, way_out: self.way_out })
    }

    /// As JSON in English, whatever is liked.
    pub(crate) fn json(self) -> Response {
        let (_, message) = (self.words)(&Phrases::ENGLISH.failures);
        let message = self.detail.as_deref().unwrap_or(message);
        let body = serde_json::json!({ "error": { "code": self.code, "message": message } });
        (self.status, axum::Json(body)).into_response()
    }
}

pub(crate) async fn not_found(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let failure = Failure::new(StatusCode::NOT_FOUND, "not-found", |words| words.not_found, WayOut::Policy);
    failure.response(&state, &asker, &headers, &uri)
}

pub(crate) async fn method_not_allowed(
    extract::State(state): extract::State<State>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", |words| words.wrong_method, WayOut::Policy);
    failure.response(&state, &asker, &headers, &uri)
}
