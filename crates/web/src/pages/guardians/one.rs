use app::people::Findable;
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, can_register, day, guardian, nothing_here, path_of, username, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::query;
use crate::pages::register::here::{Here, Hidden, see_other};
use crate::phrases::{AccountWords, GuardianWords, Moment};

#[derive(Template)]
#[template(path = "guardians/one.html")]
struct OnePage {
    frame: Frame,
    words: &'static GuardianWords,
    account: &'static AccountWords,
    hidden: Hidden,
    username: String,
    since: Moment,
    is_open: bool,
    passes: String,
    sessions: usize,
    said: Option<&'static str>,
    /// Where a letter is asked for again; none where nobody waits for one.
    again: Option<String>,
    /// Where a code is shown; none while nobody can sign in by one.
    code: Option<String>,
    choices: String,
    sign_out: String,
    export: String,
    erase: String,
    list: String,
}

/// One dependent, and what their guardian can do.
pub(crate) async fn show(Path(id): Path<String>, here: Here) -> Response {
    page(&here, &id).await.unwrap_or_else(|response| response)
}

async fn page(here: &Here, id: &str) -> Result<Response, Response> {
    let (member, guarded) = guardian(here, id, "").await?;
    let (id, dependent) = (guarded.id(), guarded.dependent());
    let sessions = here.state.accounts.sessions(id, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    let frame = here.frame();
    let under = |path: &str| here.path(&path_of(id, path), &[]);
    Ok(here.with_form(StatusCode::OK, |hidden| OnePage {
        words: words(here),
        account: member.words,
        hidden,
        username: username(&member, dependent),
        since: frame.phrases.moment_of_day(dependent.account.made, &here.asker.policy.time_zone),
        is_open: guarded.is_open(),
        passes: words(here).one.passes.with(&[("day", &day(dependent.passes, frame.phrases).words)]),
        sessions: sessions.len(),
        said: said(here),
        again: (can_register(here) && !guarded.is_open()).then(|| under("/confirm-again")),
        code: (can_register(here) && guarded.is_open()).then(|| under("/code")),
        choices: under("/choices"),
        sign_out: under("/sign-out"),
        export: under("/export"),
        erase: under("/erase"),
        list: here.path(LIST, &[]),
        frame,
    }))
}

fn said(here: &Here) -> Option<&'static str> {
    match query(&here.uri, "done")?.as_str() {
        "signed-out" => Some(words(here).one.signed_out),
        "sent-again" => Some(words(here).one.sent_again),
        _ => None,
    }
}

/// Sends the letter with the link that confirms once more.
pub(crate) async fn confirm_again(Path(id): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    send_again(&here, &id, body).await.unwrap_or_else(|response| response)
}

async fn send_again(here: &Here, id: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    here.posted(body)?;
    let (member, guarded) = guardian(here, id, "").await?;
    if !can_register(here) || guarded.is_open() {
        return Err(nothing_here(here).await);
    }
    let address = member.holder.account.email.clone().map(|email| Findable { shown: email.clone(), compared: email });
    here.admitted()?;
    if let Some(address) = &address {
        here.may_write_to_self("dependent", address)?;
    }
    here.state.accounts.ask_to_confirm_again(&guarded, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    Ok(see_other(&here.path(&path_of(guarded.id(), ""), &[("done", "sent-again")])))
}

/// Signs the dependent out wherever they are.
pub(crate) async fn sign_out(Path(id): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    end(&here, &id, body).await.unwrap_or_else(|response| response)
}

async fn end(here: &Here, id: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    here.posted(body)?;
    let (_, guarded) = guardian(here, id, "").await?;
    here.state.accounts.sign_dependent_out(&guarded).await.map_err(|error| here.unavailable(&error))?;
    Ok(see_other(&here.path(&path_of(guarded.id(), ""), &[("done", "signed-out")])))
}
