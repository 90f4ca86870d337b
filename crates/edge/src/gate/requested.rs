use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::uri::Authority;

use super::cookies;
use super::names::Seen;

/// What of a request the fields of its answer depend on: the request itself goes to the site.
#[derive(Debug)]
pub(crate) struct Requested {
    pub(crate) destination: Destination,
    cookies: Vec<HeaderValue>,
    /// Where they belong: the host the visitor asked for, as a field or a target says it.
    host: Option<HeaderValue>,
    authority: Option<Authority>,
}

/// What a browser makes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// It does not say.
    Unsaid,
    /// A page of its own, or one in another.
    Page,
    /// A script that runs by itself, under the policy it comes with.
    Worker,
    /// One that moreover stays, and answers for the site.
    ServiceWorker,
    Other,
}

impl Requested {
    /// `host` is what a trusted proxy says it is.
    pub(super) fn of(parts: &Parts, seen: Seen, host: Option<&HeaderValue>) -> Self {
        let headers = &parts.headers;
        let destination = Destination::of(headers, seen);
        if !seen.has(Seen::COOKIE) {
            return Self { destination, cookies: Vec::new(), host: None, authority: None };
        }
        let cookies = headers.get_all(header::COOKIE).iter().cloned().collect();
        let host = host.or_else(|| headers.get(header::HOST)).cloned();
        Self { destination, cookies, host, authority: parts.uri.authority().cloned() }
    }

    /// The host that the cookies belong to, without its port.
    pub(crate) fn host(&self) -> String {
        let said = self.host.as_ref().and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        said.or_else(|| self.authority.clone()).map(|authority| authority.host().to_owned()).unwrap_or_default()
    }

    /// The fields that cookies came in.
    pub(crate) fn cookies(&self) -> &[HeaderValue] {
        &self.cookies
    }

    /// The names of the site's own cookies, each once, and no more than so many.
    pub(crate) fn cookies_of_site(&self, count_max: usize) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        for name in cookies::names_in(self.cookies.iter()).filter(|name| !name.is_empty()) {
            if names.len() < count_max && !names.iter().any(|known| known == name) {
                names.push(name.to_vec());
            }
        }
        names
    }
}

impl Destination {
    fn of(headers: &HeaderMap, seen: Seen) -> Self {
        // A browser that fetches the script of a service worker says so in any case.
        if seen.has(Seen::SERVICE_WORKER) && headers.get_all("service-worker").iter().any(|value| value == "script") {
            return Self::ServiceWorker;
        }
        if !seen.has(Seen::FETCH_DESTINATION) {
            return Self::Unsaid;
        }
        match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
            Some(b"worker" | b"sharedworker") => Self::Worker,
            Some(b"serviceworker") => Self::ServiceWorker,
            Some(b"document" | b"iframe" | b"frame" | b"embed" | b"object") => Self::Page,
            Some(_) => Self::Other,
            None => Self::Unsaid,
        }
    }
}
