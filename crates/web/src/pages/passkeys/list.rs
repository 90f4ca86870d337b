use app::people::Passkey;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::scripted::words;
use super::{by_name, change, member, party, running_script, script};
use crate::pages::account::sessions;
use crate::pages::frame::{Frame, Place};
use crate::pages::guardians::can_register;
use crate::pages::query;
use crate::pages::register::here::{Here, Hidden, RETURN, see_other};
use crate::phrases::{AccountWords, ByCode, Moment, PasskeyWords, SessionsWords};

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
    /// What is said of other ways to sign in.
    ways: Ways,
    end_others: Option<EndOthers>,
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
    Here {
        script: String,
        begin: String,
        end: String,
        first_name: String,
    },
    /// Not at this address of the site, but perhaps at another.
    Elsewhere {
        address: Option<String>,
    },
}

/// What proves who they are and leads back here.
enum Again {
    /// A form that mails a link.
    Mailed { action: String, return_to: String },
    /// Where whoever has no address signs in again.
    Elsewhere { address: String },
}

struct Ways {
    remove_last: &'static str,
    needs_script: &'static str,
    needs_name: &'static str,
    sign_in_again: &'static str,
    sign_in_again_button: &'static str,
}

/// Signs out every other browser.
struct EndOthers {
    action: String,
    fields: Hidden,
    words: &'static SessionsWords,
}

/// The parameter that says what was just done.
const SAID: &str = "said";

pub(crate) async fn show(here: Here) -> Response {
    page(&here).await.unwrap_or_else(|response| response)
}

async fn page(here: &Here) -> Result<Response, Response> {
    let list = here.path("/passkeys", &[]);
    let unavailable = |error| here.unavailable(&error);
    let Some((who, holder)) = member(here).await.map_err(unavailable)? else {
        return Ok(see_other(&here.path_and_return("/sign-in", Some(&list))));
    };
    let passkeys = here.state.accounts.passkeys(&who).await.map_err(unavailable)?;
    let frame = here.frame();
    let rows = passkeys.iter().map(|passkey| row(here, &frame, passkey)).collect();
    let is_sure = holder.has_just_proved(here.asker.now);
    let has_address = holder.account.email.is_some();
    let adding = is_sure.then(|| adding(here, &frame));
    let needs_script = matches!(adding, Some(Adding::Here { .. }));
    // A way in was added or removed: whoever came in by the others can be shown out at once.
    let changed = matches!(query(&here.uri, SAID).as_deref(), Some("added" | "removed"));
    let elsewhere = changed && here.state.accounts.sessions(holder.account.id, here.asker.now).await.map_err(unavailable)?.len() > 1;
    let page = here.with_form(StatusCode::OK, |hidden| ListPage {
        words: words(here),
        said: said(here),
        end_others: elsewhere.then(|| EndOthers {
            action: here.path("/sessions", &[]),
            fields: sessions::others(),
            words: &AccountWords::of(here.words.language).sessions,
        }),
        passkeys: rows,
        name_field: change::NAME,
        hidden,
        home: here.path("", &[]),
        again: (!is_sure).then(|| again(here, has_address, list)),
        ways: ways(words(here), has_address),
        adding,
        frame,
    });
    Ok(if needs_script { running_script(page) } else { page })
}

fn row(here: &Here, frame: &Frame, passkey: &Passkey) -> Row {
    let zone = &here.asker.policy.time_zone;
    Row {
        name: passkey.name.as_str().to_owned(),
        made: frame.phrases.moment_of_day(passkey.made, zone),
        used: passkey.used.map(|used| frame.phrases.moment(used, zone)),
        rename: here.path(&format!("/passkeys/{}/name", passkey.id.to_hex()), &[]),
        remove: here.path(&format!("/passkeys/{}/remove", passkey.id.to_hex()), &[]),
    }
}

fn again(here: &Here, has_address: bool, list: String) -> Again {
    if has_address {
        return Again::Mailed { action: here.path("/prove", &[]), return_to: list };
    }
    let page = if can_register(here) { "/code" } else { "/sign-in" };
    Again::Elsewhere { address: here.path_and_return(page, Some(&list)) }
}

/// Nobody mails a link to somebody who has no address.
const fn ways(words: &PasskeyWords, has_address: bool) -> Ways {
    if has_address {
        let PasskeyWords { remove_last, needs_script, needs_name, sign_in_again, sign_in_again_button, .. } = *words;
        Ways { remove_last, needs_script, needs_name, sign_in_again, sign_in_again_button }
    } else {
        let ByCode { remove_last, needs_script, needs_name, sign_in_again, sign_in_again_button } = words.by_code;
        Ways { remove_last, needs_script, needs_name, sign_in_again, sign_in_again_button }
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
    match query(&here.uri, SAID)?.as_str() {
        "added" => Some(said.added),
        "renamed" => Some(said.renamed),
        "removed" => Some(said.removed),
        "gone" => Some(said.gone),
        "no-name" => Some(said.no_name),
        _ => None,
    }
}
