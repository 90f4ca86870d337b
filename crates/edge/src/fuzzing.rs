//! What the programs in `fuzz/` reach, and nobody else.

use std::sync::Arc;

use domain::{Region, Span, Timestamp};
use encoding_rs::UTF_8;
use http::{HeaderMap, HeaderValue};
use policy::{Person, VisitFacts};
use url::Url;

use crate::gate::ReadyPlan;
use crate::listen::{Wiring, Worker};
use crate::rewrite::{Elements, HtmlPage, PageInserts, Reading, SetCookie as Read, csp};
use crate::settings::Settings;

/// One `Set-Cookie` of a site's.
#[derive(Clone, Copy, Debug)]
pub struct SetCookie<'a>(Read<'a>);

impl<'a> SetCookie<'a> {
    pub fn read(value: &'a [u8]) -> Option<Self> {
        Read::read(value).map(Self)
    }

    pub const fn name(&self) -> &'a [u8] {
        self.0.name
    }

    pub fn is_deletion(&self, now: Timestamp) -> bool {
        self.0.is_deletion(now)
    }

    pub fn lifetime_seconds(&self, now: Timestamp) -> Option<i64> {
        self.0.lifetime_seconds(now)
    }

    pub fn shortened(&self, keep: Span, now: Timestamp) -> Option<Vec<u8>> {
        self.0.shortened(keep, now)
    }
}

/// A site's Content-Security-Policy with a style of ours let in; None where it stays as it is.
pub fn with_style(text: &str, style_source: &str) -> Option<String> {
    csp::amend_meta(text, style_source)
}

/// Whether a page under this Content-Security-Policy may send forms to a path of its own.
pub fn allows_forms(text: &str, origin: &str, path: &str) -> bool {
    let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else {
        return false;
    };
    let headers: HeaderMap = [(http::header::CONTENT_SECURITY_POLICY, value)].into_iter().collect();
    csp::Site::read(&headers).allows_forms_to_self(origin, path)
}

/// The pages of a site, as somebody gets them who has said yes to nothing.
#[derive(Debug)]
pub struct Pages {
    worker: Arc<Worker>,
    plan: Arc<ReadyPlan>,
    url: Url,
}

impl Pages {
    pub fn new(settings: Settings, wiring: Wiring, url: Url, now: Timestamp) -> Self {
        let worker = Worker::idle(settings, wiring);
        let facts = VisitFacts { person: Person::default(), gpc: false, region: Region::default(), at: now };
        let plan = worker.plans.find(&worker.wiring.policy.load_full(), &worker.wiring.revocations.load(), &facts);
        Self { worker, plan, url }
    }

    /// A page that came in pieces of so many bytes. None where it cannot be taken apart, so that none of it is shown.
    pub fn rewritten(&self, page: &[u8], piece_bytes: usize) -> Option<Vec<u8>> {
        let (worker, plan, url) = (self.worker.clone(), self.plan.clone(), self.url.clone());
        let reading = Reading { worker, plan, url, encoding: UTF_8, encoding_is_known: true, elements: Elements::ALL };
        let mut rewriting = HtmlPage::new(reading, PageInserts::none());
        for piece in page.chunks(piece_bytes.max(1)) {
            rewriting.write(piece).ok()?;
        }
        rewriting.end().ok()?;
        // One that needs no change is sent as it came.
        Some(if rewriting.is_changed() { rewriting.take() } else { page.to_vec() })
    }
}
