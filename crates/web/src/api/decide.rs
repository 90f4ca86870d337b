use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use policy::Revocations;

use super::body::JsonText;
use super::problem::{Problem, reason};
use crate::PrivateState;

/// Facts go in, a decision comes out: the same as `candor decide`, by the version in force. A refusal is an answer and no error.
pub(super) async fn take(State(state): State<PrivateState>, JsonText(text): JsonText) -> Result<Response, Problem> {
    let policy = state.policy()?;
    let facts = policy::read_facts(&policy, &text, state.clock.now()).map_err(|error| Problem::bad(reason(&error.to_string())))?;
    let decision = policy::decide(&policy, &Revocations::default(), &facts.facts());
    let decision = serde_json::to_vec(&decision).map_err(|error| Problem::internal(&error))?;
    Ok(([(CONTENT_TYPE, "application/json")], decision).into_response())
}
