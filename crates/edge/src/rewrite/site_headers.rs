//! The fields of the site's answer that say what a browser may load, tell others, prepare or forget.

use http::header::{self, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Response, StatusCode};

use super::asked::Asked;
use super::destination::Destination;
use super::kind::{Kind, leads_elsewhere};
use super::link::Permission;
use super::{clear_site_data, csp, link, manners, refresh, reports};
use crate::Enforcement;
use crate::counts::add;
use crate::gate::Judged;
use crate::gate::names::Seen;
use crate::listen::Worker;

/// What a browser makes of an answer, as far as these fields are about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It may become a document, which runs scripts and loads what it wants.
    Document,
    /// A script that runs under the policy it comes with.
    Worker,
    /// Anything else that has a content. By itself it loads nothing; but whatever it is, a script can open it in a frame and write into that, and browsers
    /// may take it from a cache for something that it was not asked for as.
    Still,
    /// Only fields that it names itself change in a copy which a browser has.
    NotModified,
    Redirect,
    Nothing,
}

impl Role {
    /// Whether the answer depends on what the visit permits.
    pub(super) const fn runs(self) -> bool {
        matches!(self, Self::Document | Self::Worker)
    }
}

/// Adds what keeps the answer to what the visit permits, and takes out what would go around it. Where obligations are only observed, browsers are asked
/// to report what would have been kept away, and nothing else changes but what would make them forget a choice.
pub(crate) fn settle_headers<B>(answer: &mut Response<B>, asked: &Asked, judged: &Judged, seen: Seen, worker: &Worker) -> Role {
    let role = Role::of(answer, asked.destination);
    if asked.destination == Destination::ServiceWorker && answer.status().is_success() {
        worker.note_service_worker();
    }
    let headers = answer.headers_mut();
    if seen.has(Seen::CLEAR_SITE_DATA) {
        clear_site_data::settle(headers, asked);
    }
    if seen.has(Seen::LINK) && link::may_lead_away(headers) {
        settle_links(headers, asked, judged, worker);
    }
    let is_shown = role.runs() || role == Role::NotModified;
    if (is_shown && reports::may_be_named(headers)) || reports::may_name_group(headers) {
        settle_reports(headers, asked, judged, worker);
    }
    if role == Role::Redirect {
        note_way_elsewhere(headers, asked, judged, worker);
    }
    let enforces = worker.settings.enforcement == Enforcement::Enforce;
    add_policy(headers, role, asked, judged, enforces);
    if enforces && matches!(role, Role::Document | Role::NotModified | Role::Redirect) {
        restrict(headers, role, judged);
    }
    if role != Role::Redirect && headers.contains_key(header::REFRESH) {
        settle_refresh(headers, asked, judged, worker);
    }
    role
}

/// What runs is held to what the visit permits. All else is held to the site itself, which is the same for everybody, so that it stays in caches.
fn add_policy(headers: &mut HeaderMap, role: Role, asked: &Asked, judged: &Judged, enforces: bool) {
    let name = if enforces { CONTENT_SECURITY_POLICY } else { CONTENT_SECURITY_POLICY_REPORT_ONLY };
    let runs = match role {
        Role::Document | Role::Worker => true,
        Role::Still => false,
        // Fields of a copy are replaced by those of the same name that come now: ours has to be among them, and must not be the only one.
        Role::NotModified if headers.contains_key(&name) => asked.knows_page || !enforces,
        Role::NotModified | Role::Redirect | Role::Nothing => return,
    };
    if runs {
        headers.append(name, judged.plan.allow_list.clone());
    } else if enforces {
        headers.append(name, csp::OWN_ONLY);
    }
}

fn restrict(headers: &mut HeaderMap, role: Role, judged: &Judged) {
    let is_document = role == Role::Document;
    manners::restrict_referrer(headers, is_document);
    if role == Role::Redirect {
        return;
    }
    if !judged.plan.marketing {
        manners::refuse_advertising(headers, is_document);
    }
    if judged.plan.refuses_resources && is_document {
        manners::refuse_preparing(headers, judged.https);
    }
}

/// A page that opens another by itself does not open one that is refused.
fn settle_refresh(headers: &mut HeaderMap, asked: &Asked, judged: &Judged, worker: &Worker) {
    let (plan, page) = (&judged.plan, asked.url(judged));
    let is_refused = |value: &HeaderValue| {
        let content = String::from_utf8_lossy(value.as_bytes());
        let url = refresh::target(&content).and_then(|target| page.as_ref()?.join(target).ok());
        url.is_some_and(|url| plan.obligations.held_at(&plan.policy, url.as_str()).is_some())
    };
    if headers.get_all(header::REFRESH).iter().any(is_refused) {
        add(&worker.counts.links_held_back, 1);
        if worker.settings.enforcement == Enforcement::Enforce {
            headers.remove(header::REFRESH);
        }
    }
}

fn settle_reports(headers: &mut HeaderMap, asked: &Asked, judged: &Judged, worker: &Worker) {
    let own = asked.host();
    let permission = permission(judged, own.as_ref());
    let refused = if worker.settings.enforcement == Enforcement::Enforce {
        reports::remove_refused(headers, permission)
    } else {
        reports::remove_refused(&mut headers.clone(), permission)
    };
    add(&worker.counts.links_held_back, refused);
}

fn settle_links(headers: &mut HeaderMap, asked: &Asked, judged: &Judged, worker: &Worker) {
    let own = asked.host();
    let third_parties = link::third_parties(headers, own.as_ref());
    if !third_parties.is_empty() {
        let mut sightings = worker.sightings.lock();
        third_parties.iter().for_each(|url| sightings.note_resource(url, judged.now));
    }
    let permission = permission(judged, own.as_ref());
    let refused = link::count_refused(headers, permission);
    add(&worker.counts.links_held_back, refused);
    if refused > 0 && worker.settings.enforcement == Enforcement::Enforce {
        link::remove_refused(headers, permission);
    }
}

fn permission<'a>(judged: &'a Judged, own: Option<&'a Authority>) -> Permission<'a> {
    Permission { policy: &judged.plan.policy, permitted: judged.plan.plan.resources, own }
}

/// A page loads something of the site's own that leads to somebody else. Browsers report such loads under the address they began with, which tells nobody
/// where they were to end.
fn note_way_elsewhere(headers: &HeaderMap, asked: &Asked, judged: &Judged, worker: &Worker) {
    let is_loaded = match asked.destination {
        Destination::Unsaid => false,
        // One inside of another. Where people go themselves is theirs to say.
        Destination::Page => asked.takes_page && !asked.opens_page,
        Destination::Worker | Destination::ServiceWorker | Destination::Other => true,
    };
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok()).filter(|_| is_loaded);
    if let Some(url) = location.and_then(|location| asked.url(judged)?.join(location).ok())
        && !link::is_own(&url, asked.host().as_ref())
    {
        worker.sightings.lock().note_resource(url.as_str(), judged.now);
    }
}

impl Role {
    fn of<B>(answer: &Response<B>, destination: Destination) -> Self {
        let headers = answer.headers();
        match answer.status() {
            StatusCode::NOT_MODIFIED => return Self::NotModified,
            status if status.is_informational() => return Self::Nothing,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => return Self::Nothing,
            status if leads_elsewhere(status, headers) => return Self::Redirect,
            _ if matches!(destination, Destination::Worker | Destination::ServiceWorker) => return Self::Worker,
            _ => {}
        }
        let may_open = matches!(destination, Destination::Page | Destination::Unsaid);
        match Kind::of(headers) {
            // Pages are rewritten whatever they are asked for as, so they are under the visit's own policy, too.
            Kind::Html | Kind::Unsaid => Self::Document,
            Kind::Xml | Kind::Parts if may_open => Self::Document,
            Kind::Script if destination == Destination::Unsaid => Self::Worker,
            Kind::Xml | Kind::Parts | Kind::Script | Kind::Other => Self::Still,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, content_type: &str, destination: Destination) -> Role {
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
        if !content_type.is_empty() {
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a value"));
        }
        Role::of(&answer, destination)
    }

    #[test]
    fn whatever_may_become_a_document_is_one() {
        for content_type in
            ["text/html", "Text/HTML ; charset=utf-8", "text/html charset=utf-8", "image/png, text/html", "", ";", "*/*", "nonsense"]
        {
            for destination in [Destination::Page, Destination::Unsaid, Destination::Other] {
                assert_eq!(kind(404, content_type, destination), Role::Document, "{content_type} {destination:?}");
            }
        }
        for content_type in
            ["application/xhtml+xml", "image/svg+xml x", "application/xml;charset=utf-8", "text/xml", "text/xsl", "application/rss+xml"]
        {
            assert_eq!(kind(200, content_type, Destination::Page), Role::Document, "{content_type}");
            assert_eq!(kind(200, content_type, Destination::Unsaid), Role::Document, "{content_type}");
            assert_eq!(kind(200, content_type, Destination::Other), Role::Still, "{content_type}");
        }
        for content_type in ["image/png", "text/css", "text/plain", "application/json", "+xml/x", "font/woff2", "made/up"] {
            for destination in [Destination::Page, Destination::Unsaid, Destination::Other] {
                assert_eq!(kind(200, content_type, destination), Role::Still, "{content_type} {destination:?}");
            }
        }
    }

    #[test]
    fn a_script_may_be_a_worker_unless_the_browser_says_what_it_is_for() {
        assert_eq!(kind(200, "text/javascript", Destination::Unsaid), Role::Worker);
        assert_eq!(kind(200, "text/javascript", Destination::Other), Role::Still);
        assert_eq!(kind(200, "text/plain", Destination::Worker), Role::Worker);
        assert_eq!(kind(200, "text/javascript", Destination::ServiceWorker), Role::Worker);
    }

    #[test]
    fn a_copy_that_stays_and_a_way_elsewhere_are_no_documents() {
        assert_eq!(kind(304, "text/html", Destination::Worker), Role::NotModified);
        assert_eq!(kind(204, "", Destination::Page), Role::Nothing);
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::FOUND;
        assert_eq!(Role::of(&answer, Destination::Page), Role::Document, "it leads nowhere, so its body is shown");
        answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        assert_eq!(Role::of(&answer, Destination::Other), Role::Redirect);
        *answer.status_mut() = StatusCode::USE_PROXY;
        assert_eq!(Role::of(&answer, Destination::Page), Role::Document, "nobody follows it, so its body is shown");
    }
}
