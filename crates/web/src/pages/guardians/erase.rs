use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, path_of, proved_guardian, username, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Here, Hidden};
use crate::pages::register::told::{Told, Way};
use crate::phrases::GuardianWords;

const UNDER: &str = "/erase";

/// The field of the second button.
const CONFIRM: &str = "_confirm";

#[derive(Template)]
#[template(path = "guardians/erase.html")]
struct ErasePage {
    frame: Frame,
    words: &'static GuardianWords,
    username: String,
    action: String,
    export: String,
    back: String,
    hidden: Hidden,
}

pub(crate) async fn show(Path(id): Path<String>, here: Here) -> Response {
    match proved_guardian(&here, &id, UNDER).await {
        Ok((member, guarded)) => here.with_form(StatusCode::OK, |hidden| ErasePage {
            frame: here.frame(),
            words: words(&here),
            username: username(&member, guarded.dependent()),
            action: here.path(&path_of(guarded.id(), UNDER), &[]),
            export: here.path(&path_of(guarded.id(), "/export"), &[]),
            back: here.path(&path_of(guarded.id(), ""), &[]),
            hidden,
        }),
        Err(response) => response,
    }
}

/// The first button asks once more, and the second erases.
pub(crate) async fn take(Path(id): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    erase(&here, &id, body).await.unwrap_or_else(|response| response)
}

async fn erase(here: &Here, id: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let (_, guarded) = proved_guardian(here, id, UNDER).await?;
    let words = &words(here).erase;
    if form.get(CONFIRM) != Some("yes") {
        let keep = Way::new(here.path(&path_of(guarded.id(), ""), &[]), words.keep);
        let button = Way::new(here.path(&path_of(guarded.id(), UNDER), &[]), words.button);
        return Ok(Told::of(words.sure).button(button, vec![(CONFIRM, "yes".to_owned())]).way(keep).shown(here));
    }
    here.state.accounts.erase_dependent(&guarded, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    let list = Way::new(here.path(LIST, &[]), super::words(here).list.back);
    Ok(Told::of(words.done).way(list).shown(here))
}
