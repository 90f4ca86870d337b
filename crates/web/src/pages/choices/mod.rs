//! Everybody's choices: the form, the answer for scripts, and what a post changes.

mod answer;
mod fields;
mod view;

use app::choices::{ChoicesError, Submission, change};
use axum::body::Bytes;
use axum::extract;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use policy::cookie::{CookieParts, SigningKeys};

use self::fields::Fields;
use crate::headers::PERSONAL;
use crate::local_path::local_path;
use crate::pages::error::{Failure, WayOut};
use crate::pages::{accept, query};
use crate::{Asker, State, forgery, negotiate};

/// A form of all purposes is far smaller.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// The field and the parameter that say where somebody goes on afterwards.
pub(crate) const RETURN: &str = "return";

/// The field that says which language a form was read in.
pub(crate) const LANGUAGE: &str = "_language";

/// The form, or how every purpose stands for a script.
pub(crate) async fn show(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    if negotiate::prefers_json(&accept(&headers)) {
        return personal(axum::Json(answer::of(&asker)).into_response());
    }
    let return_to = query(&uri, RETURN).and_then(|path| local_path(&path).map(str::to_owned));
    form(&state, &asker, &headers, &uri, StatusCode::OK, view::Shown { return_to, saved: query(&uri, "saved").is_some(), stale: false })
}

/// Takes answers. Nothing changes unless all of them can be taken.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let outcome = taken(&state, &asker, &headers, &uri, body);
    match outcome {
        Ok(response) => personal(response),
        Err(Refusal::Failed(failure)) => personal(failure.response(&state, &asker, &headers, &uri)),
        Err(Refusal::Stale(return_to)) if !negotiate::prefers_json(&accept(&headers)) => {
            let shown = view::Shown { return_to, saved: false, stale: true };
            form(&state, &asker, &headers, &uri, StatusCode::CONFLICT, shown)
        }
        Err(Refusal::Stale(_)) => personal(stale().response(&state, &asker, &headers, &uri)),
    }
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

fn taken(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let keys = state.keys.load();
    let fields = body.map_err(|_| too_large()).and_then(|body| Fields::read(headers, &body));
    // Where the post comes from is looked at first: a stranger's form learns nothing, not even what is wrong with it.
    let token = fields.as_ref().ok().and_then(|fields| fields.get(forgery::TOKEN_FIELD));
    let origin = state.settings.origin.clone().unwrap_or_else(|| asker.origin());
    if !forgery::is_from_our_page(asker, headers, &origin, token, &keys) {
        return Err(forged().into());
    }
    let fields = fields?;
    let return_to = fields
        .get(RETURN)
        .filter(|value| local_path(value).is_some())
        .map(str::to_owned)
        .or_else(|| query(uri, RETURN).filter(|path| local_path(path).is_some()));
    let submission = Submission::from_fields(fields.answers()).map_err(|error| not_taken(&error))?;
    let parts = match change(&asker.policy, &asker.cookie, &submission, asker.circumstances(), &*state.random) {
        Ok(parts) => parts,
        Err(ChoicesError::Stale) => return Err(Refusal::Stale(return_to)),
        Err(error) => return Err(not_taken(&error).into()),
    };
    let set_cookie = if submission.is_empty() { None } else { Some(cookie(asker, &keys, &parts)?) };
    let mut response = if negotiate::prefers_json(&accept(headers)) {
        let held = match &set_cookie {
            Some(set_cookie) => policy::cookie::read_back(&asker.policy, &keys, asker.now, set_cookie),
            None => asker.cookie.clone(),
        };
        axum::Json(answer::after(asker, held)).into_response()
    } else {
        see_other(return_to.unwrap_or_else(|| saved_page(state, asker, uri)))
    };
    if let Some(set_cookie) = set_cookie {
        response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(&set_cookie).map_err(|_| too_much_to_hold())?);
    }
    Ok(response)
}

fn cookie(asker: &Asker, keys: &SigningKeys, parts: &CookieParts) -> Result<String, Failure> {
    policy::cookie::write(&asker.policy, keys, parts, asker.now, asker.https).ok_or_else(too_much_to_hold)
}

fn too_much_to_hold() -> Failure {
    Failure {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "cookie-too-large",
        title: "Your choices do not fit",
        message: "They are more than a cookie can hold, so nothing was saved. Please tell us about it.".to_owned(),
        way_out: WayOut::Choices,
    }
}

fn form(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri, status: StatusCode, shown: view::Shown) -> Response {
    let proof = forgery::proof(asker, headers, &state.keys.load(), &*state.random, &state.settings.prefix);
    let (token, set_cookie) = proof.map_or((None, None), |proof| (Some(proof.token), proof.set_cookie));
    let mut response = view::page(state, asker, headers, uri, status, shown, token);
    if let Some(set_cookie) = set_cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, set_cookie);
    }
    personal(response)
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

fn personal(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}

fn failure(status: StatusCode, code: &'static str, title: &'static str, message: impl Into<String>) -> Failure {
    Failure { status, code, title, message: message.into(), way_out: WayOut::Choices }
}

fn forged() -> Failure {
    let message = "We could not tell that this form comes from our own page, so nothing was saved. Open your choices here and save them again. \
                   If it happens again, allow cookies for this site while you choose.";
    failure(StatusCode::FORBIDDEN, "not-our-form", "This form did not come from our page", message)
}

fn too_large() -> Failure {
    failure(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "That is more than a form of ours holds", "Nothing was saved.")
}

fn stale() -> Failure {
    let message = "The policy or your choices have changed since you looked. Nothing was saved; read your choices again.";
    failure(StatusCode::CONFLICT, "stale", "Your choices have changed meanwhile", message)
}

fn not_taken(error: &ChoicesError) -> Failure {
    let code = match error {
        ChoicesError::UnknownPurpose(_) => "unknown-purpose",
        ChoicesError::NotYesOrNo(_) => "not-yes-or-no",
        ChoicesError::Contradiction(_) => "contradiction",
        ChoicesError::NotRefusable(_) => "not-a-choice",
        ChoicesError::UnknownPreference(_) => "unknown-preference",
        ChoicesError::UnknownPreferenceValue { .. } => "unknown-preference-value",
        ChoicesError::NoChoicesCookie => "no-choices-cookie",
        ChoicesError::NoPreferencesCookie => "no-preferences-cookie",
        ChoicesError::Stale => "stale",
    };
    failure(
        StatusCode::BAD_REQUEST,
        code,
        "These answers were not saved",
        format!("{}. Nothing has changed.", sentence(&error.to_string())),
    )
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
