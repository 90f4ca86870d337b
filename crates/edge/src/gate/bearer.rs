use std::sync::Arc;

use domain::Timestamp;
use http::header::{self, HeaderMap, HeaderValue};
use parking_lot::Mutex;
use policy::Policy;
use policy::cookie::{self, CookieState, Kind, SigningKeys, Standing};

use super::cookies;

/// Whoever sent a request, as far as our cookies say.
pub(crate) struct Bearer {
    pub(crate) cookie: CookieState,
    pub(super) standing: Standing,
}

/// What reading a cookie takes.
pub(super) struct Reading<'a> {
    pub(super) policy: &'a Arc<Policy>,
    pub(super) keys: &'a Arc<SigningKeys>,
    pub(super) now: Timestamp,
    pub(super) https: bool,
    /// The worker's coarse time.
    pub(super) moment: u64,
}

impl Bearer {
    pub(super) fn nobody(policy: &Policy) -> Arc<Self> {
        Arc::new(Self::of(CookieState::Absent, policy))
    }

    fn of(cookie: CookieState, policy: &Policy) -> Self {
        Self { standing: cookie.standing(policy), cookie }
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
        let bearer = Arc::new(Bearer::of(state, reading.policy));
        // The bytes are copied: they would keep the connection's whole read buffer.
        let sent = only.and_then(|sent| HeaderValue::from_bytes(sent.as_bytes()).ok());
        *last = sent.map(|sent| Last {
            sent,
            https: reading.https,
            moment: reading.moment,
            policy: reading.policy.clone(),
            keys: reading.keys.clone(),
            bearer: bearer.clone(),
        });
        bearer
    }
}

impl Last {
    fn is(&self, sent: &HeaderValue, reading: &Reading<'_>) -> bool {
        self.moment == reading.moment
            && self.https == reading.https
            && Arc::ptr_eq(&self.policy, reading.policy)
            && Arc::ptr_eq(&self.keys, reading.keys)
            && self.sent.as_bytes() == sent.as_bytes()
    }
}
