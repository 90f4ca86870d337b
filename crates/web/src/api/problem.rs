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

/// The longest name or value of a request that is repeated to whoever sent it.
const REPEATED_MAX: usize = 64;

/// No reason is longer.
const REASON_MAX: usize = 512;

/// Why something could not be read or is not known, as it is said inside: what it repeats of the request is cut, and none of it is invisible.
pub(super) fn reason(said: &str) -> String {
    const OPENING: [&str; 5] =
        ["unknown field `", "unknown variant `", "invalid type: string \"", "invalid value: string \"", "the policy has no purpose `"];
    const CLOSING: [&str; 5] = ["`, expected ", "`, there are no ", "\", expected ", "` is not a region", "`; it has "];
    let at_once = said.starts_with('`').then_some((0, 1));
    let begins = at_once.or_else(|| OPENING.iter().filter_map(|opening| said.find(opening).map(|at| (at, at + opening.len()))).min());
    let Some((at, from)) = begins else { return visible(said, REASON_MAX) };
    // What is repeated may hold the same words, so the last of them are our own.
    let until = CLOSING.iter().filter_map(|closing| said[from..].rfind(closing)).max().map_or(said.len(), |end| from + end);
    format!("{}{}{}", &said[at..from], visible(&said[from..until], REPEATED_MAX), visible(&said[until..], REASON_MAX))
}

fn visible(text: &str, characters_max: usize) -> String {
    let written = |character: char| {
        let escaped = character.escape_debug();
        if escaped.len() == 1 || matches!(character, '"' | '\'' | '\\') { character.to_string() } else { escaped.to_string() }
    };
    let mut shown = String::new();
    let mut count = 0;
    for character in text.chars() {
        let next = written(character);
        count += next.chars().count();
        if count > characters_max {
            shown.push('…');
            break;
        }
        shown.push_str(&next);
    }
    shown
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

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn what_is_repeated_of_a_request_is_short_and_can_be_seen() {
        let said = |name: &str| reason(&format!("unknown field `{name}`, expected `limit` or `cursor` at line 1 column 9"));
        assert_eq!(said("limits"), "unknown field `limits`, expected `limit` or `cursor` at line 1 column 9");
        assert_eq!(said("a\u{202e}b\n"), r"unknown field `a\u{202e}b\n`, expected `limit` or `cursor` at line 1 column 9");
        let tail = "`, expected `limit` or `cursor` at line 1 column 9";
        assert_eq!(said(&"x".repeat(70_000)), format!("unknown field `{}…{tail}", "x".repeat(64)));
        let tricky = format!("{}`, expected nothing", "y".repeat(64));
        assert_eq!(said(&tricky), format!("unknown field `{}…{tail}", "y".repeat(64)));
        let in_a_path = format!("{}: unknown field `{}`, there are no fields", "z".repeat(900), "z".repeat(900));
        assert_eq!(reason(&in_a_path), format!("unknown field `{}…`, there are no fields", "z".repeat(64)));
        assert!(reason(&"w".repeat(70_000)).chars().count() <= 513);
        assert_eq!(reason("missing field `use` at line 1 column 2"), "missing field `use` at line 1 column 2");
    }
}
