//! Service workers: they answer for the site inside of the browser, with documents that no policy of ours is on.

use domain::Timestamp;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response};

use super::destination::is_for_service_worker;
use crate::gate::Judged;
use crate::listen::Worker;
use crate::{AnswerBody, Enforcement, answer};

/// Takes the place of one that is there already, answers nothing, and goes.
const LEAVING: &str = "// A service worker answers with pages that nothing holds to what you permitted, so this site has none until you permit all that it asks for.\n\
                       addEventListener(\"install\", () => skipWaiting());\n\
                       addEventListener(\"activate\", (event) => event.waitUntil(registration.unregister()));\n";

/// Whether somebody is to have no service worker of the site's: while anything of others that the policy declares is held back.
pub(crate) fn is_refused(parts: &Parts, judged: &Judged, worker: &Worker) -> bool {
    let is_refused = worker.settings.enforcement == Enforcement::Enforce
        && !judged.plan.obligations.holds_nothing()
        && matches!(parts.method, Method::GET | Method::HEAD)
        && is_for_service_worker(&parts.headers, judged.seen);
    if is_refused {
        worker.note_service_worker();
    }
    is_refused
}

/// A browser keeps the service worker that it has when it gets an error, so it gets another one, which ends both. It asks for the script again after
/// a day at most, and whenever a page registers it.
pub(crate) fn answer(method: &Method, now: Timestamp) -> Response<AnswerBody> {
    /// Wherever the script lies, it may have been given more than its own folder.
    const ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");
    let body = if method == Method::HEAD { AnswerBody::empty() } else { AnswerBody::full(LEAVING) };
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ALLOWED, HeaderValue::from_static("/"));
    answer::date(&mut answer, now);
    answer
}
