//! Why answers are not taken, in words their giver can do something with.

use app::choices::ChoicesError;
use axum::http::StatusCode;

use crate::pages::error::{Failure, WayOut};

pub(super) fn failure(status: StatusCode, code: &'static str, title: &'static str, message: impl Into<String>) -> Failure {
    Failure { status, code, title, message: message.into(), way_out: WayOut::Choices }
}

pub(super) fn forged() -> Failure {
    let message = "We could not tell that this form comes from our own page, so nothing was saved. Open your choices here and save them again. \
                   If it happens again, allow cookies for this site while you choose.";
    failure(StatusCode::FORBIDDEN, "not-our-form", "This form did not come from our page", message)
}

pub(super) fn too_large() -> Failure {
    failure(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "That is more than a form of ours holds", "Nothing was saved.")
}

pub(super) fn stale() -> Failure {
    let message = "The policy or your choices have changed since you looked. Nothing was saved; read your choices again.";
    failure(StatusCode::CONFLICT, "stale", "Your choices have changed meanwhile", message)
}

pub(super) fn too_much_to_hold() -> Failure {
    Failure {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "cookie-too-large",
        title: "Your choices do not fit",
        message: "They are more than a cookie can hold, so nothing was saved. Please tell us about it.".to_owned(),
        way_out: WayOut::Choices,
    }
}

/// A yes that nobody could show later is not acted on.
pub(super) fn unrecorded_yes(refusals_count: bool) -> Failure {
    let message = if refusals_count {
        "We could not write your yes into our records just now, so it does not count, and nothing is switched on. What you said no to is off from \
         now on. Please try again in a few minutes."
    } else {
        "We could not write your yes into our records just now, so it does not count, and nothing has changed. Please try again in a few minutes."
    };
    failure(StatusCode::SERVICE_UNAVAILABLE, "not-recorded", "Your yes was not saved", message)
}

/// A no counts whether we can show it or not.
pub(super) fn unrecorded_no() -> Failure {
    let message = "Your browser keeps it, and we honour it from now on. We could not write it into our records just now, so your receipt will not \
                   show it. You need do nothing; saving it again later puts it on the receipt.";
    failure(StatusCode::OK, "not-recorded", "Your no counts", message)
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
