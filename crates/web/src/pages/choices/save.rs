//! What a post of answers does, in this order: it is believed, read, recorded, and only then set in the cookie.

use app::choices::{Asked, Change, ChoicesError, Event, RecordsError, Submission, change, rows};
use axum::body::Bytes;
use axum::extract;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{HeaderName, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{ChoiceAction, ChoiceMethod};
use policy::cookie::{CookieState, SignedIn};

use super::failures::{forged, not_taken, stale, too_large, too_much_to_hold, unrecorded_no, unrecorded_yes};
use super::fields::Fields;
use super::{RETURN, answer, confirm, form, personal, view};
use crate::local_path::local_path;
use crate::pages::error::Failure;
use crate::pages::frame::language;
use crate::pages::{accept, query};
use crate::{Asker, State, forgery, negotiate};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// Pages in the browser's cache may still hold what just ended.
const CACHE: HeaderValue = HeaderValue::from_static("\"cache\"");

/// One post, and whoever sent it.
pub(super) struct Post<'r> {
    pub(super) state: &'r State,
    pub(super) asker: &'r Asker,
    pub(super) headers: &'r HeaderMap,
    pub(super) uri: &'r Uri,
}

/// What a post that is believed says.
pub(super) struct Answered {
    pub(super) submission: Submission,
    pub(super) return_to: Option<String>,
    pub(super) method: ChoiceMethod,
    pub(super) language: String,
}

enum Refusal {
    Failed(Failure),
    /// The form is old: its reader gets a new one, which remembers where they wanted to go.
    Stale(Option<String>),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Takes answers. Nothing changes unless all of them can be taken.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let post = Post { state: &state, asker: &asker, headers: &headers, uri: &uri };
    let taken = match post.believed(body) {
        Ok(answered) => post.take(answered).await,
        Err(failure) => Err(failure.into()),
    };
    match taken {
        Ok(response) => personal(response),
        Err(Refusal::Failed(failure)) => personal(post.failed(failure)),
        Err(Refusal::Stale(return_to)) if !post.wants_json() => {
            let shown = view::Shown { return_to, saved: false, stale: true };
            form(&state, &asker, &headers, &uri, StatusCode::CONFLICT, shown)
        }
        Err(Refusal::Stale(_)) => personal(post.failed(stale())),
    }
}

impl Post<'_> {
    pub(super) fn wants_json(&self) -> bool {
        negotiate::prefers_json(&accept(self.headers))
    }

    fn failed(&self, failure: Failure) -> Response {
        failure.response(self.state, self.asker, self.headers, self.uri)
    }

    fn believed(&self, body: Result<Bytes, BytesRejection>) -> Result<Answered, Failure> {
        let fields = body.map_err(|_| too_large()).and_then(|body| Fields::read(self.headers, &body));
        // Where the post comes from is looked at first: a stranger's form learns nothing, not even what is wrong with it.
        let token = fields.as_ref().ok().and_then(|fields| fields.get(forgery::TOKEN_FIELD));
        let origin = self.state.settings.origin.clone().unwrap_or_else(|| self.asker.origin());
        if !forgery::is_from_our_page(self.asker, self.headers, &origin, token, &self.state.keys.load()) {
            return Err(forged());
        }
        let fields = fields?;
        let return_to = fields
            .get(RETURN)
            .filter(|value| local_path(value).is_some())
            .map(str::to_owned)
            .or_else(|| query(self.uri, RETURN).filter(|path| local_path(path).is_some()));
        let submission = Submission::from_fields(fields.answers()).map_err(|error| not_taken(&error))?;
        let of_a_form = if fields.are_json() { ChoiceMethod::Api } else { ChoiceMethod::Page };
        let known = |asked: &String| self.asker.policy.languages.iter().any(|language| language.as_str() == asked);
        let language = submission.language.clone().filter(known);
        Ok(Answered {
            return_to,
            method: submission.method.unwrap_or(of_a_form),
            language: language.unwrap_or_else(|| language_of(self)),
            submission,
        })
    }

    fn decided(&self, answered: &Answered, submission: &Submission) -> Result<Change, Refusal> {
        let random = &*self.state.random;
        change(&self.asker.policy, &self.asker.cookie, submission, self.asker.circumstances(), random).map_err(|error| match error {
            ChoicesError::Stale => Refusal::Stale(answered.return_to.clone()),
            error => not_taken(&error).into(),
        })
    }

    async fn take(&self, answered: Answered) -> Result<Response, Refusal> {
        let change = self.decided(&answered, &answered.submission)?;
        // What cannot be written down must not be recorded either.
        let set_cookie = self.set_cookie(&answered.submission, &change)?;
        let recorded = self.record(&answered, &change).await;
        self.tell(&change, recorded.is_ok());
        match recorded {
            Ok(()) if !change.unconfirmed.is_empty() => {
                let held = self.held_after(set_cookie.as_ref());
                self.with_change(confirm::page(self, &answered, &change, &held), set_cookie, &change)
            }
            Ok(()) => self.with_change(self.saved(&answered, set_cookie.as_ref(), true), set_cookie, &change),
            Err(error) => {
                tracing::error!(%error, answers = change.events.len(), "answers could not be recorded");
                self.unrecorded(&answered, &change, set_cookie)
            }
        }
    }

    async fn record(&self, answered: &Answered, change: &Change) -> Result<(), RecordsError> {
        let Some(part) = change.parts.choices.as_ref().filter(|_| !change.events.is_empty()) else {
            return Ok(());
        };
        let asked = Asked { method: answered.method, language: &answered.language };
        let rows = rows(&self.asker.policy, part.record, &change.events, asked, self.asker.circumstances(), &*self.state.random);
        self.state.choices.keep(rows).await
    }

    /// What somebody who is signed in answers here reaches their other browsers at once: a no always, and a yes only where it is recorded.
    fn tell(&self, change: &Change, recorded: bool) {
        if let SignedIn::As(who) = self.asker.signed_in() {
            let counts = |event: &&Event| recorded || event.action != ChoiceAction::Given;
            let events: Vec<Event> = change.events.iter().filter(counts).copied().collect();
            self.state.accounts.tell_answers(who.account(), &self.asker.policy, &events);
        }
    }

    /// A no is honoured all the same, and a yes is not.
    fn unrecorded(&self, answered: &Answered, change: &Change, set_cookie: Option<String>) -> Result<Response, Refusal> {
        if change.events.iter().all(|event| event.action != ChoiceAction::Given) {
            let response = if self.wants_json() { self.saved(answered, set_cookie.as_ref(), false) } else { self.failed(unrecorded_no()) };
            return self.with_change(response, set_cookie, change);
        }
        let refusals = answered.submission.refusals(&self.asker.policy).map_err(|error| not_taken(&error))?;
        let refused = self.decided(answered, &refusals)?;
        let set_cookie = self.set_cookie(&refusals, &refused)?;
        self.with_change(self.failed(unrecorded_yes(set_cookie.is_some())), set_cookie, &refused)
    }

    /// None where nothing changes.
    fn set_cookie(&self, submission: &Submission, change: &Change) -> Result<Option<String>, Failure> {
        if change.events.is_empty() && submission.preferences.is_empty() {
            return Ok(None);
        }
        let asker = self.asker;
        policy::cookie::write(&asker.policy, &self.state.keys.load(), &change.parts, asker.now, asker.https)
            .map(Some)
            .ok_or_else(too_much_to_hold)
    }

    fn held_after(&self, set_cookie: Option<&String>) -> CookieState {
        set_cookie.map_or_else(
            || self.asker.cookie.clone(),
            |set_cookie| policy::cookie::read_back(&self.asker.policy, &self.state.keys.load(), self.asker.now, set_cookie),
        )
    }

    fn saved(&self, answered: &Answered, set_cookie: Option<&String>, recorded: bool) -> Response {
        if self.wants_json() {
            return axum::Json(answer::after(self.asker, self.held_after(set_cookie), recorded)).into_response();
        }
        see_other(answered.return_to.clone().unwrap_or_else(|| saved_page(self.state, self.asker, self.uri)))
    }

    fn with_change(&self, mut response: Response, set_cookie: Option<String>, change: &Change) -> Result<Response, Refusal> {
        if let Some(set_cookie) = set_cookie {
            response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(&set_cookie).map_err(|_| too_much_to_hold())?);
        }
        if !change.ended.is_empty() {
            response.headers_mut().insert(CLEAR_SITE_DATA, CACHE);
        }
        Ok(response)
    }
}

fn language_of(post: &Post<'_>) -> String {
    language(post.asker, post.headers, post.uri).to_string()
}

/// The form again, in the language it was in.
fn saved_page(state: &State, asker: &Asker, uri: &Uri) -> String {
    let language = query(uri, "language").filter(|tag| asker.policy.languages.iter().any(|known| known.as_str() == tag));
    let language = language.map(|tag| format!("&language={tag}")).unwrap_or_default();
    format!("{}/choices?saved=1{language}", state.settings.prefix)
}

fn see_other(path: String) -> Response {
    match HeaderValue::from_str(&path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}
