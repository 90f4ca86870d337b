use app::people::{Holder, PasskeyName};
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use domain::PasskeyId;
use policy::cookie::VerifiedAccount;

use super::member;
use crate::pages::register::here::{Form, Here, see_other};

/// The name of a passkey, in a form.
pub(super) const NAME: &str = "_name";

/// Gives a passkey another name.
pub(crate) async fn rename(Path(passkey): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    renamed(&here, &passkey, body).await.unwrap_or_else(|response| response)
}

/// Removes a passkey, for somebody who has just proved who they are.
pub(crate) async fn remove(Path(passkey): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    removed(&here, &passkey, body).await.unwrap_or_else(|response| response)
}

async fn renamed(here: &Here, passkey: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let (who, _, form) = posted(here, body).await?;
    let Some(name) = PasskeyName::parse(form.get(NAME).unwrap_or_default()) else {
        return Ok(back(here, "no-name"));
    };
    let Some(id) = PasskeyId::parse(passkey) else { return Ok(back(here, "gone")) };
    let renamed = here.state.accounts.rename_passkey(&who, id, &name).await.map_err(|error| here.unavailable(&error))?;
    Ok(back(here, if renamed { "renamed" } else { "gone" }))
}

async fn removed(here: &Here, passkey: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let (who, holder, _) = posted(here, body).await?;
    if !holder.has_just_proved(here.asker.now) {
        // The page says what to do.
        return Ok(see_other(&here.path("/passkeys", &[])));
    }
    let Some(id) = PasskeyId::parse(passkey) else { return Ok(back(here, "gone")) };
    let removed = here.state.accounts.remove_passkey(&who, id).await.map_err(|error| here.unavailable(&error))?;
    Ok(back(here, if removed { "removed" } else { "gone" }))
}

async fn posted(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<(VerifiedAccount, Holder, Form), Response> {
    let form = here.posted(body)?;
    match member(here).await.map_err(|error| here.unavailable(&error))? {
        Some((who, holder)) => Ok((who, holder, form)),
        None => Err(see_other(&here.path_and_return("/sign-in", Some(&here.path("/passkeys", &[]))))),
    }
}

/// To the list, which says what was done.
fn back(here: &Here, said: &str) -> Response {
    see_other(&here.path("/passkeys", &[("said", said)]))
}
