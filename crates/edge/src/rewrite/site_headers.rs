//! The fields of the site's answer that say what a browser may load, tell others, prepare or forget.

use http::header::{self, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderMap};
use http::{Response, StatusCode};

use super::asked::Asked;
use super::destination::Destination;
use super::{clear_site_data, link, manners, reports};
use crate::Enforcement;
use crate::counts::add;
use crate::gate::Judged;
use crate::gate::names::{Seen, tokens};
use crate::listen::Worker;

/// What a browser makes of an answer, as far as these fields are about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It may become a document, which runs scripts and loads what it wants.
    Document,
    /// A script that runs under the policy it comes with.
    Worker,
    /// Only fields that it names itself change in a copy which a browser has.
    NotModified,
    Redirect,
    Other,
}

/// Adds what keeps the answer to what the visit permits, and takes out what would go around it. Where obligations are only observed, browsers are asked
/// to report what would have been kept away, and nothing else changes but what would make them forget a choice.
pub(crate) fn settle_headers<B>(answer: &mut Response<B>, asked: &Asked, judged: &Judged, seen: Seen, worker: &Worker) {
    let kind = Kind::of(answer, asked.destination);
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
    if kind == Kind::Other {
        return;
    }
    let enforces = worker.settings.enforcement == Enforcement::Enforce;
    if kind != Kind::Redirect {
        settle_reports(headers, judged, worker);
    }
    let name = if enforces { CONTENT_SECURITY_POLICY } else { CONTENT_SECURITY_POLICY_REPORT_ONLY };
    match kind {
        Kind::Document | Kind::Worker => {
            headers.append(name, judged.plan.allow_list.clone());
        }
        // Fields of a copy are replaced by those of the same name that come now: ours has to be among them, and must not be the only one.
        Kind::NotModified if headers.contains_key(&name) => {
            headers.append(name, judged.plan.allow_list.clone());
        }
        Kind::NotModified | Kind::Redirect | Kind::Other => {}
    }
    if enforces && kind != Kind::Worker {
        restrict(headers, kind, judged);
    }
}

fn restrict(headers: &mut HeaderMap, kind: Kind, judged: &Judged) {
    let is_document = kind == Kind::Document;
    manners::restrict_referrer(headers, is_document);
    if kind == Kind::Redirect {
        return;
    }
    if !judged.plan.marketing {
        manners::refuse_advertising(headers, is_document);
    }
    if judged.plan.refuses_resources && is_document {
        manners::refuse_preparing(headers, judged.https);
    }
}

fn settle_reports(headers: &mut HeaderMap, judged: &Judged, worker: &Worker) {
    let (policy, permitted) = (&judged.plan.policy, judged.plan.plan.resources);
    let refused = if worker.settings.enforcement == Enforcement::Enforce {
        reports::remove_refused(headers, policy, permitted)
    } else {
        reports::remove_refused(&mut headers.clone(), policy, permitted)
    };
    add(&worker.counts.links_held_back, refused);
}

fn settle_links(headers: &mut HeaderMap, asked: &Asked, judged: &Judged, worker: &Worker) {
    let third_parties = link::third_parties(headers, asked.host().as_ref());
    if !third_parties.is_empty() {
        let mut sightings = worker.sightings.lock();
        third_parties.iter().for_each(|url| sightings.note_resource(url, judged.now));
    }
    let (policy, permitted) = (&judged.plan.policy, judged.plan.plan.resources);
    let refused = link::count_refused(headers, policy, permitted);
    add(&worker.counts.links_held_back, refused);
    if refused > 0 && worker.settings.enforcement == Enforcement::Enforce {
        link::remove_refused(headers, policy, permitted);
    }
}

impl Kind {
    fn of<B>(answer: &Response<B>, destination: Destination) -> Self {
        let headers = answer.headers();
        match answer.status() {
            StatusCode::NOT_MODIFIED => return Self::NotModified,
            status if status.is_informational() => return Self::Other,
            status if status.is_redirection() && headers.contains_key(header::LOCATION) => return Self::Redirect,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => return Self::Other,
            _ if matches!(destination, Destination::Worker | Destination::ServiceWorker) => return Self::Worker,
            _ => {}
        }
        // Where an answer says several things of itself, browsers differ in what they believe.
        let says = |such: fn(&[u8]) -> bool| kinds(headers).any(such);
        let opens = matches!(destination, Destination::Page | Destination::Unsaid);
        if says(is_document) || (opens && (says(is_looked_into) || kinds(headers).next().is_none())) {
            Self::Document
        } else if destination == Destination::Unsaid && says(is_script) {
            Self::Worker
        } else {
            Self::Other
        }
    }
}

fn kinds(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let said = headers.get_all(header::CONTENT_TYPE).iter().flat_map(|value| tokens(value.as_bytes()));
    said.map(|kind| kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii())
}

fn is_document(kind: &[u8]) -> bool {
    let is_xml = || kind.len() > 4 && kind[kind.len() - 4..].eq_ignore_ascii_case(b"+xml");
    ["text/html", "application/xml", "text/xml"].iter().any(|known| kind.eq_ignore_ascii_case(known.as_bytes())) || is_xml()
}

/// What says nothing of itself a browser looks into, and may find a page there (MIME Sniffing, section 7).
fn is_looked_into(kind: &[u8]) -> bool {
    let known = ["*/*", "unknown/unknown", "application/unknown"];
    !kind.contains(&b'/') || known.iter().any(|known| kind.eq_ignore_ascii_case(known.as_bytes()))
}

/// Scripts have had many names.
fn is_script(kind: &[u8]) -> bool {
    let Some(slash) = kind.iter().position(|byte| *byte == b'/') else {
        return false;
    };
    let (family, name) = (kind[..slash].to_ascii_lowercase(), kind[slash + 1..].to_ascii_lowercase());
    let name = name.strip_prefix(b"x-").unwrap_or(&name);
    matches!(&*family, b"text" | b"application")
        && (name.starts_with(b"javascript") || name.starts_with(b"ecmascript") || matches!(name, b"jscript" | b"livescript"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn kind(status: u16, content_type: &str, destination: Destination) -> Kind {
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
        if !content_type.is_empty() {
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a value"));
        }
        Kind::of(&answer, destination)
    }

    #[test]
    fn whatever_may_become_a_document_is_one() {
        for content_type in [
            "text/html",
            "Text/HTML ; charset=utf-8",
            "application/xhtml+xml",
            "image/svg+xml",
            "application/xml;charset=utf-8",
            "text/xml",
            "application/rss+xml",
        ] {
            assert_eq!(kind(200, content_type, Destination::Other), Kind::Document, "{content_type}");
            assert_eq!(kind(404, content_type, Destination::Unsaid), Kind::Document, "{content_type}");
        }
        for content_type in ["", ";", "*/*", "nonsense"] {
            assert_eq!(kind(200, content_type, Destination::Page), Kind::Document, "{content_type}");
            assert_eq!(kind(200, content_type, Destination::Unsaid), Kind::Document, "{content_type}");
            assert_eq!(kind(200, content_type, Destination::Other), Kind::Other, "{content_type}");
        }
        for content_type in ["image/png", "text/css", "text/javascript", "application/json", "text/plain", "+xml/x", "font/woff2"] {
            assert_eq!(kind(200, content_type, Destination::Other), Kind::Other, "{content_type}");
        }
    }

    #[test]
    fn an_answer_that_says_several_things_of_itself_is_what_could_run() {
        assert_eq!(kind(200, "image/png, text/html", Destination::Other), Kind::Document);
        let mut answer = Response::new(());
        for content_type in ["image/png", "text/html", "text/plain"] {
            answer.headers_mut().append(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        assert_eq!(Kind::of(&answer, Destination::Page), Kind::Document);
    }

    #[test]
    fn a_script_may_be_a_worker_unless_the_browser_says_what_it_is_for() {
        for content_type in ["text/javascript", "application/x-javascript; charset=utf-8", "text/javascript1.5", "application/ecmascript"] {
            assert_eq!(kind(200, content_type, Destination::Unsaid), Kind::Worker, "{content_type}");
            assert_eq!(kind(200, content_type, Destination::Other), Kind::Other, "{content_type}");
        }
        assert_eq!(kind(200, "text/plain", Destination::Worker), Kind::Worker);
        assert_eq!(kind(200, "image/javascript", Destination::Unsaid), Kind::Other);
    }

    #[test]
    fn a_copy_that_stays_and_a_way_elsewhere_are_no_documents() {
        assert_eq!(kind(304, "text/html", Destination::Worker), Kind::NotModified);
        assert_eq!(kind(204, "", Destination::Page), Kind::Other);
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::FOUND;
        assert_eq!(Kind::of(&answer, Destination::Page), Kind::Document, "it leads nowhere, so its body is shown");
        answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        assert_eq!(Kind::of(&answer, Destination::Other), Kind::Redirect);
    }
}
