//! What a post of answers does, in this order: it is believed and read; a yes is recorded and only then set in the cookie;
//! a no is set at once and recorded meanwhile.

use app::choices::{Asked, Change, ChoiceRow, ChoicesError, Event, Submission, TooMany, change, purposes_in_force, rows};
use axum::body::Bytes;
use axum::extract;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{HeaderName, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{Age, Answer, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id};
use policy::cookie::{self, CookieState, SignedIn};

use super::failures::{forged, guardians_yes, not_taken, too_large, too_many, too_much_to_hold, unrecorded_no, unrecorded_yes};
use super::fields::Fields;
use super::{RETURN, Saved, Stale, answer, confirm, failures, form, personal, view};
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

/// Why a yes is not in the records.
enum Unkept {
    Failed,
    TooMany(TooMany),
}

/// Takes answers. A no counts whatever becomes of the rest of them.
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
        Err(failure) => Err(failure),
    };
    personal(taken.unwrap_or_else(|failure| post.failed(failure)))
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

    fn decided(&self, submission: &Submission) -> Result<Change, ChoicesError> {
        change(&self.asker.policy, &self.asker.cookie, submission, self.asker.circumstances(), &*self.state.random)
    }

    async fn take(&self, answered: Answered) -> Result<Response, Failure> {
        if let Some(within) = self.without_a_minors_yes(&answered).await {
            let refusals = Answered { submission: within, ..answered };
            return self.only_what_a_minor_may(&refusals);
        }
        let mut change = match self.decided(&answered.submission) {
            Err(ChoicesError::Stale) => return self.only_its_refusals(&answered),
            decided => decided.map_err(|error| not_taken(&error))?,
        };
        // What cannot be written down must not be recorded either.
        self.set_cookies(&answered.submission, &change)?;
        let kept = self.keep_refusals(&answered, &change);
        let given = self.given(&change);
        if given.is_empty() {
            return self.refused(&answered, change, kept);
        }
        if let Err(why) = self.keep_yes(&answered, &change).await {
            return self.without_the_yes(&answered, &change, &why);
        }
        if self.overtaken(&mut change, &given) {
            let set_cookies = self.set_cookies(&answered.submission, &change)?;
            return self.with_change(self.asked_again(&answered, &set_cookies, Stale::ButNo), &set_cookies, &change);
        }
        self.tell(&change.events);
        let set_cookies = self.set_cookies(&answered.submission, &change)?;
        let response = if change.unconfirmed.is_empty() {
            self.saved(&answered, &set_cookies, Some(true))
        } else {
            confirm::page(self, &answered, &change, &self.held_after(&set_cookies))
        };
        self.with_change(response, &set_cookies, &change)
    }

    /// What is left of a minor's answers without each yes that their guardian did not give first; none where all of it may count.
    async fn without_a_minors_yes(&self, answered: &Answered) -> Option<Submission> {
        let SignedIn::As(who) = self.asker.signed_in() else { return None };
        if who.age() != Age::Minor || !answered.submission.says_yes() {
            return None;
        }
        let open = self.state.accounts.open_to_minor(&who, &self.asker.policy).await.unwrap_or_else(|error| {
            tracing::error!(%error, "what a guardian said yes to could not be read; nothing counts as said yes to");
            Vec::new()
        });
        let submission = &answered.submission;
        let says_only_what_is_open = submission.all.is_none()
            && submission.answers.iter().all(|(purpose, answer)| *answer == Answer::No || open.iter().any(|id| id.as_str() == purpose));
        (!says_only_what_is_open).then(|| submission.refusals(&self.asker.policy).unwrap_or_default())
    }

    /// What a minor says no to counts, and they are told who says yes.
    fn only_what_a_minor_may(&self, answered: &Answered) -> Result<Response, Failure> {
        let mut refused = self.decided(&answered.submission).map_err(|error| not_taken(&error))?;
        self.keep_refusals(answered, &refused);
        self.overtaken(&mut refused, &[]);
        let set_cookies = self.set_cookies(&answered.submission, &refused)?;
        self.with_change(self.failed(guardians_yes()), &set_cookies, &refused)
    }

    /// An old form: what it says no to counts, and its reader gets a new one for the rest.
    fn only_its_refusals(&self, answered: &Answered) -> Result<Response, Failure> {
        let refusals = answered.submission.refusals(&self.asker.policy).map_err(|error| not_taken(&error))?;
        let mut refused = self.decided(&refusals).map_err(|error| not_taken(&error))?;
        self.keep_refusals(answered, &refused);
        self.overtaken(&mut refused, &[]);
        let set_cookies = self.set_cookies(&refusals, &refused)?;
        let stale = if refused.events.is_empty() { Stale::Entirely } else { Stale::ButNo };
        self.with_change(self.asked_again(answered, &set_cookies, stale), &set_cookies, &refused)
    }

    /// Nobody waits for a database to be left alone.
    fn refused(&self, answered: &Answered, mut change: Change, kept: bool) -> Result<Response, Failure> {
        self.overtaken(&mut change, &[]);
        let set_cookies = self.set_cookies(&answered.submission, &change)?;
        let response = if !change.unconfirmed.is_empty() {
            confirm::page(self, answered, &change, &self.held_after(&set_cookies))
        } else if kept || self.wants_json() {
            self.saved(answered, &set_cookies, (!kept).then_some(false))
        } else {
            self.failed(unrecorded_no())
        };
        self.with_change(response, &set_cookies, &change)
    }

    /// What somebody who is signed in answers here reaches their other browsers at once: a no always, and a yes only where it is recorded.
    fn tell(&self, events: &[Event]) {
        if let SignedIn::As(who) = self.asker.signed_in() {
            self.state.accounts.tell_answers(who.account(), &self.asker.policy, events);
        }
    }

    /// A no is honoured all the same, and a yes is not.
    fn without_the_yes(&self, answered: &Answered, change: &Change, why: &Unkept) -> Result<Response, Failure> {
        let refusals = answered.submission.refusals(&self.asker.policy).map_err(|error| not_taken(&error))?;
        let mut refused = self.decided(&refusals).map_err(|error| not_taken(&error))?;
        // Its rows are under way already, under the number of the whole answer.
        if let (Some(part), Some(whole)) = (&mut refused.parts.choices, &change.parts.choices) {
            part.record = whole.record;
        }
        self.overtaken(&mut refused, &[]);
        let set_cookies = self.set_cookies(&refusals, &refused)?;
        let refusals_count = !set_cookies.is_empty();
        let response = match why {
            Unkept::Failed => self.failed(unrecorded_yes(refusals_count)),
            Unkept::TooMany(TooMany { seconds }) => {
                let mut response = self.failed(too_many(refusals_count));
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
                response
            }
        };
        self.with_change(response, &set_cookies, &refused)
    }

    /// Hands what was refused to whoever writes it down later, and remembers it for answers that are still on their way. Says whether there was room.
    fn keep_refusals(&self, answered: &Answered, change: &Change) -> bool {
        let policy = &self.asker.policy;
        let refused: Vec<Event> = change.events.iter().filter(|event| event.action != ChoiceAction::Given).copied().collect();
        let Some(part) = change.parts.choices.as_ref().filter(|_| !refused.is_empty()) else {
            return true;
        };
        let purposes: Vec<Id> = refused.iter().map(|event| policy.purpose(event.purpose).id.clone()).collect();
        self.state.choices.refusals().note(part, &purposes, self.asker.now);
        self.tell(&refused);
        let rows = self.rows(answered, part.record, &refused);
        rows.is_empty() || self.may_keep(&rows).is_ok() && self.state.later.keep_later(rows)
    }

    /// Whether these rows are not too many; they are counted where they are.
    fn may_keep(&self, rows: &[ChoiceRow]) -> Result<(), TooMany> {
        let choices = &self.state.choices;
        let taken = choices.limits().take(self.asker.network, rows.len(), self.asker.now);
        if taken.is_err() {
            choices.count_unkept(rows.len() as u64);
        }
        taken
    }

    async fn keep_yes(&self, answered: &Answered, change: &Change) -> Result<(), Unkept> {
        let given: Vec<Event> = change.events.iter().filter(|event| event.action == ChoiceAction::Given).copied().collect();
        let Some(part) = &change.parts.choices else {
            return Ok(());
        };
        let rows = self.rows(answered, part.record, &given);
        if rows.is_empty() {
            return Ok(());
        }
        self.may_keep(&rows).map_err(Unkept::TooMany)?;
        self.state.choices.keep_soon(rows).await.map_err(|error| {
            tracing::error!(%error, answers = given.len(), "a yes could not be recorded");
            Unkept::Failed
        })
    }

    fn rows(&self, answered: &Answered, record: ChoiceRecordId, events: &[Event]) -> Vec<ChoiceRow> {
        let asked = Asked { method: answered.method, language: &answered.language };
        rows(&self.asker.policy, record, events, asked, self.asker.circumstances(), &*self.state.random)
    }

    /// What this post says yes to.
    fn given(&self, change: &Change) -> Vec<Id> {
        let given = change.events.iter().filter(|event| event.action == ChoiceAction::Given);
        given.map(|event| self.asker.policy.purpose(event.purpose).id.clone()).collect()
    }

    /// Puts in what the same browser refused while this was on its way, and says whether a yes of this post went.
    fn overtaken(&self, change: &mut Change, given: &[Id]) -> bool {
        let part = change.parts.choices.as_mut();
        part.is_some_and(|part| self.state.choices.refusals().apply(part, given, self.asker.now))
    }

    /// The form as everything stands after this answer, for what has to be said again.
    fn asked_again(&self, answered: &Answered, set_cookies: &[String], stale: Stale) -> Response {
        if self.wants_json() {
            return self.failed(failures::stale(stale));
        }
        let cookie = self.held_after(set_cookies);
        let purposes = purposes_in_force(&self.asker.policy, &cookie.standing(&self.asker.policy), self.asker.circumstances());
        let asker = Asker { cookie, purposes, ..self.asker.clone() };
        let shown = view::Shown { return_to: answered.return_to.clone(), saved: None, stale: Some(stale) };
        form(self.state, &asker, self.headers, self.uri, StatusCode::CONFLICT, shown)
    }

    /// None where nothing changes. The cookie of visits is written again only to take something out of it: a number that a no ended, or all of it where
    /// it may be what cannot be believed, since no answer would count otherwise.
    fn set_cookies(&self, submission: &Submission, change: &Change) -> Result<Vec<String>, Failure> {
        if change.events.is_empty() && submission.preferences.is_empty() {
            return Ok(Vec::new());
        }
        let asker = self.asker;
        let (policy, keys, parts) = (&asker.policy, self.state.keys.load(), &change.parts);
        let mut written = vec![cookie::write_choices(policy, &keys, parts, asker.now, asker.https)];
        let visit_changes = match &asker.cookie {
            CookieState::Absent => false,
            CookieState::Unverified(_) => true,
            CookieState::Verified(before) => before.visitor != parts.visitor,
        };
        if visit_changes {
            written.push(cookie::write_visit(policy, &keys, parts, asker.now, asker.https));
        }
        written.into_iter().collect::<Option<_>>().ok_or_else(too_much_to_hold)
    }

    fn held_after(&self, set_cookies: &[String]) -> CookieState {
        let asker = self.asker;
        cookie::read_back(&asker.policy, &self.state.keys.load(), asker.now, &asker.cookie, set_cookies)
    }

    fn saved(&self, answered: &Answered, set_cookies: &[String], recorded: Option<bool>) -> Response {
        if self.wants_json() {
            return axum::Json(answer::after(self.asker, self.held_after(set_cookies), recorded)).into_response();
        }
        see_other(answered.return_to.clone().unwrap_or_else(|| saved_page(self.state, self.asker, self.uri, !set_cookies.is_empty())))
    }

    fn with_change(&self, mut response: Response, set_cookies: &[String], change: &Change) -> Result<Response, Failure> {
        for set_cookie in set_cookies {
            response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(set_cookie).map_err(|_| too_much_to_hold())?);
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
fn saved_page(state: &State, asker: &Asker, uri: &Uri, answered: bool) -> String {
    let language = query(uri, "language").filter(|tag| asker.policy.languages.iter().any(|known| known.as_str() == tag));
    let language = language.map(|tag| format!("&language={tag}")).unwrap_or_default();
    let saved = if answered { asker.now.as_second() } else { Saved::NOTHING };
    format!("{}/choices?saved={saved}{language}", state.settings.prefix)
}

fn see_other(path: String) -> Response {
    match HeaderValue::from_str(&path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}
