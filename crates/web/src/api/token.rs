use std::sync::Arc;

use app::programs::{Program, Scope};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::TokenId;

use super::problem::Problem;
use crate::PrivateState;

/// The token of whatever program asks. It is only there behind [`authenticate`].
#[derive(Clone, Debug)]
pub(crate) struct Token(Arc<Program>);

impl Token {
    pub(crate) fn id(&self) -> TokenId {
        self.0.token
    }

    /// Refuses a program whose token does not say that it may.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.scopes.contain(scope) { Ok(()) } else { Err(Problem::insufficient_scope(scope.name())) }
    }
}

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::no_token)
    }
}

/// Lets nobody on whose token is not one of ours, or who asks too often with it.
pub(super) async fn authenticate(State(state): State<PrivateState>, mut request: Request, next: Next) -> Response {
    match recognised(&state, request.headers()).await {
        Ok(token) => {
            request.extensions_mut().insert(token);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn recognised(state: &PrivateState, headers: &HeaderMap) -> Result<Token, Problem> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let text = match (given.next(), given.next()) {
        (None, _) => return Err(Problem::no_token()),
        (Some(only), None) => bearer(only).ok_or_else(Problem::no_token)?,
        (Some(_), Some(_)) => return Err(Problem::bad("send `Authorization` once")),
    };
    let now = state.clock.now();
    let program = state.programs.recognise(text, now).await.map_err(|error| Problem::internal(&error))?.ok_or_else(Problem::bad_token)?;
    state.programs.admit(program.token, now).map_err(|error| Problem::too_often(error.seconds))?;
    Ok(Token(Arc::new(program)))
}

/// The token of `Bearer ...`, however the scheme is written (RFC 9110, section 11.1).
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}

/// Lets only those on whose token has this scope.
pub(super) async fn only_with(State(scope): State<Scope>, token: Token, request: Request, next: Next) -> Response {
    match token.may(scope) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_follows_the_word_bearer() {
        let of = |text: &'static str| bearer(&HeaderValue::from_static(text)).map(str::to_owned);
        assert_eq!(of("Bearer candor_x").as_deref(), Some("candor_x"));
        assert_eq!(of("bearer   candor_x").as_deref(), Some("candor_x"));
        for text in ["", "candor_x", "Basic candor_x", "Bearercandor_x", "Bearer\tcandor_x"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
