use app::visit_log::{Missing, NotAnswered, NotAsked, Question, ShownCounts, ShownVisit};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{AccountId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::pages::{no_cursor, query};
use super::problem::{Problem, reason};
use crate::PrivateState;

/// So many visits come at once, or groups where they are counted.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 1_000;

/// So many visits of one time a cursor counts.
const ALIKE_MAX: usize = 100_000;

const TAKES: &str = "`purpose`, `by`, `since`, `until`, `path`, `ip`, `person`, `at_least`, `limit` and `cursor`";

/// What a program asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    purpose: Option<String>,
    by: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    path: Option<String>,
    ip: Option<String>,
    person: Option<String>,
    at_least: Option<u64>,
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct Part {
    items: Vec<ShownVisit>,
    next: Option<String>,
    #[serde(flatten)]
    missing: Missing,
}

/// Up to where a list was handed out: the time of its last visit, and how many were of just that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    last: Timestamp,
    of_that_time: usize,
}

/// Visits, the newest first, or how many there were. Whatever it is, it is for a purpose.
pub(super) async fn list(State(state): State<PrivateState>, uri: Uri) -> Result<Response, Problem> {
    let asked: Asked = query(&uri, TAKES)?;
    let limit = asked.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::bad(format!("`limit` is a number from 1 to {LIMIT_MAX}")));
    }
    if asked.purpose.is_none() {
        return Err(Problem::unprocessable(
            "purpose-missing",
            "say what the visits are wanted for: `purpose` names a purpose of the policy",
        ));
    }
    if asked.person.as_deref().is_some_and(|person| AccountId::parse(person).is_none()) {
        let detail = "`person` is the id of an account or a visitor; `POST /v1/people/search` finds it, so that no address is in a URL";
        return Err(Problem::unprocessable("person-unusable", detail));
    }
    let cursor = asked.cursor.as_deref().map(|text| Cursor::read(text).ok_or_else(no_cursor)).transpose()?;
    if asked.by.is_some() && cursor.is_some() {
        return Err(Problem::bad("counts come at once: `by` takes no `cursor`"));
    }
    let question = Question {
        person: asked.person,
        ip: asked.ip,
        path: asked.path,
        since: asked.since,
        until: asked.until,
        purpose: asked.purpose,
        limit: Some(limit),
        by: asked.by,
        at_least: asked.at_least,
    };
    if question.by.is_some() {
        let counts: Option<ShownCounts> = state.visits.count(question, state.clock.now()).await.map_err(problem)?;
        return Ok(Json(counts).into_response());
    }
    part(&state, question, limit, cursor).await
}

async fn part(state: &PrivateState, mut question: Question, limit: usize, cursor: Option<Cursor>) -> Result<Response, Problem> {
    let passed = cursor.map_or(0, |cursor| cursor.of_that_time);
    if let Some(cursor) = cursor {
        // Times are kept to the microsecond, so that this is just after it.
        let end = cursor.last.checked_add(SignedDuration::from_micros(1)).unwrap_or(cursor.last);
        question.until = Some(question.until.map_or(end, |until| until.min(end)));
    }
    // One more tells whether there are more.
    let wanted = passed.saturating_add(limit).saturating_add(1);
    let (mut items, missing) = state.visits.newest(question, wanted, state.clock.now()).await.map_err(problem)?;
    items.drain(..passed.min(items.len()));
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| {
        let alike = items.iter().filter(|visit| visit.time == last.time).count();
        let passed = if cursor.is_some_and(|cursor| cursor.last == last.time) { passed } else { 0 };
        Cursor { last: last.time, of_that_time: passed + alike }.text()
    });
    Ok(Json(Part { items, next, missing }).into_response())
}

impl Cursor {
    fn text(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}.{}", self.last.as_microsecond(), self.of_that_time))
    }

    fn read(text: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (last, of_that_time) = text.split_once('.')?;
        // A log that tells times to the second has many visits of one time, but not so many.
        let of_that_time = of_that_time.parse().ok().filter(|count| *count <= ALIKE_MAX)?;
        Some(Self { last: Timestamp::from_microsecond(last.parse().ok()?).ok()?, of_that_time })
    }
}

fn problem(why: NotAnswered) -> Problem {
    match why {
        NotAnswered::Asked(NotAsked::Refused(why)) => Problem::new(StatusCode::FORBIDDEN, "not-permitted", reason(&why)),
        NotAnswered::Asked(NotAsked::Bad(why)) => Problem::bad(reason(&why)),
        NotAnswered::NoPolicy => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-policy", "no version of the policy is published"),
        why @ (NotAnswered::Busy | NotAnswered::Records(_) | NotAnswered::Log(_) | NotAnswered::Ended) => Problem::internal(&why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        let cursor = Cursor { last: "2026-03-01T12:00:00.000001Z".parse().expect("a time"), of_that_time: 7 };
        assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        for text in ["", "x", "MQ", "%%", &BASE64_URL_SAFE_NO_PAD.encode("1.-1"), &BASE64_URL_SAFE_NO_PAD.encode("9999999999999999999.1")] {
            assert_eq!(Cursor::read(text), None, "{text}");
        }
    }
}
