use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;

use crate::Asker;
use crate::headers::ASK_AGAIN;
use crate::pages::conditional;

/// Says that we honour Global Privacy Control, in the form its specification gives.
pub(crate) async fn support(asker: Asker, headers: HeaderMap) -> Response {
    let body = serde_json::json!({ "gpc": true, "lastUpdate": asker.policy.revised.to_string() });
    let mut response = conditional(&headers, body.to_string());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    response
}
