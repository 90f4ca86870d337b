//! The few answers the edge gives by itself. They say nothing of what went wrong inside.

use domain::Timestamp;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, Response, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;
use url::form_urlencoded::byte_serialize;

use crate::AnswerBody;
use crate::forward::Failure;
use crate::gate::admit::Refusal;
use crate::gate::visitor::opens_page;

pub(crate) fn refusal(refusal: Refusal, now: Timestamp) -> Response<AnswerBody> {
    let mut answer = page(refusal.status, refusal.says, now);
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        answer.headers_mut().insert(header::ALLOW, allowed);
    }
    if refusal.close { last(answer) } else { answer }
}

pub(crate) fn failure(failure: Failure, now: Timestamp) -> Response<AnswerBody> {
    match failure {
        Failure::NoSite => page(StatusCode::SERVICE_UNAVAILABLE, "There is no site here yet.", now),
        Failure::NoAnswer => site_failure(StatusCode::BAD_GATEWAY, "The site does not answer. Please try again in a moment.", now),
        Failure::BadAnswer => {
            site_failure(StatusCode::BAD_GATEWAY, "The site's answer could not be read. Please try again in a moment.", now)
        }
        Failure::TooSlow => {
            site_failure(StatusCode::GATEWAY_TIMEOUT, "The site takes too long to answer. Please try again in a moment.", now)
        }
        Failure::ClientTooSlow => last(page(StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time.", now)),
        Failure::BrokenBody => last(page(StatusCode::BAD_REQUEST, "The request's body could not be read.", now)),
    }
}

/// The last answer of its connection.
fn last(mut answer: Response<AnswerBody>) -> Response<AnswerBody> {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn site_failure(status: StatusCode, says: &str, now: Timestamp) -> Response<AnswerBody> {
    let mut answer = page(status, says, now);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

/// The site sent a page in a coding that cannot be read here, so nobody knows what it loads.
pub(crate) fn unreadable_page(now: Timestamp) -> Response<AnswerBody> {
    page(
        StatusCode::BAD_GATEWAY,
        "The site sent this page in a form in which it cannot be seen what the page loads from others, so it is not shown.",
        now,
    )
}

/// A page of ours failed.
pub(crate) fn broken(now: Timestamp) -> Response<AnswerBody> {
    page(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here. Please try again in a moment.", now)
}

/// What is asked for needs an account. Whoever opens a page is led to where they can sign in, and back; a program is told so.
pub(crate) fn sign_in_first(parts: &Parts, page: &str, now: Timestamp) -> Response<AnswerBody> {
    let opens = matches!(parts.method, Method::GET | Method::HEAD) && opens_page(&parts.headers);
    let wanted = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let wanted: String = byte_serialize(wanted.as_bytes()).collect();
    let to_page = opens.then(|| HeaderValue::try_from(format!("{page}?return={wanted}")).ok()).flatten();
    let mut answer = match to_page {
        Some(location) => {
            let mut answer = Response::new(AnswerBody::empty());
            *answer.status_mut() = StatusCode::SEE_OTHER;
            answer.headers_mut().insert(header::LOCATION, location);
            answer
        }
        None => {
            let problem =
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Whoever asks for this has to be signed in."}"#;
            let mut answer = Response::new(AnswerBody::full(problem));
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Ok(challenge) = HeaderValue::try_from(format!("Cookie form-action=\"{page}\"")) {
                answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            answer
        }
    };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    date(&mut answer, now);
    answer
}

fn page(status: StatusCode, says: &str, now: Timestamp) -> Response<AnswerBody> {
    let title = status.canonical_reason().unwrap_or("Error");
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head>\n<body><h1>{title}</h1><p>{says}</p></body>\n</html>\n"
    );
    let mut answer = Response::new(AnswerBody::full(html));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    date(&mut answer, now);
    answer
}

/// An origin with a clock says when it answered (RFC 9110, section 6.6.1). The site's own answers pass as they are.
pub(crate) fn date(answer: &mut Response<AnswerBody>, now: Timestamp) {
    if answer.headers().contains_key(header::DATE) {
        return;
    }
    let written = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(value) = written.ok().and_then(|text| HeaderValue::try_from(text).ok()) {
        answer.headers_mut().insert(header::DATE, value);
    }
}
