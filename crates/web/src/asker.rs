use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{AccountId, Id, Region, Timestamp};
use policy::cookie::{CookieState, SignedIn, purpose_of};
use policy::model::{CookieHolds, Purpose};
use policy::{Policy, Sealed, Set};

/// What half of the web takes for the length of a visit.
const VISIT_SECONDS: i64 = 30 * 60;

/// What a page needs to know of whoever asks. Whoever serves the router puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct Asker {
    pub policy: Arc<Policy>,
    pub cookie: CookieState,
    /// The purposes permitted on this request.
    pub purposes: Set<Purpose>,
    /// It said `Sec-GPC: 1`.
    pub gpc: bool,
    pub region: Region,
    pub https: bool,
    /// The host people see, and its port where it is not the usual one.
    pub authority: String,
    /// The same number for everybody of one network; it leads back to no address.
    pub network: u64,
    pub now: Timestamp,
    /// The address the request came from.
    pub client: Sealed<IpAddr>,
}

impl Asker {
    pub(crate) fn circumstances(&self) -> app::choices::Circumstances {
        app::choices::Circumstances { gpc: self.gpc, region: self.region, now: self.now }
    }

    /// Who is signed in, as far as the ticket says. The edge renewed it before, if it had to be.
    pub(crate) fn signed_in(&self) -> SignedIn {
        self.cookie.signed_in(self.now)
    }

    pub(crate) fn signed_in_as(&self) -> Option<AccountId> {
        match self.signed_in() {
            SignedIn::As(who) => Some(who.account()),
            SignedIn::Nobody | SignedIn::Unsure(_) => None,
        }
    }

    /// What they asked us to remember, while its purpose may.
    pub(crate) fn preferences(&self) -> &[(Id, String)] {
        let permitted = purpose_of(&self.policy, &CookieHolds::Preferences).is_some_and(|purpose| self.purposes.contains(purpose));
        let held = self.cookie.parts().and_then(|parts| parts.preferences.as_ref()).filter(|_| permitted);
        held.map_or(&[], |part| &part.values)
    }

    /// Whether this browser was here before and may be recognised. A number that is younger than a visit lasts was given on this one.
    pub(crate) fn has_returned(&self) -> bool {
        let permitted = purpose_of(&self.policy, &CookieHolds::Visitor).is_some_and(|purpose| self.purposes.contains(purpose));
        let visitor = self.cookie.visitor().filter(|_| permitted);
        visitor.is_some_and(|visitor| self.now.duration_since(visitor.since()).as_secs() >= VISIT_SECONDS)
    }

    /// The origin of the request itself.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a request reached the privacy centre without its facts");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }
}
