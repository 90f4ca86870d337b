use app::operators::SignInError;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Desk, Posted};
use super::frame::{Frame, Tab};
use super::scripted::{asking, begin_again, busy, going_on, party, problem, said, unavailable};
use crate::forms::{CACHE, CLEAR_SITE_DATA, see_other};
use crate::local_path::local_path;
use crate::pages::passkeys::running_script;
use crate::pages::{html, query};

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// They are signed in, and show that it is still them.
    again: bool,
    signed_out: bool,
    return_to: Option<String>,
}

pub(crate) async fn show(desk: Desk) -> Response {
    let return_to = desk.return_to();
    let again = query(&desk.uri, "again").is_some();
    match desk.signed_in().await {
        Err(error) => desk.unavailable(&error),
        Ok(Some(_)) if !again => see_other(return_to.as_deref().unwrap_or("/")),
        Ok(signed_in) => {
            let signed_out = query(&desk.uri, "signed-out").is_some();
            let page = SignInPage { frame: desk.frame(), again: again && signed_in.is_some(), signed_out, return_to };
            running_script(html(StatusCode::OK, &page))
        }
    }
}

/// Asks whoever is there for a passkey of theirs. It is the same question for everybody, and leaves nothing behind.
pub(crate) async fn begin(desk: Desk, body: Result<Bytes, BytesRejection>) -> Response {
    ask(&desk, body).unwrap_or_else(|response| response)
}

/// Signs in whoever has the passkey. One that is not known and one that does not fit are answered alike.
pub(crate) async fn end(desk: Desk, body: Result<Bytes, BytesRejection>) -> Response {
    sign_in(&desk, body).await.unwrap_or_else(|response| response)
}

/// Ends the session of this browser.
pub(crate) async fn out(posted: Posted) -> Response {
    let Posted { operator, .. } = posted;
    let desk = &operator.desk;
    match desk.state.operators.sign_out(&operator.who, desk.now).await {
        Ok(()) => gone(desk),
        Err(error) => desk.unavailable(&error),
    }
}

/// Ends all their sessions.
pub(crate) async fn out_everywhere(posted: Posted) -> Response {
    let Posted { operator, .. } = posted;
    let desk = &operator.desk;
    match desk.state.operators.sign_out_everywhere(&operator.who, desk.now).await {
        Ok(()) => gone(desk),
        Err(error) => desk.unavailable(&error),
    }
}

/// The browser keeps nothing of the pages it was shown.
fn gone(desk: &Desk) -> Response {
    let mut response = desk.signing_out(see_other("/sign-in?signed-out=1"));
    response.headers_mut().insert(CLEAR_SITE_DATA, CACHE);
    response
}

#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
fn ask(desk: &Desk, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    said(desk, body)?;
    let begun = desk.state.operators.begin_signing_in(&party(desk)?, desk.now);
    begun.map(asking).map_err(|error| not_signed_in(&error))
}

async fn sign_in(desk: &Desk, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let said = said(desk, body)?;
    let old = desk.cookie();
    let signed_in = desk.state.operators.sign_in(&party(desk)?, &said.ticket, &said.answer, old.as_ref(), desk.now).await;
    let cookie = signed_in.map_err(|error| not_signed_in(&error))?;
    let to = said.return_to.filter(|path| local_path(path).is_some());
    Ok(desk.signing_in(going_on(to.as_deref().unwrap_or("/")), &cookie))
}

fn not_signed_in(error: &SignInError) -> Response {
    let refused = |code, says| problem(StatusCode::FORBIDDEN, code, says);
    match error {
        SignInError::Refused => {
            refused("refused", "This passkey does not sign you in here. Use another one, or ask an owner for a new link.")
        }
        SignInError::Copied => refused(
            "copied",
            "Somebody may have a copy of this passkey, so it was not let in. Use another one and remove this one, or tell an owner.",
        ),
        SignInError::BeginAgain => begin_again(),
        SignInError::Busy => busy(),
        SignInError::Records(error) => unavailable(error),
    }
}
