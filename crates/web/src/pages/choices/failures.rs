//! Why answers are not taken, in words their giver can do something with.

use app::choices::ChoicesError;
use axum::http::StatusCode;

use crate::pages::error::{Failure, FailureWords, WayOut};
use crate::phrases::Phrases;

pub(super) fn failure(status: StatusCode, code: &'static str, title: &'static str, message: impl Into<String>) -> Failure {
    Failure { status, code, title, message: message.into(), words: None, way_out: WayOut::Choices }
}

pub(super) fn forged() -> Failure {
    said(StatusCode::FORBIDDEN, "not-our-form", |words| words.forged)
}

pub(super) fn too_large() -> Failure {
    said(StatusCode::PAYLOAD_TOO_LARGE, "too-large", |words| words.too_large)
}

pub(super) fn stale() -> Failure {
    said(StatusCode::CONFLICT, "stale", |words| words.stale)
}

pub(super) fn too_much_to_hold() -> Failure {
    said(StatusCode::INTERNAL_SERVER_ERROR, "cookie-too-large", |words| words.too_much_to_hold)
}

/// A yes that nobody could show later is not acted on.
pub(super) fn unrecorded_yes(refusals_count: bool) -> Failure {
    let words: FailureWords = if refusals_count { |words| words.yes_unrecorded_but_no_counts } else { |words| words.yes_unrecorded };
    said(StatusCode::SERVICE_UNAVAILABLE, "not-recorded", words)
}

/// A no counts whether we can show it or not.
pub(super) fn unrecorded_no() -> Failure {
    said(StatusCode::OK, "not-recorded", |words| words.no_unrecorded)
}

/// In the reader's language on a page, and in English to a script.
fn said(status: StatusCode, code: &'static str, words: FailureWords) -> Failure {
    let (title, message) = words(&Phrases::ENGLISH.failures);
    Failure { words: Some(words), ..failure(status, code, title, message) }
}

pub(super) fn unreadable_records() -> Failure {
    let message = "We could not read our records just now. Please try again in a few minutes.";
    failure(StatusCode::SERVICE_UNAVAILABLE, "records-unreadable", "Your receipt is not to be had now", message)
}

pub(super) fn no_receipt() -> Failure {
    let message = "This browser carries no choices of yours that we can believe, so there is nothing to show a receipt of. A receipt is shown only \
                   to the browser that chose.";
    failure(StatusCode::NOT_FOUND, "no-receipt", "There is no receipt for this browser", message)
}

pub(super) fn not_taken(error: &ChoicesError) -> Failure {
    let code = match error {
        ChoicesError::UnknownPurpose(_) => "unknown-purpose",
        ChoicesError::NotYesOrNo(_) => "not-yes-or-no",
        ChoicesError::Contradiction(_) => "contradiction",
        ChoicesError::NotRefusable(_) => "not-a-choice",
        ChoicesError::UnknownInterface(_) => "unknown-interface",
        ChoicesError::UnknownPreference(_) => "unknown-preference",
        ChoicesError::UnknownPreferenceValue { .. } => "unknown-preference-value",
        ChoicesError::NoChoicesCookie => "no-choices-cookie",
        ChoicesError::NoPreferencesCookie => "no-preferences-cookie",
        ChoicesError::Stale => "stale",
    };
    failure(
        StatusCode::BAD_REQUEST,
        code,
        "These answers were not saved",
        format!("{}. Nothing has changed.", sentence(&error.to_string())),
    )
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
