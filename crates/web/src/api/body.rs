use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::problem::{Problem, reason};

/// A body that is one JSON document of this shape, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

/// The same, or none, which says nothing.
#[derive(Clone, Debug)]
pub(crate) struct MaybeJsonBody<T>(pub(crate) T);

/// A body that says that it is JSON, as text.
#[derive(Clone, Debug)]
pub(crate) struct JsonText(pub(crate) String);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonText(text) = JsonText::from_request(request, state).await?;
        let mut json = serde_json::Deserializer::from_str(&text);
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| Problem::bad(misread(&error)))?;
        json.end().map_err(|error| Problem::bad(no_json(&error)))?;
        Ok(Self(read))
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaybeJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_empty = request.body().is_end_stream();
        if is_empty && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(T::default()));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(body))
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonText {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "send JSON, with `Content-Type: application/json`"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(rejection.status()))?;
        String::from_utf8(bytes.into()).map(Self).map_err(|_| Problem::bad("the body is not UTF-8"))
    }
}

/// What is wrong with a body, by the name of the member that is, and what it has to be.
fn misread(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let (path, inner) = (error.path().to_string(), error.inner());
    if inner.is_syntax() || inner.is_eof() {
        return no_json(inner);
    }
    let said = inner.to_string();
    let said = reason(said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said));
    let said = said.as_str();
    let member = if path == "." { "the body".to_owned() } else { format!("`{path}`") };
    if let Some((name, there)) = said.strip_prefix("unknown field ").and_then(|rest| rest.split_once(", expected ")) {
        return format!("the body has a member {name}, which this does not take; it takes {}", there.trim_start_matches("one of "));
    }
    if let Some(name) = said.strip_prefix("missing field ") {
        return format!("the body lacks the member {name}");
    }
    if let Some(name) = said.strip_prefix("duplicate field ") {
        return format!("the body has the member {name} twice");
    }
    match said.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
        Some((_, "a string")) => format!("{member} has to be text in quotes"),
        Some((_, expected)) if expected.contains("imestamp") => format!("{member} {TIME}"),
        Some((_, expected)) => format!("{member} has to be {expected}"),
        None if path == "." => format!("the body is not what this takes: {said}"),
        // The one other kind of member is a moment.
        None => format!("{member} {TIME}"),
    }
}

const TIME: &str = "has to be a time, as \"2027-01-01T00:00:00Z\"";

fn no_json(error: &serde_json::Error) -> String {
    format!("the body is no JSON document: look at line {}, column {}", error.line(), error.column())
}

/// Why a body could not be read.
pub(super) fn unread(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(status, "body-too-large", "the body is larger than this takes")
    } else {
        Problem::bad("the body ended early, or cannot be read")
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use serde::Deserialize;

    use super::misread;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, expecting = "one JSON object, as {\"kind\": \"...\"}")]
    struct Body {
        #[expect(dead_code, reason = "it is read, and that is all")]
        kind: String,
        #[expect(dead_code, reason = "it is read, and that is all")]
        until: Option<Timestamp>,
    }

    #[test]
    fn what_is_wrong_is_said_by_the_name_of_the_member_and_what_it_has_to_be() {
        for (body, says) in [
            (r#"{"kind": 3}"#, "`kind` has to be text in quotes"),
            (r#"{"kind": "x", "until": 3}"#, "`until` has to be a time, as \"2027-01-01T00:00:00Z\""),
            (r#"{"kind": "x", "until": "tomorrow"}"#, "`until` has to be a time, as \"2027-01-01T00:00:00Z\""),
            (r#"{"until": null}"#, "the body lacks the member `kind`"),
            (r#"{"kind": "x", "kind": "y"}"#, "the body has the member `kind` twice"),
            (r#"{"kin": "x"}"#, "the body has a member `kin`, which this does not take; it takes `kind` or `until`"),
            ("3", "the body has to be one JSON object, as {\"kind\": \"...\"}"),
            ("{\n kind", "the body is no JSON document: look at line 2, column 2"),
            ("", "the body is no JSON document: look at line 1, column 0"),
        ] {
            let mut json = serde_json::Deserializer::from_str(body);
            let error = serde_path_to_error::deserialize::<_, Body>(&mut json).expect_err("it is wrong");
            assert_eq!(misread(&error), says, "{body}");
        }
    }
}
