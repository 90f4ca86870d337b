use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// Our pages load our own style and images, send forms to us, and nothing else: no script runs on them.
const CONTENT_SECURITY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// The same for the pages where a passkey is made or used, which takes a script of ours that asks us.
const CONTENT_SECURITY_WITH_SCRIPT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'",
);
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// Marks an answer whose page runs our script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunsScript;

/// For what one person sees: nobody keeps a copy.
pub(crate) const PERSONAL: HeaderValue = HeaderValue::from_static("private, no-store");
/// For what everybody sees and a new version changes: a copy is asked about before it is used.
pub(crate) const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// For what has its own hash in its address.
pub(crate) const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Adds to every answer of ours the headers that keep it where it belongs. What no page said about caching is not kept.
pub(crate) async fn secured(mut response: Response) -> Response {
    let content_security = match response.extensions().get::<RunsScript>() {
        Some(RunsScript) => CONTENT_SECURITY_WITH_SCRIPT,
        None => CONTENT_SECURITY,
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, content_security);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A page whose own address is a secret says so itself.
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(CORP, HeaderValue::from_static("same-origin"));
    headers.insert(COOP, HeaderValue::from_static("same-origin"));
    headers.insert(PERMISSIONS, HeaderValue::from_static("camera=(), geolocation=(), microphone=(), browsing-topics=()"));
    headers.entry(CACHE_CONTROL).or_insert(PERSONAL);
    response
}
