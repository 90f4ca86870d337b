use http::header::{HeaderMap, HeaderValue};

use crate::gate::names::Seen;

/// What a browser makes of the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// It does not say.
    Unsaid,
    /// A page of its own, or one in another.
    Page,
    /// A script that runs by itself, under the policy it comes with.
    Worker,
    /// One that moreover stays, and answers for the site.
    ServiceWorker,
    Other,
}

impl Destination {
    pub(super) fn of(headers: &HeaderMap, seen: Seen) -> Self {
        if is_for_service_worker(headers, seen) {
            return Self::ServiceWorker;
        }
        if !seen.has(Seen::FETCH_DESTINATION) {
            return Self::Unsaid;
        }
        match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
            Some(b"worker" | b"sharedworker") => Self::Worker,
            Some(b"document" | b"iframe" | b"frame" | b"embed" | b"object") => Self::Page,
            Some(_) => Self::Other,
            None => Self::Unsaid,
        }
    }
}

/// A browser that fetches the script of a service worker says so in any case. What that script brings with it comes without the field.
pub(super) fn is_for_service_worker(headers: &HeaderMap, seen: Seen) -> bool {
    let by_field = seen.has(Seen::SERVICE_WORKER) && headers.get_all("service-worker").iter().any(|value| value == "script");
    by_field
        || (seen.has(Seen::FETCH_DESTINATION) && headers.get("sec-fetch-dest").is_some_and(|destination| destination == "serviceworker"))
}
