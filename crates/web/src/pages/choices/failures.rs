//! Why answers are not taken, in words their giver can do something with.

use app::choices::ChoicesError;
use axum::http::StatusCode;

use super::Stale;
use crate::pages::error::{Failure, FailureWords, WayOut};

pub(super) fn forged() -> Failure {
    said(StatusCode::FORBIDDEN, "not-our-form", |words| words.forged)
}

pub(super) fn too_large() -> Failure {
    said(StatusCode::PAYLOAD_TOO_LARGE, "too-large", |words| words.too_large)
}

pub(super) fn stale(stale: Stale) -> Failure {
    let words: FailureWords = match stale {
        Stale::Entirely => |words| words.stale,
        Stale::ButNo => |words| words.stale_but_no,
    };
    said(StatusCode::CONFLICT, "stale", words)
}

pub(super) fn too_much_to_hold() -> Failure {
    said(StatusCode::INTERNAL_SERVER_ERROR, "cookie-too-large", |words| words.too_much_to_hold)
}

/// A yes that nobody could show later is not acted on.
pub(super) fn unrecorded_yes(refusals_count: bool) -> Failure {
    let words: FailureWords = if refusals_count { |words| words.yes_unrecorded_but_no_counts } else { |words| words.yes_unrecorded };
    said(StatusCode::SERVICE_UNAVAILABLE, "not-recorded", words)
}

/// A minor said yes to what their guardian did not say yes to.
pub(super) fn guardians_yes() -> Failure {
    said(StatusCode::FORBIDDEN, "guardians-yes", |words| words.guardians_yes)
}

/// So many answers came that this yes finds no room in the records.
pub(super) fn too_many(refusals_count: bool) -> Failure {
    let words: FailureWords = if refusals_count { |words| words.too_many_but_no_counts } else { |words| words.too_many };
    said(StatusCode::TOO_MANY_REQUESTS, "too-many-answers", words)
}

/// A no counts whether we can show it or not.
pub(super) fn unrecorded_no() -> Failure {
    said(StatusCode::OK, "not-recorded", |words| words.no_unrecorded)
}

pub(super) fn unreadable_records() -> Failure {
    said(StatusCode::SERVICE_UNAVAILABLE, "records-unreadable", |words| words.receipt_unreadable)
}

pub(super) fn no_receipt() -> Failure {
    said(StatusCode::NOT_FOUND, "no-receipt", |words| words.no_receipt)
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
    detailed(StatusCode::BAD_REQUEST, code, format!("{}. Nothing has changed.", sentence(&error.to_string())))
}

/// For whoever wrote the form or the script: no form of ours does this.
pub(super) fn detailed(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Failure {
    Failure { detail: Some(detail.into()), ..said(status, code, |words| words.not_taken) }
}

fn said(status: StatusCode, code: &'static str, words: FailureWords) -> Failure {
    Failure::new(status, code, words, WayOut::Choices)
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
