use app::minors::{BadReport, Reported};
use app::people::{Token, email_of_a_request};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Span, Timestamp};
use policy::Policy;
use serde::{Deserialize, Serialize};

use super::body::JsonBody;
use super::problem::Problem;
use super::segments::Segments;
use crate::PrivateState;
use crate::pages::requests::takes_reports;

const REPORT_A_MINOR: &str = "report-a-minor";

/// What was received longer ago is a slip of the pen: its clocks ran out before anybody knew of it.
const RECEIVED_BEFORE_MAX: Span = Span::months(24);

/// A request that came to an operator, by letter or phone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "one JSON object, as {\"kind\": \"report-a-minor\", \"about\": \"...\"}")]
pub(super) struct Wish {
    kind: String,
    /// Whom it is about: a username, an e-mail address, or what the site knows them by.
    about: String,
    #[serde(default)]
    message: String,
    /// Where the outcome is told.
    email: Option<String>,
    /// The language of the answer.
    language: Option<String>,
    /// When it was received, if not now: its clocks run from then.
    received: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: String,
    kind: &'static str,
    state: &'static str,
    received: Timestamp,
}

/// Enters one. It says the same whether there is such an account or not.
pub(super) async fn take(State(state): State<PrivateState>, JsonBody(wish): JsonBody<Wish>) -> Result<(StatusCode, Json<Shown>), Problem> {
    let (policy, now) = (state.policy()?, state.clock.now());
    if wish.kind != REPORT_A_MINOR || !takes_reports(&policy) {
        return Err(Problem::unprocessable(
            "kind-unknown",
            "the only kind there is by now is `report-a-minor`, where the policy has that duty",
        ));
    }
    let received = wish.received.unwrap_or(now);
    if received > now {
        return Err(Problem::unprocessable("received-later", "`received` is in the future"));
    }
    if received < RECEIVED_BEFORE_MAX.before(now) {
        return Err(Problem::unprocessable("received-earlier", "`received` is more than two years ago"));
    }
    let language = language(&policy, wish.language.as_deref())?;
    let email = wish.email.as_deref().map(email_of_a_request).transpose();
    let email = email.map_err(|why| Problem::unprocessable("email-unusable", why.to_string()))?;
    let reported = Reported::new(&wish.about, &wish.message, email, &language).map_err(unusable)?;
    let token = state.minors.report(reported, None, &policy, received).await.map_err(|error| Problem::internal(&error))?;
    let (progress, received) = found(&state, &token).await?;
    Ok((StatusCode::CREATED, Json(Shown { id: token.text(), kind: REPORT_A_MINOR, state: progress, received })))
}

/// The language of the answer: one that the policy is in, or else its first.
fn language(policy: &Policy, wished: Option<&str>) -> Result<String, Problem> {
    let known = || policy.languages.iter().map(ToString::to_string);
    match wished {
        None => Ok(known().next().unwrap_or_else(|| "en".to_owned())),
        Some(wished) => known().find(|language| language == wished).ok_or_else(|| {
            let known: Vec<String> = known().collect();
            Problem::unprocessable("language-unknown", format!("`language` is one of those of the policy: {}", known.join(", ")))
        }),
    }
}

/// How far one is, by the number it was given, or its reporter follows it by.
pub(super) async fn get(State(state): State<PrivateState>, Segments(request): Segments<String>) -> Result<Json<Shown>, Problem> {
    let token = Token::parse(&request).ok_or_else(nothing)?;
    let (progress, received) = found(&state, &token).await?;
    Ok(Json(Shown { id: token.text(), kind: REPORT_A_MINOR, state: progress, received }))
}

async fn found(state: &PrivateState, token: &Token) -> Result<(&'static str, Timestamp), Problem> {
    let found = state.minors.progress(token).await.map_err(|error| Problem::internal(&error))?;
    found.map(|(progress, made)| (progress.name(), made)).ok_or_else(nothing)
}

fn nothing() -> Problem {
    Problem::not_found("there is no such request, or it is deleted after its time")
}

fn unusable(why: BadReport) -> Problem {
    let detail = match why {
        BadReport::AboutMissing => "`about` is empty; say whom the request is about",
        BadReport::AboutTooLong => "`about` is too long",
        BadReport::MessageTooLong => "`message` is too long",
    };
    Problem::unprocessable("request-unusable", detail)
}
