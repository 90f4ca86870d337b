use std::sync::Arc;

use app::publishing::Versions;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::middleware::map_response;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::console::{self, Operations};
use crate::headers::secured;
use crate::pages::{changes, choices, csp_report, error, feed, gpc, held, keys, policy, script, versions};
use crate::readers::Readers;
use crate::reports::Turns;
use crate::{Prefix, State, assets};

const GPC_SUPPORT: &str = "/.well-known/gpc.json";

/// Whether a path of the public listener is ours; all others are the site's.
pub fn owns(prefix: &Prefix, path: &str) -> bool {
    prefix.covers(path) || path == GPC_SUPPORT
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
        .route(&under("/candor.js"), get(script::script))
        .route(csp_report_path(&prefix).as_str(), post(csp_report::take).layer(Extension(Arc::new(Turns::default()))))
        .route(&under("/assets/{file}"), get(assets::serve))
        .route(GPC_SUPPORT, get(gpc::support))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(choices::BODY_BYTES_MAX))
        .layer(map_response(secured))
        .with_state(state)
}

/// The console, for the private listener.
pub fn private(versions: Arc<Versions>, operations: Arc<dyn Operations>) -> Router {
    console::router(versions, operations).layer(map_response(secured))
}
