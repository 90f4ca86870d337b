use app::people::PasskeyError;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::scripted::{answered, from_our_page, going_on, problem, unavailable, words};
use super::{party, script};
use crate::local_path::local_path;
use crate::pages::register::here::Here;
use crate::phrases::PasskeyWords;

/// What the page where people sign in needs to offer passkeys beside the mailed link.
pub(crate) struct Offer {
    pub(crate) words: &'static PasskeyWords,
    pub(crate) script: String,
    pub(crate) begin: String,
    pub(crate) end: String,
    pub(crate) return_to: Option<String>,
}

/// None where there can be no passkeys.
pub(crate) fn offer(here: &Here, return_to: Option<String>) -> Option<Offer> {
    party(here).ok()?;
    let (begin, end) = (here.path("/passkeys/sign-in/challenge", &[]), here.path("/passkeys/sign-in", &[]));
    Some(Offer { words: words(here), script: script(here), begin, end, return_to })
}

/// Asks whoever is there for a passkey of theirs. It is the same question for everybody, and leaves nothing behind.
pub(crate) async fn begin(here: Here) -> Response {
    ask(&here).unwrap_or_else(|response| response)
}

/// Signs in whoever has the passkey. One that we do not know and one that does not fit are answered alike.
pub(crate) async fn end(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    sign_in(&here, body).await.unwrap_or_else(|response| response)
}

#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
fn ask(here: &Here) -> Result<Response, Response> {
    from_our_page(here)?;
    let party = party(here).map_err(|_| refused(here))?;
    let begun = here.state.accounts.begin_passkey_sign_in(&party, here.asker.now).map_err(|error| not_signed_in(here, &error))?;
    Ok(axum::Json(serde_json::json!({ "options": begun.options, "ticket": begun.ticket })).into_response())
}

async fn sign_in(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let answered = answered(here, body)?;
    let party = party(here).map_err(|_| refused(here))?;
    let signed_in = here.state.accounts.sign_in_by_passkey(&party, &answered.ticket, &answered.answer, here.browser()).await;
    let parts = signed_in.map_err(|error| not_signed_in(here, &error))?;
    let to = answered.return_to.filter(|path| local_path(path).is_some());
    Ok(going_on(here, here.sent_on(&parts, to)))
}

fn not_signed_in(here: &Here, error: &PasskeyError) -> Response {
    match error {
        PasskeyError::Refused => refused(here),
        PasskeyError::Copied => problem(here, StatusCode::FORBIDDEN, "copied", |problems| problems.copied),
        PasskeyError::BeginAgain => problem(here, StatusCode::CONFLICT, "begin-again", |problems| problems.begin_again),
        PasskeyError::Busy => problem(here, StatusCode::SERVICE_UNAVAILABLE, "unavailable", |problems| problems.unavailable),
        PasskeyError::Records(error) => unavailable(here, error),
    }
}

fn refused(here: &Here) -> Response {
    problem(here, StatusCode::FORBIDDEN, "refused", |problems| problems.refused)
}
