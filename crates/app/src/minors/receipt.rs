//! What an operator, and whoever checks on them, can see of a deletion.

use domain::{Keep, Timestamp};
use policy::Policy;
use records::{CaseEvent, CaseFile, CaseState};
use serde::Serialize;

use super::erasing::cases_kept;

/// What was deleted in a case, when, and what remains. There is nothing in it that leads to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub format: &'static str,
    pub case: String,
    pub confirmed: Timestamp,
    /// When nobody could sign in any more.
    pub deactivated: Option<Timestamp>,
    pub due: Timestamp,
    /// None while it is not done.
    pub deleted: Option<Timestamp>,
    pub in_time: bool,
    pub gone: Vec<Gone>,
    pub remains: Vec<Remains>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    pub what: &'static str,
    pub number: u64,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remains {
    pub what: &'static str,
    pub why: &'static str,
    pub until: String,
}

impl Receipt {
    /// None where nothing was confirmed.
    pub fn of(file: &CaseFile, policy: &Policy, now: Timestamp) -> Option<Self> {
        let case = &file.case;
        let confirmed = case.decided.filter(|_| matches!(case.state, CaseState::Confirmed | CaseState::Done))?;
        let deactivated = file.events.iter().rev().find(|happened| happened.event == CaseEvent::Deactivated).map(|happened| happened.at);
        let deleted = case.ended.filter(|_| case.state == CaseState::Done);
        Some(Self {
            format: "candor-minor-receipt/1",
            case: case.id.to_hex(),
            confirmed,
            deactivated,
            due: case.due,
            deleted,
            in_time: deleted.unwrap_or(now) <= case.due,
            gone: file.deletions.iter().map(|gone| Gone { what: in_words(&gone.what), number: gone.number, at: gone.at }).collect(),
            remains: remains(policy),
        })
    }
}

/// What was counted, as a reader understands it.
fn in_words(what: &str) -> &'static str {
    match what {
        "sessions" => "sessions ended",
        "links" => "mailed links made void",
        "letters" => "letters and other work dropped",
        "account" => "account with e-mail address, username, age statement and key",
        "passkeys" => "passkeys",
        "answers" => "answers taken off the account",
        "browsers" => "browsers taken off the account",
        "visits" => "visits taken out of the visit log",
        _ => "other rows",
    }
}

fn remains(policy: &Policy) -> Vec<Remains> {
    let kept = |id: &str| match policy.data.iter().find(|data| data.id == *id).map(|data| &data.keep) {
        Some(Keep::For(span)) => format!("{span} after each was made"),
        Some(Keep::WhileRegistered) => "they are written no more".to_owned(),
        None => "the policy keeps none".to_owned(),
    };
    vec![
        Remains {
            what: "visits on which nobody was signed in, from a browser that is not known to be the person's alone",
            why: "nothing tells whose they are; an IP address stays in one only as long as the policy's ageing says",
            until: kept("visit"),
        },
        Remains {
            what: "answers about purposes, each under a random number of a browser",
            why: "they prove what was permitted and refused; nothing ties the number to a person any more",
            until: kept("choice"),
        },
        Remains {
            what: "this case: its times, who decided, and these counts",
            why: "to show that it was done",
            until: format!("{} after its end", cases_kept(policy)),
        },
        Remains {
            what: "in the list of what operators did: that one of them signed the account out everywhere, if one did, under its random number",
            why: "to show who did what; the number leads to no row any more",
            until: "for good".to_owned(),
        },
        Remains {
            what: "copies of the databases made before",
            why: "what was the person's in them is sealed under a key that is deleted; put the newest copy of the keys over the last one",
            until: "until the copies are thrown away".to_owned(),
        },
        Remains {
            what: "what the site itself keeps of this account",
            why: "Candor cannot reach it yet; the site hears nothing of the account any more",
            until: "until somebody deletes it there".to_owned(),
        },
    ]
}
