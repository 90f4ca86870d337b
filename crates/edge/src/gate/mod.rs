//! One decision for each request: who asks, from where, what is permitted, and whether the request is taken at all.

mod account;
pub(crate) mod admit;
mod bearer;
pub(crate) mod cookies;
mod forwarded;
pub(crate) mod names;
pub(crate) mod passed;
mod plans;
pub(crate) mod sign_in;
pub(crate) mod tickets;
pub(crate) mod visitor;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::{Age, Field, Region, Timestamp};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use policy::cookie::{CookieState, SignedIn, VerifiedAccount};
use policy::{Person, Sealed, VisitFacts};

pub(crate) use account::Introductions;
pub(crate) use bearer::{Bearer, Remembered};
pub(crate) use plans::{Plans, ReadyPlan};
pub(crate) use tickets::Tickets;

use crate::counts::add;
use crate::listen::{Caller, Worker};
use crate::rewrite::Withdrawn;
use crate::{Enforcement, RequestFacts};
use bearer::Reading;
use forwarded::Claims;
use names::Seen;
use passed::OwnName;
use visitor::{SignalTurn, VisitorTurn, Writing};

/// What is known and decided of a request before anybody answers it.
pub(crate) struct Judged {
    pub(crate) seen: Seen,
    pub(crate) plan: Arc<ReadyPlan>,
    pub(crate) bearer: Arc<Bearer>,
    pub(crate) turn: VisitorTurn,
    pub(crate) signal: Option<Box<SignalTurn>>,
    /// The page brings the browser the ticket that was found, or takes away one that is over.
    pub(crate) settles_ticket: bool,
    /// What this page's visitor carries of purposes that are not permitted.
    pub(crate) withdrawn: Option<Box<Withdrawn>>,
    pub(crate) client: IpAddr,
    pub(crate) gpc: bool,
    pub(crate) region: Region,
    pub(crate) https: bool,
    /// The host as a trusted proxy names it, where one does.
    host: Option<HeaderValue>,
    port: Option<HeaderValue>,
    pub(crate) now: Timestamp,
    /// When the head was read, on the monotonic clock.
    pub(crate) started: Duration,
}

pub(crate) fn judge(parts: &Parts, worker: &Worker, caller: &Caller) -> Judged {
    let headers = &parts.headers;
    let seen = Seen::in_headers(headers);
    let started = worker.clock.monotonic();
    let now = worker.clock.time_of_day(started);
    let settings = &worker.settings;
    let claims = if caller.trusted { Claims::read(headers, &settings.trusted_proxies) } else { Claims::default() };
    let https = claims.https.unwrap_or(caller.https);
    let gpc = seen.has(Seen::GPC) && headers.get_all("sec-gpc").iter().any(|value| value == "1");
    let client = claims.client.unwrap_or(caller.peer);
    let said = settings.region_header.as_ref().filter(|_| caller.trusted).and_then(|name| region(headers, name));
    let region = match (said, &worker.wiring.places) {
        (Some(region), _) => region,
        (None, Some(places)) => caller.whereabouts.of(client, &**places),
        (None, None) => Region::UNKNOWN,
    };

    let wiring = &worker.wiring;
    let policy = wiring.policy.load();
    let bearer = if seen.has(Seen::COOKIE) {
        let (keys, revocations) = (&wiring.keys.load(), &wiring.revocations.load());
        let read = Reading { policy: &policy, revocations, keys, now, https, moment: worker.clock.coarse() };
        caller.remembered.read(headers, &read)
    } else {
        Bearer::nobody(&policy)
    };
    let facts = VisitFacts { person: person(&bearer), gpc, region, at: now };
    let plan = worker.plans.find(&policy, &wiring.revocations.load(), &facts);
    let mut judged = Judged {
        seen,
        plan,
        bearer,
        turn: VisitorTurn::Keep,
        signal: None,
        settles_ticket: false,
        withdrawn: None,
        client,
        gpc,
        region,
        https,
        host: claims.host,
        port: claims.port,
        now,
        started,
    };
    judged.take_turns(parts, worker);
    judged
}

/// What a decision needs to know of whoever bears a cookie.
fn person(bearer: &Bearer) -> Person<'_> {
    let standing = &bearer.standing;
    let account = bearer.account();
    Person {
        age: account.map_or(Age::Unknown, VerifiedAccount::age),
        account: account.map(VerifiedAccount::account),
        registered: account.is_some(),
        consents: &standing.consents,
        refusals: standing.refusals,
        agreements: bearer.agreements,
        ..Person::default()
    }
}

/// None where the proxy does not know either.
fn region(headers: &HeaderMap, name: &HeaderName) -> Option<Region> {
    let said = headers.get(name)?.to_str().ok()?;
    Region::parse(said.trim()).filter(|region| !region.is_unknown())
}

impl Judged {
    /// As many as one answer expires; the next expires the rest.
    const WITHDRAWN_MAX: usize = 32;

    /// What the answer changes in the browser's cookies.
    fn take_turns(&mut self, parts: &Parts, worker: &Worker) {
        let (method, headers) = (&parts.method, &parts.headers);
        self.turn = VisitorTurn::of(&self.plan, &self.bearer.cookie, method, headers);
        let opens_with_cookie = self.seen.has(Seen::COOKIE) && visitor::is_navigation(method, headers);
        self.withdrawn = if opens_with_cookie { self.withdrawn(parts) } else { None };
        self.settles_ticket = self.bearer.is_stale && opens_with_cookie;
        if self.gpc {
            let wiring = &worker.wiring;
            let writing = Writing { keys: &wiring.keys.load(), random: &*wiring.random, now: self.now, https: self.https };
            self.signal = SignalTurn::of(&self.plan, &self.bearer.cookie, method, headers, &writing);
        }
    }

    /// Decides again, for somebody of whom more is known now.
    fn become_of(&mut self, bearer: Arc<Bearer>, parts: &Parts, worker: &Worker) {
        let policy = self.plan.policy.clone();
        let facts = VisitFacts { person: person(&bearer), gpc: self.gpc, region: self.region, at: self.now };
        self.plan = worker.plans.find(&policy, &worker.wiring.revocations.load(), &facts);
        self.bearer = bearer;
        self.take_turns(parts, worker);
    }

    /// Whether only a session's row can say who this is.
    pub(crate) fn is_unsure(&self) -> bool {
        matches!(self.bearer.signed_in, SignedIn::Unsure(_))
    }

    /// Whether the path is one that only people who are signed in may open, and this is nobody of them.
    pub(crate) fn lacks_account(&self, parts: &Parts, worker: &Worker) -> bool {
        self.bearer.account().is_none() && sign_in::needs_account(&worker.settings.sign_in, parts.uri.path())
    }

    fn withdrawn(&self, parts: &Parts) -> Option<Box<Withdrawn>> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        for name in cookies::names_of_site(&parts.headers).filter(|name| self.plan.refuses_cookie(name)) {
            if names.len() < Self::WITHDRAWN_MAX && !names.iter().any(|known| known == name) {
                names.push(name.to_vec());
            }
        }
        let host = || self.authority(parts).parse::<Authority>().map(|authority| authority.host().to_owned()).unwrap_or_default();
        (!names.is_empty()).then(|| Box::new(Withdrawn { names, host: host() }))
    }

    /// The host the visitor asked for, with its port if any.
    fn authority<'a>(&'a self, parts: &'a Parts) -> &'a str {
        let host = self.host.as_ref().or_else(|| parts.headers.get(header::HOST)).and_then(|host| host.to_str().ok());
        host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())).unwrap_or_default()
    }

    /// The host as a trusted proxy names it, where one does.
    pub(crate) const fn claimed_host(&self) -> Option<&HeaderValue> {
        self.host.as_ref()
    }

    /// Our cookie as the browser has it once it has the answer, if that is a page.
    pub(crate) fn cookie(&self) -> &CookieState {
        self.signal.as_ref().map_or(&self.bearer.cookie, |signal| &signal.cookie)
    }

    pub(crate) fn facts(&self, parts: &Parts) -> RequestFacts {
        self.facts_at(self.authority(parts).to_owned())
    }

    /// The same for a visitor who asked for this host, with its port if any.
    pub(crate) fn facts_at(&self, authority: String) -> RequestFacts {
        RequestFacts {
            policy: self.plan.policy.clone(),
            cookie: self.cookie().clone(),
            plan: self.plan.plan.clone(),
            gpc: self.gpc,
            region: self.region,
            https: self.https,
            authority,
            client: Sealed::new(Field::VisitIp, self.client),
            now: self.now,
        }
    }

    /// Turns the visitor's fields into those the site gets: nothing that only we may say, none of our cookies, nothing of the visitor's connection, and
    /// then what we say. It comes in this order so that a `Connection` which names our fields finds none.
    pub(crate) fn rewrite(&self, headers: &mut HeaderMap, worker: &Worker, caller: &Caller) {
        const PURPOSES: HeaderName = HeaderName::from_static("candor-purposes");
        const VISITOR: HeaderName = HeaderName::from_static("candor-visitor");
        names::remove_hop_by_hop(headers, self.seen);
        let passed = if self.seen.has(Seen::CLAIM) { OwnName::before(headers).cloned() } else { None };
        if self.seen.has(Seen::CLAIM) {
            names::remove_claims(headers);
        }
        if !worker.settings.sign_in.is_empty() {
            sign_in::remove_other_paths(headers);
        }
        worker.own_name.add_to(headers, passed.as_ref());
        if let Some(name) = &worker.settings.region_header {
            names::remove_alike(headers, name, caller.trusted);
        }
        if self.seen.has(Seen::COOKIE) {
            let withheld = cookies::names_of_site(headers).filter(|name| self.plan.permitted_cookie(name).is_none()).count();
            add(&worker.counts.cookies_withheld, withheld as u64);
            let acts = withheld > 0 && worker.settings.enforcement == Enforcement::Enforce;
            cookies::leave(headers, caller.multiplexed, |name| !acts || self.plan.permitted_cookie(name).is_some());
        }
        forwarded::write(headers, caller.address_of(self.client), self.https, self.host.clone(), self.port.clone());
        headers.insert(PURPOSES, self.plan.purposes.clone());
        if let (Some(permit), Some(visitor)) = (&self.plan.visitor_permit, self.bearer.cookie.visitor())
            && let Ok(id) = visitor.id().open(permit)
            && let Ok(mut value) = HeaderValue::try_from(id.to_hex())
        {
            value.set_sensitive(true);
            headers.insert(VISITOR, value);
        }
        self.introduce(headers, worker);
    }
}
