use app::people::PasskeyName;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use domain::PasskeyId;
use policy::cookie::{SignedIn, VerifiedAccount};

use crate::pages::register::here::{Form, Here, see_other};

/// The name of a passkey, in a form.
pub(super) const NAME: &str = "_name";

/// Gives a passkey another name.
pub(crate) async fn rename(Path(passkey): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let (who, form) = match posted(&here, body) {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let Some(name) = PasskeyName::parse(form.get(NAME).unwrap_or_default()) else {
        return back(&here, "no-name");
    };
    let Some(id) = PasskeyId::parse(&passkey) else { return back(&here, "gone") };
    match here.state.accounts.rename_passkey(&who, id, &name).await {
        Ok(true) => back(&here, "renamed"),
        Ok(false) => back(&here, "gone"),
        Err(error) => here.unavailable(&error),
    }
}

/// Removes a passkey, for somebody who has just proved who they are.
pub(crate) async fn remove(Path(passkey): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let (who, _) = match posted(&here, body) {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    match here.state.accounts.may_change_passkeys(&who, here.asker.now).await {
        Ok(true) => {}
        // The page says what to do.
        Ok(false) => return see_other(&here.path("/passkeys", &[])),
        Err(error) => return here.unavailable(&error),
    }
    let Some(id) = PasskeyId::parse(&passkey) else { return back(&here, "gone") };
    match here.state.accounts.remove_passkey(&who, id).await {
        Ok(true) => back(&here, "removed"),
        Ok(false) => back(&here, "gone"),
        Err(error) => here.unavailable(&error),
    }
}

fn posted(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<(VerifiedAccount, Form), Response> {
    let form = here.posted(body)?;
    match here.asker.signed_in() {
        SignedIn::As(who) => Ok((who, form)),
        SignedIn::Nobody | SignedIn::Unsure(_) => Err(see_other(&here.path_and_return("/sign-in", Some(&here.path("/passkeys", &[]))))),
    }
}

/// To the list, which says what was done.
fn back(here: &Here, said: &str) -> Response {
    see_other(&here.path("/passkeys", &[("said", said)]))
}
