//! The site's cookies on their way to the browser: kept, cut to their declared life, or held back.

use std::net::IpAddr;

use bytes::{BufMut, BytesMut};
use domain::Timestamp;
use http::header::{self, HeaderMap, HeaderValue};

use super::set_cookie::SetCookie;
use crate::Enforcement;
use crate::counts::{Counts, add};
use crate::gate::names;
use crate::gate::{Judged, ReadyPlan};
use crate::listen::Worker;

/// What becomes of one `Set-Cookie`.
enum Fate {
    Passes,
    Shortened(HeaderValue),
    HeldBack,
}

/// Lets of the site's `Set-Cookie` through what may pass. Where obligations are only observed, they are counted and everything passes that is not ours.
pub(crate) fn settle(headers: &mut HeaderMap, judged: &Judged, worker: &Worker) {
    names::remove_our_set_cookies(headers);
    let now = worker.clock.time_of_day(worker.clock.monotonic());
    note(headers, worker, now);
    let fates: Vec<Fate> = headers.get_all(header::SET_COOKIE).iter().map(|value| fate(value, &judged.plan, now)).collect();
    let count = |such: fn(&Fate) -> bool| fates.iter().filter(|fate| such(fate)).count() as u64;
    let (held_back, shortened) = (count(|fate| matches!(fate, Fate::HeldBack)), count(|fate| matches!(fate, Fate::Shortened(_))));
    if held_back + shortened == 0 {
        return;
    }
    add(&worker.counts.set_cookies_held_back, held_back);
    add(&worker.counts.set_cookies_shortened, shortened);
    if worker.settings.enforcement == Enforcement::Observe {
        return;
    }
    let header::Entry::Occupied(entry) = headers.entry(header::SET_COOKIE) else {
        return;
    };
    let before: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    for (value, fate) in before.into_iter().zip(fates) {
        match fate {
            Fate::Passes => headers.append(header::SET_COOKIE, value),
            Fate::Shortened(value) => headers.append(header::SET_COOKIE, value),
            Fate::HeldBack => continue,
        };
    }
}

/// What the site sets is noted as it sets it, whatever becomes of it.
fn note(headers: &HeaderMap, worker: &Worker, now: Timestamp) {
    let mut sightings = worker.sightings.lock();
    for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| SetCookie::read(value.as_bytes())) {
        if !cookie.is_deletion(now) {
            sightings.note(cookie.name, cookie.lifetime_seconds(now), now);
        }
    }
}

/// Forgetting is always permitted. What cannot be read is held back, because a browser may make something of it.
fn fate(value: &HeaderValue, plan: &ReadyPlan, now: Timestamp) -> Fate {
    let Some(cookie) = SetCookie::read(value.as_bytes()) else {
        return Fate::HeldBack;
    };
    if cookie.is_deletion(now) {
        return Fate::Passes;
    }
    let Some(rule) = plan.permitted_cookie(cookie.name) else {
        return Fate::HeldBack;
    };
    match cookie.shortened(rule.keep, now) {
        None => Fate::Passes,
        Some(bytes) => HeaderValue::from_maybe_shared(bytes::Bytes::from(bytes)).map_or(Fate::HeldBack, Fate::Shortened),
    }
}

/// Cookies that a page's visitor still carries for purposes that are not permitted.
pub(crate) struct Withdrawn {
    pub(crate) names: Vec<Vec<u8>>,
    /// The host as the visitor knows it.
    pub(crate) host: String,
}

/// Makes the browser forget them, those too that no script can reach.
pub(crate) fn expire(headers: &mut HeaderMap, withdrawn: &Withdrawn, counts: &Counts, enforcement: Enforcement) {
    add(&counts.cookies_expired, withdrawn.names.len() as u64);
    if enforcement == Enforcement::Observe {
        return;
    }
    forget(headers, withdrawn);
}

/// Adds what makes a browser forget these cookies, wherever on the host or above it they were set.
pub(super) fn forget(headers: &mut HeaderMap, cookies: &Withdrawn) {
    let domains: Vec<&str> = domains(&cookies.host).collect();
    for name in &cookies.names {
        let guard = if is_guarded(name) { "; Secure" } else { "" };
        append(headers, name, format_args!("=; Max-Age=0; Path=/{guard}"));
        // A cookie belongs to the host alone or to a whole domain, and a request does not say which.
        for domain in domains.iter().filter(|_| !name.to_ascii_lowercase().starts_with(b"__host-")) {
            append(headers, name, format_args!("=; Max-Age=0; Path=/; Domain={domain}{guard}"));
        }
    }
    crate::gate::visitor::keep_private(headers);
}

fn append(headers: &mut HeaderMap, name: &[u8], rest: std::fmt::Arguments<'_>) {
    let mut value = BytesMut::from(name);
    value.put_slice(rest.to_string().as_bytes());
    if let Ok(value) = HeaderValue::from_maybe_shared(value.freeze()) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Browsers take cookies of these names only with `Secure`, in whatever case they are written.
fn is_guarded(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"__host-") || name.starts_with(b"__secure-")
}

/// The domains a cookie of this host may belong to. A browser ignores those that are nobody's, as `co.uk`.
fn domains(host: &str) -> impl Iterator<Item = &str> {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let has_domains = host.parse::<IpAddr>().is_err() && host.split('.').all(is_label);
    let mut rest = Some(host).filter(|_| has_domains);
    std::iter::from_fn(move || {
        let domain = rest.filter(|domain| domain.contains('.'))?;
        rest = domain.split_once('.').map(|(_, parent)| parent);
        Some(domain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_may_belong_to_the_host_and_to_every_domain_above_it() {
        let of = |host| domains(host).collect::<Vec<_>>();
        assert_eq!(of("www.books.example"), ["www.books.example", "books.example"]);
        assert_eq!(of("localhost"), Vec::<&str>::new());
        assert_eq!(of("127.0.0.1"), Vec::<&str>::new());
        assert_eq!(of("[::1]"), Vec::<&str>::new());
        assert_eq!(of("a..b.example"), Vec::<&str>::new());
        assert_eq!(of("a.example; Path=/x"), Vec::<&str>::new());
    }
}
