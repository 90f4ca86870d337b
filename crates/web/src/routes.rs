use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::middleware::map_response;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::console;
use crate::headers::secured;
use crate::pages::{
    account, changes, choices, csp_report, error, feed, gpc, guardians, held, keys, passkeys, policy, register, requests, script, versions,
};
use crate::readers::Readers;
use crate::reports::Turns;
use crate::{Prefix, PrivateState, Settings, State, api, assets};

const GPC_SUPPORT: &str = "/.well-known/gpc.json";

/// Whether a path of the public listener is ours; all others are the site's. Where the policy in force lets nobody register, there are no accounts, and
/// what lies where they would be is the site's too.
pub fn owns(state: &State, path: &str) -> bool {
    let has_accounts = || state.versions.current().is_some_and(|policy| register::has_accounts(&policy));
    state.settings.prefix.covers(path) || path == GPC_SUPPORT || (state.settings.account.covers(path) && has_accounts())
}

/// What of a path of ours may be written into a log: all of it but the secret of a mailed link, or of a request that somebody follows.
pub fn without_secret<'p>(settings: &Settings, path: &'p str) -> &'p str {
    let under = |prefix: &Prefix| path.strip_prefix(prefix.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let request = under(&settings.prefix).and_then(|rest| rest.strip_prefix("requests/"));
    let link = under(&settings.account).and_then(|rest| rest.split_once('/')).map(|(_, secret)| secret);
    path.strip_suffix(request.or(link).unwrap_or("")).unwrap_or(path)
}

/// Where browsers report what a Content-Security-Policy of ours kept away.
pub fn csp_report_path(prefix: &Prefix) -> String {
    format!("{prefix}/csp-report")
}

/// The privacy centre. Requests carry an [`Asker`](crate::Asker) in their extensions.
pub fn public(state: State) -> Router {
    let prefix = state.settings.prefix.clone();
    let under = |path: &str| format!("{prefix}{path}");
    let home = prefix.to_string();
    Router::new()
        .route(prefix.as_str(), get(policy::show))
        .route(&under("/"), get(move || async move { Redirect::permanent(&home) }))
        .route(&under("/versions"), get(versions::list))
        .route(&under("/versions/{number}"), get(versions::one))
        .route(&under("/versions/{number}/changes"), get(changes::show))
        .route(&under("/feed.atom"), get(feed::feed))
        .route(&under("/choices"), get(choices::show).post(choices::save))
        .route(&under("/choices/receipt"), get(choices::receipt::show))
        .route(&under("/choices/receipt.json"), get(choices::receipt::json))
        .route(&under("/keys.json"), get(keys::public_keys))
        .route(&under("/me"), get(held::show).layer(Extension(Readers::default())))
        .route(&under("/requests"), get(requests::form::show).post(requests::form::take))
        .route(&under("/requests/{reference}"), get(requests::progress::show))
        .route(&under("/candor.js"), get(script::script))
        .route(csp_report_path(&prefix).as_str(), post(csp_report::take).layer(Extension(Arc::new(Turns::default()))))
        .route(&under("/assets/{file}"), get(assets::serve))
        .route(GPC_SUPPORT, get(gpc::support))
        .merge(accounts(&state))
        .merge(dependents(&state))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(choices::BODY_BYTES_MAX))
        .layer(map_response(secured))
        .with_state(state)
}

/// Where people register, sign in and out, and see to their account.
fn accounts(state: &State) -> Router<State> {
    let prefix = state.settings.account.clone();
    let under = |path: &str| format!("{prefix}{path}");
    Router::new()
        .route(prefix.as_str(), get(account::home::show))
        .route(&under("/register"), get(register::age::show).post(register::form::take))
        .route(&under("/register/age"), get(register::age::show).post(register::age::take))
        .route(&under("/check-mail"), get(register::mailed::show))
        .route(&under("/confirm/{token}"), get(register::confirm::show).post(register::confirm::take))
        .route(&under("/sign-in"), get(register::sign_in::show).post(register::sign_in::take))
        .route(&under("/sign-in/{token}"), get(register::follow::show).post(register::follow::take))
        .route(&under("/sign-out"), post(register::sign_out::take))
        .route(&under("/passkeys"), get(passkeys::list::show))
        .route(&under("/passkeys/challenge"), post(passkeys::adding::begin))
        .route(&under("/passkeys/add"), post(passkeys::adding::end))
        .route(&under("/passkeys/sign-in/challenge"), post(passkeys::signing_in::begin))
        .route(&under("/passkeys/sign-in"), post(passkeys::signing_in::end))
        .route(&under("/passkeys/{passkey}/name"), post(passkeys::change::rename))
        .route(&under("/passkeys/{passkey}/remove"), post(passkeys::change::remove))
        .route(&under("/prove"), post(account::prove::take))
        .route(&under("/username"), get(account::username::show).post(account::username::take))
        .route(&under("/email"), get(account::email::show).post(account::email::take))
        .route(&under("/email/{token}"), get(account::email::show_new).post(account::email::take_new))
        .route(&under("/email/back/{token}"), get(account::email::show_back).post(account::email::take_back))
        .route(&under("/sessions"), post(account::sessions::take))
        .route(&under("/export"), get(account::export::show))
        .route(&under("/export.json"), get(account::export::json).layer(Extension(Readers::default())))
        .route(&under("/delete"), get(account::delete::show).post(account::delete::take))
}

/// Where guardians look after others, and where those sign in and take their account up.
fn dependents(state: &State) -> Router<State> {
    let prefix = state.settings.account.clone();
    let under = |path: &str| format!("{prefix}{path}");
    let one = |path: &str| format!("{prefix}/dependents/{{id}}{path}");
    Router::new()
        .route(&under("/dependents"), get(guardians::list::show))
        .route(&under("/dependents/new"), get(guardians::new::show).post(guardians::new::take))
        .route(&under("/dependents/check-mail"), get(guardians::new::sent))
        .route(&one(""), get(guardians::one::show))
        .route(&one("/code"), get(guardians::code::again).post(guardians::code::make))
        .route(&one("/confirm-again"), post(guardians::one::confirm_again))
        .route(&one("/sign-out"), post(guardians::one::sign_out))
        .route(&one("/choices"), get(guardians::choices::show).post(guardians::choices::take))
        .route(&one("/export"), get(guardians::export::show))
        .route(&one("/export.json"), get(guardians::export::json).layer(Extension(Readers::default())))
        .route(&one("/erase"), get(guardians::erase::show).post(guardians::erase::take))
        .route(&under("/guardian/{token}"), get(guardians::confirm::show).post(guardians::confirm::take))
        .route(&under("/code"), get(guardians::code::enter).post(guardians::code::take))
        .route(&under("/take-up"), get(guardians::take_up::show).post(guardians::take_up::take))
        .route(&under("/take-up/{token}"), get(guardians::take_up::show_link).post(guardians::take_up::take_link))
}

/// The console and the API, for the private listener.
pub fn private(state: PrivateState) -> Router {
    console::router(&state).merge(api::router(&state)).fallback(console::nothing_here).layer(map_response(secured)).with_state(state)
}
