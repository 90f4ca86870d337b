//! What a page visit changes in our cookie of visits. The visitor's number is made on the first page somebody opens under a purpose that permits it, and
//! dropped once it no longer does; and `Sec-GPC: 1` is written into it, so that the browser stays opted out when it stops sending it. The cookie with
//! the choices is never written here: this page may reach the browser after an answer that was given while it was on its way.

use bytes::{BufMut, BytesMut};
use domain::{Field, Random, Timestamp, VisitorId};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response};
use policy::cookie::{self, CookieState, Kind, SessionPart, SigningKeys, VisitorPart};
use policy::{Sealed, Signalled, signalled};

use super::Judged;
use super::names::{lists, tokens};
use super::plans::ReadyPlan;
use crate::Signal;

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

/// `Sec-GPC: 1` on a page visit that our cookie does not tell of yet.
#[derive(Debug)]
pub(crate) struct SignalTurn {
    signalled: Signalled,
    /// The cookies as the browser will have them: whatever a page of this answer asks or shows starts from here.
    pub(crate) cookie: CookieState,
}

impl SignalTurn {
    /// Only for pages that somebody opens.
    pub(super) fn of(
        plan: &ReadyPlan,
        bearer: &CookieState,
        method: &Method,
        headers: &HeaderMap,
        writing: &Writing<'_>,
    ) -> Option<Box<Self>> {
        if !is_navigation(method, headers) {
            return None;
        }
        let signalled = signalled(&plan.policy, bearer, writing.now, writing.random)?;
        let written = cookie::write_visit(&plan.policy, writing.keys, &signalled.parts, writing.now, writing.https)?;
        let cookie = cookie::read_back(&plan.policy, writing.keys, writing.now, bearer, &[written]);
        Some(Box::new(Self { signalled, cookie }))
    }
}

/// What the answer changed.
#[derive(Default)]
pub(crate) struct Taken {
    /// The new visitor.
    pub(crate) visitor: Option<Sealed<VisitorId>>,
    /// What the browser's signal ended.
    pub(crate) signal: Option<Signal>,
}

/// What a page tells the browser of its ticket.
#[derive(Clone, Debug)]
pub(crate) enum TicketTurn {
    Keep,
    /// The cookie is written with the ticket that it was read with, or without one.
    Write,
    /// With one that was found while the page was made.
    Replace(SessionPart),
    /// Without one: the session turned out to be over.
    Drop,
}

/// Adds the one `Set-Cookie` that the turns ask for, if the answer is a page. A page of ours that sets the cookie itself knows more of the session than
/// whoever asked about it.
pub(crate) fn take_turns<B>(judged: &Judged, ticket: TicketTurn, answer: &mut Response<B>, writing: &Writing<'_>) -> Taken {
    let (turn, signal) = (judged.turn, judged.signal.as_deref());
    let is_set = || sets_our_cookie(answer.headers(), writing.https);
    let ticket = if matches!(ticket, TicketTurn::Keep) || is_set() { TicketTurn::Keep } else { ticket };
    let changes = turn != VisitorTurn::Keep || signal.is_some() || !matches!(ticket, TicketTurn::Keep);
    if !changes || !is_page(answer.headers()) {
        return Taken::default();
    }
    let parts = signal.map(|signal| &signal.signalled.parts).or_else(|| judged.bearer.cookie.parts());
    let mut parts = parts.cloned().unwrap_or_default();
    match turn {
        VisitorTurn::Keep => {}
        VisitorTurn::Issue => parts.visitor = Some(VisitorPart::new(VisitorId::random(writing.random), writing.now)),
        VisitorTurn::Drop => parts.visitor = None,
    }
    match ticket {
        TicketTurn::Keep | TicketTurn::Write => {}
        TicketTurn::Replace(part) => parts.session = Some(part),
        TicketTurn::Drop => parts.session = None,
    }
    let policy = &judged.plan.policy;
    let written = cookie::write_visit(policy, writing.keys, &parts, writing.now, writing.https);
    let Some(value) = written.and_then(|written| HeaderValue::try_from(written).ok()) else {
        return Taken::default();
    };
    answer.headers_mut().append(header::SET_COOKIE, value);
    keep_private(answer.headers_mut());
    let told = |signal: &SignalTurn| Signal {
        policy: policy.clone(),
        record: signal.signalled.record,
        purposes: signal.signalled.purposes,
        withdrawn: signal.signalled.withdrawn,
        region: judged.region,
        client: Sealed::new(Field::VisitIp, judged.client),
        at: writing.now,
    };
    let visitor = parts.visitor.filter(|_| turn == VisitorTurn::Issue).map(|visitor| visitor.id);
    Taken { visitor, signal: signal.map(told) }
}

/// What writing a cookie takes.
pub(crate) struct Writing<'a> {
    pub(crate) keys: &'a SigningKeys,
    pub(crate) random: &'a dyn Random,
    pub(crate) now: Timestamp,
    pub(crate) https: bool,
}

fn sets_our_cookie(headers: &HeaderMap, https: bool) -> bool {
    let name = cookie::name(Kind::Visit, https).as_bytes();
    headers.get_all(header::SET_COOKIE).iter().any(|set| set.as_bytes().strip_prefix(name).is_some_and(|rest| rest.starts_with(b"=")))
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
