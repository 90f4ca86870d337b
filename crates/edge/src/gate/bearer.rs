use std::sync::Arc;

use domain::Timestamp;
use http::header::{self, HeaderMap, HeaderValue};
use parking_lot::Mutex;
use policy::cookie::{self, CookieState, Kind, SessionPart, SignedIn, SigningKeys, Standing, VerifiedAccount};
use policy::model::Agreement;
use policy::{Policy, Revocations, Set, TicketStanding};

use super::cookies;
use super::visitor::Writing;

/// Whoever sent a request, as far as our cookies say.
pub(crate) struct Bearer {
    pub(crate) cookie: CookieState,
    pub(super) standing: Standing,
    pub(super) signed_in: SignedIn,
    /// What is in force with whoever is signed in.
    pub(super) agreements: Set<Agreement>,
    /// The browser's cookie still has another ticket, or one that is over.
    pub(super) is_stale: bool,
}

/// What reading a cookie takes.
pub(super) struct Reading<'a> {
    pub(super) policy: &'a Arc<Policy>,
    pub(super) revocations: &'a Arc<Revocations>,
    pub(super) keys: &'a Arc<SigningKeys>,
    pub(super) now: Timestamp,
    pub(super) https: bool,
    /// The worker's coarse time.
    pub(super) moment: u64,
}

impl Bearer {
    pub(super) fn nobody(policy: &Policy) -> Arc<Self> {
        let cookie = CookieState::Absent;
        Arc::new(Self { standing: cookie.standing(policy), cookie, signed_in: SignedIn::Nobody, agreements: Set::EMPTY, is_stale: false })
    }

    /// Whoever bears the cookie, as far as their ticket is still worth what it says.
    fn of(cookie: CookieState, reading: &Reading<'_>) -> Self {
        let standing = cookie.standing(reading.policy);
        let ticket = cookie.parts().and_then(|parts| parts.session.as_ref());
        let (cookie, is_stale) = match ticket.map(|ticket| reading.revocations.standing_of(ticket)) {
            None | Some(TicketStanding::Good) => (cookie, false),
            Some(TicketStanding::Unsure) => (cookie.with_unsure_ticket(), false),
            Some(TicketStanding::Ended) => (cookie.without_ticket(), true),
        };
        let signed_in = cookie.signed_in(reading.now);
        Self { agreements: agreements(&signed_in, reading.policy, reading.now), signed_in, cookie, standing, is_stale }
    }

    /// The same with the ticket of now. None where that does not fit into a cookie.
    pub(super) fn renewed(&self, ticket: SessionPart, writing: &Writing<'_>, policy: &Policy) -> Option<Self> {
        let mut parts = self.cookie.parts()?.clone();
        parts.session = Some(ticket);
        let written = cookie::write_visit(policy, writing.keys, &parts, writing.now, writing.https)?;
        let cookie = cookie::read_back(policy, writing.keys, writing.now, &self.cookie, &[written]);
        let signed_in = cookie.signed_in(writing.now);
        let agreements = agreements(&signed_in, policy, writing.now);
        Some(Self { standing: cookie.standing(policy), signed_in, agreements, cookie, is_stale: true })
    }

    /// The same, signed out.
    pub(super) fn signed_out(&self) -> Self {
        let (cookie, standing) = (self.cookie.clone().without_ticket(), self.standing.clone());
        Self { cookie, standing, signed_in: SignedIn::Nobody, agreements: Set::EMPTY, is_stale: true }
    }

    /// Whoever is signed in.
    pub(crate) const fn account(&self) -> Option<&VerifiedAccount> {
        match &self.signed_in {
            SignedIn::As(account) => Some(account),
            SignedIn::Nobody | SignedIn::Unsure(_) => None,
        }
    }
}

/// Read at the moment in which the cookie is: a bearer is not remembered for longer than that.
fn agreements(signed_in: &SignedIn, policy: &Policy, now: Timestamp) -> Set<Agreement> {
    match signed_in {
        SignedIn::As(account) => account.agreements(policy, now),
        SignedIn::Nobody | SignedIn::Unsure(_) => Set::EMPTY,
    }
}

/// The cookies that came last over a connection, and who they turned out to be from.
///
/// Browsers send the same bytes with every request. Verified under the same policy and with the same keys they say the same until the next moment of the
/// worker's coarse clock, which is as fine as the times in a cookie are, so the signature is looked at once a second and not for every image of a page.
#[derive(Default)]
pub(crate) struct Remembered {
    last: Mutex<Option<Last>>,
}

struct Last {
    sent: HeaderValue,
    https: bool,
    moment: u64,
    policy: Arc<Policy>,
    revocations: Arc<Revocations>,
    keys: Arc<SigningKeys>,
    bearer: Arc<Bearer>,
}

impl Remembered {
    pub(super) fn read(&self, headers: &HeaderMap, reading: &Reading<'_>) -> Arc<Bearer> {
        let mut fields = headers.get_all(header::COOKIE).iter();
        let only = fields.next().filter(|_| fields.next().is_none());
        let mut last = self.last.lock();
        if let (Some(sent), Some(last)) = (only, &*last)
            && last.is(sent, reading)
        {
            return last.bearer.clone();
        }
        let values = |kind| cookies::values(headers, cookie::name(kind, reading.https));
        let (choices, visit) = (values(Kind::Choices), values(Kind::Visit));
        let state = cookie::read(reading.policy, reading.keys, reading.now, choices, visit);
        let bearer = Arc::new(Bearer::of(state, reading));
        // The bytes are copied: they would keep the connection's whole read buffer.
        let sent = only.and_then(|sent| HeaderValue::from_bytes(sent.as_bytes()).ok());
        *last = sent.map(|sent| Last {
            sent,
            https: reading.https,
            moment: reading.moment,
            policy: reading.policy.clone(),
            revocations: reading.revocations.clone(),
            keys: reading.keys.clone(),
            bearer: bearer.clone(),
        });
        bearer
    }

    /// More was found out about whoever bears a cookie.
    pub(super) fn replace(&self, bearer: &Arc<Bearer>, by: Arc<Bearer>) {
        let mut last = self.last.lock();
        if let Some(last) = last.as_mut().filter(|last| Arc::ptr_eq(&last.bearer, bearer)) {
            last.bearer = by;
        }
    }
}

impl Last {
    fn is(&self, sent: &HeaderValue, reading: &Reading<'_>) -> bool {
        self.moment == reading.moment
            && self.https == reading.https
            && Arc::ptr_eq(&self.policy, reading.policy)
            && Arc::ptr_eq(&self.revocations, reading.revocations)
            && Arc::ptr_eq(&self.keys, reading.keys)
            && self.sent.as_bytes() == sent.as_bytes()
    }
}
