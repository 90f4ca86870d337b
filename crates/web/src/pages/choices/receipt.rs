//! The receipt of somebody's choices, for the browser that made them and nobody else.

use app::choices::{Processing, Receipt, receipt};
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::failures::{no_receipt, unreadable_records};
use super::personal;
use crate::pages::error::Failure;
use crate::pages::frame::{Frame, Place};
use crate::pages::{accept, html};
use crate::phrases::{Moment, action, place};
use crate::{Asker, State, negotiate};

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    frame: Frame,
    receipt: Receipt,
    events: Vec<EventLine>,
    /// Each with its heading.
    processings: Vec<(String, Processing)>,
    made: Moment,
}

struct EventLine {
    time: Moment,
    title: String,
    /// Of the title.
    language: String,
    action: &'static str,
    place: &'static str,
    current: bool,
    version: u32,
    policy_version: String,
    /// Where it was given, where that is known.
    region: Option<String>,
    gpc: bool,
}

/// As a page, or as JSON where that is liked better.
pub(crate) async fn show(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap, uri: Uri) -> Response {
    let response = match of(&state, &asker).await {
        Ok(receipt) if negotiate::prefers_json(&accept(&headers)) => axum::Json(receipt).into_response(),
        Ok(receipt) => page(&state, &asker, &headers, &uri, receipt),
        Err(failure) => failure.response(&state, &asker, &headers, &uri),
    };
    personal(response)
}

/// To be saved as a file, whatever the browser likes.
pub(crate) async fn json(extract::State(state): extract::State<State>, asker: Asker) -> Response {
    let response = match of(&state, &asker).await {
        Ok(receipt) => axum::Json(receipt).into_response(),
        Err(failure) => failure.json(),
    };
    personal(response)
}

/// Only a verified cookie shows whose receipt it is.
async fn of(state: &State, asker: &Asker) -> Result<Receipt, Failure> {
    let record = asker.cookie.parts().and_then(|parts| parts.record()).ok_or_else(no_receipt)?;
    let rows = state.choices.of(record).await.map_err(|error| {
        tracing::error!(%error, "the records could not be read for a receipt");
        unreadable_records()
    })?;
    let origin = state.settings.origin.clone().unwrap_or_else(|| asker.origin());
    Ok(receipt(&state.versions, &asker.policy, record, &rows, &format!("{origin}{}", state.settings.prefix)))
}

fn page(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri, receipt: Receipt) -> Response {
    let frame = Frame::new(state, asker, headers, uri, Place::Choices);
    let (zone, phrases) = (&asker.policy.time_zone, frame.phrases);
    let words = &phrases.receipt;
    let line = |at: usize| {
        let event = &receipt.events[at];
        let named = receipt.pii_processing.iter().filter(|known| known.privacy_notice.version == event.policy_version).flat_map(|known| {
            let named = known.purposes.iter().filter(|purpose| purpose.purpose_id == event.purpose_id);
            named.map(|purpose| (purpose.purpose.clone(), known.language.to_string()))
        });
        // The reader's language where it was asked in that too.
        let (title, language) =
            named.max_by_key(|(_, language)| *language == frame.language).unwrap_or_else(|| (event.purpose_id.clone(), "zxx".to_owned()));
        EventLine {
            time: phrases.moment(event.event_time, zone),
            title,
            language,
            action: action(event.event_type, phrases),
            place: place(event.collection_method, phrases),
            current: event.event_state == "current",
            version: event.policy_version,
            policy_version: words.policy_version.with(&[("version", &event.policy_version.to_string())]),
            region: (event.jurisdiction != "*").then(|| words.region.with(&[("region", &event.jurisdiction)])),
            gpc: event.global_privacy_control,
        }
    };
    let events = (0..receipt.events.len()).map(line).collect();
    let heading = |processing: &Processing| words.words.with(&[("version", &processing.privacy_notice.version.to_string())]);
    let processings = receipt.pii_processing.iter().map(|processing| (heading(processing), processing.clone())).collect();
    let made = phrases.moment(asker.now, zone);
    html(StatusCode::OK, &ReceiptPage { made, events, processings, receipt, frame })
}
