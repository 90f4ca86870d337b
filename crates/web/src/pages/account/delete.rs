use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use policy::cookie::{CookieParts, write_visit};

use super::{Member, proved_member};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{CLEAR_SITE_DATA, Here, Hidden, setting};
use crate::pages::register::told::{Told, Way};
use crate::phrases::{AccountWords, GuardianWords};

const HERE: &str = "/delete";

/// The field of the second button.
const CONFIRM: &str = "_confirm";

/// What the site put into the browser may be about whoever is gone now.
const CACHE_AND_STORAGE: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

#[derive(Template)]
#[template(path = "account/delete.html")]
struct DeletePage {
    frame: Frame,
    words: &'static AccountWords,
    action: String,
    home: String,
    export: String,
    hidden: Hidden,
    what_happens: Vec<&'static str>,
    /// Who else it is about: those they answer for, or whoever answers for them.
    as_well: Option<&'static str>,
}

pub(crate) async fn show(here: Here) -> Response {
    let member = match proved_member(&here, HERE).await {
        Ok(member) => member,
        Err(response) => return response,
    };
    match here.state.accounts.dependents(&member.holder).await {
        Ok(dependents) => here.with_form(StatusCode::OK, |hidden| DeletePage {
            frame: here.frame(),
            words: member.words,
            action: here.path(HERE, &[]),
            home: here.path("", &[]),
            export: here.path("/export", &[]),
            hidden,
            what_happens: what_happens(&here, &member),
            as_well: as_well(&here, &member, !dependents.is_empty()),
        }),
        Err(error) => here.unavailable(&error),
    }
}

/// Whoever has no address gets no letter, and loses none.
fn what_happens(here: &Here, member: &Member) -> Vec<&'static str> {
    let [signed_out, letter, gone, answers, visits] = member.words.delete.what_happens;
    match &member.holder.account.email {
        Some(_) => vec![signed_out, letter, gone, answers, visits],
        None => vec![signed_out, GuardianWords::of(here.words.language).own.gone, answers, visits],
    }
}

fn as_well(here: &Here, member: &Member, has_dependents: bool) -> Option<&'static str> {
    let words = &GuardianWords::of(here.words.language).own;
    match member.holder.account.guardian {
        Some(_) => Some(words.to_guardian),
        None => has_dependents.then_some(words.with_guardian),
    }
}

/// The first button asks once more, and the second closes.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    close(&here, body).await.unwrap_or_else(|response| response)
}

async fn close(here: &Here, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let member = proved_member(here, HERE).await?;
    let words = &member.words.delete;
    if form.get(CONFIRM) != Some("yes") {
        let keep = Way::new(here.path("", &[]), words.keep);
        let button = Way::new(here.path(HERE, &[]), words.delete);
        return Ok(Told::of(words.sure).button(button, vec![(CONFIRM, "yes".to_owned())]).way(keep).shown(here));
    }
    here.state.accounts.close_as_wished(&member.holder, here.asker.now).await.map_err(|error| here.unavailable(&error))?;
    Ok(goodbye(here, Told::of(words.closed)))
}

fn goodbye(here: &Here, told: Told) -> Response {
    let parts = CookieParts { session: None, ..here.asker.cookie.parts().cloned().unwrap_or_default() };
    let mut response = told.signed_out().shown(here);
    response.headers_mut().insert(CLEAR_SITE_DATA, CACHE_AND_STORAGE);
    let (policy, keys) = (&here.asker.policy, here.state.keys.load());
    // It says less than before, so it fits.
    match write_visit(policy, &keys, &parts, here.asker.now, here.asker.https) {
        Some(set_cookie) => setting(response, &set_cookie),
        None => response,
    }
}
