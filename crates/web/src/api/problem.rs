use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error as programs get it (RFC 9457): the status, a stable code, and a sentence that says what to do.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), header: None }
    }

    /// The request cannot be understood.
    pub(crate) fn bad(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    /// It is understood, and cannot be done as it says.
    pub(crate) fn unprocessable(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    pub(crate) fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub(crate) fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub(super) fn too_often(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", format!("this token asks too often; try again in {seconds} seconds"))
            .with(RETRY_AFTER, &seconds.to_string())
    }

    /// What went wrong inside stays inside; the log has it.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a program could not be answered");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "this cannot be answered now; try again in a moment")
            .with(RETRY_AFTER, "5")
    }

    pub(super) fn no_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "token-missing",
            "send a token: `Authorization: Bearer candor_...`; `candor token new` makes one",
        )
        .with(WWW_AUTHENTICATE, "Bearer realm=\"candor\"")
    }

    pub(super) fn bad_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "token-invalid", "this token is none of ours, was revoked, or is over")
            .with(WWW_AUTHENTICATE, "Bearer realm=\"candor\", error=\"invalid_token\"")
    }

    pub(super) fn insufficient_scope(scope: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", format!("this token lacks the scope `{scope}`"))
            .with(WWW_AUTHENTICATE, &format!("Bearer realm=\"candor\", error=\"insufficient_scope\", scope=\"{scope}\""))
    }

    fn with(self, name: HeaderName, value: &str) -> Self {
        Self { header: HeaderValue::from_str(value).ok().map(|value| (name, value)), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        // `about:blank` says that the title is the status's own (RFC 9457, section 4.2.1); the code says the rest.
        let body =
            json!({ "type": "about:blank", "title": title, "status": self.status.as_u16(), "code": self.code, "detail": self.detail });
        let mut response = (self.status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
