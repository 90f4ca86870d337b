use app::publishing::{Published, Revision};
use askama::Template;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use policy::diff::{Change, WordsChangeKind};

use crate::pages::frame::{Frame, Place};
use crate::pages::versions::{numbered, published_as, written};
use crate::phrases::{Moment, Phrases, capitalised, summary};
use crate::{Asker, State, language};

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    frame: Frame,
    number: u32,
    title: String,
    /// What the link to it says.
    read: String,
    published: Moment,
    /// None for the first version.
    revision: Option<Changed>,
}

struct Changed {
    since: u32,
    since_named: String,
    summary: String,
    /// The language of the rules' names.
    language: String,
    material: Vec<Row>,
    others: Vec<Row>,
    /// The purposes that people are asked about again.
    asked_again: Vec<String>,
    words: Vec<Text>,
}

struct Row {
    kind: &'static str,
    title: String,
    /// Our words, which are in English whatever the rest of the page speaks.
    what: String,
    because: Option<&'static str>,
}

struct Text {
    language: String,
    direction: &'static str,
    /// Named where it is another one than the text before has.
    language_name: Option<String>,
    added: bool,
    text: String,
}

/// What one version changed, in plain language.
pub(crate) async fn show(
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
    let frame = Frame::new(&state, &asker, &headers, &uri, Place::Versions);
    let page = ChangesPage {
        number: version.0,
        title: numbered(frame.phrases.versions.what_changed, version),
        read: numbered(frame.phrases.changes.read, version),
        published: frame.phrases.moment(published.record.published, &published.policy.time_zone),
        revision: published.revision.as_ref().map(|revision| changed(&published, revision, &frame)),
        frame,
    };
    written(&headers, &page)
}

fn changed(published: &Published, revision: &Revision, frame: &Frame) -> Changed {
    let phrases = frame.phrases;
    let changes = &revision.changes;
    let (material, others): (Vec<&Change>, Vec<&Change>) = changes.rules.iter().partition(|change| change.material.is_some());
    let mut language = String::new();
    let text = |words: &policy::diff::WordsChange| {
        let is_other = language != words.language;
        language.clone_from(&words.language);
        let known = published.policy.words.iter().map(|words| &words.language).find(|known| known.as_str() == words.language);
        Text {
            language: words.language.clone(),
            direction: known.map_or("ltr", language::direction),
            language_name: known.filter(|_| is_other).map(|known| language::own_name(known).to_owned()),
            added: words.change == WordsChangeKind::Added,
            text: words.text.clone(),
        }
    };
    Changed {
        since: revision.since.0,
        since_named: numbered(phrases.versions.version, revision.since),
        summary: summary(changes, phrases),
        language: published.policy.default_language().to_string(),
        material: material.into_iter().map(|change| row(change, phrases)).collect(),
        others: others.into_iter().map(|change| row(change, phrases)).collect(),
        asked_again: asked_again(published, revision, &frame.language),
        words: changes.words.iter().map(text).collect(),
    }
}

fn row(change: &Change, phrases: &Phrases) -> Row {
    Row {
        kind: (phrases.changes.kind)(change.kind),
        title: title_of(change),
        what: capitalised(&change.what),
        because: change.material.map(phrases.changes.because),
    }
}

/// A cookie's name is written as it is.
pub(crate) fn title_of(change: &Change) -> String {
    if change.kind == "cookie" { change.title.clone() } else { capitalised(&change.title) }
}

/// The purposes that changed so that an earlier yes does not count any more.
fn asked_again(published: &Published, revision: &Revision, language: &str) -> Vec<String> {
    let policy = &published.policy;
    let purposes = revision.changes.yes_ended.iter().filter_map(|id| policy.purpose_named(id.as_str()));
    purposes.map(|purpose| policy.title(purpose).in_language(language).to_owned()).collect()
}
