use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use domain::{Region, Timestamp};
use http::{Request, Response};
use policy::cookie::CookieState;
use policy::{Policy, Sealed, VisitPlan};

use crate::{AnswerBody, RequestBody};

/// What the edge found out about a request, for our own pages.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    pub policy: Arc<Policy>,
    pub cookie: CookieState,
    pub plan: Arc<VisitPlan>,
    /// The request said `Sec-GPC: 1`.
    pub gpc: bool,
    pub region: Region,
    pub https: bool,
    /// The host the visitor asked for, with its port if any.
    pub authority: String,
    pub client: Sealed<IpAddr>,
    pub now: Timestamp,
}

/// Candor's own pages, among the site's. The edge knows nothing of how they are made.
pub trait OwnPages: Send + Sync + 'static {
    /// Whether a path is ours; everything else is the site's.
    fn owns(&self, path: &str) -> bool;

    fn answer(&self, request: Request<RequestBody>, facts: Arc<RequestFacts>)
    -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>>;
}
