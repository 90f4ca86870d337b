//! A fresh proof of who somebody is, for what cannot be taken back: a link to their own address, which leads back to where they were.

use app::people::Findable;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Member, member};
use crate::pages::register::here::{Here, RETURN, see_other};
use crate::pages::register::told::{Told, Way};
use crate::phrases::GuardianWords;

/// Asks for the proof before this path of the account's is opened.
pub(super) fn page(here: &Here, member: &Member, back_to: &str) -> Response {
    let words = &member.words.prove;
    if member.holder.account.email.is_none() {
        // There is nowhere to send a link to.
        let lead = GuardianWords::of(here.words.language).own.prove;
        let sign_in = Way::new(here.path("/code", &[]), GuardianWords::of(here.words.language).enter.title);
        return Told::new(words.page.title, lead.to_owned()).way(sign_in).status(StatusCode::FORBIDDEN).shown(here);
    }
    let told = Told::of(words.page).status(StatusCode::FORBIDDEN);
    told.button(Way::new(here.path("/prove", &[]), words.send), vec![(RETURN, here.path(back_to, &[]))]).shown(here)
}

/// Sends the link.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    send(&here, body).await.unwrap_or_else(|response| response)
}

async fn send(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = member(here, "").await?;
    let Some(address) = member.holder.account.email.clone() else {
        return Ok(page(here, &member, ""));
    };
    // An address is kept as two of them are compared.
    let email = Findable { shown: address.clone(), compared: address };
    here.admitted()?;
    here.may_write_to_self("prove", &email)?;
    let return_to = here.mailed_return(&form);
    here.state.accounts.ask_to_sign_in(&email, return_to, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    Ok(see_other(&here.path("/check-mail", &[("for", "sign-in")])))
}
