//! A request on its way to the site, and the site's answer on its way back.

mod connect;
mod expect;
mod link;
mod pool;
mod replay;
mod stream;
mod tunnel;
mod wires;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

pub(crate) use connect::Connector;
pub(crate) use connect::ConnectorError;
pub(crate) use expect::ContinueGate;
pub(crate) use link::SiteBody;
pub(crate) use pool::Pool;

use crate::counts::add;
use crate::gate::Judged;
use crate::gate::names::{self, Seen};
use crate::listen::{Caller, Watch, Worker};
use crate::record::Visiting;
use crate::{AnswerBody, RequestBody, rewrite};
use expect::Asked;
use link::Link;
use tunnel::Tunnel;

/// Why there is no answer from the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody said where the site is.
    NoSite,
    NoAnswer,
    /// It answered in a way that cannot be passed on without guessing.
    BadAnswer,
    TooSlow,
    /// The visitor did not send the body in time.
    ClientTooSlow,
    /// The visitor's body ended before its end, or could not be read.
    BrokenBody,
}

/// A request that got no answer. If not a byte of it was written, here it is again.
struct Lost {
    failure: Failure,
    unsent: Option<Box<Request<RequestBody>>>,
}

/// The site's answer, or why there is none; and the visit, unless it goes on in a tunnel.
pub(crate) struct Forwarded {
    pub(crate) answer: Result<Response<AnswerBody>, Failure>,
    pub(crate) visiting: Option<Box<Visiting>>,
}

/// A request that was let through.
pub(crate) struct Passed {
    pub(crate) parts: Parts,
    pub(crate) body: RequestBody,
    pub(crate) visiting: Box<Visiting>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) caller: Arc<Caller>,
}

pub(crate) async fn forward(passed: Passed, judged: &Judged, worker: &Arc<Worker>) -> Forwarded {
    let Passed { mut parts, body, visiting, watch, caller } = passed;
    let page = rewrite::ask(&mut parts, judged, worker);
    let upgrade = prepare(&mut parts, &body, judged, worker, &caller);
    let (method, version) = (parts.method.clone(), if caller.multiplexed { Version::HTTP_2 } else { Version::HTTP_11 });
    let mut request = Request::from_parts(parts, body);
    let asked = expects_continue(&request, judged.seen).then(|| ContinueGate::before(&mut request, worker.settings.limits.expect_continue));
    let (mut answer, link) = match exchange_whole(request, &watch, worker).await {
        Ok(answered) => answered,
        Err(failure) => {
            if !matches!(failure, Failure::ClientTooSlow | Failure::BrokenBody | Failure::NoSite) {
                add(&worker.counts.upstream_errors, 1);
            }
            return Forwarded { answer: Err(failure), visiting: Some(visiting) };
        }
    };
    let switches = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
    let seen = Seen::in_headers(answer.headers());
    if (switches && upgrade.is_none()) || !is_clear(&answer, seen) {
        add(&worker.counts.upstream_errors, 1);
        return Forwarded { answer: Err(Failure::BadAnswer), visiting: Some(visiting) };
    }
    // Before anything is added: else the site could name it in `Connection`, and it would go with what belongs to the connection.
    let protocols: Vec<HeaderValue> =
        if switches { answer.headers().get_all(header::UPGRADE).iter().cloned().collect() } else { Vec::new() };
    names::remove_hop_by_hop(answer.headers_mut(), seen);
    if seen.has(Seen::SET_COOKIE) {
        rewrite::settle(answer.headers_mut(), judged, worker);
    }
    let role = rewrite::settle_headers(&mut answer, &page, judged, seen, worker);
    judged.keep_to_account(answer.headers_mut());
    if let (true, Some(client)) = (switches, upgrade) {
        return switch(answer, link, client, Switching { visiting, watch, caller, worker, protocols }).await;
    }
    let answer = pass_back(answer, seen, &method, version, asked.as_ref(), link, worker).await;
    let answer = rewrite::settle_page(answer, role, page, judged, &watch, worker).await;
    Forwarded { answer: Ok(answer), visiting: Some(visiting) }
}

/// Makes of the visitor's request the one that the site gets. Returns the other half of the visitor's connection, if both are to be switched.
fn prepare(parts: &mut Parts, body: &RequestBody, judged: &Judged, worker: &Worker, caller: &Caller) -> Option<OnUpgrade> {
    let may_upgrade = judged.seen.has(Seen::UPGRADE) && !caller.multiplexed && body.is_empty() && tunnel::is_asked_for(&parts.headers);
    let upgrade = parts.extensions.remove::<OnUpgrade>().filter(|_| may_upgrade);
    parts.extensions.clear();
    let protocols: Vec<HeaderValue> =
        if upgrade.is_some() { parts.headers.get_all(header::UPGRADE).iter().cloned().collect() } else { Vec::new() };
    let takes_trailers = judged.seen.has(Seen::TE) && names::lists(&parts.headers, header::TE, "trailers");
    let has_host = parts.headers.contains_key(header::HOST);
    if !has_host {
        let site = worker.settings.upstream.as_ref().map(|upstream| &upstream.authority);
        let host = parts.uri.authority().or(site).and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        host.map(|host| parts.headers.insert(header::HOST, host));
    }
    judged.rewrite(&mut parts.headers, worker, caller);
    if takes_trailers {
        parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
        parts.headers.append(header::CONNECTION, HeaderValue::from_static("te"));
    }
    if upgrade.is_some() {
        parts.headers.append(header::CONNECTION, HeaderValue::from_static("upgrade"));
        for protocol in protocols {
            parts.headers.append(header::UPGRADE, protocol);
        }
    }
    if !body.is_empty() && !parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if parts.uri.authority().is_some() {
        parts.uri = parts.uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
    }
    parts.version = Version::HTTP_11;
    upgrade
}

fn expects_continue(request: &Request<RequestBody>, seen: Seen) -> bool {
    let expected = || request.headers().get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    seen.has(Seen::EXPECT) && !request.body().is_empty() && expected()
}

/// Sends the request, and asks once more for the whole where the answer is a part of a page: nobody knows what a part of a page loads.
async fn exchange_whole(request: Request<RequestBody>, watch: &Watch, worker: &Worker) -> Result<(Response<Incoming>, Box<Link>), Failure> {
    let whole = rewrite::whole_instead(&request, worker);
    let answered = exchange(request, watch, worker).await?;
    if !rewrite::is_part(&answered.0, worker) {
        return Ok(answered);
    }
    drop(answered);
    let answered = exchange(whole.ok_or(Failure::BadAnswer)?, watch, worker).await?;
    if rewrite::is_part(&answered.0, worker) { Err(Failure::BadAnswer) } else { Ok(answered) }
}

/// Sends the request on a connection that is at hand, or else on a fresh one. It is sent a second time only if it was not sent at all, or if it may be
/// repeated and the site closed a used connection without a word.
async fn exchange(mut request: Request<RequestBody>, watch: &Watch, worker: &Worker) -> Result<(Response<Incoming>, Box<Link>), Failure> {
    let repeatable = replay::may_repeat(request.method(), request.body());
    if let Some(mut link) = at_hand(worker, !repeatable).await {
        link.wires.begin(repeatable);
        match link.ask(request, watch).await {
            Ok(answer) => return Ok((answer, link)),
            Err(Lost { unsent: Some(unsent), .. }) => request = *unsent,
            Err(Lost { failure: Failure::NoAnswer, .. }) if repeatable && !link.wires.has_received() => {
                request = replay::read(&link.wires.take_written()).ok_or(Failure::NoAnswer)?;
            }
            Err(Lost { failure, .. }) => return Err(failure),
        }
    }
    let connector = worker.connector.as_ref().ok_or(Failure::NoSite)?;
    let mut link = connector.connect(&worker.settings.limits).await?;
    link.wires.begin(false);
    match link.ask(request, watch).await {
        Ok(answer) => Ok((answer, link)),
        Err(Lost { failure, .. }) => Err(failure),
    }
}

/// An idle connection that still lives. A request that cannot be repeated asks the socket itself, because the runtime may not have heard yet that the
/// site has closed it.
async fn at_hand(worker: &Worker, ask_socket: bool) -> Option<Box<Link>> {
    while let Some(mut link) = worker.pool.take() {
        if ask_socket {
            link.wires.ask_socket();
        }
        if poll_fn(|cx| Poll::Ready(link.is_ready(cx))).await {
            return Some(link);
        }
    }
    None
}

/// Whether it is beyond doubt where the answer's body ends.
fn is_clear(answer: &Response<Incoming>, seen: Seen) -> bool {
    if !seen.has(Seen::TRANSFER_ENCODING) {
        return true;
    }
    let mut encodings = answer.headers().get_all(header::TRANSFER_ENCODING).iter();
    let only = encodings.next().filter(|_| encodings.next().is_none());
    let chunked = only.is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"));
    chunked && !seen.has(Seen::CONTENT_LENGTH)
}

/// Gives the site's answer, without what belongs to the connection between the site and us, the body that the visitor gets.
async fn pass_back(
    answer: Response<Incoming>,
    seen: Seen,
    method: &Method,
    version: Version,
    asked: Option<&Asked>,
    link: Box<Link>,
    worker: &Worker,
) -> Response<AnswerBody> {
    let (mut parts, incoming) = answer.into_parts();
    parts.version = version;
    let over_http1 = version == Version::HTTP_11;
    if over_http1 && asked.is_some_and(Asked::never) {
        // The visitor may or may not send the body now, so where the next request begins is anybody's guess.
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let bodyless = matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) && *method != Method::HEAD;
    let names_length = seen.has(Seen::CONTENT_LENGTH);
    let mut body = SiteBody::new(incoming, link, worker.pool.clone());
    let body = if body.is_end_stream() {
        poll_fn(|cx| {
            body.release(cx);
            Poll::Ready(())
        })
        .await;
        if over_http1 && bodyless && names_length { AnswerBody::withheld() } else { AnswerBody::empty() }
    } else {
        AnswerBody::site(body)
    };
    Response::from_parts(parts, body)
}

struct Switching<'a> {
    visiting: Box<Visiting>,
    watch: Arc<Watch>,
    caller: Arc<Caller>,
    worker: &'a Worker,
    /// What the site switches to.
    protocols: Vec<HeaderValue>,
}

async fn switch(answer: Response<Incoming>, link: Box<Link>, client: OnUpgrade, switching: Switching<'_>) -> Forwarded {
    let Switching { mut visiting, watch, caller, worker, protocols } = switching;
    let (site, read_before) = link.switched().await;
    add(&worker.counts.upgrades, 1);
    visiting.answered(StatusCode::SWITCHING_PROTOCOLS);
    let (mut parts, _) = answer.into_parts();
    announce(&mut parts.headers, protocols);
    parts.version = Version::HTTP_11;
    tokio::spawn(Tunnel { client, site, read_before, visiting, watch, caller }.run());
    Forwarded { answer: Ok(Response::from_parts(parts, AnswerBody::empty())), visiting: None }
}

fn announce(headers: &mut HeaderMap, protocols: Vec<HeaderValue>) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    for protocol in protocols {
        headers.append(header::UPGRADE, protocol);
    }
}
