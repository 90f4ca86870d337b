//! A code that a guardian sees, and the page where whoever it is for writes it.

use app::people::Code;
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{can_register, guardian, nothing_here, path_of, proved_guardian, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::Typed;
use crate::pages::register::here::{Form, Here, Hidden, RETURN};
use crate::phrases::{GuardianWords, RegisterWords};

const FIELD: &str = "_code";
const ENTER: &str = "/code";

#[derive(Template)]
#[template(path = "guardians/code.html")]
struct CodePage {
    frame: Frame,
    words: &'static GuardianWords,
    place: String,
    code: String,
    back: String,
    hidden: Hidden,
}

#[derive(Template)]
#[template(path = "guardians/enter.html")]
struct EnterPage {
    frame: Frame,
    words: &'static GuardianWords,
    fields: &'static RegisterWords,
    action: String,
    sign_in: String,
    hidden: Hidden,
    code: Typed,
}

/// Makes one and shows it, to a guardian who has just proved who they are.
pub(crate) async fn make(Path(id): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    shown(&here, &id, body).await.unwrap_or_else(|response| response)
}

/// Whoever comes back from proving who they are sees the page with the button again.
pub(crate) async fn again(Path(id): Path<String>, here: Here) -> Response {
    match guardian(&here, &id, "").await {
        Ok((_, guarded)) => crate::pages::register::here::see_other(&here.path(&path_of(guarded.id(), ""), &[])),
        Err(response) => response,
    }
}

async fn shown(here: &Here, id: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    here.posted(body)?;
    let (_, guarded) = proved_guardian(here, id, "/code").await?;
    if !can_register(here) || !guarded.is_open() {
        return Err(nothing_here(here).await);
    }
    let code = here.state.accounts.make_code(&guarded, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
    let place = format!("{origin}{}", here.path(ENTER, &[]));
    Ok(here.with_form(StatusCode::OK, |hidden| CodePage {
        frame: here.frame(),
        words: words(here),
        place: words(here).code.write_it.with(&[("address", &place)]),
        code: code.text(),
        back: here.path(&path_of(guarded.id(), ""), &[]),
        hidden,
    }))
}

/// Where a code is written.
pub(crate) async fn enter(here: Here) -> Response {
    if can_register(&here) { form(&here, StatusCode::OK, here.return_to(None), Typed::default()) } else { nothing_here(&here).await }
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    sign_in(&here, body).await.unwrap_or_else(|response| response)
}

async fn sign_in(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    if !can_register(here) {
        return Err(nothing_here(here).await);
    }
    let posted = here.posted(body)?;
    // Trying many is a way of finding one.
    here.admitted()?;
    let Some(code) = Code::parse(posted.get(FIELD).unwrap_or_default()) else { return Err(wrong(here, &posted)) };
    match here.state.accounts.sign_in_by_code(&code, here.browser()).await.map_err(|error| here.unavailable(&error))? {
        Some(parts) => Ok(here.sent_on(&parts, here.return_to(Some(&posted)))),
        None => Err(wrong(here, &posted)),
    }
}

fn wrong(here: &Here, posted: &Form) -> Response {
    let typed = Typed::of(posted, FIELD, Some(words(here).enter.wrong.to_owned()));
    form(here, StatusCode::UNPROCESSABLE_ENTITY, here.return_to(Some(posted)), typed)
}

fn form(here: &Here, status: StatusCode, return_to: Option<String>, code: Typed) -> Response {
    here.with_form(status, |mut hidden| EnterPage {
        frame: here.frame(),
        words: words(here),
        fields: here.words,
        action: here.path(ENTER, &[]),
        sign_in: here.path_and_return("/sign-in", return_to.as_deref()),
        hidden: {
            hidden.extend(return_to.map(|path| (RETURN, path)));
            hidden
        },
        code,
    })
}
