use app::people::age::believed;
use app::people::{Applicant, BadEmail, BadUsername, Findable, email, username};
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::age::{self, Asked, clause, is_refused, refused};
use super::here::{Form, Here, Hidden, RETURN, see_other};
use super::{EMAIL, Typed, USERNAME, email_problem, of_length, username_problem};
use crate::pages::frame::{Frame, Place};
use crate::phrases::RegisterWords;

/// The signed verdict of the age step.
const VERDICT: &str = "_age";

#[derive(Template)]
#[template(path = "register_form.html")]
struct FormPage<'p> {
    frame: Frame,
    words: &'static RegisterWords,
    action: String,
    sign_in: String,
    hidden: Hidden,
    email: Typed,
    username: Typed,
    username_how: String,
    clause: Option<&'p str>,
}

/// The form for somebody who has just said their age.
pub(super) fn empty(here: &Here, verdict: String, return_to: Option<String>) -> Response {
    show(here, StatusCode::OK, verdict, return_to, Typed::default(), Typed::default())
}

/// Takes an address and a name. What is wrong with a name is told at once, since names are there to be seen; of an address, only what is wrong with its
/// form.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let form = match here.posted(body) {
        Ok(form) => form,
        Err(response) => return response,
    };
    register(&here, &form).await.unwrap_or_else(|response| response)
}

async fn register(here: &Here, form: &Form) -> Result<Response, Response> {
    if is_refused(here) {
        return Err(refused(here));
    }
    let return_to = here.return_to(Some(form));
    let verdict = form.get(VERDICT).unwrap_or_default();
    let Some(age) = believed(verdict, &here.state.keys.load(), here.asker.now) else {
        return Err(age::ask(here, Asked { again: true, ..Asked::default() }, return_to));
    };
    let email = email(form.get(EMAIL).unwrap_or_default());
    let username = username(form.get(USERNAME).unwrap_or_default(), &here.asker.policy.controller);
    here.admitted()?;
    let taken = match &username {
        Ok(username) => here.state.accounts.is_username_taken(username).await.map_err(|error| here.unavailable(&error))?,
        Err(_) => false,
    };
    match (email, username) {
        (Ok(email), Ok(username)) if !taken => {
            let language = here.frame().language;
            let applicant = Applicant { email, username, language, age, return_to: here.mailed_return(form) };
            if here.may_write_to("register", &applicant.email) {
                here.state.accounts.register(applicant, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
            }
            Ok(see_other(&here.path("/check-mail", &[("for", "registration")])))
        }
        (email, username) => {
            let email = Typed::of(form, EMAIL, email_said(here, &email));
            let username = Typed::of(form, USERNAME, username_said(here, &username, taken));
            Err(show(here, StatusCode::UNPROCESSABLE_ENTITY, verdict.to_owned(), return_to, email, username))
        }
    }
}

fn email_said(here: &Here, email: &Result<Findable, BadEmail>) -> Option<String> {
    email.as_ref().err().map(|why| email_problem(*why, here.words))
}

/// What is wrong with a name, if anything is.
pub(in crate::pages) fn username_said(here: &Here, username: &Result<Findable, BadUsername>, taken: bool) -> Option<String> {
    match username {
        Err(why) => Some(username_problem(*why, here.words)),
        Ok(_) => taken.then(|| here.words.problems.username_taken.to_owned()),
    }
}

fn show(here: &Here, status: StatusCode, verdict: String, return_to: Option<String>, email: Typed, username: Typed) -> Response {
    here.with_form(status, |mut hidden| FormPage {
        frame: here.frame(),
        words: here.words,
        action: here.path("/register", &[]),
        sign_in: here.path_and_return("/sign-in", return_to.as_deref()),
        hidden: {
            hidden.push((VERDICT, verdict));
            hidden.extend(return_to.map(|path| (RETURN, path)));
            hidden
        },
        email,
        username,
        username_how: of_length(here.words.form.username_how),
        clause: clause(here),
    })
}
