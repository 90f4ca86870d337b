use app::publishing::{Published, Revision};
use askama::Template;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::Basis;
use policy::diff::{Change, WordsChangeKind};
use policy::model::Use;

use crate::pages::frame::{Frame, Place};
use crate::pages::versions::{published_as, written};
use crate::phrases::{Moment, capitalised};
use crate::{Asker, State, language};

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    frame: Frame,
    number: u32,
    published: Moment,
    /// None for the first version.
    revision: Option<Changed>,
}

struct Changed {
    since: u32,
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
    what: String,
    why: String,
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
    let page = ChangesPage {
        number: version.0,
        published: Moment::to_the_minute(published.record.published, &published.policy.time_zone),
        revision: published.revision.as_ref().map(|revision| changed(&state, &published, revision)),
        frame: Frame::new(&state, &asker, &headers, &uri, Place::Versions),
    };
    written(&headers, &page)
}

fn changed(state: &State, published: &Published, revision: &Revision) -> Changed {
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
        summary: changes.summary(),
        language: published.policy.default_language().to_string(),
        material: material.into_iter().map(row).collect(),
        others: others.into_iter().map(row).collect(),
        asked_again: asked_again(state, published, revision),
        words: changes.words.iter().map(text).collect(),
    }
}

fn row(change: &Change) -> Row {
    Row {
        kind: kind(change.kind),
        title: capitalised(&change.title),
        what: capitalised(&change.what),
        why: change.material.map(|why| why.to_string()).unwrap_or_default(),
    }
}

/// The kind of a rule in a word or two for everybody.
fn kind(kind: &str) -> &'static str {
    match kind {
        "choices" => "Choices",
        "cookie" => "Cookie",
        "data" => "Data",
        "duty" => "Duty",
        "never" => "Never",
        "notice" => "Announcements",
        "policy" => "General",
        "preference" => "Preference",
        "promise" => "Promise",
        "purpose" => "Purpose",
        "recipient" => "Recipient",
        "resource" => "From others",
        "store" => "Storage",
        "use" => "Use of data",
        _ => "Words",
    }
}

/// The purposes that people say yes or no to, that were there before, and that changed so that an earlier yes does not count any more.
fn asked_again(state: &State, published: &Published, revision: &Revision) -> Vec<String> {
    let Ok(before) = state.versions.get(revision.since) else {
        return Vec::new();
    };
    let policy = &published.policy;
    let is_answered = |id: &domain::Id| {
        let rests_on_an_answer = |rule: &Use| match rule.basis {
            Basis::Consent => true,
            Basis::LegitimateInterests => policy.purpose(rule.purpose).compelling.is_none(),
            Basis::Contract | Basis::LegalObligation | Basis::VitalInterests => false,
        };
        policy.uses.iter().any(|rule| policy.purpose(rule.purpose).id == *id && rests_on_an_answer(rule))
            && before.policy.purpose_named(id.as_str()).is_some()
    };
    let changed = revision.changes.purposes_changed_materially.iter().filter(|id| is_answered(id));
    changed.filter_map(|id| policy.purpose_named(id.as_str())).map(|purpose| policy.title(purpose).default.clone()).collect()
}
