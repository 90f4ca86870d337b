use app::operators::{self, Action, Deed, RecordsError};
use askama::Template;
use axum::response::Response;
use domain::{AccountId, OperatorId};

use super::desk::Owner;
use super::frame::{Frame, Tab};
use crate::pages::query;
use crate::phrases::Moment;

/// So many stand on one page.
const AT_ONCE: u16 = 100;

#[derive(Template)]
#[template(path = "console/actions.html")]
struct ActionsPage {
    frame: Frame,
    actions: Vec<Row>,
    /// Where the ones before these are.
    earlier: Option<String>,
}

struct Row {
    number: i64,
    at: Moment,
    who: String,
    did: &'static str,
    /// Whom it was done to, as the sentence goes on.
    whom: String,
}

/// What operators did, the newest first.
pub(crate) async fn list(Owner(owner): Owner) -> Response {
    let before = query(&owner.desk.uri, "before").and_then(|number| number.parse().ok());
    let found = async {
        let actions = owner.desk.state.operators.actions(before, AT_ONCE).await?;
        Ok::<_, RecordsError>((actions, owner.desk.state.operators.all().await?))
    };
    match found.await {
        Ok((actions, operators)) => {
            let last = actions.last().map(|action| action.number).filter(|number| *number > 1);
            owner.page(&ActionsPage {
                frame: owner.frame(Tab::Actions),
                earlier: last.map(|number| format!("/actions?before={number}")),
                actions: actions
                    .iter()
                    .map(|action| Row {
                        number: action.number,
                        at: owner.desk.moment(action.at),
                        who: who(action.operator, &operators),
                        did: words(action.deed),
                        whom: whom(action, &operators),
                    })
                    .collect(),
            })
        }
        Err(error) => owner.desk.unavailable(&error),
    }
}

fn who(id: Option<OperatorId>, operators: &[operators::Operator]) -> String {
    match id {
        None => "Candor, on its machine,".to_owned(),
        Some(id) => name(id, operators).unwrap_or_else(|| "Somebody who was removed long ago".to_owned()),
    }
}

/// How the sentence goes on. Of a passkey it is enough to know that there was one.
fn whom(action: &Action, operators: &[operators::Operator]) -> String {
    let named = action.subject.and_then(|subject| name(OperatorId(subject), operators));
    match (action.deed, named) {
        (Deed::Joined, Some(name)) => format!(", invited by {name}"),
        (Deed::Invited, Some(name)) => format!(", {name}"),
        (Deed::Removed, Some(name)) => format!(", {name}"),
        (Deed::PersonSignedOut, _) => format!(", account {}", action.subject.map_or_else(String::new, |id| AccountId(id).to_hex())),
        (Deed::Removed, None) => ", whose name is forgotten by now".to_owned(),
        _ => String::new(),
    }
}

fn name(id: OperatorId, operators: &[operators::Operator]) -> Option<String> {
    operators.iter().find(|one| one.id == id).map(|one| one.name.as_str().to_owned())
}

const fn words(deed: Deed) -> &'static str {
    match deed {
        Deed::LinkMade => "made a link to become an owner",
        Deed::Joined => "became an operator",
        Deed::SignedIn => "signed in",
        Deed::SignedOut => "signed out",
        Deed::SignedOutEverywhere => "signed out everywhere",
        Deed::Invited => "invited an operator",
        Deed::InvitationWithdrawn => "took an invitation back",
        Deed::Removed => "removed an operator",
        Deed::PasskeyAdded => "added a passkey",
        Deed::PasskeyRemoved => "removed a passkey",
        Deed::PersonSignedOut => "signed somebody out of their account everywhere",
        Deed::PasskeyCopied => "was not let in, because there may be a copy of their passkey",
    }
}
