use axum::extract;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;

use crate::headers::ASK_AGAIN;
use crate::pages::conditional;
use crate::{Asker, State};

/// Says that we honour Global Privacy Control, in the form its specification gives; while obligations are only observed, that we do not yet.
pub(crate) async fn support(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap) -> Response {
    let body = serde_json::json!({ "gpc": !state.settings.observing, "lastUpdate": asker.policy.revised.to_string() });
    let mut response = conditional(&headers, body.to_string());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    response
}
