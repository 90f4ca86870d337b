//! A mailed link that signs in.

use app::people::Token;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::here::{Form, Here, RETURN, secret_address};
use super::told::{Told, Way};

/// Looking at the link uses nothing up: programs that look through mail open links, too.
pub(crate) async fn show(Path(token): Path<String>, here: Here) -> Response {
    if let Err(response) = here.may_follow_links() {
        return response;
    }
    let works = match Token::parse(&token) {
        Some(token) => here.state.accounts.can_sign_in(&token, here.asker.now).await,
        None => Ok(false),
    };
    secret_address(match works {
        Ok(true) => {
            let fields = here.return_to(None).map(|path| (RETURN, path)).into_iter().collect();
            let button = Way::new(here.path(&format!("/sign-in/{token}"), &[]), here.words.told.follow_button);
            Told::of(here.words.told.follow).button(button, fields).shown(&here)
        }
        Ok(false) => dead(&here),
        Err(error) => here.unavailable(&error),
    })
}

pub(crate) async fn take(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    secret_address(match here.posted_at_link(body) {
        Ok(form) => sign_in(&here, &token, &form).await,
        Err(response) => response,
    })
}

async fn sign_in(here: &Here, token: &str, form: &Form) -> Response {
    let Some(token) = Token::parse(token) else {
        return dead(here);
    };
    match here.state.accounts.sign_in_by_link(&token, here.browser()).await {
        Ok(Some(parts)) => here.sent_on(&parts, here.return_to(Some(form))),
        Ok(None) => dead(here),
        Err(error) => here.unavailable(&error),
    }
}

fn dead(here: &Here) -> Response {
    here.came_with_no_link();
    let another = Way::new(here.path("/sign-in", &[]), here.words.told.another_link);
    Told::of(here.words.told.follow_dead).way(another).status(StatusCode::GONE).shown(here)
}
