use app::operators::{BadOperatorName, Invitation, JoinError, OperatorName, PasskeyName, Role, operator_name};
use app::people::Token;
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::Desk;
use super::frame::{Frame, Tab};
use super::scripted::{Said, asking, going_on, known, not_made, party, problem, said, unavailable};
use super::told::Told;
use crate::forms::secret_address;
use crate::pages::html;
use crate::pages::passkeys::running_script;
use crate::phrases::{Moment, Phrases};

#[derive(Template)]
#[template(path = "console/joining.html")]
struct JoiningPage {
    frame: Frame,
    /// Nobody invited them: the link comes from the machine itself.
    from_the_machine: bool,
    owner: bool,
    expires: Moment,
    begin: String,
    end: String,
}

/// Where somebody says what they are called and makes their first passkey. Looking at it does not use the link up.
pub(crate) async fn show(Path(token): Path<String>, desk: Desk) -> Response {
    secret_address(match invited(&desk, &token).await {
        Err(response) => response,
        Ok((_, invitation)) => {
            let here = desk.uri.path().to_owned();
            let page = JoiningPage {
                frame: desk.frame(),
                from_the_machine: invitation.invited_by.is_none(),
                owner: invitation.role == Role::Owner,
                expires: desk.moment(invitation.expires),
                begin: format!("{here}/challenge"),
                end: here,
            };
            running_script(html(StatusCode::OK, &page))
        }
    })
}

/// Asks the browser for the first passkey.
pub(crate) async fn begin(Path(token): Path<String>, desk: Desk, body: Result<Bytes, BytesRejection>) -> Response {
    ask(&desk, &token, body).await.unwrap_or_else(|response| response)
}

/// Makes them an operator, and signs them in.
pub(crate) async fn end(Path(token): Path<String>, desk: Desk, body: Result<Bytes, BytesRejection>) -> Response {
    join(&desk, &token, body).await.unwrap_or_else(|response| response)
}

async fn invited(desk: &Desk, token: &str) -> Result<(Token, Invitation), Response> {
    let found = match Token::parse(token) {
        Some(token) => desk.state.operators.invitation(&token, desk.now).await.map(|found| found.map(|invitation| (token, invitation))),
        None => Ok(None),
    };
    let gone = || {
        let lead = "It was used, taken back, or has had its time. An owner can invite you again. If there is no owner yet, start Candor again: it prints a new link. \
                    If all owners lost their passkeys, the command “candor operators new-link” makes one.";
        Told::new("This link does not work any more", lead).status(StatusCode::GONE).way("/sign-in", "Sign in").shown(&desk.state)
    };
    found.map_err(|error| desk.unavailable(&error))?.ok_or_else(gone)
}

async fn ask(desk: &Desk, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let (token, name, _) = asked(desk, token, body)?;
    let begun = desk.state.operators.begin_joining(&token, &party(desk)?, &name, desk.now).await;
    begun.map(asking).map_err(not_joined)
}

async fn join(desk: &Desk, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let (token, name, said) = asked(desk, token, body)?;
    let called = (name, first_passkeys_name(desk));
    let joined = desk.state.operators.join(&token, &party(desk)?, &said.ticket, &said.answer, called, desk.now).await;
    Ok(desk.signing_in(going_on("/"), &joined.map_err(not_joined)?))
}

#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
fn asked(desk: &Desk, token: &str, body: Result<Bytes, BytesRejection>) -> Result<(Token, OperatorName, Said), Response> {
    let said = said(desk, body)?;
    let name = operator_name(said.name.as_deref().unwrap_or_default());
    let name = name.map_err(|why| problem(StatusCode::UNPROCESSABLE_ENTITY, "name", not_called(why)))?;
    Ok((Token::parse(token).ok_or_else(|| not_joined(JoinError::NoInvitation))?, name, said))
}

const fn not_called(why: BadOperatorName) -> &'static str {
    match why {
        BadOperatorName::Length => "Say what you want to be called: at least one character and at most 60.",
        BadOperatorName::Unseen => {
            "This name holds characters that nobody sees, such as marks that turn the direction of writing. Type it with letters, digits and spaces."
        }
    }
}

/// They can give their next one a name of its own.
fn first_passkeys_name(desk: &Desk) -> PasskeyName {
    let day = Phrases::ENGLISH.date(desk.now.to_zoned(desk.zone()).date());
    PasskeyName::parse(&format!("First passkey, {day}")).unwrap_or_else(|| unreachable!("a few words are a name"))
}

fn not_joined(error: JoinError) -> Response {
    match error {
        JoinError::NoInvitation => {
            problem(StatusCode::GONE, "no-link", "This link does not work any more. Load the page again: it says what to do.")
        }
        JoinError::NameTaken => {
            let says = "Another operator has this name, or one that looks like it. Choose a name that nobody takes for theirs.";
            problem(StatusCode::CONFLICT, "name", says)
        }
        JoinError::KnownPasskey => known(),
        JoinError::Ceremony(error) => not_made(error),
        JoinError::Records(error) => unavailable(&error),
    }
}
