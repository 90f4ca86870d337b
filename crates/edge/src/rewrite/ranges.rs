//! Parts of pages: nobody can tell what a part of a page loads, and parts that were made under different choices do not fit together.

use http::header::{self, HeaderMap};
use http::{Method, Request, Response, StatusCode};

use super::asked::Asked;
use super::kind::{self, Kind};
use super::validators::is_ours;
use crate::listen::Worker;
use crate::{Enforcement, RequestBody};

/// No part is asked for of what will be shown as a page, nor of a page that was changed on its way.
pub(super) fn remove_ranges(headers: &mut HeaderMap, asked: &Asked) {
    if asked.takes_page || headers.get(header::IF_RANGE).is_some_and(|tag| is_ours(tag.as_bytes().trim_ascii())) {
        headers.remove(header::RANGE);
        headers.remove(header::IF_RANGE);
    }
}

/// The same request for the whole, where only a part is asked for and asking again does no harm.
pub(crate) fn whole_instead(request: &Request<RequestBody>, worker: &Worker) -> Option<Request<RequestBody>> {
    let asks_for_part = request.method() == Method::GET && request.headers().contains_key(header::RANGE) && request.body().is_empty();
    if !asks_for_part || worker.settings.enforcement == Enforcement::Observe {
        return None;
    }
    let mut whole = Request::new(RequestBody::empty());
    *whole.uri_mut() = request.uri().clone();
    *whole.headers_mut() = request.headers().clone();
    whole.headers_mut().remove(header::RANGE);
    whole.headers_mut().remove(header::IF_RANGE);
    Some(whole)
}

/// Whether an answer is a part of a page, or several parts of what may be one.
pub(crate) fn is_part<B>(answer: &Response<B>, worker: &Worker) -> bool {
    if answer.status() != StatusCode::PARTIAL_CONTENT || worker.settings.enforcement == Enforcement::Observe {
        return false;
    }
    Kind::of(answer.headers()) == Kind::Html || kind::is_several_parts(answer.headers())
}
