//! An account that became its owner's own: they give it an e-mail address, and say who they are by following the link there.

use app::people::age::represented;
use app::people::{TakingUp, Token, email};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Member, member, nothing_here, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Here, Hidden, secret_address};
use crate::pages::register::told::{Told, Way};
use crate::pages::register::{EMAIL, Typed, email_problem};
use crate::phrases::{AccountWords, GuardianWords, RegisterWords, TitledPage};

const HERE: &str = "/take-up";

#[derive(Template)]
#[template(path = "guardians/take_up.html")]
struct TakeUpPage {
    frame: Frame,
    words: &'static GuardianWords,
    account: &'static AccountWords,
    fields: &'static RegisterWords,
    action: String,
    home: String,
    hidden: Hidden,
    email: Typed,
}

pub(crate) async fn show(here: Here) -> Response {
    match owner(&here).await {
        Ok(_) => page(&here, StatusCode::OK, Typed::default()),
        Err(response) => response,
    }
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    ask(&here, body).await.unwrap_or_else(|response| response)
}

/// Somebody whose account passed to them, and who has not taken it up.
async fn owner(here: &Here) -> Result<Member, Response> {
    let member = member(here, HERE).await?;
    match here.state.accounts.waits_to_be_taken_up(&member.holder).await {
        Ok(true) => Ok(member),
        Ok(false) => Err(nothing_here(here).await),
        Err(error) => Err(here.unavailable(&error)),
    }
}

async fn ask(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = owner(here).await?;
    let email = email(form.get(EMAIL).unwrap_or_default())
        .map_err(|why| page(here, StatusCode::UNPROCESSABLE_ENTITY, Typed::of(&form, EMAIL, Some(email_problem(why, here.words)))))?;
    here.admitted()?;
    if here.may_write_to("take-up", &email) {
        here.state.accounts.ask_to_take_up(&member.holder, email, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    }
    Ok(Told::of(words(here).take_up.sent).more(here.words.told.nothing_came).shown(here))
}

/// What they say by pressing the button is on the page with the button.
pub(crate) async fn show_link(Path(token): Path<String>, here: Here) -> Response {
    if let Err(response) = here.may_follow_links() {
        return response;
    }
    let works = match Token::parse(&token) {
        Some(token) => here.state.accounts.can_take_up(&token, here.asker.now).await,
        None => Ok(false),
    };
    secret_address(match works {
        Ok(true) => {
            let words = &words(&here).take_up;
            let button = Way::new(here.path(&format!("{HERE}/{token}"), &[]), words.button);
            Told::of(TitledPage { title: words.title, lead: words.says }).button(button, Vec::new()).shown(&here)
        }
        Ok(false) => dead(&here),
        Err(error) => here.unavailable(&error),
    })
}

pub(crate) async fn take_link(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    secret_address(match here.posted_at_link(body) {
        Ok(_) => take_up(&here, &token).await,
        Err(response) => response,
    })
}

async fn take_up(here: &Here, token: &str) -> Response {
    let Some(token) = Token::parse(token) else { return dead(here) };
    let policy = &here.asker.policy;
    let language = here.frame().language;
    let said: Vec<&str> = [words(here).take_up.says].into_iter().chain(represented(policy, &language)).collect();
    match here.state.accounts.take_up(&token, &said, policy.version, here.browser()).await {
        Ok(TakingUp::SignedIn(parts)) => here.sent_on(&parts, None),
        Ok(TakingUp::NoLink) => dead(here),
        Ok(TakingUp::EmailTaken) => Told::of(words(here).take_up.taken).way(to_sign_in(here)).status(StatusCode::CONFLICT).shown(here),
        Err(error) => here.unavailable(&error),
    }
}

fn dead(here: &Here) -> Response {
    here.came_with_no_link();
    Told::of(words(here).take_up.dead).way(to_sign_in(here)).status(StatusCode::GONE).shown(here)
}

fn to_sign_in(here: &Here) -> Way {
    Way::new(here.path("/sign-in", &[]), here.words.sign_in.title)
}

fn page(here: &Here, status: StatusCode, email: Typed) -> Response {
    here.with_form(status, |hidden| TakeUpPage {
        frame: here.frame(),
        words: words(here),
        account: crate::pages::account::words(here),
        fields: here.words,
        action: here.path(HERE, &[]),
        home: here.path("", &[]),
        hidden,
        email,
    })
}
