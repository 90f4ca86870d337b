//! The link that was mailed to a guardian. It works without being signed in: whoever has it reads their mail.

use app::people::Token;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, can_register, words};
use crate::pages::register::here::{Here, secret_address};
use crate::pages::register::told::{Told, Way};

/// Looking at the link uses nothing up: programs that look through mail open links, too.
pub(crate) async fn show(Path(token): Path<String>, here: Here) -> Response {
    if let Err(response) = here.may_follow_links() {
        return response;
    }
    let works = match Token::parse(&token) {
        Some(token) if can_register(&here) => here.state.accounts.can_confirm_dependent(&token, here.asker.now).await,
        Some(_) | None => Ok(false),
    };
    secret_address(match works {
        Ok(true) => {
            let button = Way::new(here.path(&format!("/guardian/{token}"), &[]), words(&here).confirm.button);
            Told::of(words(&here).confirm.page).button(button, Vec::new()).shown(&here)
        }
        Ok(false) => dead(&here),
        Err(error) => here.unavailable(&error),
    })
}

pub(crate) async fn take(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    secret_address(match here.posted_at_link(body) {
        Ok(_) => confirm(&here, &token).await,
        Err(response) => response,
    })
}

async fn confirm(here: &Here, token: &str) -> Response {
    // Where the policy lets guardians register nobody any more, no account is opened by a letter that is still about.
    let Some(token) = Token::parse(token).filter(|_| can_register(here)) else { return dead(here) };
    match here.state.accounts.confirm_dependent(&token, here.asker.now).await {
        Ok(Some(_)) => Told::of(words(here).confirm.done).way(to_list(here)).shown(here),
        Ok(None) => dead(here),
        Err(error) => here.unavailable(&error),
    }
}

fn dead(here: &Here) -> Response {
    here.came_with_no_link();
    Told::of(words(here).confirm.dead).way(to_list(here)).status(StatusCode::GONE).shown(here)
}

fn to_list(here: &Here) -> Way {
    Way::new(here.path(LIST, &[]), words(here).list.title)
}
