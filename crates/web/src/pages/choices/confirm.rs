//! The second step of opting back in: what was opted out of is not switched on by one click.

use app::choices::{Change, Seen, Submission};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Answer;
use policy::cookie::CookieState;

use super::save::{Answered, Post};
use super::{RETURN, with_proof};
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::phrases::Moment;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    purposes: Vec<OptedOut>,
    /// Other answers of the same post, which count already.
    others_saved: bool,
    hidden: Vec<(&'static str, String)>,
    way_back: String,
}

struct OptedOut {
    id: String,
    title: String,
    describes: Option<String>,
    /// When they opted out; none where their browser's signal does.
    since: Option<Moment>,
}

/// Asks once more, or says in JSON that it has to be asked. `held` is the cookie after the answers that count already.
pub(super) fn page(post: &Post<'_>, answered: &Answered, change: &Change, held: &CookieState) -> Response {
    let policy = &post.asker.policy;
    if post.wants_json() {
        let names: Vec<String> = change.unconfirmed.iter().map(|index| policy.purpose(*index).id.to_string()).collect();
        let message = format!(
            "Opting back in takes a second step: ask the person again, and send `_confirm` with it. Waiting: {}.",
            names.join(", ")
        );
        let body = serde_json::json!({ "error": { "code": "confirm-opt-in", "message": message, "purposes": names } });
        return (StatusCode::CONFLICT, axum::Json(body)).into_response();
    }
    let frame = Frame::new(post.state, post.asker, post.headers, post.uri, Place::Choices);
    let phrases = frame.phrases;
    let opted_out = |index: &policy::Index<policy::model::Purpose>| {
        let purpose = policy.purpose(*index);
        let earlier = held.parts().and_then(|parts| parts.answer(&purpose.id).filter(|_| parts.signalled(&purpose.id).is_none()));
        OptedOut {
            id: purpose.id.to_string(),
            title: purpose.title.in_language(&answered.language).to_owned(),
            describes: purpose.describes.as_ref().map(|text| text.in_language(&answered.language).to_owned()),
            since: earlier
                .filter(|choice| choice.answer == Answer::No && choice.opted_out)
                .map(|choice| phrases.moment_of_day(choice.at, &policy.time_zone)),
        }
    };
    with_proof(post.state, post.asker, post.headers, |token| {
        let mut hidden = hidden_fields(post, answered, held);
        hidden.extend(token.map(|token| (crate::forgery::TOKEN_FIELD, token)));
        let page = ConfirmPage {
            purposes: change.unconfirmed.iter().map(opted_out).collect(),
            others_saved: !change.events.is_empty(),
            hidden,
            way_back: answered.return_to.clone().unwrap_or_else(|| format!("{}/choices{}", frame.prefix, frame.keep_language)),
            frame,
        };
        html(StatusCode::CONFLICT, &page)
    })
}

fn hidden_fields(post: &Post<'_>, answered: &Answered, held: &CookieState) -> Vec<(&'static str, String)> {
    let seen = Seen::of(&post.asker.policy, held);
    let mut hidden = vec![
        (Submission::VERSION, seen.version().to_owned()),
        (Submission::LAST_CHOICE, seen.last_choice().to_owned()),
        (Submission::INTERFACE, answered.method.name().to_owned()),
        (Submission::LANGUAGE, answered.language.clone()),
        (Submission::CONFIRM, "yes".to_owned()),
    ];
    hidden.extend(answered.return_to.clone().map(|path| (RETURN, path)));
    hidden
}
