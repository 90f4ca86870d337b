//! Everybody's choices: the form, the answer for scripts, and what a post changes.

mod answer;
mod confirm;
mod failures;
mod fields;
pub(crate) mod receipt;
mod save;
mod view;

pub(crate) use save::save;

use app::choices::{purposes_in_force, without_refused_parts};
use axum::extract;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{Age, Answer, Choice, Timestamp};
use policy::cookie::{self, ChoicesPart, SignedIn};

use crate::headers::PERSONAL;
use crate::local_path::local_path;
use crate::pages::{accept, query};
use crate::{Asker, State, forgery, negotiate};

/// A form of all purposes is far smaller.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// What became of a form that does not show how things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    /// It said yes, and that was not saved.
    Entirely,
    /// What it said no to counts.
    ButNo,
}

/// What the form before this page sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// Answers, and a cookie went back to carry them.
    Answered,
    Nothing,
}

impl Saved {
    /// In the place of the second in which something was answered.
    const NOTHING: i64 = 0;
    /// How long a page says what became of an answer; an old link must not.
    const SECONDS: i64 = 60;

    fn from_parameter(value: &str, now: Timestamp) -> Option<Self> {
        match value.parse().ok()? {
            Self::NOTHING => Some(Self::Nothing),
            second => (0..=Self::SECONDS).contains(&now.as_second().saturating_sub(second)).then_some(Self::Answered),
        }
    }
}

/// The field and the parameter that say where somebody goes on afterwards.
pub(crate) const RETURN: &str = "return";

/// The form, or how every purpose stands for a script.
pub(crate) async fn show(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let (asker, set_cookies) = with_other_browsers(&state, asker).await;
    let mut response = shown(&state, &asker, &headers, &uri);
    for set_cookie in set_cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, set_cookie);
    }
    response
}

/// What somebody who is signed in refused in another browser since stands in this one's cookie from now on, so that the form shows what counts. Where
/// nobody can say, the form shows what this browser knows; the no counts all the same.
async fn with_other_browsers(state: &State, asker: Asker) -> (Asker, Vec<String>) {
    let SignedIn::As(who) = asker.signed_in() else { return (asker, Vec::new()) };
    let is_minor = who.age() == Age::Minor;
    let answers = if is_minor {
        state.accounts.in_force_for_minor(&who, &asker.policy).await
    } else {
        state.accounts.refusals(who.account(), &asker.policy).await
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => {
            tracing::error!(%error, "what an account answered in other browsers could not be read");
            return (asker, Vec::new());
        }
    };
    let before = asker.cookie.parts().cloned().unwrap_or_default();
    let visitor = before.visitor.clone();
    let mut parts = before;
    let Some(choices) = &mut parts.choices else { return (asker, Vec::new()) };
    let refuses = choices.refuse_as_well(&answers);
    let permits = is_minor && said_yes_for_minor(choices, &answers);
    if !refuses && !permits {
        return (asker, Vec::new());
    }
    let parts = without_refused_parts(&asker.policy, parts, asker.circumstances());
    let keys = state.keys.load();
    let mut written = vec![cookie::write_choices(&asker.policy, &keys, &parts, asker.now, asker.https)];
    if parts.visitor != visitor {
        written.push(cookie::write_visit(&asker.policy, &keys, &parts, asker.now, asker.https));
    }
    let Some(set_cookies) = written.into_iter().collect::<Option<Vec<_>>>() else {
        return (asker, Vec::new());
    };
    let cookie = cookie::read_back(&asker.policy, &keys, asker.now, &asker.cookie, &set_cookies);
    let purposes = purposes_in_force(&asker.policy, &cookie.standing(&asker.policy), asker.circumstances());
    let purposes = purposes.iter().filter(|purpose| asker.purposes.contains(*purpose)).collect();
    (Asker { cookie, purposes, ..asker }, set_cookies)
}

/// What a guardian said yes to stands in a minor's browser where nothing else does. Says whether there was anything.
fn said_yes_for_minor(choices: &mut ChoicesPart, answers: &[Choice]) -> bool {
    let given = answers.iter().filter(|choice| choice.answer == Answer::Yes && choices.answer(&choice.purpose).is_none());
    let new: Vec<Choice> = given.cloned().collect();
    let is_new = !new.is_empty();
    choices.made = new.iter().map(|choice| choice.at).fold(choices.made, Timestamp::max);
    choices.choices.extend(new);
    is_new
}

fn shown(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri) -> Response {
    if negotiate::prefers_json(&accept(headers)) {
        return personal(axum::Json(answer::of(asker)).into_response());
    }
    let return_to = query(uri, RETURN).and_then(|path| local_path(&path).map(str::to_owned));
    let saved = query(uri, "saved").and_then(|value| Saved::from_parameter(&value, asker.now));
    form(state, asker, headers, uri, StatusCode::OK, view::Shown { return_to, saved, stale: None })
}

fn form(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri, status: StatusCode, shown: view::Shown) -> Response {
    with_proof(state, asker, headers, |token| view::page(state, asker, headers, uri, status, shown, token))
}

/// A page with a form that its browser can send back: with a token, and the cookie the token is bound to, where the browser needs them.
fn with_proof(state: &State, asker: &Asker, headers: &HeaderMap, page: impl FnOnce(Option<String>) -> Response) -> Response {
    let path = format!("{}/choices", state.settings.prefix);
    let proof = forgery::proof(asker, headers, &state.keys.load(), &*state.random, &path);
    let (token, set_cookie) = proof.map_or((None, None), |proof| (Some(proof.token), proof.set_cookie));
    let mut response = page(token);
    if let Some(set_cookie) = set_cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, set_cookie);
    }
    personal(response)
}

fn personal(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}
