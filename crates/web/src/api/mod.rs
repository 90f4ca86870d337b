//! What programs ask of a running Candor, on the private listener.

use axum::Router;

use crate::PrivateState;

pub(crate) fn router() -> Router<PrivateState> {
    Router::new()
}
