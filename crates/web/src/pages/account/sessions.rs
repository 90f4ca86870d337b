//! Signing out elsewhere.

use app::people::Browser;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use domain::SessionId;
use policy::cookie::CookieParts;

use super::{Member, member, prove};
use crate::pages::register::here::{Here, Hidden, see_other};

/// The field that says what ends: `others`, `all`, or the name of one session.
const END: &str = "_end";

/// What a form calls a session. A page has no use for the number itself, and does not show it.
pub(super) fn name(id: SessionId) -> String {
    app::people::short_name(id)
}

/// What a form posts that ends every session but this one.
pub(in crate::pages) fn others() -> Hidden {
    vec![(END, "others".to_owned())]
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    end(&here, body).await.unwrap_or_else(|response| response)
}

async fn end(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = member(here, "").await?;
    let accounts = &here.state.accounts;
    let unavailable = |error| here.unavailable(&error);
    let wanted = form.get(END).unwrap_or_default();
    // Whoever finds a browser open shall not shut its owner out of the others. Signing out here takes no proof.
    if wanted != name(member.holder.session.id) && !member.holder.has_just_proved(here.asker.now) {
        return Err(prove::page(here, &member, ""));
    }
    match wanted {
        "all" => {
            accounts.sign_out_everywhere(member.holder.account.id).await.map_err(unavailable)?;
            Ok(signed_out(here, here.path("/sign-in", &[("signed-out", "1")])))
        }
        "others" => {
            accounts.end_other_sessions(&member.holder).await.map_err(unavailable)?;
            Ok(see_other(&here.path("", &[("done", "others")])))
        }
        one => end_one(here, &member, one).await,
    }
}

async fn end_one(here: &Here, member: &Member, wanted: &str) -> Result<Response, Response> {
    let (accounts, holder) = (&here.state.accounts, &member.holder);
    let sessions = accounts.sessions(holder.account.id, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    let Some(session) = sessions.iter().find(|session| name(session.id) == wanted) else {
        // It ended by itself meanwhile; the list says so.
        return Ok(see_other(&here.path("", &[("done", "session")])));
    };
    accounts.end_session(holder, session.id).await.map_err(|error| here.unavailable(&error))?;
    if session.id == holder.session.id {
        return Ok(signed_out(here, here.path("/sign-in", &[("signed-out", "1")])));
    }
    Ok(see_other(&here.path("", &[("done", "session")])))
}

/// Sends a browser on whose session is over. Its choices stay, because a no does.
pub(super) fn signed_out(here: &Here, to: String) -> Response {
    let Browser { cookie, .. } = here.browser();
    let parts = CookieParts { session: None, ..cookie.parts().cloned().unwrap_or_default() };
    here.sent_on(&parts, Some(to))
}
