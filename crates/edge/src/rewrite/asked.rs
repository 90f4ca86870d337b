use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use http::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use policy::model::Purpose;
use policy::{Circumstances, Set};
use url::Url;

use super::destination::Destination;
use super::obligations::without_port;
use crate::gate::visitor::{opens_page, takes_page};
use crate::gate::{Judged, ReadyPlan, cookies};
use crate::{OwnPages, RequestFacts};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What of a request decides what its answer needs, if that is a page. Kept of every request, so none of it is copied.
pub(crate) struct Asked {
    pub(super) method: Method,
    path: Option<PathAndQuery>,
    host: Option<HeaderValue>,
    authority: Option<Authority>,
    languages: Option<HeaderValue>,
    /// The fields that cookies came in.
    cookies: Vec<HeaderValue>,
    comes_from: Option<HeaderValue>,
    /// Somebody opens a page of its own.
    pub(super) opens_page: bool,
    /// A page, or a part of one that is a page itself.
    pub(super) takes_page: bool,
    pub(super) accepts_gzip: bool,
    pub(super) destination: Destination,
    /// The visitor has a copy of a page that was made under the obligations of now, and asks whether it is still the same.
    pub(super) knows_page: bool,
}

impl Asked {
    pub(crate) fn read(parts: &Parts, judged: &Judged) -> Self {
        let headers = &parts.headers;
        Self {
            method: parts.method.clone(),
            path: parts.uri.path_and_query().cloned(),
            host: judged.claimed_host().or_else(|| headers.get(header::HOST)).cloned(),
            authority: parts.uri.authority().cloned(),
            languages: headers.get(header::ACCEPT_LANGUAGE).cloned(),
            cookies: headers.get_all(header::COOKIE).iter().cloned().collect(),
            comes_from: headers.get(SEC_FETCH_SITE).cloned(),
            opens_page: matches!(parts.method, Method::GET | Method::HEAD) && opens_page(headers),
            takes_page: matches!(parts.method, Method::GET | Method::HEAD) && takes_page(headers),
            accepts_gzip: super::coding::accepts_gzip(headers),
            destination: Destination::of(headers, judged.seen),
            knows_page: false,
        }
    }

    /// Whether it is for something that runs under the policy it comes with, so that no copy counts but one that came with such a policy.
    pub(super) const fn takes_what_runs(&self) -> bool {
        self.takes_page || matches!(self.destination, Destination::Worker | Destination::ServiceWorker)
    }

    /// The names of the site's own cookies, each once, and no more than so many.
    pub(super) fn cookies_of_site(&self, count_max: usize) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        for name in cookies::names_in(self.cookies.iter()).filter(|name| !name.is_empty()) {
            if names.len() < count_max && !names.iter().any(|known| known == name) {
                names.push(name.to_vec());
            }
        }
        names
    }

    /// The host the visitor asked for, with its port if it says one.
    pub(super) fn host(&self) -> Option<Authority> {
        self.authority().parse().ok()
    }

    /// The same without the port, in small letters.
    pub(super) fn own_host(&self) -> String {
        without_port(self.authority()).to_ascii_lowercase()
    }

    fn authority(&self) -> &str {
        let host = self.host.as_ref().and_then(|host| host.to_str().ok());
        host.or_else(|| self.authority.as_ref().map(Authority::as_str)).unwrap_or_default()
    }

    fn path(&self) -> &str {
        self.path.as_ref().map_or("/", PathAndQuery::as_str)
    }

    /// The address that the visitor's browser shows.
    pub(super) fn url(&self, judged: &Judged) -> Option<Url> {
        let scheme = if judged.https { "https" } else { "http" };
        let authority = self.authority();
        let authority = if authority.is_empty() { "localhost" } else { authority };
        Url::parse(&format!("{scheme}://{authority}{}", self.path())).or_else(|_| Url::parse(&format!("{scheme}://{authority}/"))).ok()
    }

    /// The page's origin, as `https://example.org`.
    pub(super) fn origin(&self, judged: &Judged) -> String {
        format!("{}://{}", if judged.https { "https" } else { "http" }, self.authority())
    }

    /// Whether addresses that name no host may lead to something that has to be held back.
    pub(super) fn is_on_held_host(&self, plan: &ReadyPlan) -> bool {
        !plan.obligations.holds_nothing() && plan.obligations.held_at_host(&plan.policy, &self.authority().to_ascii_lowercase()).is_some()
    }

    /// What to ask about on the page, if it is one.
    pub(super) fn due(&self, judged: &Judged) -> Set<Purpose> {
        if !self.opens_page {
            return Set::EMPTY;
        }
        let circumstances = Circumstances { gpc: judged.gpc, region: judged.region, now: judged.now };
        policy::due(&judged.plan.policy, judged.cookie(), &judged.plan.plan, circumstances)
    }

    /// Stands in a page's tag for all that the page depends on, but for the site.
    pub(super) fn fingerprint(&self, judged: &Judged, due: Set<Purpose>) -> u32 {
        let obligations = &judged.plan.obligations;
        let mut hasher = DefaultHasher::new();
        obligations.number.hash(&mut hasher);
        // What is put into the page is in a language, and its forms know what was answered before.
        (due, judged.gpc, judged.region, self.languages.as_ref().map(HeaderValue::as_bytes)).hash(&mut hasher);
        let parts = judged.cookie().parts();
        parts.and_then(|parts| parts.choices.as_ref()).map(|choices| choices.made).hash(&mut hasher);
        parts.and_then(|parts| parts.signal.as_ref()).map(|signal| signal.made).hash(&mut hasher);
        parts.and_then(|parts| parts.preferences.as_ref()).map(|preferences| &preferences.values).hash(&mut hasher);
        let number = hasher.finish();
        (number ^ (number >> 32)) as u32
    }

    /// What our pages get to know when they are asked for inserts.
    pub(super) fn opened(&self, judged: &Judged, pages: Arc<dyn OwnPages>) -> Box<Opened> {
        let mut headers = HeaderMap::new();
        if let Some(languages) = &self.languages {
            headers.insert(header::ACCEPT_LANGUAGE, languages.clone());
        }
        if let Some(comes_from) = &self.comes_from {
            headers.insert(SEC_FETCH_SITE, comes_from.clone());
        }
        for cookie in &self.cookies {
            headers.append(header::COOKIE, cookie.clone());
        }
        let facts = judged.facts_at(self.authority().to_owned());
        Box::new(Opened { facts, path: self.path().to_owned(), headers, pages })
    }
}

/// A page that somebody opened, and whom to ask about it.
pub(crate) struct Opened {
    pub(super) facts: RequestFacts,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) pages: Arc<dyn OwnPages>,
}
