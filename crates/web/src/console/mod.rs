//! The operators' front page, and what machines ask a running Candor.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::PrivateState;
use crate::assets::{ICON, STYLE, serve};
use crate::pages::html;
use crate::phrases::{Moment, Phrases};

/// What the running program tells of itself.
pub trait Operations: Send + Sync + 'static {
    /// Whether it can serve visitors; if not, why, in a sentence without personal data.
    fn ready(&self) -> Result<(), String>;

    /// All metrics in Prometheus' text format.
    fn metrics(&self) -> String;

    /// Whether obligations act or are only observed, in a word or a few.
    fn enforcement(&self) -> &'static str;

    /// What the front page counts.
    fn counts(&self) -> Vec<Count>;

    /// What an operator should know now, one sentence each: "the site folder differs from version 3".
    fn notices(&self) -> Vec<String>;
}

/// One number on the front page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub title: &'static str,
    pub number: u64,
}

#[derive(Template)]
#[template(path = "console.html")]
struct FrontPage {
    style: String,
    icon: String,
    controller: String,
    published: Option<Newest>,
    ready: Result<(), String>,
    enforcement: &'static str,
    counts: Vec<(&'static str, String)>,
    notices: Vec<String>,
}

struct Newest {
    version: u32,
    revised: Moment,
    published: Moment,
    hash: String,
}

pub(crate) fn router() -> Router<PrivateState> {
    Router::new()
        .route("/", get(front_page))
        .route("/health/live", get(|| async { "ok\n" }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/assets/{file}", get(serve))
}

async fn front_page(State(console): State<PrivateState>) -> Response {
    let newest = console.versions.newest();
    let damaged = console.versions.damaged().into_iter().map(|damage| format!("{damage}."));
    let page = FrontPage {
        style: format!("/assets/{}", STYLE.file_name()),
        icon: format!("/assets/{}", ICON.file_name()),
        controller: newest.as_ref().map_or_else(String::new, |newest| newest.policy.controller.clone()),
        published: newest.map(|newest| Newest {
            version: newest.record.version.0,
            revised: Phrases::ENGLISH.moment_of_date(newest.record.revised),
            published: Phrases::ENGLISH.moment(newest.record.published, &newest.policy.time_zone),
            hash: newest.record.hash.clone(),
        }),
        ready: console.operations.ready(),
        enforcement: console.operations.enforcement(),
        counts: console.operations.counts().into_iter().map(|count| (count.title, grouped(count.number))).collect(),
        notices: console.operations.notices().into_iter().chain(damaged).collect(),
    };
    html(StatusCode::OK, &page)
}

async fn ready(State(console): State<PrivateState>) -> Response {
    match console.operations.ready() {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn metrics(State(console): State<PrivateState>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], console.operations.metrics()).into_response()
}

/// 1234567 as "1,234,567".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_number_is_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }
}
