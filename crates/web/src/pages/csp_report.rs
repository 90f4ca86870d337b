//! `POST /privacy/csp-report`: browsers tell here what our Content-Security-Policy kept a page from loading.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{self, Extension};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::reports::Turns;
use crate::{Asker, State};

/// A report is about one address and one page, and a batch of them holds a few.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// So many of a batch are looked at.
const REPORTS_MAX: usize = 50;

const ADDRESS_BYTES_MAX: usize = 2 * 1024;

/// As `report-uri` has it sent (CSP Level 3, section 5.3).
#[derive(Deserialize)]
struct Single {
    #[serde(rename = "csp-report")]
    report: SingleReport,
}

#[derive(Deserialize)]
struct SingleReport {
    #[serde(rename = "blocked-uri", default)]
    blocked: String,
}

/// As the Reporting API has it sent.
#[derive(Deserialize)]
struct Batched {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    body: BatchedBody,
}

#[derive(Default, Deserialize)]
struct BatchedBody {
    #[serde(rename = "blockedURL", default)]
    blocked: String,
}

/// Takes a report. The answer is for nobody: browsers do not read it.
pub(crate) async fn take(
    extract::State(state): extract::State<State>,
    Extension(turns): Extension<Arc<Turns>>,
    asker: Asker,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> StatusCode {
    let read = if !turns.take(asker.now) {
        Err(StatusCode::TOO_MANY_REQUESTS)
    } else if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        Err(StatusCode::FORBIDDEN)
    } else {
        body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE).and_then(|body| blocked(&headers, &body))
    };
    match read {
        Ok(addresses) => {
            for (at, address) in addresses.iter().enumerate() {
                // A batch is no way to have more turns: the first address took its own with the request.
                if at > 0 && !turns.take(asker.now) {
                    state.reports.dropped();
                    continue;
                }
                let elsewhere = Some(address.as_str()).filter(|address| !is_on(address, &asker.authority));
                state.reports.blocked(elsewhere, asker.now);
            }
            StatusCode::NO_CONTENT
        }
        Err(status) => {
            state.reports.dropped();
            status
        }
    }
}

/// The addresses that the reports of a body are about.
fn blocked(headers: &HeaderMap, body: &[u8]) -> Result<Vec<String>, StatusCode> {
    if body.len() > BODY_BYTES_MAX {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let said: Vec<String> = if kind.eq_ignore_ascii_case("application/csp-report") {
        let single: Single = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
        vec![single.report.blocked]
    } else if kind.eq_ignore_ascii_case("application/reports+json") {
        let batch: Vec<Batched> = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
        let violations = batch.into_iter().take(REPORTS_MAX).filter(|report| report.kind == "csp-violation");
        violations.map(|report| report.body.blocked).collect()
    } else {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    };
    Ok(said.iter().filter_map(|url| address(url)).collect())
}

/// Scheme, host and path of what lies on the network. Who is named before the host and what is asked behind the path may be about a person.
fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return None,
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_plain = host.bytes().chain(path.bytes()).all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = if path.is_empty() { "/" } else { path };
    (is_plain && !host.is_empty() && rest.len() <= ADDRESS_BYTES_MAX).then(|| format!("{scheme}://{}{path}", host.to_ascii_lowercase()))
}

/// Whether an address is on this host.
fn is_on(address: &str, authority: &str) -> bool {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    rest.split('/').next().is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_kept_without_what_may_be_about_a_person() {
        for (url, kept) in [
            ("https://Ads.example/a/b.js?user=7#x", Some("https://ads.example/a/b.js")),
            ("https://me:secret@ads.example", Some("https://ads.example/")),
            ("wss://ads.example:8443/live", Some("https://ads.example:8443/live")),
            ("http://ads.example?x", Some("http://ads.example/")),
            ("inline", None),
            ("data", None),
            ("about://blank", None),
            ("file:///etc/passwd", None),
            ("https://", None),
            ("https://ads.example/two words", None),
            ("https://ads.example/\u{1b}[31m", None),
            ("", None),
        ] {
            assert_eq!(address(url).as_deref(), kept, "{url}");
        }
        assert_eq!(address(&format!("https://ads.example/{}", "x".repeat(3_000))), None);
    }
}
