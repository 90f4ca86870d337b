use app::people::{Renamed, username};
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use policy::cookie::{CookieParts, SessionPart};

use super::{member, sign_in_first};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Form, Here, Hidden, see_other};
use crate::pages::register::{Typed, USERNAME, of_length, username_problem};
use crate::phrases::{AccountWords, RegisterWords};

const HERE: &str = "/username";

#[derive(Template)]
#[template(path = "account/username.html")]
struct UsernamePage {
    frame: Frame,
    words: &'static AccountWords,
    fields: &'static RegisterWords,
    action: String,
    home: String,
    hidden: Hidden,
    username: Typed,
    username_how: String,
}

pub(crate) async fn show(here: Here) -> Response {
    match member(&here, HERE).await {
        Ok(member) => page(&here, StatusCode::OK, Typed { typed: member.username(), problem: None }),
        Err(response) => response,
    }
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    change(&here, body).await.unwrap_or_else(|response| response)
}

async fn change(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = member(here, HERE).await?;
    let wanted = username(form.get(USERNAME).unwrap_or_default(), &here.asker.policy.controller)
        .map_err(|why| refused(here, &form, StatusCode::UNPROCESSABLE_ENTITY, &username_problem(why, here.words)))?;
    // Names are public, and trying many of them is a way of asking which there are.
    here.admitted()?;
    match here.state.accounts.change_username(&member.holder, wanted, here.asker.now).await {
        Ok(Renamed::Done(ticket)) => Ok(done(here, ticket)),
        Ok(Renamed::Taken) => Err(refused(here, &form, StatusCode::CONFLICT, here.words.problems.username_taken)),
        // It ended since it was looked at, and the session with it.
        Ok(Renamed::Closed) => Err(sign_in_first(here, HERE)),
        Err(error) => Err(here.unavailable(&error)),
    }
}

/// The ticket says the new name at once.
fn done(here: &Here, ticket: Option<SessionPart>) -> Response {
    let to = here.path("", &[("done", "username")]);
    match ticket {
        Some(_) => {
            let parts = CookieParts { session: ticket, ..here.asker.cookie.parts().cloned().unwrap_or_default() };
            here.sent_on(&parts, Some(to))
        }
        None => see_other(&to),
    }
}

fn refused(here: &Here, form: &Form, status: StatusCode, problem: &str) -> Response {
    page(here, status, Typed::of(form, USERNAME, Some(problem.to_owned())))
}

fn page(here: &Here, status: StatusCode, username: Typed) -> Response {
    here.with_form(status, |hidden| UsernamePage {
        frame: here.frame(),
        words: super::words(here),
        fields: here.words,
        action: here.path(HERE, &[]),
        home: here.path("", &[]),
        hidden,
        username,
        username_how: of_length(here.words.form.username_how),
    })
}
