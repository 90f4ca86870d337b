use app::people::Passkey;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use policy::cookie::SignedIn;

use super::{by_name, change, party, running_script, script};
use super::scripted::words;
use crate::pages::frame::{Frame, Place};
use crate::pages::query;
use crate::pages::register::here::{Here, Hidden, RETURN, see_other};
use crate::phrases::{Moment, PasskeyWords};

#[derive(Template)]
#[template(path = "passkeys.html")]
struct ListPage {
    frame: Frame,
    words: &'static PasskeyWords,
    said: Option<&'static str>,
    passkeys: Vec<Row>,
    name_field: &'static str,
    hidden: Hidden,
    home: String,
    /// What it takes to add one; none where somebody has to sign in again first.
    adding: Option<Adding>,
    again: Option<Again>,
}

struct Row {
    name: String,
    made: Moment,
    used: Option<Moment>,
    rename: String,
    remove: String,
}

/// How one is added here.
enum Adding {
    Here { script: String, begin: String, end: String, first_name: String },
    /// Not at this address of the site, but perhaps at another.
    Elsewhere { address: Option<String> },
}

/// A form that signs out and leads back here through signing in.
struct Again {
    action: String,
    return_to: String,
}

pub(crate) async fn show(here: Here) -> Response {
    let list = here.path("/passkeys", &[]);
    let SignedIn::As(who) = here.asker.signed_in() else {
        return see_other(&here.path_and_return("/sign-in", Some(&list)));
    };
    let accounts = &here.state.accounts;
    let (passkeys, is_sure) = match (accounts.passkeys(&who).await, accounts.may_change_passkeys(&who, here.asker.now).await) {
        (Ok(passkeys), Ok(is_sure)) => (passkeys, is_sure),
        (Err(error), _) | (_, Err(error)) => return here.unavailable(&error),
    };
    let frame = here.frame();
    let rows = passkeys.iter().map(|passkey| row(&here, &frame, passkey)).collect();
    let again = || Again { action: here.path("/sign-out", &[]), return_to: here.path_and_return("/sign-in", Some(&list)) };
    let adding = is_sure.then(|| adding(&here, &frame));
    let page = here.with_form(StatusCode::OK, |hidden| ListPage {
        words: words(&here),
        said: said(&here),
        passkeys: rows,
        name_field: change::NAME,
        hidden,
        home: here.path("", &[]),
        again: (!is_sure).then(again),
        adding,
        frame,
    });
    running_script(page)
}

fn row(here: &Here, frame: &Frame, passkey: &Passkey) -> Row {
    let zone = &here.asker.policy.time_zone;
    Row {
        name: passkey.name.as_str().to_owned(),
        made: frame.phrases.moment_of_day(passkey.made, zone),
        used: passkey.used.map(|used| frame.phrases.moment(used, zone)),
        rename: here.path(&format!("/passkeys/{}/name", passkey.id), &[]),
        remove: here.path(&format!("/passkeys/{}/remove", passkey.id), &[]),
    }
}

fn adding(here: &Here, frame: &Frame) -> Adding {
    match party(here) {
        Ok(_) => Adding::Here {
            script: script(here),
            begin: here.path("/passkeys/challenge", &[]),
            end: here.path("/passkeys/add", &[]),
            first_name: words(here).first_name.with(&[("day", &frame.phrases.day_of(here.asker.now, &here.asker.policy.time_zone))]),
        },
        Err(_) => Adding::Elsewhere { address: by_name(here) },
    }
}

fn said(here: &Here) -> Option<&'static str> {
    let said = &words(here).said;
    match query(&here.uri, "said")?.as_str() {
        "added" => Some(said.added),
        "renamed" => Some(said.renamed),
        "removed" => Some(said.removed),
        "gone" => Some(said.gone),
        "no-name" => Some(said.no_name),
        _ => None,
    }
}
