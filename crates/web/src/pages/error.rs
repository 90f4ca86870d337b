use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::pages::frame::{Frame, Place};
use crate::pages::{accept, html};
use crate::phrases::Failures;
use crate::{Asker, State, negotiate};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    message: String,
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
    pub(crate) title: &'static str,
    pub(crate) message: String,
    /// The same title and message in the reader's language, where they are translated.
    pub(crate) words: Option<FailureWords>,
    pub(crate) way_out: WayOut,
}

/// Picks a title and a message.
pub(crate) type FailureWords = fn(&Failures) -> (&'static str, &'static str);

impl Failure {
    /// As a page, or as JSON where that is liked better.
    pub(crate) fn response(self, state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri) -> Response {
        if negotiate::prefers_json(&accept(headers)) {
            let body = serde_json::json!({ "error": { "code": self.code, "message": self.message } });
            return (self.status, axum::Json(body)).into_response();
        }
        let frame = Frame::new(state, asker, headers, uri, Place::Elsewhere);
        let Some(words) = self.words else {
            return html(self.status, &ErrorPage { frame, title: self.title, message: self.message, way_out: self.way_out });
        };
        let frame = frame.translated(&asker.policy);
        let (title, message) = words(&frame.phrases.failures);
        html(self.status, &ErrorPage { frame, title, message: message.to_owned(), way_out: self.way_out })
    }
}

pub(crate) async fn not_found(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let failure = Failure {
        status: StatusCode::NOT_FOUND,
        code: "not-found",
        title: "There is no page here",
        message: "The address may be old, or it may have a typing mistake in it.".to_owned(),
        words: None,
        way_out: WayOut::Policy,
    };
    failure.response(&state, &asker, &headers, &uri)
}

pub(crate) async fn method_not_allowed(
    extract::State(state): extract::State<State>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let failure = Failure {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method-not-allowed",
        title: "This page cannot be used that way",
        message: "It is here to be read. Open it in a browser like any other page.".to_owned(),
        words: None,
        way_out: WayOut::Policy,
    };
    failure.response(&state, &asker, &headers, &uri)
}
