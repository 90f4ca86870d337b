//! The question that comes first. The date goes no further than this file.

use app::people::age::{carried, over, refusal, represented, verdict, was_refused};
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Age;
use jiff::civil::Date;
use policy::cookie::SignedIn;
use policy::model::Guardians;

use super::form;
use super::here::{Form, Here, Hidden, RETURN, see_other, setting};
use super::told::{Told, Way};
use crate::pages::frame::{Frame, Place};
use crate::phrases::RegisterWords;

/// What a browser keeps until it is closed once its reader was too young. It has no lifetime of its own, and the site never sees it.
const REFUSED: &str = "candor-age";

#[derive(Template)]
#[template(path = "register_age.html")]
struct AgePage {
    frame: Frame,
    words: &'static RegisterWords,
    action: String,
    sign_in: String,
    hidden: Hidden,
    asked_again: bool,
    no_such_day: bool,
}

/// How the question is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// It was answered before, too long ago.
    pub(super) again: bool,
    pub(super) no_such_day: bool,
}

pub(crate) async fn show(here: Here) -> Response {
    if matches!(here.asker.signed_in(), SignedIn::As(_)) {
        return see_other(&here.path("", &[]));
    }
    if is_refused(&here) { refused(&here) } else { ask(&here, Asked::default(), here.return_to(None)) }
}

/// Takes an answer: on to the rest of the form, or to a kind end.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let form = match here.posted(body) {
        Ok(form) => form,
        Err(response) => return response,
    };
    if is_refused(&here) {
        return refused(&here);
    }
    let policy = &here.asker.policy;
    let today = here.asker.now.to_zoned(policy.time_zone.clone()).date();
    let return_to = here.return_to(Some(&form));
    match date(&form).and_then(|born| verdict(born, today, policy.minimum_age)) {
        None => ask(&here, Asked { no_such_day: true, ..Asked::default() }, return_to),
        Some(Age::Adult) => {
            let over = over(&words_shown(&here), policy.version, here.asker.now);
            form::empty(&here, carried(&over, &here.state.keys.load()), return_to)
        }
        Some(Age::Minor | Age::Unknown) => {
            let value = refusal(&here.state.keys.load(), here.asker.now);
            let secure = if here.asker.https { "Secure; " } else { "" };
            setting(refused(&here), &format!("{REFUSED}={value}; Path={}; {secure}HttpOnly; SameSite=Lax", here.state.settings.account))
        }
    }
}

/// Whether this browser was told before that its reader is too young.
pub(super) fn is_refused(here: &Here) -> bool {
    here.cookie(REFUSED).is_some_and(|value| was_refused(value, &here.state.keys.load(), here.asker.now))
}

pub(super) fn refused(here: &Here) -> Response {
    let age = &here.words.age;
    match here.asker.policy.guardians {
        Guardians::Refuse => Told::of(age.refused).shown(here),
        Guardians::Register => {
            Told::of(age.refused_but_guardian).way(Way::new(here.path("/sign-in", &[]), here.words.sign_in.title)).shown(here)
        }
    }
}

pub(super) fn ask(here: &Here, asked: Asked, return_to: Option<String>) -> Response {
    let status = if asked.no_such_day { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    here.with_form(status, |mut hidden| AgePage {
        frame: here.frame(),
        words: here.words,
        action: here.path("/register/age", &[]),
        sign_in: here.path_and_return("/sign-in", return_to.as_deref()),
        hidden: {
            hidden.extend(return_to.map(|path| (RETURN, path)));
            hidden
        },
        asked_again: asked.again,
        no_such_day: asked.no_such_day,
    })
}

/// Everything that is said about age to somebody who registers: the question, what they say by it, and the policy's own words.
fn words_shown(here: &Here) -> Vec<&str> {
    [here.words.age.question, here.words.form.represents].into_iter().chain(clause(here)).collect()
}

/// What the policy says about everybody's age.
pub(super) fn clause(here: &Here) -> Option<&str> {
    represented(&here.asker.policy, &here.frame().language)
}

fn date(form: &Form) -> Option<Date> {
    let number = |name: &str| form.get(name).and_then(|text| text.trim().parse::<i16>().ok());
    let (day, month, year) = (number("_day")?, number("_month")?, number("_year")?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
