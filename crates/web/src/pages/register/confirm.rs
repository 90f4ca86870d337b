use app::people::{Confirmation, Token, username};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::username_said;
use super::here::{Form, Here, Hidden, RETURN, secret_address};
use super::told::{Told, Way};
use super::{Typed, USERNAME, of_length};
use crate::pages::frame::{Frame, Place};
use crate::phrases::{RegisterWords, TitledPage};

#[derive(Template)]
#[template(path = "register_name.html")]
struct NamePage {
    frame: Frame,
    words: &'static RegisterWords,
    page: TitledPage,
    action: String,
    hidden: Hidden,
    username: Typed,
    username_how: String,
}

/// Looking at the link uses nothing up: programs that look through mail open links, too.
pub(crate) async fn show(Path(token): Path<String>, here: Here) -> Response {
    if let Err(response) = here.may_follow_links() {
        return response;
    }
    let works = match Token::parse(&token) {
        Some(token) => here.state.accounts.can_confirm(&token, here.asker.now).await,
        None => Ok(false),
    };
    secret_address(match works {
        Ok(true) => {
            let fields = here.return_to(None).map(|path| (RETURN, path)).into_iter().collect();
            let button = Way::new(here.path(&format!("/confirm/{token}"), &[]), here.words.told.confirm_button);
            Told::of(here.words.told.confirm).button(button, fields).shown(&here)
        }
        Ok(false) => dead(&here),
        Err(error) => here.unavailable(&error),
    })
}

pub(crate) async fn take(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let confirmed = match here.posted_at_link(body) {
        Ok(form) => confirm(&here, &token, &form).await,
        Err(response) => Err(response),
    };
    secret_address(confirmed.unwrap_or_else(|response| response))
}

async fn confirm(here: &Here, text: &str, form: &Form) -> Result<Response, Response> {
    let token = Token::parse(text).ok_or_else(|| dead(here))?;
    let accounts = &here.state.accounts;
    let confirmed = match form.get(USERNAME) {
        None => accounts.confirm(&token, here.browser()).await,
        Some(wished) => {
            here.admitted()?;
            match username(wished, &here.asker.policy.controller) {
                Ok(username) => accounts.confirm_as(&token, username, here.browser()).await,
                Err(why) => return Err(another_name(here, text, form, username_said(here, &Err(why), false))),
            }
        }
    };
    match confirmed.map_err(|error| here.unavailable(&error))? {
        Confirmation::SignedIn(parts) => Ok(here.sent_on(&parts, here.return_to(Some(form)))),
        Confirmation::NoLink => Err(dead(here)),
        Confirmation::UsernameTaken => {
            let problem = form.get(USERNAME).map(|_| here.words.problems.username_taken.to_owned());
            Err(another_name(here, text, form, problem))
        }
        Confirmation::EmailTaken => {
            let sign_in = Way::new(here.path("/sign-in", &[]), here.words.sign_in.title);
            Ok(Told::of(here.words.told.email_lost).way(sign_in).status(StatusCode::CONFLICT).shown(here))
        }
    }
}

fn another_name(here: &Here, token: &str, form: &Form, problem: Option<String>) -> Response {
    here.with_form(StatusCode::CONFLICT, |mut hidden| NamePage {
        frame: here.frame(),
        words: here.words,
        page: here.words.told.username_lost,
        action: here.path(&format!("/confirm/{token}"), &[]),
        hidden: {
            hidden.extend(here.return_to(Some(form)).map(|path| (RETURN, path)));
            hidden
        },
        username: Typed::of(form, USERNAME, problem),
        username_how: of_length(here.words.form.username_how),
    })
}

fn dead(here: &Here) -> Response {
    here.came_with_no_link();
    Told::of(here.words.told.confirm_dead)
        .way(Way::new(here.path("/sign-in", &[]), here.words.sign_in.title))
        .way(Way::new(here.path("/register", &[]), here.words.told.register_again))
        .status(StatusCode::GONE)
        .shown(here)
}
