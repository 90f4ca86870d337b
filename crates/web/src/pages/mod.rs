//! The privacy centre, one page a file.

pub(crate) mod account;
pub(crate) mod changes;
pub(crate) mod choices;
pub(crate) mod csp_report;
pub(crate) mod error;
pub(crate) mod feed;
pub(crate) mod frame;
pub(crate) mod gpc;
pub(crate) mod guardians;
pub(crate) mod held;
pub(crate) mod keys;
pub(crate) mod passkeys;
pub(crate) mod policy;
pub(crate) mod register;
pub(crate) mod requests;
pub(crate) mod script;
pub(crate) mod versions;

use askama::Template;
use axum::body::Body;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use crate::assets::{entity_tag, is_known, tagged};
use crate::headers::ASK_AGAIN;

/// A page as HTML.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Bytes with the tag that names them; nothing but the tag for a browser that has them.
pub(crate) fn conditional(headers: &HeaderMap, bytes: impl Into<Body> + AsRef<[u8]>) -> Response {
    let tag = entity_tag(bytes.as_ref());
    let response = if is_known(headers, &tag) { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(bytes.into()) };
    tagged(response, tag)
}

/// What everybody sees alike in their language, until the next version.
pub(crate) fn for_everybody(headers: &HeaderMap, content_type: &'static str, text: String) -> Response {
    let mut response = conditional(headers, text);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Cookie"));
    response
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// All values of a header as one list.
pub(crate) fn header_list(headers: &HeaderMap, name: HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

pub(crate) fn accept(headers: &HeaderMap) -> String {
    header_list(headers, ACCEPT)
}

pub(crate) fn accept_language(headers: &HeaderMap) -> String {
    header_list(headers, ACCEPT_LANGUAGE)
}

/// The last value of a query parameter.
pub(crate) fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).last()
}
