use axum::extract;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;

use crate::State;

/// A new key is shown for a day before anything is signed with it, so copies may be kept for an hour.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The public keys of what the site is told of people, as a JSON Web Key Set (RFC 7517).
pub(crate) async fn public_keys(extract::State(state): extract::State<State>) -> Response {
    let mut response = Response::new(state.assertions.load().public_set().into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    response.headers_mut().insert(CACHE_CONTROL, FOR_AN_HOUR);
    response
}
