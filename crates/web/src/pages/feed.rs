use app::publishing::Published;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::pages::for_everybody;
use crate::phrases::to_the_second;
use crate::{Asker, State};

/// RFC 4287.
#[derive(Template)]
#[template(path = "feed.xml", escape = "html")]
struct Feed {
    id: String,
    title: String,
    controller: String,
    email: String,
    updated: String,
    page: String,
    itself: String,
    language: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    number: u32,
    revised: String,
    published: String,
    address: String,
    /// The page about what it changed; none for the first.
    changes: Option<String>,
    summary: String,
}

pub(crate) async fn feed(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap) -> Response {
    let origin = state.settings.origin.clone().unwrap_or_else(|| asker.origin());
    let prefix = &state.settings.prefix;
    let versions = state.versions.all();
    let (Some(newest), Some(first)) = (versions.first(), versions.last()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let entry = |published: &Published| Entry {
        id: urn(published, b'e'),
        number: published.record.version.0,
        revised: published.record.revised.to_string(),
        published: to_the_second(published.record.published),
        address: format!("{origin}{prefix}/versions/{}", published.record.version),
        changes: published.revision.as_ref().map(|_| format!("{origin}{prefix}/versions/{}/changes", published.record.version)),
        summary: printable(&summary(published)),
    };
    let policy = &asker.policy;
    let feed = Feed {
        id: urn(first, b'f'),
        title: printable(&policy.words[0].title),
        controller: printable(&policy.controller),
        email: printable(&policy.contact.email),
        updated: to_the_second(newest.record.published),
        page: format!("{origin}{prefix}"),
        itself: format!("{origin}{prefix}/feed.atom"),
        language: policy.default_language().to_string(),
        entries: versions.iter().map(|published| entry(published)).collect(),
    };
    match feed.render() {
        Ok(text) => for_everybody(&headers, "application/atom+xml; charset=utf-8", text),
        Err(error) => {
            tracing::error!(%error, "the feed could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What a version changed, for whoever reads no more than the feed.
fn summary(published: &Published) -> String {
    let Some(revision) = &published.revision else {
        return format!("The first version of the privacy policy of {}.", published.policy.controller);
    };
    let mut summary = revision.changes.summary();
    for (change, why) in revision.changes.material() {
        summary.push_str(&format!(" {}: {}, and {why}.", change.title, change.what));
    }
    summary
}

/// A name that never changes, wherever the site moves (RFC 9562, version 8): made of what the version says and when it was published.
fn urn(published: &Published, kind: u8) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&published.policy.hash[..8]);
    bytes[8..].copy_from_slice(&published.record.published.as_microsecond().to_be_bytes());
    bytes[6] = 0x80 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    bytes[9] = kind;
    let part = |range: std::ops::Range<usize>| bytes[range].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("urn:uuid:{}-{}-{}-{}-{}", part(0..4), part(4..6), part(6..8), part(8..10), part(10..16))
}

/// XML 1.0 has no way to write most control characters.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')).collect()
}
