//! What an answer needs before the visitor may have it.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::UTF_8;
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode, response};
use policy::Set;
use policy::model::Purpose;

use super::asked::Asked;
use super::charset::Charset;
use super::coding::{self, Coding};
use super::csp;
use super::first::{First, Start};
use super::html::{Elements, Page, PageInserts, Reading};
use super::kind::{self, Kind};
use super::site_headers::Role;
use super::stream::{CUT, PageBody};
use super::transform::{Stop, Transform};
use super::{ranges, validators};
use crate::counts::add;
use crate::forward::{Failure, SiteBody};
use crate::gate::Judged;
use crate::gate::names::lists;
use crate::listen::{Watch, Worker};
use crate::{AnswerBody, Enforcement, answer};

/// Makes of a request one whose answer can be rewritten, and tells what its answer will need.
pub(crate) fn ask(parts: &mut Parts, judged: &Judged, worker: &Worker) -> Box<Asked> {
    let mut asked = Box::new(Asked::read(parts, judged));
    if worker.settings.enforcement == Enforcement::Observe {
        return asked;
    }
    if asked.takes_page {
        coding::narrow(&mut parts.headers);
    }
    ranges::remove_ranges(&mut parts.headers, &asked);
    asked.knows_page = validators::settle_conditions(&mut parts.headers, &asked, || asked.fingerprint(judged, asked.due(judged)));
    asked
}

/// Makes of the site's answer the one that this visitor may have.
pub(crate) async fn settle(
    answer: Response<AnswerBody>,
    role: Role,
    asked: Box<Asked>,
    judged: &Judged,
    watch: &Watch,
    worker: &Arc<Worker>,
) -> Response<AnswerBody> {
    let is_known_copy = role == Role::NotModified && asked.knows_page;
    if !role.runs() && !is_known_copy {
        return answer;
    }
    let headers = answer.headers();
    let kind = match Kind::of(headers) {
        _ if is_known_copy => Kind::Html,
        // Browsers look into what they are to show, and keep the rest as a file.
        // What is sent somewhere may be answered while it is still being sent.
        Kind::Unsaid if !matches!(asked.method, Method::GET | Method::HEAD) => Kind::Other,
        _ if role == Role::Worker || kind::is_download(headers) || answer.status() == StatusCode::PARTIAL_CONTENT => Kind::Other,
        kind => kind,
    };
    let enforces = worker.settings.enforcement == Enforcement::Enforce;
    let due = if enforces { asked.due(judged) } else { Set::EMPTY };
    let (mut parts, body) = answer.into_parts();
    let rewriting = Rewriting { asked, judged, watch, worker, due };
    match body.into_site() {
        Ok(body) if enforces => rewriting.rewrite(parts, body, kind).await,
        Ok(body) => rewriting.look(parts, body, kind),
        Err(body) => {
            if enforces {
                rewriting.settle_head(&mut parts, kind);
            }
            Response::from_parts(parts, body)
        }
    }
}

struct Rewriting<'a> {
    asked: Box<Asked>,
    judged: &'a Judged,
    watch: &'a Watch,
    worker: &'a Arc<Worker>,
    /// What the page has to ask about.
    due: Set<Purpose>,
}

/// What a page was that is another one now.
struct Changed {
    codings: Vec<Coding>,
    charset: Charset,
    policies: csp::Site,
    /// What lets our style into the page, where its own policies might keep it out.
    style_source: Option<&'static str>,
}

impl Rewriting<'_> {
    /// An answer without a body says what the same one with a body would say.
    fn settle_head(&self, parts: &mut response::Parts, kind: Kind) {
        self.mark(&mut parts.headers, kind);
        if self.asked.method == Method::HEAD && kind == Kind::Html {
            validators::remove_lengths(&mut parts.headers);
        }
    }

    fn mark(&self, headers: &mut HeaderMap, kind: Kind) {
        let obligations = &self.judged.plan.obligations;
        if obligations.varies || !self.due.is_empty() {
            let changes = matches!(kind, Kind::Html | Kind::Unsaid);
            validators::mark(headers, self.asked.fingerprint(self.judged, self.due), changes);
        }
    }

    /// What obligations would change is counted, and what the page loads is noted.
    fn look(&self, parts: response::Parts, body: SiteBody, kind: Kind) -> Response<AnswerBody> {
        let codings = Coding::of(&parts.headers).filter(|_| kind == Kind::Html);
        let charset = Charset::of(kind::charset(&parts.headers), &[]);
        let transform = codings.and_then(|codings| self.transform(&codings, charset, Elements::ALL, PageInserts::none()));
        let body = match transform {
            Some(_) => AnswerBody::page(PageBody::looked_at(VecDeque::new(), Some(body), transform, self.worker.clone())),
            None => AnswerBody::site(body),
        };
        Response::from_parts(parts, body)
    }

    async fn rewrite(self, mut parts: response::Parts, mut body: SiteBody, kind: Kind) -> Response<AnswerBody> {
        self.mark(&mut parts.headers, kind);
        let codings = Coding::of(&parts.headers);
        let codings = match (kind, codings) {
            (Kind::Html, None) => return self.refuse(parts, body),
            (Kind::Unsaid, None) if self.asked.takes_page => return self.refuse(parts, body),
            // Nobody here takes apart what each of them is.
            (Kind::Parts, _) if self.asked.takes_page => return self.refuse(parts, body),
            (Kind::Html | Kind::Unsaid, Some(codings)) => codings,
            _ => return Response::from_parts(parts, AnswerBody::site(body)),
        };
        let mut first = First::read(&mut body, self.watch).await;
        let site = (!first.is_whole && first.failed.is_none()).then_some(body);
        let start = Start::of(&mut first, &codings);
        if matches!(start, Start::Broken) {
            return self.broken();
        }
        if kind == Kind::Unsaid && !kind::begins_like_page(start.bytes()) {
            return Response::from_parts(parts, first.pass(site, self.worker));
        }
        let policies = csp::Site::read(&parts.headers);
        let mut inserts = (!self.due.is_empty()).then(|| self.inserts(&policies));
        let owes_banner = inserts.as_mut().is_some_and(PageInserts::owes_banner);
        let charset = Charset::of(kind::charset(&parts.headers), start.bytes());
        if !owes_banner && !charset.hides_tags() && self.needs_nothing(&start) {
            self.look_now_and_then(&start, charset);
            return Response::from_parts(parts, first.pass(site, self.worker));
        }
        let mut inserts = inserts.unwrap_or_else(|| self.inserts(&policies));
        inserts.in_ascii = !charset.is_known;
        let style_source = inserts.style_source_for(&parts.headers, &self.judged.plan.allow_list);
        let elements = match &start {
            Start::Whole(text) if !charset.hides_tags() => Elements::in_text(text),
            _ => Elements::ALL,
        };
        let elements = if owes_banner && elements.hide_body() { elements.and_every_other() } else { elements };
        let Some(transform) = self.transform(&codings, charset, elements, inserts) else {
            return answer::failure(Failure::BadAnswer, self.judged.now);
        };
        if let Start::Whole(text) = start {
            return self.rewrite_whole(parts, transform, &text, first, &Changed { codings, charset, policies, style_source });
        }
        self.settle_rewritten(&mut parts.headers, &Changed { codings, charset, policies, style_source });
        let First { pieces, trailers, failed, .. } = first;
        let body = PageBody::rewritten(pieces, site, transform, self.worker.clone()).fails_with(failed).ends_with(trailers);
        Response::from_parts(parts, AnswerBody::page(body))
    }

    /// A page that is all there is rewritten at once, and passes as it came if that changed nothing.
    fn rewrite_whole(
        &self,
        mut parts: response::Parts,
        mut transform: Transform,
        text: &[u8],
        first: First,
        changed: &Changed,
    ) -> Response<AnswerBody> {
        let made = match transform.feed_whole(text) {
            Ok(()) if !transform.is_changed() => return Response::from_parts(parts, first.pass(None, self.worker)),
            Ok(()) => transform.take(),
            Err(Stop::BadCoding) => return self.broken(),
            Err(Stop::Unreadable) => {
                add(&self.worker.counts.pages_held_back, 1);
                transform.cut(CUT);
                transform.take()
            }
        };
        self.settle_rewritten(&mut parts.headers, changed);
        let body = match first.trailers {
            None => AnswerBody::full(made),
            mut trailers => {
                trailers.as_mut().map(validators::remove_digests);
                let pieces = VecDeque::from([Bytes::from(made)]);
                AnswerBody::page(PageBody::looked_at(pieces, None, None, self.worker.clone()).ends_with(trailers))
            }
        };
        Response::from_parts(parts, body)
    }

    /// Whether a page that is all there shows no sign of anything that has to be held back.
    fn needs_nothing(&self, start: &Start) -> bool {
        let plan = &self.judged.plan;
        match start {
            Start::Whole(text) => {
                !self.asked.is_on_held_host(plan) && !plan.obligations.may_be_in(&plan.policy, &self.asked.own_host(), text)
            }
            Start::Part(_) | Start::Broken => false,
        }
    }

    /// A page that passes as it is is taken apart only now and then: most often enough to note what pages load that is permitted, and seldom enough to cost
    /// next to nothing. What is not declared browsers report of every page.
    fn look_now_and_then(&self, start: &Start, charset: Charset) {
        if let Start::Whole(text) = start
            && self.worker.has_time_to_look()
            && let Some(reading) = self.reading(charset, Elements::in_text(text))
        {
            Page::new(reading, PageInserts::none()).look(text);
        }
    }

    fn inserts(&self, policies: &csp::Site) -> PageInserts {
        let pages = &self.worker.wiring.pages;
        let sends_forms = policies.allows_forms_to_self(&self.asked.origin(self.judged), &pages.form_path());
        PageInserts::new(self.asked.opened(self.judged, pages.clone()), self.due, sends_forms)
    }

    fn transform(&self, codings: &[Coding], charset: Charset, elements: Elements, inserts: PageInserts) -> Option<Transform> {
        let page = Page::new(self.reading(charset, elements)?, inserts);
        let gzips = !codings.is_empty() && self.asked.accepts_gzip;
        Some(Transform::new(codings, charset, page, gzips))
    }

    fn reading(&self, charset: Charset, elements: Elements) -> Option<Reading> {
        Some(Reading {
            worker: self.worker.clone(),
            plan: self.judged.plan.clone(),
            url: self.asked.url(self.judged)?,
            encoding: if charset.hides_tags() { UTF_8 } else { charset.encoding },
            encoding_is_known: charset.is_known,
            elements,
        })
    }

    /// What the head says of a page that is another one than the site's.
    fn settle_rewritten(&self, headers: &mut HeaderMap, changed: &Changed) {
        let Changed { codings, charset, policies, style_source } = changed;
        if let Some(source) = style_source {
            policies.amend(headers, source);
        }
        if !self.judged.plan.obligations.varies && self.due.is_empty() {
            // Nobody's choice changes it, but what was put into it is in one visitor's language.
            validators::mark(headers, self.asked.fingerprint(self.judged, self.due), true);
        }
        validators::remove_lengths(headers);
        if !codings.is_empty() {
            headers.remove(header::CONTENT_ENCODING);
            if self.asked.accepts_gzip {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            if !lists(headers, header::VARY, "accept-encoding") && !lists(headers, header::VARY, "*") {
                headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
            }
        }
        if charset.hides_tags() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        }
    }

    /// A page that nobody here can read passes only where nothing could have to be held back.
    fn refuse(&self, parts: response::Parts, body: SiteBody) -> Response<AnswerBody> {
        if !self.judged.plan.obligations.refuses {
            return Response::from_parts(parts, AnswerBody::site(body));
        }
        add(&self.worker.counts.pages_held_back, 1);
        answer::unreadable_page(self.judged.now)
    }

    fn broken(&self) -> Response<AnswerBody> {
        add(&self.worker.counts.upstream_errors, 1);
        answer::failure(Failure::BadAnswer, self.judged.now)
    }
}
