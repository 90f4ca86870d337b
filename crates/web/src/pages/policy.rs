use app::publishing::Published;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use policy::Policy;

use crate::language::direction;
use crate::negotiate::{Form, preferred_form};
use crate::pages::changes::title_of;
use crate::pages::error::{Failure, WayOut};
use crate::pages::frame::{Frame, Place};
use crate::pages::{HTML, accept, for_everybody};
use crate::phrases::{Moment, Phrases, RequestWords};
use crate::{Asker, State};

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    requests: &'static RequestWords,
    frame: Frame,
    title: String,
    /// The changes that matter, while they are announced.
    announced: Vec<Announced>,
    contents: Vec<Entry>,
    /// Written by the language's own renderer, which lets no markup of the source through.
    words: String,
    /// Theirs, which is not the page's where they are not translated.
    words_language: String,
    words_direction: &'static str,
}

#[derive(Debug)]
struct Announced {
    version: u32,
    revised: Moment,
    summary: Vec<String>,
    see_changes: String,
}

/// So many changes are named where they are announced; all of them stand on their own page.
const NAMED_MAX: usize = 3;

impl Announced {
    fn of(published: &Published, phrases: &Phrases) -> Self {
        let changes = published.revision.iter().flat_map(|revision| revision.changes.material());
        let named = changes.take(NAMED_MAX).map(|(change, _)| format!("{}: {}.", title_of(change), change.what));
        let version = published.record.version.0;
        Self {
            version,
            revised: phrases.moment_of_date(published.record.revised),
            summary: named.collect(),
            see_changes: phrases.reading.see_changes.with(&[("version", &version.to_string())]),
        }
    }
}

/// One line of the table of contents.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) anchor: String,
    pub(crate) text: String,
}

/// The policy in force.
pub(crate) async fn show(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let Some(form) = preferred_form(&accept(&headers)) else {
        return not_acceptable().response(&state, &asker, &headers, &uri);
    };
    let frame = Frame::new(&state, &asker, &headers, &uri, Place::Policy);
    if let Some(plain) = as_text(form, &headers, &asker.policy, &frame.language) {
        return plain;
    }
    let words = asker.policy.words_in(&frame.language);
    let page = PolicyPage {
        title: words.title.clone(),
        announced: state.versions.announced(asker.now).iter().map(|published| Announced::of(published, frame.phrases)).collect(),
        contents: contents(&asker.policy, &frame.language),
        words: policy::render::html(&asker.policy, &frame.language),
        words_language: words.language.to_string(),
        words_direction: direction(&words.language),
        requests: RequestWords::of(frame.phrases.language),
        frame,
    };
    match page.render() {
        Ok(text) => for_everybody(&headers, HTML, text),
        Err(error) => {
            tracing::error!(%error, "the policy could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The words without a page around them; none where a page is wanted.
pub(crate) fn as_text(form: Form, headers: &HeaderMap, policy: &Policy, language: &str) -> Option<Response> {
    let (content_type, text) = match form {
        Form::Html => return None,
        Form::Markdown => ("text/markdown; charset=utf-8", policy::render::markdown(policy, language)),
        Form::Text => ("text/plain; charset=utf-8", policy::render::text(policy, language)),
    };
    let mut response = for_everybody(headers, content_type, text);
    if let Ok(language) = HeaderValue::from_str(policy.words_in(language).language.as_str()) {
        response.headers_mut().insert(axum::http::header::CONTENT_LANGUAGE, language);
    }
    Some(response)
}

/// The headings one level below the title.
pub(crate) fn contents(policy: &Policy, language: &str) -> Vec<Entry> {
    let entries = policy::render::contents(policy, language).into_iter().filter(|entry| entry.level == 2);
    entries.map(|entry| Entry { anchor: entry.anchor.to_owned(), text: entry.text.to_owned() }).collect()
}

pub(crate) fn not_acceptable() -> Failure {
    Failure::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", |words| words.not_acceptable, WayOut::Policy)
}
