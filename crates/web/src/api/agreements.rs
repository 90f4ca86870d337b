use app::people::{Agreement, BegunAgreement};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{AccountId, Id, Timestamp};
use serde::{Deserialize, Serialize};

use super::body::MaybeJsonBody;
use super::pages::{Page, Pages};
use super::problem::Problem;
use super::segments::Segments;
use crate::PrivateState;

/// What a program may say of an agreement.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "one JSON object, as {\"until\": \"2027-01-01T00:00:00Z\"}")]
pub(super) struct Wish {
    until: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Shown {
    name: Id,
    since: Timestamp,
    until: Option<Timestamp>,
}

impl From<Agreement> for Shown {
    fn from(Agreement { name, since, until }: Agreement) -> Self {
        Self { name, since, until }
    }
}

pub(super) async fn list(
    State(state): State<PrivateState>,
    Segments(person): Segments<String>,
    pages: Pages,
) -> Result<Json<Page<Shown>>, Problem> {
    let agreements = in_force(&state, account(&person)?).await?;
    Ok(Json(pages.of(agreements.into_iter().map(Shown::from).collect(), |shown| shown.name.to_string())))
}

pub(super) async fn get(
    State(state): State<PrivateState>,
    Segments((person, name)): Segments<(String, String)>,
) -> Result<Json<Shown>, Problem> {
    let agreements = in_force(&state, account(&person)?).await?;
    let found = agreements.into_iter().find(|agreement| agreement.name == *name.as_str());
    found.map(|agreement| Json(agreement.into())).ok_or_else(none_in_force)
}

/// Puts an agreement in force, or says anew when it ends.
pub(super) async fn put(
    State(state): State<PrivateState>,
    Segments((person, name)): Segments<(String, String)>,
    MaybeJsonBody(wish): MaybeJsonBody<Wish>,
) -> Result<Response, Problem> {
    let (account, now) = (account(&person)?, state.clock.now());
    let declared = declared(&state, &name)?;
    if wish.until.is_some_and(|until| until <= now) {
        return Err(Problem::unprocessable("until-past", "`until` is in the past; an agreement that is over is ended with DELETE"));
    }
    let begun = state.accounts.begin_agreement(account, declared, wish.until, now).await.map_err(|error| Problem::internal(&error))?;
    match begun {
        BegunAgreement::Begun(agreement) => Ok((StatusCode::CREATED, Json(Shown::from(agreement))).into_response()),
        BegunAgreement::Kept(agreement) => Ok(Json(Shown::from(agreement)).into_response()),
        BegunAgreement::NobodyThere => Err(nobody()),
        BegunAgreement::TooMany => Err(Problem::conflict(
            "too-many-agreements",
            format!("this person has {} agreements in force, and no more are kept; end one first", app::people::AGREEMENTS_MAX),
        )),
    }
}

/// Ends one, at once.
pub(super) async fn end(
    State(state): State<PrivateState>,
    Segments((person, name)): Segments<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = account(&person)?;
    // What the policy declares no more can still be in force, and be ended.
    let name = Id::parse(&name).map_err(|_| none_in_force())?;
    let ended = state.accounts.end_agreement(account, name, state.clock.now()).await.map_err(|error| Problem::internal(&error))?;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(none_in_force()) }
}

async fn in_force(state: &PrivateState, account: AccountId) -> Result<Vec<Agreement>, Problem> {
    let agreements = state.accounts.agreements(account, state.clock.now()).await.map_err(|error| Problem::internal(&error))?;
    agreements.ok_or_else(nobody)
}

fn declared(state: &PrivateState, name: &str) -> Result<Id, Problem> {
    let policy = state.policy()?;
    if let Some(agreement) = policy.agreement_named(name) {
        return Ok(policy.agreement(agreement).id.clone());
    }
    let names: Vec<String> = policy.agreements.iter().map(|agreement| format!("`{}`", agreement.id)).collect();
    let there = if names.is_empty() { "it declares none".to_owned() } else { format!("it declares {}", names.join(", ")) };
    Err(Problem::unprocessable("agreement-undeclared", format!("no use of the policy names this agreement; {there}")))
}

pub(super) fn account(text: &str) -> Result<AccountId, Problem> {
    AccountId::parse(text).ok_or_else(nobody)
}

pub(super) fn nobody() -> Problem {
    Problem::not_found("there is nobody of this id, or their account is closed; `POST /v1/people/search` finds people")
}

fn none_in_force() -> Problem {
    Problem::not_found("no such agreement is in force for this person")
}
