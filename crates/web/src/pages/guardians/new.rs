//! Registering a dependent. The month of birth goes no further than this file.

use app::people::age::{BornIn, born_in, represented};
use app::people::{DependentAdded, DependentApplicant, Findable, Quarter, username};
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, Member, can_register, nothing_here, proved_member, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::form::username_said;
use crate::pages::register::here::{Form, Here, Hidden, see_other};
use crate::pages::register::told::{Told, Way};
use crate::pages::register::{Typed, USERNAME, of_length};
use crate::phrases::{GuardianWords, RegisterWords};

const HERE: &str = "/dependents/new";

#[derive(Template)]
#[template(path = "guardians/new.html")]
struct NewPage<'p> {
    frame: Frame,
    words: &'static GuardianWords,
    fields: &'static RegisterWords,
    action: String,
    list: String,
    hidden: Hidden,
    username: Typed,
    username_how: String,
    month: String,
    year: String,
    no_such_month: bool,
    clause: Option<&'p str>,
}

/// What is wrong with what was written.
#[derive(Default)]
struct Wrong {
    username: Option<String>,
    no_such_month: bool,
}

pub(crate) async fn show(here: Here) -> Response {
    match guardian_to_be(&here).await {
        Ok(_) => page(&here, StatusCode::OK, &Form::default(), Wrong::default()),
        Err(response) => response,
    }
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    register(&here, body).await.unwrap_or_else(|response| response)
}

/// An adult who has just proved who they are.
async fn guardian_to_be(here: &Here) -> Result<Member, Response> {
    if !can_register(here) {
        return Err(nothing_here(here).await);
    }
    let member = super::member(here, HERE).await?;
    if member.holder.account.guardian.is_some() {
        return Err(nothing_here(here).await);
    }
    if !here.state.accounts.can_be_guardian(&member.holder) {
        return Err(not_you(here));
    }
    proved_member(here, HERE).await
}

async fn register(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = guardian_to_be(here).await?;
    let wanted = username(form.get(USERNAME).unwrap_or_default(), &here.asker.policy.controller);
    here.admitted()?;
    let taken = match &wanted {
        Ok(username) => here.state.accounts.is_username_taken(username).await.map_err(|error| here.unavailable(&error))?,
        Err(_) => false,
    };
    let passes = match born(here, &form) {
        Some(BornIn::OfAge) => return Err(of_age(here)),
        Some(BornIn::MinorUntil(quarter)) => Some(quarter),
        None => None,
    };
    match (wanted, passes) {
        (Ok(username), Some(passes)) if !taken => {
            if let Some(address) = member.holder.account.email.clone() {
                here.may_write_to_self("dependent", &Findable { shown: address.clone(), compared: address })?;
            }
            add(here, &form, &member, username, passes).await
        }
        (wanted, passes) => {
            let wrong = Wrong { username: username_said(here, &wanted, taken), no_such_month: passes.is_none() };
            Err(page(here, StatusCode::UNPROCESSABLE_ENTITY, &form, wrong))
        }
    }
}

async fn add(here: &Here, form: &Form, member: &Member, username: Findable, passes: Quarter) -> Result<Response, Response> {
    let words = words(here);
    let guardian_words: Vec<&str> = [words.new.says].into_iter().chain(clause(here)).collect();
    let applicant = DependentApplicant {
        username,
        language: here.frame().language,
        passes,
        age_words: &[words.new.question],
        guardian_words: &guardian_words,
        version: here.asker.policy.version,
    };
    let added = here.state.accounts.register_dependent(&member.holder, applicant, here.asker.now).await;
    match added.map_err(|error| here.unavailable(&error))? {
        DependentAdded::Added => Ok(see_other(&here.path(&format!("{LIST}/check-mail"), &[]))),
        DependentAdded::UsernameTaken => {
            let wrong = Wrong { username: Some(here.words.problems.username_taken.to_owned()), no_such_month: false };
            Err(page(here, StatusCode::CONFLICT, form, wrong))
        }
        DependentAdded::TooMany => Err(Told::of(words.new.too_many).way(to_list(here)).status(StatusCode::CONFLICT).shown(here)),
        DependentAdded::NoGuardian => Err(not_you(here)),
    }
}

/// That a letter is on its way.
pub(crate) async fn sent(here: Here) -> Response {
    if can_register(&here) {
        Told::of(words(&here).new.sent).more(here.words.told.nothing_came).way(to_list(&here)).shown(&here)
    } else {
        nothing_here(&here).await
    }
}

fn born(here: &Here, form: &Form) -> Option<BornIn> {
    let number = |name: &str| form.get(name).and_then(|text| text.trim().parse::<i16>().ok());
    let policy = &here.asker.policy;
    let today = here.asker.now.to_zoned(policy.time_zone.clone()).date();
    born_in(number("_year")?, i8::try_from(number("_month")?).ok()?, today, policy.minimum_age)
}

fn of_age(here: &Here) -> Response {
    Told::of(words(here).new.of_age).way(to_list(here)).shown(here)
}

fn not_you(here: &Here) -> Response {
    let home = Way::new(here.path("", &[]), super::super::account::words(here).back);
    Told::of(words(here).new.not_you).way(home).status(StatusCode::FORBIDDEN).shown(here)
}

fn to_list(here: &Here) -> Way {
    Way::new(here.path(LIST, &[]), words(here).list.back)
}

/// What the policy says about everybody's age, guardians among it.
fn clause(here: &Here) -> Option<&str> {
    represented(&here.asker.policy, &here.frame().language)
}

fn page(here: &Here, status: StatusCode, form: &Form, wrong: Wrong) -> Response {
    let typed = |name: &str| form.get(name).unwrap_or_default().to_owned();
    here.with_form(status, |hidden| NewPage {
        frame: here.frame(),
        words: words(here),
        fields: here.words,
        action: here.path(HERE, &[]),
        list: here.path(LIST, &[]),
        hidden,
        username: Typed::of(form, USERNAME, wrong.username),
        username_how: of_length(here.words.form.username_how),
        month: typed("_month"),
        year: typed("_year"),
        no_such_month: wrong.no_such_month,
        clause: clause(here),
    })
}
