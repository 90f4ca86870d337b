use app::programs::{AskedBefore, Claim, KeptAnswer};
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body::unread;
use super::problem::Problem;
use super::token::Token;
use crate::PrivateState;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const KEY_BYTES_MAX: usize = 255;

/// What a write may carry, and what an answer to one may be.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Answers a write that carries a key once, and says the same again to whoever asks again: nothing is done twice because an answer was lost on its way. What is
/// kept of an answer is sealed, because one of them is what a report can be followed with; still, writes answer with nothing personal.
pub(super) async fn once(State(state): State<PrivateState>, token: Token, request: Request, next: Next) -> Response {
    match key(request.headers()) {
        _ if request.method().is_safe() => next.run(request).await,
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => answered_once(&state, &token, &key, request, next).await.unwrap_or_else(IntoResponse::into_response),
        Err(problem) => problem.into_response(),
    }
}

/// The key as it is written. A structured string is taken with its quotes, as one that nobody else writes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(KEY).iter();
    let key = match (given.next(), given.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.to_str().unwrap_or_default().trim(),
        (Some(_), Some(_)) => return Err(Problem::bad("send `Idempotency-Key` once")),
    };
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(Problem::bad(format!("`Idempotency-Key` has 1 to {KEY_BYTES_MAX} visible characters, such as a random UUID")));
    }
    Ok(Some(key.to_owned()))
}

async fn answered_once(state: &PrivateState, token: &Token, key: &str, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| unread(StatusCode::PAYLOAD_TOO_LARGE))?;
    let target = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.to_string(), |uri| uri.0.to_string());
    let claim = state.programs.claim(token.id(), key, &whole(&parts.method, &target, &body));
    match state.programs.was_asked_before(claim, state.clock.now()).await.map_err(|error| Problem::internal(&error))? {
        AskedBefore::Answered(answer) => again(answer),
        AskedBefore::Going => {
            Err(Problem::conflict("still-going", "a request with this `Idempotency-Key` is still being answered; ask again in a moment"))
        }
        AskedBefore::OtherRequest => {
            Err(Problem::unprocessable("key-reused", "this `Idempotency-Key` was sent with another request; take a new one for this"))
        }
        AskedBefore::No => {
            // The work goes on when whoever asked goes away: its answer is kept for when they ask again.
            let (state, request) = (state.clone(), Request::from_parts(parts, Body::from(body)));
            let worked = tokio::spawn(async move { keep(&state, claim, next.run(request).await).await });
            worked.await.map_err(|error| Problem::internal(&error))?
        }
    }
}

/// All that makes two requests the same.
fn whole(method: &Method, target: &str, body: &[u8]) -> Vec<u8> {
    [method.as_str().as_bytes(), b" ", target.as_bytes(), b"\n", body].concat()
}

/// What failed on our side was not done for good, and is done anew when it is asked for again; everything else is.
async fn keep(state: &PrivateState, claim: Claim, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|error| Problem::internal(&error))?;
    if parts.status.is_server_error() {
        state.programs.not_done(claim).await.map_err(|error| Problem::internal(&error))?;
    } else {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let answer = KeptAnswer { status: parts.status.as_u16(), kind, body: body.to_vec() };
        state.programs.answered(claim, answer).await.map_err(|error| Problem::internal(&error))?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(answer: KeptAnswer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(|error| Problem::internal(&error))?;
    let mut response = (status, answer.body).into_response();
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response.headers_mut().remove(CONTENT_TYPE);
    if let Ok(kind) = HeaderValue::from_str(&answer.kind)
        && !answer.kind.is_empty()
    {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Ok(response)
}
