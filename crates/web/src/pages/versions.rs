use std::sync::Arc;

use app::publishing::{NotShown, Published};
use askama::Template;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::Version;

use crate::language::direction;
use crate::negotiate::preferred_form;
use crate::pages::error::{Failure, WayOut, not_found};
use crate::pages::frame::{Frame, Place};
use crate::pages::policy::{Entry, as_text, contents, not_acceptable};
use crate::pages::{HTML, accept, for_everybody};
use crate::phrases::{Moment, Sentence, summary};
use crate::{Asker, State};

#[derive(Template)]
#[template(path = "versions.html")]
struct VersionsPage {
    frame: Frame,
    versions: Vec<Row>,
    /// One sentence for each that cannot be shown.
    damaged: Vec<String>,
}

struct Row {
    number: u32,
    title: String,
    what_changed: String,
    revised: Moment,
    hash: String,
    in_force: bool,
    material: bool,
    /// One sentence about what it changed; none for the first.
    summary: Option<String>,
}

#[derive(Template)]
#[template(path = "version.html")]
struct VersionPage {
    frame: Frame,
    number: u32,
    in_force: bool,
    /// Whether there was one before that it changed.
    has_changes: bool,
    /// `Version 3`, and whether it is in force.
    named: String,
    standing: String,
    title: String,
    published: Moment,
    hash: String,
    contents: Vec<Entry>,
    words: String,
    /// Theirs, which is not the page's where they are not translated.
    words_language: String,
    words_direction: &'static str,
}

pub(crate) async fn list(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let frame = Frame::new(&state, &asker, &headers, &uri, Place::Versions);
    let phrases = frame.phrases;
    let row = |published: &Published| Row {
        number: published.record.version.0,
        title: numbered(phrases.versions.version, published.record.version),
        what_changed: numbered(phrases.versions.what_changed, published.record.version),
        revised: phrases.moment_of_date(published.record.revised),
        hash: published.record.hash.clone(),
        in_force: published.record.version == asker.policy.version,
        material: published.is_material(),
        summary: published.revision.as_ref().map(|revision| summary(&revision.changes, phrases)),
    };
    let page = VersionsPage {
        versions: state.versions.all().iter().map(|published| row(published)).collect(),
        damaged: state.versions.damaged().iter().map(|damage| numbered(phrases.versions.damaged, damage.version)).collect(),
        frame,
    };
    written(&headers, &page)
}

pub(crate) async fn one(
    extract::State(state): extract::State<State>,
    Path(number): Path<String>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let published = match published_as(&number, &state, &asker, &headers, &uri).await {
        Ok(published) => published,
        Err(answer) => return answer,
    };
    let version = published.record.version;
    let Some(form) = preferred_form(&accept(&headers)) else {
        return not_acceptable().response(&state, &asker, &headers, &uri);
    };
    let shown = Asker { policy: published.policy.clone(), ..asker.clone() };
    let words_frame = Frame::new(&state, &shown, &headers, &uri, Place::Versions);
    if let Some(plain) = as_text(form, &headers, &published.policy, &words_frame.language) {
        return plain;
    }
    let words = published.policy.words_in(&words_frame.language);
    let in_force = version == asker.policy.version;
    let own = &words_frame.phrases.versions;
    let page = VersionPage {
        named: numbered(own.version, version),
        standing: numbered(if in_force { own.is_in_force } else { own.is_not_in_force }, version),
        number: version.0,
        in_force,
        has_changes: published.revision.is_some(),
        title: words.title.clone(),
        published: words_frame.phrases.moment(published.record.published, &published.policy.time_zone),
        hash: published.record.hash.clone(),
        contents: contents(&published.policy, &words_frame.language),
        words: policy::render::html(&published.policy, &words_frame.language),
        words_language: words.language.to_string(),
        words_direction: direction(&words.language),
        // The words are the old version's; who to write to, and what is in force, is today's.
        frame: words_frame.about(&asker.policy),
    };
    written(&headers, &page)
}

/// The version that an address names, or what to answer where there is none.
pub(super) async fn published_as(
    number: &str,
    state: &State,
    asker: &Asker,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Arc<Published>, Response> {
    let Some(version) = version_numbered(number) else {
        return Err(not_found(extract::State(state.clone()), asker.clone(), headers.clone(), uri.clone()).await);
    };
    state.versions.get(version).map_err(|why| not_shown(&why).response(state, asker, headers, uri))
}

pub(crate) fn written(headers: &HeaderMap, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => for_everybody(headers, HTML, text),
        Err(error) => {
            tracing::error!(%error, "a version could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A sentence about one version.
pub(crate) fn numbered(sentence: Sentence, version: Version) -> String {
    sentence.with(&[("version", &version.to_string())])
}

/// Each version has one address: no leading zeros, no plus sign.
fn version_numbered(text: &str) -> Option<Version> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(Version(number))
}

fn not_shown(why: &NotShown) -> Failure {
    match why {
        NotShown::Unknown(_) => Failure::new(StatusCode::NOT_FOUND, "no-such-version", |words| words.no_such_version, WayOut::Versions),
        NotShown::Damaged(_) => {
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged-version", |words| words.damaged_version, WayOut::Versions)
        }
    }
}
