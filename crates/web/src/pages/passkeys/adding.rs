use app::passkeys::{Begun, CeremonyError, Party};
use app::people::{NewPasskeyError, PASSKEYS_MAX, PasskeyName};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy::cookie::VerifiedAccount;

use super::scripted::{answered, from_our_page, going_on, problem, told, unavailable, words};
use super::{member, party};
use crate::pages::register::here::{Here, see_other};

/// Asks the browser for a new passkey.
pub(crate) async fn begin(here: Here) -> Response {
    let begun = match from_our_page(&here) {
        Ok(()) => ask(&here).await,
        Err(response) => Err(response),
    };
    begun.map_or_else(
        |response| response,
        |Begun { options, ticket }| axum::Json(serde_json::json!({ "options": options, "ticket": ticket })).into_response(),
    )
}

/// Keeps what the browser made.
pub(crate) async fn end(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    add(&here, body).await.unwrap_or_else(|response| response)
}

async fn ask(here: &Here) -> Result<Begun, Response> {
    let (who, party) = allowed(here).await?;
    here.state.accounts.begin_adding_passkey(&who, &party, here.asker.now).await.map_err(|error| not_added(here, &error))
}

async fn add(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let answered = answered(here, body)?;
    let (who, party) = allowed(here).await?;
    let name = PasskeyName::parse(answered.name.as_deref().unwrap_or_default())
        .ok_or_else(|| problem(here, StatusCode::UNPROCESSABLE_ENTITY, "name", |problems| problems.name))?;
    let added = here.state.accounts.add_passkey(&who, &party, &answered.ticket, &answered.answer, name, here.asker.now).await;
    added.map_err(|error| not_added(here, &error))?;
    Ok(going_on(here, see_other(&here.path("/passkeys", &[("said", "added")]))))
}

/// Who adds a passkey, and where: somebody who has just proved who they are.
async fn allowed(here: &Here) -> Result<(VerifiedAccount, Party), Response> {
    let Some((who, holder)) = member(here).await.map_err(|error| unavailable(here, &error))? else {
        return Err(problem(here, StatusCode::UNAUTHORIZED, "signed-out", |problems| problems.signed_out));
    };
    if !holder.has_just_proved(here.asker.now) {
        return Err(problem(here, StatusCode::FORBIDDEN, "prove", |problems| problems.prove));
    }
    let party = party(here).map_err(|_| problem(here, StatusCode::CONFLICT, "no-passkeys-here", |problems| problems.not_added))?;
    Ok((who, party))
}

fn not_added(here: &Here, error: &NewPasskeyError) -> Response {
    let refused = |code, says| problem(here, StatusCode::UNPROCESSABLE_ENTITY, code, says);
    match error {
        NewPasskeyError::Known => problem(here, StatusCode::CONFLICT, "known", |problems| problems.known),
        NewPasskeyError::TooMany => {
            told(StatusCode::CONFLICT, "too-many", &words(here).problems.too_many.with(&[("most", &PASSKEYS_MAX.to_string())]))
        }
        NewPasskeyError::Records(error) => unavailable(here, error),
        NewPasskeyError::Ceremony(CeremonyError::NotVerified) => refused("not-verified", |problems| problems.not_verified),
        NewPasskeyError::Ceremony(CeremonyError::NotDiscoverable) => refused("not-discoverable", |problems| problems.not_discoverable),
        NewPasskeyError::Ceremony(CeremonyError::NoTicket | CeremonyError::TooLate | CeremonyError::Replayed) => {
            problem(here, StatusCode::CONFLICT, "begin-again", |problems| problems.begin_again)
        }
        NewPasskeyError::Ceremony(CeremonyError::Busy) => {
            problem(here, StatusCode::SERVICE_UNAVAILABLE, "unavailable", |problems| problems.unavailable)
        }
        NewPasskeyError::Ceremony(CeremonyError::Unreadable | CeremonyError::Copied | CeremonyError::Refused | CeremonyError::Damaged) => {
            refused("not-added", |problems| problems.not_added)
        }
    }
}
