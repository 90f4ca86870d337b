use app::operators::{AddPasskeyError, OperatorPasskey, PasskeyRemoved, RecordsError};
use app::people::PASSKEYS_MAX;
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::PasskeyId;

use super::desk::{Operator, Posted};
use super::frame::{Frame, Tab};
use super::scripted::{asking, going_on, known, not_made, party, passkey_name, problem, said, unavailable};
use crate::forms::see_other;
use crate::pages::passkeys::running_script;
use crate::pages::query;
use crate::phrases::{Moment, Phrases};

const HERE: &str = "/passkeys";

#[derive(Template)]
#[template(path = "console/passkeys.html")]
struct ListPage {
    frame: Frame,
    said: Option<&'static str>,
    passkeys: Vec<Row>,
    /// They signed in just now.
    proved: bool,
    again: String,
    first_name: String,
}

struct Row {
    id: String,
    name: String,
    made: Moment,
    used: Option<Moment>,
}

/// An operator's own passkeys.
pub(crate) async fn list(operator: Operator) -> Response {
    page(&operator).await.unwrap_or_else(|error| operator.desk.unavailable(&error))
}

/// Asks the browser for a further one.
pub(crate) async fn begin(operator: Operator, body: Result<Bytes, BytesRejection>) -> Response {
    ask(&operator, body).await.unwrap_or_else(|response| response)
}

/// Keeps what the browser made.
pub(crate) async fn end(operator: Operator, body: Result<Bytes, BytesRejection>) -> Response {
    add(&operator, body).await.unwrap_or_else(|response| response)
}

pub(crate) async fn remove(Path(passkey): Path<String>, posted: Posted) -> Response {
    let Posted { operator, .. } = posted;
    if let Err(response) = operator.proved_or_back_to(HERE) {
        return response;
    }
    let removed = match PasskeyId::parse(&passkey) {
        Some(id) => operator.desk.state.operators.remove_passkey(&operator.who, id, operator.desk.now).await,
        None => Ok(PasskeyRemoved::NoneSuch),
    };
    match removed {
        Ok(PasskeyRemoved::Removed) => see_other("/passkeys?said=removed"),
        Ok(PasskeyRemoved::NoneSuch) => see_other("/passkeys?said=gone"),
        Ok(PasskeyRemoved::LastOne) => see_other("/passkeys?said=last"),
        Err(error) => operator.desk.unavailable(&error),
    }
}

async fn page(operator: &Operator) -> Result<Response, RecordsError> {
    let desk = &operator.desk;
    let passkeys = desk.state.operators.passkeys(&operator.who).await?;
    let row = |passkey: &OperatorPasskey| Row {
        id: passkey.id.to_hex(),
        name: passkey.name.as_str().to_owned(),
        made: desk.moment(passkey.made),
        used: passkey.used.map(|used| desk.moment(used)),
    };
    let page = ListPage {
        frame: operator.frame(Tab::Passkeys),
        said: words(query(&desk.uri, "said").as_deref()),
        passkeys: passkeys.iter().map(row).collect(),
        proved: operator.has_just_proved(),
        again: desk.sign_in_and_return(true),
        first_name: format!("Passkey of {}", Phrases::ENGLISH.date(desk.now.to_zoned(desk.zone()).date())),
    };
    Ok(running_script(operator.page(&page)))
}

fn words(said: Option<&str>) -> Option<&'static str> {
    match said? {
        "added" => Some("The passkey is added. From now on you can sign in with it."),
        "removed" => Some("The passkey is removed. It does not sign in any more."),
        "gone" => Some("This passkey was removed already."),
        "last" => Some("This is your last passkey, and nothing else signs you in. Add another one first."),
        _ => None,
    }
}

async fn ask(operator: &Operator, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let desk = &operator.desk;
    said(desk, body)?;
    proved(operator)?;
    let begun = desk.state.operators.begin_adding_passkey(&operator.who, &party(desk)?, desk.now).await;
    begun.map(asking).map_err(not_added)
}

async fn add(operator: &Operator, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let desk = &operator.desk;
    let said = said(desk, body)?;
    proved(operator)?;
    let name = passkey_name(said.name.as_deref())?;
    let added = desk.state.operators.add_passkey(&operator.who, &party(desk)?, &said.ticket, &said.answer, name, desk.now).await;
    added.map(|()| going_on("/passkeys?said=added")).map_err(not_added)
}

#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
fn proved(operator: &Operator) -> Result<(), Response> {
    let says = "You have been signed in for a while. Load this page again; it says what to do.";
    if operator.has_just_proved() { Ok(()) } else { Err(problem(StatusCode::FORBIDDEN, "prove", says)) }
}

fn not_added(error: AddPasskeyError) -> Response {
    match error {
        AddPasskeyError::Known => known(),
        AddPasskeyError::TooMany => {
            let says = format!("You have {PASSKEYS_MAX} passkeys, and there is no room for more. Remove one first.");
            problem(StatusCode::CONFLICT, "too-many", &says)
        }
        AddPasskeyError::Ceremony(error) => not_made(error),
        AddPasskeyError::Records(error) => unavailable(&error),
    }
}
