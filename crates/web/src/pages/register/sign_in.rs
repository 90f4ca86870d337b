use app::people::email;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use policy::cookie::SignedIn;

use super::here::{Form, Here, Hidden, RETURN, see_other};
use super::{EMAIL, Typed, email_problem};
use crate::pages::frame::{Frame, Place};
use crate::pages::{guardians, passkeys, query};
use crate::phrases::{GuardianWords, RegisterWords};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    words: &'static RegisterWords,
    action: String,
    register: String,
    hidden: Hidden,
    signed_out: bool,
    email: Typed,
    /// None where there can be no passkeys.
    passkey: Option<passkeys::signing_in::Offer>,
    /// Where a code of a guardian's is written, and what leads there.
    code: Option<(String, &'static str)>,
}

pub(crate) async fn show(here: Here) -> Response {
    let return_to = here.return_to(None);
    if matches!(here.asker.signed_in(), SignedIn::As(_)) {
        return see_other(&return_to.unwrap_or_else(|| here.path("", &[])));
    }
    page(&here, StatusCode::OK, return_to, Typed::default())
}

/// The same answer for every address, whether it has an account or not.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    match here.posted(body) {
        Ok(form) => ask(&here, &form).await.unwrap_or_else(|response| response),
        Err(response) => response,
    }
}

async fn ask(here: &Here, form: &Form) -> Result<Response, Response> {
    let return_to = here.return_to(Some(form));
    let email = match email(form.get(EMAIL).unwrap_or_default()) {
        Ok(email) => email,
        Err(why) => {
            let typed = Typed::of(form, EMAIL, Some(email_problem(why, here.words)));
            return Err(page(here, StatusCode::UNPROCESSABLE_ENTITY, return_to, typed));
        }
    };
    here.admitted()?;
    if here.may_write_to("sign-in", &email) {
        here.state
            .accounts
            .ask_to_sign_in(&email, here.mailed_return(form), here.asker.now)
            .await
            .map_err(|error| here.unavailable(&error))?;
    }
    Ok(see_other(&here.path("/check-mail", &[("for", "sign-in")])))
}

fn page(here: &Here, status: StatusCode, return_to: Option<String>, email: Typed) -> Response {
    let passkey = passkeys::signing_in::offer(here, return_to.clone());
    let offers_passkeys = passkey.is_some();
    let door = GuardianWords::of(here.words.language).enter.door;
    let code = guardians::can_register(here).then(|| (here.path_and_return("/code", return_to.as_deref()), door));
    let page = here.with_form(status, |mut hidden| SignInPage {
        frame: here.frame(),
        words: here.words,
        action: here.path("/sign-in", &[]),
        register: here.path_and_return("/register", return_to.as_deref()),
        hidden: {
            hidden.extend(return_to.map(|path| (RETURN, path)));
            hidden
        },
        signed_out: query(&here.uri, "signed-out").is_some(),
        email,
        passkey,
        code,
    });
    if offers_passkeys { passkeys::running_script(page) } else { page }
}
