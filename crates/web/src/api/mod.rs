//! What programs ask of a running Candor, on the private listener: everything under `/v1`.
//!
//! A request passes, in this order: its host must be one that a browser was not tricked into; it carries a token; the token may ask that often; and it has the
//! scope that the route names. Every failure is a [`Problem`].

mod agreements;
mod body;
mod cases;
mod decide;
mod host;
mod idempotency;
mod openapi;
mod pages;
mod people;
mod problem;
mod requests;
mod routes;
mod segments;
mod sessions;
mod token;
mod visits;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use policy::Policy;

use crate::PrivateState;
pub(crate) use host::is_by_address;
pub(crate) use problem::Problem;

pub(crate) fn router(state: &PrivateState) -> Router<PrivateState> {
    // A nested router does not take its own prefix with a slash at its end.
    Router::new().nest("/v1", routes::router(state)).route("/v1/", any(async || routes::nothing()))
}

impl PrivateState {
    /// The policy in force.
    fn policy(&self) -> Result<Arc<Policy>, Problem> {
        let none = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-policy", "no version of the policy is published");
        self.versions.current().ok_or_else(none)
    }
}
