//! Exactly one visit for each request whose head was read, however it ends.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{AccountId, Field, VisitorId};
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode};
use policy::Sealed;
use visits::NewVisit;

use crate::gate::{Judged, ReadyPlan};
use crate::listen::{Caller, Phase, Watch, Worker};

/// Where visits go. It never blocks and never fails.
pub trait Record: Send + Sync + 'static {
    fn record(&self, visit: &NewVisit<'_>);
}

impl Record for visits::Recorder {
    fn record(&self, visit: &NewVisit<'_>) {
        visits::Recorder::record(self, visit);
    }
}

/// A request on its way. Dropping it records the visit: at the last byte of its answer, or wherever it was lost.
pub(crate) struct Visiting {
    worker: Arc<Worker>,
    watch: Arc<Watch>,
    /// The connection carries other requests at the same time.
    multiplexed: bool,
    plan: Arc<ReadyPlan>,
    time: domain::Timestamp,
    started: std::time::Duration,
    method: Method,
    path: Option<PathAndQuery>,
    client: IpAddr,
    browser: Option<HeaderValue>,
    referrer: Option<HeaderValue>,
    visitor: Option<Sealed<VisitorId>>,
    account: Option<Sealed<AccountId>>,
    status: Option<StatusCode>,
    bytes: u64,
}

impl Visiting {
    pub(crate) fn new(parts: &Parts, judged: &Judged, worker: Arc<Worker>, caller: &Caller, watch: Arc<Watch>) -> Box<Self> {
        let Facts { path, browser, referrer, visitor, account } = Facts::of(parts, judged);
        watch.enter(Phase::Waiting);
        Box::new(Self {
            worker,
            watch,
            multiplexed: caller.multiplexed,
            plan: judged.plan.clone(),
            time: judged.now,
            started: judged.started,
            method: parts.method.clone(),
            path,
            client: judged.client,
            browser,
            referrer,
            visitor,
            account,
            status: None,
            bytes: 0,
        })
    }

    /// It was judged anew, so that other fields may be kept of it.
    pub(crate) fn judged(&mut self, parts: &Parts, judged: &Judged) {
        let Facts { path, browser, referrer, visitor, account } = Facts::of(parts, judged);
        self.plan = judged.plan.clone();
        (self.path, self.browser, self.referrer) = (path, browser, referrer);
        (self.visitor, self.account) = (visitor, account);
    }

    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        self.watch.enter(Phase::Answering);
    }

    pub(crate) fn is_visitor(&mut self, visitor: Sealed<VisitorId>) {
        self.visitor = Some(visitor);
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.watch.progress();
    }

    pub(crate) fn tunnelled(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    fn record(&self) {
        let kept = self.plan.plan.record;
        let duration = self.worker.clock.monotonic().saturating_sub(self.started);
        let seal = |field, value| kept.contains(field).then_some(value);
        let browser = self.browser.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let referrer = self.referrer.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()));
        self.worker.wiring.recorder.record(&NewVisit {
            time: self.time,
            method: seal(Field::VisitMethod, self.method.as_str()),
            status: self.status.map(|status| status.as_u16()).filter(|_| kept.contains(Field::VisitStatus)),
            bytes: kept.contains(Field::VisitBytes).then_some(self.bytes),
            duration_us: kept.contains(Field::VisitDuration).then(|| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
            ip: kept.contains(Field::VisitIp).then(|| Sealed::new(Field::VisitIp, self.client)),
            browser: browser.as_deref().map(|text| Sealed::new(Field::VisitBrowser, text)),
            referrer: referrer.as_deref().map(|text| Sealed::new(Field::VisitReferrer, page_of(text))),
            path: self.path.as_ref().map(|path| Sealed::new(Field::VisitPath, self.worker.wiring.pages.recorded(path.path()))),
            visitor: self.visitor.filter(|_| kept.contains(Field::VisitVisitor)),
            account: self.account.filter(|_| kept.contains(Field::VisitAccount)),
            purposes: self.plan.purposes(),
        });
    }
}

/// What of a request may be kept, and is known before it is answered.
struct Facts {
    path: Option<PathAndQuery>,
    browser: Option<HeaderValue>,
    referrer: Option<HeaderValue>,
    visitor: Option<Sealed<VisitorId>>,
    account: Option<Sealed<AccountId>>,
}

impl Facts {
    fn of(parts: &Parts, judged: &Judged) -> Self {
        let kept = judged.plan.plan.record;
        let text = |field, name| kept.contains(field).then(|| parts.headers.get(name).cloned()).flatten();
        let known = || judged.bearer.cookie.visitor().map(|visitor| *visitor.id());
        let account = || judged.bearer.account().map(|account| Sealed::new(Field::VisitAccount, account.account()));
        Self {
            path: kept.contains(Field::VisitPath).then(|| parts.uri.path_and_query().cloned()).flatten(),
            browser: text(Field::VisitBrowser, header::USER_AGENT),
            referrer: text(Field::VisitReferrer, header::REFERER),
            visitor: judged.plan.visitor_cookie.then(known).flatten(),
            account: kept.contains(Field::VisitAccount).then(account).flatten(),
        }
    }
}

impl Drop for Visiting {
    fn drop(&mut self) {
        self.record();
        self.worker.counts.answered(self.status.map(|status| status.as_u16()), self.bytes);
        if !self.multiplexed && !self.watch.is_in(Phase::Tunnel) {
            self.watch.enter(Phase::Idle);
        }
    }
}

/// The page of a URL, without the query and the fragment: they may say what somebody searched for, and our own paths are kept without them too.
fn page_of(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
