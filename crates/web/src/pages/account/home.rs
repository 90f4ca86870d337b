use app::choices::RecordsError;
use app::people::{Session, SignInMethod};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Age;

use super::agreements::{self, AgreementLine};
use super::{Member, member, sessions};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Here, Hidden};
use crate::pages::{guardians, query};
use crate::phrases::{AccountWords, GuardianWords, Moment, PasskeyWords};

#[derive(Template)]
#[template(path = "account/home.html")]
struct HomePage {
    frame: Frame,
    words: &'static AccountWords,
    /// What was just done.
    done: Option<&'static str>,
    hidden: Hidden,
    username: String,
    email: Option<String>,
    since: Moment,
    age: &'static str,
    age_how: String,
    age_version: String,
    agreements: Vec<AgreementLine>,
    sessions: Vec<SessionLine>,
    paths: Paths,
    guardian: &'static GuardianWords,
    /// Where their children are, where they have any or may have.
    dependents: Option<String>,
    /// Somebody answers for them.
    is_guarded: bool,
    /// Where they take the account up, where it waits for that.
    take_up: Option<String>,
    passkeys: &'static PasskeyWords,
    sign_out: &'static str,
    /// To whoever shares a computer.
    shared: &'static str,
}

/// Where its buttons and links lead.
struct Paths {
    username: String,
    email: String,
    sessions: String,
    passkeys: String,
    export: String,
    delete: String,
    sign_out: String,
}

/// A browser that somebody is signed in with.
pub(super) struct SessionLine {
    /// What the form calls it.
    pub(super) name: String,
    pub(super) here: bool,
    pub(super) how: &'static str,
    pub(super) since: Moment,
    pub(super) seen: Moment,
    pub(super) ends: Moment,
}

/// What somebody has here, and what they can do with it.
pub(crate) async fn show(here: Here) -> Response {
    page(&here).await.unwrap_or_else(|response| response)
}

async fn page(here: &Here) -> Result<Response, Response> {
    let member = member(here, "").await?;
    let account = &member.holder.account;
    let sessions = here.state.accounts.sessions(account.id, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    let agreements = here.state.accounts.facts_of(account, here.asker.now).await.map_err(|error| here.unavailable(&error))?.agreements;
    let (has_door, waits) = of_guardians(here, &member).await.map_err(|error| here.unavailable(&error))?;
    let frame = here.frame();
    let (words, zone) = (member.words, here.asker.policy.time_zone.clone());
    let age = &account.age;
    let version = age.version.to_string();
    Ok(here.with_form(StatusCode::OK, |hidden| HomePage {
        words,
        done: done(here, words),
        hidden,
        username: member.username(),
        email: member.email(),
        since: frame.phrases.moment_of_day(account.made, &zone),
        age: said_of_age(age.verdict.name(), &age.method, words),
        age_how: words.home.age_how.with(&[("day", &frame.phrases.day_of(age.at, &zone)), ("version", &version)]),
        age_version: format!("{}/versions/{version}{}", frame.prefix, frame.keep_language),
        agreements: agreements::lines(&agreements, &here.asker.policy, frame.phrases, &frame.language),
        sessions: lines(here, &member, &sessions),
        paths: Paths {
            username: here.path("/username", &[]),
            email: here.path("/email", &[]),
            sessions: here.path("/sessions", &[]),
            passkeys: here.path("/passkeys", &[]),
            export: here.path("/export", &[]),
            delete: here.path("/delete", &[]),
            sign_out: here.path("/sign-out", &[]),
        },
        guardian: GuardianWords::of(here.words.language),
        dependents: has_door.then(|| here.path("/dependents", &[])),
        is_guarded: account.guardian.is_some(),
        take_up: waits.then(|| here.path("/take-up", &[])),
        passkeys: PasskeyWords::of(here.words.language),
        sign_out: here.words.sign_in.sign_out,
        shared: here.words.told.signed_in.lead,
        frame,
    }))
}

/// Whether there is anything to see to as a guardian, and whether the account waits to be taken up.
async fn of_guardians(here: &Here, member: &Member) -> Result<(bool, bool), RecordsError> {
    let accounts = &here.state.accounts;
    let may = guardians::can_register(here) && accounts.can_be_guardian(&member.holder);
    let has_door = may || !accounts.dependents(&member.holder).await?.is_empty();
    Ok((has_door, accounts.waits_to_be_taken_up(&member.holder).await?))
}

/// By the name of a verdict, and how it was come by.
pub(super) fn said_of_age(verdict: &str, method: &str, words: &AccountWords) -> &'static str {
    let is = |age: Age| verdict == age.name();
    match method {
        "guardian" if is(Age::Adult) => words.home.adult_by_guardian,
        _ if is(Age::Adult) => words.home.adult,
        _ if is(Age::Minor) => words.home.minor,
        _ => words.home.age_unknown,
    }
}

fn done(here: &Here, words: &AccountWords) -> Option<&'static str> {
    match query(&here.uri, "done")?.as_str() {
        "username" => Some(words.username.done),
        "session" => Some(words.sessions.ended),
        "others" => Some(words.sessions.others_ended),
        _ => None,
    }
}

/// This browser first.
fn lines(here: &Here, member: &Member, sessions: &[Session]) -> Vec<SessionLine> {
    let (frame, zone) = (here.frame(), &here.asker.policy.time_zone);
    let words = &member.words.sessions;
    let moment = |time| frame.phrases.moment(time, zone);
    let line = |session: &Session| SessionLine {
        name: sessions::name(session.id),
        here: session.id == member.holder.session.id,
        how: match session.method {
            SignInMethod::Link => words.by_link,
            SignInMethod::Passkey => words.by_passkey,
            SignInMethod::Guardian => GuardianWords::of(here.words.language).own.by_code,
        },
        since: moment(session.started),
        seen: moment(session.seen),
        ends: frame.phrases.moment_of_day(session.ends, zone),
    };
    let mut lines: Vec<SessionLine> = sessions.iter().map(line).collect();
    lines.sort_by_key(|line| !line.here);
    lines
}
