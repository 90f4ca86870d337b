use app::operators::{self, Invitation, OperatorRemoved, RecordsError, Role};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::OperatorId;

use super::desk::{Operator, OwnerPosted};
use super::frame::{Frame, Tab};
use super::told::Told;
use crate::forms::see_other;
use crate::pages::query;
use crate::phrases::Moment;

const HERE: &str = "/operators";
const ROLE: &str = "_role";
/// The newest invitation there was when the form was shown: sent again, the form makes no second one.
const NEWEST: &str = "_newest";

#[derive(Template)]
#[template(path = "console/operators.html")]
struct ListPage {
    frame: Frame,
    said: Option<&'static str>,
    operators: Vec<Row>,
    invitations: Vec<Invited>,
    role_field: &'static str,
    newest_field: &'static str,
    newest: String,
    /// They may invite and remove, and signed in just now.
    may_change: bool,
    /// They may, once they have signed in again.
    again: Option<String>,
}

struct Row {
    id: String,
    name: String,
    role: &'static str,
    since: Moment,
    is_reader: bool,
}

struct Invited {
    id: String,
    role: &'static str,
    by: String,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "console/invited.html")]
struct InvitedPage {
    frame: Frame,
    link: String,
    owner: bool,
    expires: Moment,
}

/// Everybody who runs the site; for owners, who is invited, and how that changes.
pub(crate) async fn list(operator: Operator) -> Response {
    page(&operator).await.unwrap_or_else(|error| operator.desk.unavailable(&error))
}

/// Makes a link for another operator, and shows it once.
pub(crate) async fn invite(posted: OwnerPosted) -> Response {
    let OwnerPosted { owner, form } = posted;
    if let Err(response) = owner.proved_or_back_to(HERE) {
        return response;
    }
    let Some(role) = form.get(ROLE).and_then(Role::named) else { return see_other("/operators?said=no-role") };
    let desk = &owner.desk;
    match desk.state.operators.invitations(desk.now).await {
        Ok(invitations) if form.get(NEWEST).is_some_and(|shown| shown != newest(&invitations)) => {
            return see_other("/operators?said=made-already");
        }
        Ok(_) => {}
        Err(error) => return desk.unavailable(&error),
    }
    match desk.state.operators.invite(role, &owner.who, desk.now).await {
        Ok(Some(token)) => owner.page(&InvitedPage {
            frame: owner.frame(Tab::Operators),
            link: format!("{}/invitation/{}", desk.place.origin, token.text()),
            owner: role == Role::Owner,
            expires: desk.moment(operators::INVITATION_LIVES.after(desk.now)),
        }),
        Ok(None) => see_other("/sign-in"),
        Err(error) => desk.unavailable(&error),
    }
}

pub(crate) async fn remove(Path(operator): Path<String>, posted: OwnerPosted) -> Response {
    let OwnerPosted { owner, .. } = posted;
    if let Err(response) = owner.proved_or_back_to(HERE) {
        return response;
    }
    let desk = &owner.desk;
    let removed = match OperatorId::parse(&operator) {
        Some(id) => desk.state.operators.remove(id, &owner.who, desk.now).await,
        None => Ok(OperatorRemoved::NobodyThere),
    };
    match removed {
        Ok(OperatorRemoved::Removed) => see_other("/operators?said=removed"),
        Ok(OperatorRemoved::NobodyThere) => see_other("/operators?said=gone"),
        Ok(OperatorRemoved::NotForThem) => see_other(HERE),
        Ok(OperatorRemoved::LastOwner) => {
            let lead =
                "Somebody has to be left who can invite others. Invite another owner first; once they have come, you can be removed.";
            let told = Told::new("The last owner stays", lead).status(StatusCode::CONFLICT).way(HERE, "Back to the operators");
            told.shown_in(owner.frame(Tab::Operators))
        }
        Err(error) => desk.unavailable(&error),
    }
}

/// Takes an invitation back.
pub(crate) async fn withdraw(Path(operator): Path<String>, posted: OwnerPosted) -> Response {
    let OwnerPosted { owner, .. } = posted;
    let desk = &owner.desk;
    let withdrawn = match OperatorId::parse(&operator) {
        Some(id) => desk.state.operators.withdraw_invitation(id, &owner.who, desk.now).await,
        None => Ok(false),
    };
    match withdrawn {
        Ok(true) => see_other("/operators?said=withdrawn"),
        Ok(false) => see_other("/operators?said=no-link"),
        Err(error) => desk.unavailable(&error),
    }
}

async fn page(operator: &Operator) -> Result<Response, RecordsError> {
    let desk = &operator.desk;
    let all = desk.state.operators.all().await?;
    let invitations = if operator.is_owner() { desk.state.operators.invitations(desk.now).await? } else { Vec::new() };
    let row = |one: &operators::Operator| Row {
        id: one.id.to_hex(),
        name: one.name.as_str().to_owned(),
        role: title(one.role),
        since: desk.moment(one.made),
        is_reader: one.id == operator.who.operator.id,
    };
    let name = |id| all.iter().find(|one| Some(one.id) == id).map_or("Candor itself", |one| one.name.as_str());
    let invited = |one: &Invitation| Invited {
        id: one.operator.to_hex(),
        role: title(one.role),
        by: name(one.invited_by).to_owned(),
        expires: desk.moment(one.expires),
    };
    let proved = operator.has_just_proved();
    Ok(operator.page(&ListPage {
        frame: operator.frame(Tab::Operators),
        said: words(query(&desk.uri, "said").as_deref()),
        operators: all.iter().filter(|one| one.removed.is_none()).map(row).collect(),
        invitations: invitations.iter().map(invited).collect(),
        role_field: ROLE,
        newest_field: NEWEST,
        newest: newest(&invitations),
        may_change: operator.is_owner() && proved,
        again: (operator.is_owner() && !proved).then(|| desk.sign_in_and_return(true)),
    }))
}

/// What the newest invitation is called; they come newest first.
fn newest(invitations: &[Invitation]) -> String {
    invitations.first().map_or_else(|| "none".to_owned(), |invitation| invitation.operator.to_hex())
}

const fn title(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Operator => "Operator",
    }
}

fn words(said: Option<&str>) -> Option<&'static str> {
    match said? {
        "removed" => Some("The operator is removed, and signed out everywhere."),
        "gone" => Some("This operator was removed already."),
        "withdrawn" => Some("The invitation is taken back: its link does not work any more."),
        "no-link" => Some("This invitation was used, was taken back, or has had its time."),
        "made-already" => Some(
            "No further link was made: there is a new invitation since you opened the page. If nobody has its link, take it back below and make another.",
        ),
        "no-role" => Some("Choose what the new operator may do."),
        _ => None,
    }
}
