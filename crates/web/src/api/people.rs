use app::people::{BadClue, Clue, NotShown, Reader, ShownPerson};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::agreements::nobody;
use super::body::JsonBody;
use super::pages::query;
use super::problem::{Problem, reason};
use super::segments::Segments;
use crate::PrivateState;

/// Whom a program looks for. It comes in the body, because addresses and names in a URL end up in logs.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "one JSON object, as {\"email\": \"anna@example.org\"}")]
pub(super) struct Search {
    email: Option<String>,
    username: Option<String>,
    visitor: Option<String>,
    id: Option<String>,
    purpose: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Found {
    people: Vec<ShownPerson>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct For {
    purpose: Option<String>,
}

/// Everybody whom it leads to: mostly one or nobody.
pub(super) async fn search(State(state): State<PrivateState>, JsonBody(search): JsonBody<Search>) -> Result<Json<Found>, Problem> {
    let clue = clue(&search)?;
    let people = shown(&state, &clue, search.purpose.as_deref()).await?;
    Ok(Json(Found { people }))
}

pub(super) async fn show(
    State(state): State<PrivateState>,
    Segments(person): Segments<String>,
    uri: axum::http::Uri,
) -> Result<Json<ShownPerson>, Problem> {
    let For { purpose } = query(&uri, "`purpose`")?;
    let clue = Clue::account(&person).map_err(|_| nobody())?;
    shown(&state, &clue, purpose.as_deref()).await?.pop().map(Json).ok_or_else(nobody)
}

fn clue(search: &Search) -> Result<Clue, Problem> {
    let bad = |error: BadClue| Problem::unprocessable("clue-unusable", error.to_string());
    match (&search.email, &search.username, &search.visitor, &search.id) {
        (Some(email), None, None, None) => Clue::email(email).map_err(bad),
        (None, Some(username), None, None) => Clue::username(username).map_err(bad),
        (None, None, Some(visitor), None) => Clue::visitor(visitor).map_err(bad),
        (None, None, None, Some(id)) => Clue::account(id).map_err(bad),
        _ => Err(Problem::bad("look for somebody by exactly one of `email`, `username`, `visitor` and `id`")),
    }
}

async fn shown(state: &PrivateState, clue: &Clue, purpose: Option<&str>) -> Result<Vec<ShownPerson>, Problem> {
    let (policy, now) = (state.policy()?, state.clock.now());
    let reader =
        Reader::new(&policy, purpose, now).map_err(|why: NotShown| Problem::unprocessable("purpose-unknown", reason(&why.to_string())))?;
    let people = state.accounts.who(clue, &policy, now).await.map_err(|error| Problem::internal(&error))?;
    Ok(people.iter().map(|person| reader.show(person)).collect())
}
