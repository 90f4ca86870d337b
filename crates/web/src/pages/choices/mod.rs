//! Everybody's choices: the form, the answer for scripts, and what a post changes.

mod answer;
mod confirm;
mod failures;
mod fields;
pub(crate) mod receipt;
mod save;
mod view;

pub(crate) use save::save;

use axum::extract;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::headers::PERSONAL;
use crate::local_path::local_path;
use crate::pages::{accept, query};
use crate::{Asker, State, forgery, negotiate};

/// A form of all purposes is far smaller.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// The field and the parameter that say where somebody goes on afterwards.
pub(crate) const RETURN: &str = "return";

/// The form, or how every purpose stands for a script.
pub(crate) async fn show(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    if negotiate::prefers_json(&accept(&headers)) {
        return personal(axum::Json(answer::of(&asker)).into_response());
    }
    let return_to = query(&uri, RETURN).and_then(|path| local_path(&path).map(str::to_owned));
    form(&state, &asker, &headers, &uri, StatusCode::OK, view::Shown { return_to, saved: query(&uri, "saved").is_some(), stale: false })
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
