use axum::extract::State;
use axum::http::StatusCode;

use super::agreements::{account, nobody};
use super::problem::Problem;
use super::segments::Segments;
use crate::PrivateState;

/// Signs somebody out everywhere. It is the same whether they were signed in or not.
pub(super) async fn end(State(state): State<PrivateState>, Segments(person): Segments<String>) -> Result<StatusCode, Problem> {
    let account = account(&person)?;
    if !state.accounts.is_open(account).await.map_err(|error| Problem::internal(&error))? {
        return Err(nobody());
    }
    state.accounts.sign_out_everywhere(account).await.map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
