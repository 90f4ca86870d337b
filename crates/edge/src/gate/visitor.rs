//! The visitor part of our cookie: made on the first page somebody opens under a purpose that permits it, and dropped once it no longer does.

use bytes::{BufMut, BytesMut};
use domain::{Random, Timestamp, VisitorId};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response};
use policy::Sealed;
use policy::cookie::{self, CookieState, SigningKeys, VisitorPart};

use super::names::{lists, tokens};
use super::plans::ReadyPlan;

/// What the answer to this request may change about the visitor's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VisitorTurn {
    Keep,
    Issue,
    Drop,
}

impl VisitorTurn {
    /// Only for pages that somebody opens. A cookie that cannot be believed is left alone: it refuses everything.
    pub(super) fn of(plan: &ReadyPlan, cookie: &CookieState, method: &Method, headers: &HeaderMap) -> Self {
        let turn = match cookie {
            CookieState::Unverified(_) => Self::Keep,
            CookieState::Absent if plan.visitor_cookie => Self::Issue,
            CookieState::Absent => Self::Keep,
            CookieState::Verified(parts) => match (plan.visitor_cookie, parts.visitor.is_some()) {
                (true, false) => Self::Issue,
                (false, true) => Self::Drop,
                _ => Self::Keep,
            },
        };
        if turn != Self::Keep && is_navigation(method, headers) { turn } else { Self::Keep }
    }
}

/// Whether somebody opens a page of its own, and not a part of one.
pub(super) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET && opens_page(headers)
}

/// Whether a page of its own is asked for.
pub(crate) fn opens_page(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-dest") {
        Some(destination) => destination == "document",
        None => accepts_page(headers),
    }
}

/// Whether a page is asked for, to be shown by itself or inside of another.
pub(crate) fn takes_page(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-dest") {
        Some(destination) => matches!(destination.as_bytes(), b"document" | b"iframe" | b"frame" | b"embed" | b"object"),
        None => accepts_page(headers),
    }
}

fn accepts_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|accept| tokens(accept.as_bytes()).any(|kind| kind.len() >= 9 && kind[..9].eq_ignore_ascii_case(b"text/html")))
}

/// Adds the `Set-Cookie` that the turn asks for, if the answer is a page. Returns the new visitor, if there is one.
pub(crate) fn take_turn<B>(turn: VisitorTurn, answer: &mut Response<B>, visit: &CookieChange<'_>) -> Option<Sealed<VisitorId>> {
    if turn == VisitorTurn::Keep || !is_page(answer.headers()) {
        return None;
    }
    let mut parts = visit.cookie.parts().cloned().unwrap_or_default();
    parts.visitor = match turn {
        VisitorTurn::Issue => Some(VisitorPart::new(VisitorId::random(visit.random), visit.now)),
        _ => None,
    };
    let written = cookie::write(&visit.plan.policy, visit.keys, &parts, visit.now, visit.https)?;
    answer.headers_mut().append(header::SET_COOKIE, HeaderValue::try_from(written).ok()?);
    keep_private(answer.headers_mut());
    parts.visitor.map(|visitor| visitor.id)
}

/// What writing a cookie takes.
pub(crate) struct CookieChange<'a> {
    pub(crate) plan: &'a ReadyPlan,
    pub(crate) cookie: &'a CookieState,
    pub(crate) keys: &'a SigningKeys,
    pub(crate) random: &'a dyn Random,
    pub(crate) now: Timestamp,
    pub(crate) https: bool,
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"text/html")
    })
}

/// What a site tells one kind of cache alone, which that cache obeys whatever `Cache-Control` says (RFC 9213).
fn remove_targeted_cache_fields(headers: &mut HeaderMap) {
    let is_targeted = |name: &str| name.ends_with("-cache-control") || matches!(name, "surrogate-control" | "x-accel-expires");
    let targeted: Vec<HeaderName> = headers.keys().filter(|name| is_targeted(name.as_str())).cloned().collect();
    for name in targeted {
        headers.remove(name);
    }
}

/// A page that was made for one visitor's choices is kept by that visitor's browser alone, and shown again only after asking whether it still holds.
pub(crate) fn keep_fresh(headers: &mut HeaderMap) {
    remove_targeted_cache_fields(headers);
    if !lists(headers, header::CACHE_CONTROL, "no-store") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// One visitor's cookie must not reach another through a shared cache.
pub(crate) fn keep_private(headers: &mut HeaderMap) {
    remove_targeted_cache_fields(headers);
    if lists(headers, header::CACHE_CONTROL, "private") || lists(headers, header::CACHE_CONTROL, "no-store") {
        return;
    }
    let mut directives = BytesMut::new();
    for value in headers.get_all(header::CACHE_CONTROL) {
        for directive in tokens(value.as_bytes()) {
            let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default();
            if !name.eq_ignore_ascii_case(b"public") && !name.eq_ignore_ascii_case(b"s-maxage") {
                directives.put_slice(directive);
                directives.put_slice(b", ");
            }
        }
    }
    directives.put_slice(b"private");
    let value = HeaderValue::from_maybe_shared(directives.freeze()).unwrap_or(HeaderValue::from_static("private"));
    headers.insert(header::CACHE_CONTROL, value);
}
