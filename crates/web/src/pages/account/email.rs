//! Another e-mail address: asked for here, confirmed where its mail is read, and taken back where the old one's is.

use app::people::{EmailConfirmed, Token, email};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::AccountId;
use policy::cookie::SignedIn;

use super::{Member, member, proved_member, sessions, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Here, Hidden, secret_address};
use crate::pages::register::told::{Told, Way};
use crate::pages::register::{EMAIL, Typed, email_problem};
use crate::phrases::{AccountWords, GuardianWords, TitledPage};

const HERE: &str = "/email";

#[derive(Template)]
#[template(path = "account/email.html")]
struct EmailPage {
    frame: Frame,
    words: &'static AccountWords,
    action: String,
    home: String,
    hidden: Hidden,
    email: Typed,
}

/// Which of the two links somebody follows.
#[derive(Clone, Copy)]
enum Link {
    New,
    Back,
}

pub(crate) async fn show(here: Here) -> Response {
    match with_address(&here).await {
        Ok(_) => page(&here, StatusCode::OK, Typed::default()),
        Err(response) => response,
    }
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    ask(&here, body).await.unwrap_or_else(|response| response)
}

/// Whoever has an address that can be changed: an account that a guardian opened has none until it is its owner's own.
async fn with_address(here: &Here) -> Result<Member, Response> {
    let without = member(here, HERE).await?.holder.account.email.is_none();
    if without {
        let home = Way::new(here.path("", &[]), words(here).back);
        let page = GuardianWords::of(here.words.language).own.no_email;
        return Err(Told::of(page).way(home).status(StatusCode::FORBIDDEN).shown(here));
    }
    proved_member(here, HERE).await
}

/// The same answer for every address, whether it has an account or not.
async fn ask(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = with_address(here).await?;
    let email = email(form.get(EMAIL).unwrap_or_default()).map_err(|why| {
        let problem = email_problem(why, here.words);
        page(here, StatusCode::UNPROCESSABLE_ENTITY, Typed::of(&form, EMAIL, Some(problem)))
    })?;
    if member.holder.account.email.as_ref() == Some(&email.shown) {
        let problem = member.words.email.same.to_owned();
        return Err(page(here, StatusCode::UNPROCESSABLE_ENTITY, Typed::of(&form, EMAIL, Some(problem))));
    }
    here.admitted()?;
    if here.may_write_to("email", &email) {
        here.state.accounts.ask_for_email(&member.holder, email, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    }
    Ok(Told::of(member.words.email.asked).more(here.words.told.nothing_came).way(home(here)).shown(here))
}

fn page(here: &Here, status: StatusCode, email: Typed) -> Response {
    let (action, home) = (here.path(HERE, &[]), here.path("", &[]));
    here.with_form(status, |hidden| EmailPage { frame: here.frame(), words: words(here), action, home, hidden, email })
}

fn home(here: &Here) -> Way {
    Way::new(here.path("", &[]), words(here).home.title)
}

/// Looking at a link uses nothing up: programs that look through mail open links, too.
pub(crate) async fn show_new(Path(token): Path<String>, here: Here) -> Response {
    show_link(&here, &token, Link::New).await
}

pub(crate) async fn take_new(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    take_link(&here, &token, Link::New, body).await
}

pub(crate) async fn show_back(Path(token): Path<String>, here: Here) -> Response {
    show_link(&here, &token, Link::Back).await
}

pub(crate) async fn take_back(Path(token): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    take_link(&here, &token, Link::Back, body).await
}

async fn show_link(here: &Here, text: &str, link: Link) -> Response {
    if let Err(response) = here.may_follow_links() {
        return response;
    }
    let (accounts, now) = (&here.state.accounts, here.asker.now);
    let works = match (Token::parse(text), link) {
        (None, _) => Ok(false),
        (Some(token), Link::New) => accounts.can_confirm_email(&token, now).await,
        (Some(token), Link::Back) => accounts.can_take_email_back(&token, now).await,
    };
    let words = &words(here).email;
    secret_address(match (works, link) {
        (Ok(true), Link::New) => button(here, words.confirm, &format!("{HERE}/{text}"), words.confirm_button),
        (Ok(true), Link::Back) => button(here, words.back, &format!("{HERE}/back/{text}"), words.back_button),
        (Ok(false), _) => dead(here),
        (Err(error), _) => here.unavailable(&error),
    })
}

fn button(here: &Here, page: TitledPage, path: &str, says: &'static str) -> Response {
    Told::of(page).button(Way::new(here.path(path, &[]), says), Vec::new()).shown(here)
}

async fn take_link(here: &Here, text: &str, link: Link, body: Result<Bytes, BytesRejection>) -> Response {
    secret_address(match here.posted_at_link(body) {
        Ok(_) => follow(here, text, link).await,
        Err(response) => response,
    })
}

async fn follow(here: &Here, text: &str, link: Link) -> Response {
    let Some(token) = Token::parse(text) else {
        return dead(here);
    };
    let (accounts, now) = (&here.state.accounts, here.asker.now);
    let done = match link {
        Link::New => accounts.confirm_email(&token, now).await,
        Link::Back => accounts.take_email_back(&token, now).await,
    };
    let words = &words(here).email;
    match (done, link) {
        (Ok(EmailConfirmed::Changed(account)), Link::New) => changed(here, account),
        (Ok(EmailConfirmed::Changed(_)), Link::Back) => {
            let sign_in = Way::new(here.path("/sign-in", &[]), here.words.sign_in.title);
            Told::of(words.taken_back).way(sign_in).signed_out().shown(here)
        }
        (Ok(EmailConfirmed::NoLink), _) => dead(here),
        (Ok(EmailConfirmed::Taken), _) => Told::of(words.taken).status(StatusCode::CONFLICT).way(home(here)).shown(here),
        (Err(error), _) => here.unavailable(&error),
    }
}

/// Whoever is signed in to the account here can sign every other browser out at once: somebody else may know the old address's mail.
fn changed(here: &Here, account: AccountId) -> Response {
    let told = Told::of(words(here).email.changed).way(home(here));
    match here.asker.signed_in() {
        SignedIn::As(who) if who.account() == account => {
            let end_others = Way::new(here.path("/sessions", &[]), words(here).sessions.end_others);
            told.button(end_others, sessions::others()).shown(here)
        }
        SignedIn::As(_) | SignedIn::Nobody | SignedIn::Unsure(_) => told.shown(here),
    }
}

fn dead(here: &Here) -> Response {
    here.came_with_no_link();
    Told::of(words(here).email.dead).way(home(here)).status(StatusCode::GONE).shown(here)
}
