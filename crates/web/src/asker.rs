use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{Region, Timestamp};
use policy::cookie::CookieState;
use policy::model::Purpose;
use policy::{Policy, Set};

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
    pub now: Timestamp,
}

impl Asker {
    pub(crate) fn circumstances(&self) -> app::choices::Circumstances {
        app::choices::Circumstances { gpc: self.gpc, region: self.region, now: self.now }
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
