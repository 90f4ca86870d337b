use app::operators::RecordsError;
use app::people::{Clue, KnownPerson, Reader, ShownPerson};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::AccountId;

use super::desk::{Operator, Posted};
use super::frame::{Frame, Tab};
use super::told::Told;
use crate::forms::see_other;
use crate::pages::{html, query};
use crate::phrases::Moment;

const WHOM: &str = "_whom";

#[derive(Template)]
#[template(path = "console/people/search.html")]
struct SearchPage {
    frame: Frame,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "console/people/person.html")]
struct PersonPage {
    frame: Frame,
    said: Option<&'static str>,
    id: String,
    /// None where the policy does not permit to show it, or there is none.
    username: Option<String>,
    email: Option<String>,
    withheld: bool,
    since: Moment,
    closed: Option<Moment>,
    sessions: Vec<ShownSession>,
}

struct ShownSession {
    since: Moment,
    seen: Moment,
}

/// Where somebody is looked for.
pub(crate) async fn ask(operator: Operator) -> Response {
    operator.page(&SearchPage { frame: operator.frame(Tab::People), problem: None })
}

/// Leads to whoever it is. What is looked for comes in the body, so that no address is in a URL.
pub(crate) async fn find(Posted { operator, form }: Posted) -> Response {
    let nobody = |why: &str| {
        let page = SearchPage { frame: operator.frame(Tab::People), problem: Some(why.to_owned()) };
        html(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let desk = &operator.desk;
    let clue = match Clue::parse(form.get(WHOM).unwrap_or_default()) {
        Ok(clue) => clue,
        Err(why) => return nobody(&format!("Nobody can be found by this: {why}.")),
    };
    match known(&operator, &clue).await {
        Ok(Some(person)) => see_other(&format!("/people/{}", person.account.id.to_hex())),
        Ok(None) => nobody("There is no account of this name, address or number."),
        Err(error) => desk.unavailable(&error),
    }
}

/// An account, as far as the policy permits it for running accounts.
pub(crate) async fn show(Path(person): Path<String>, operator: Operator) -> Response {
    let Some(id) = AccountId::parse(&person) else { return no_account(&operator) };
    match known(&operator, &Clue::Account(id)).await {
        Ok(Some(person)) => page(&operator, &person).await.unwrap_or_else(|error| operator.desk.unavailable(&error)),
        Ok(None) => no_account(&operator),
        Err(error) => operator.desk.unavailable(&error),
    }
}

/// Signs somebody out everywhere, at once.
pub(crate) async fn sign_out(Path(person): Path<String>, Posted { operator, .. }: Posted) -> Response {
    let Some(id) = AccountId::parse(&person) else { return no_account(&operator) };
    let desk = &operator.desk;
    match desk.state.operators.sign_out_person(&desk.state.accounts, id, &operator.who, desk.now).await {
        Ok(true) => see_other(&format!("/people/{}?said=signed-out", id.to_hex())),
        Ok(false) => no_account(&operator),
        Err(error) => desk.unavailable(&error),
    }
}

async fn known(operator: &Operator, clue: &Clue) -> Result<Option<KnownPerson>, RecordsError> {
    let desk = &operator.desk;
    let Some(policy) = desk.state.versions.current() else { return Ok(None) };
    Ok(desk.state.accounts.who(clue, &policy, desk.now).await?.pop())
}

async fn page(operator: &Operator, person: &KnownPerson) -> Result<Response, RecordsError> {
    let (desk, account) = (&operator.desk, &person.account);
    let sessions = desk.state.accounts.sessions(account.id, desk.now).await?;
    let shown = shown(operator, person);
    let (username, email) = shown.map_or((None, None), |shown| (shown.username, shown.email));
    Ok(operator.page(&PersonPage {
        frame: operator.frame(Tab::People),
        said: (query(&desk.uri, "said").as_deref() == Some("signed-out")).then_some("They are signed out everywhere."),
        id: account.id.to_hex(),
        withheld: username.is_none() || (email.is_none() && account.email.is_some()),
        username,
        email,
        since: desk.moment(account.made),
        closed: account.closed.map(|closed| desk.moment(closed)),
        sessions: sessions
            .iter()
            .map(|session| ShownSession { since: desk.moment(session.started), seen: desk.moment(session.seen) })
            .collect(),
    }))
}

/// None where the policy has no use that runs accounts.
fn shown(operator: &Operator, person: &KnownPerson) -> Option<ShownPerson> {
    let policy = operator.desk.state.versions.current()?;
    Some(Reader::new(&policy, None, operator.desk.now).ok()?.show(person))
}

fn no_account(operator: &Operator) -> Response {
    let told = Told::new("There is no such account", "It may have been closed, and deleted since.");
    told.status(StatusCode::NOT_FOUND).way("/people", "Look for somebody else").shown_in(operator.frame(Tab::People))
}
