//! What people ask of us or tell us about data: the forms for it, and where they see what became of it. Only what works is offered.

pub(crate) mod form;
pub(crate) mod progress;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::Field;
use policy::model::DutyKind;
use policy::{Policy, request_permit};

use crate::pages::error::{Failure, WayOut};
use crate::pages::frame::{Frame, Place};
use crate::phrases::RequestWords;
use crate::{Asker, State};

/// Whether the policy lets people report minors.
pub(crate) fn takes_reports(policy: &Policy) -> bool {
    policy.duties.iter().any(|duty| duty.kind == DutyKind::ReportAMinor)
}

/// Whether what people write of this kind is kept: what the policy does not declare is not asked for.
fn keeps(policy: &Policy, field: Field) -> bool {
    request_permit(policy).is_some_and(|permit| permit.covers(field))
}

/// A request to one of these pages.
pub(crate) struct Here {
    state: State,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
    words: &'static RequestWords,
}

impl FromRequestParts<State> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let asker = Asker::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
        let words = RequestWords::of(Frame::new(state, &asker, &headers, &uri, Place::Elsewhere).phrases.language);
        Ok(Self { state: state.clone(), asker, headers, uri, words })
    }
}

impl Here {
    fn frame(&self) -> Frame {
        Frame::new(&self.state, &self.asker, &self.headers, &self.uri, Place::Elsewhere)
    }

    fn failed(&self, failure: Failure) -> Response {
        failure.response(&self.state, &self.asker, &self.headers, &self.uri)
    }

    fn unavailable(&self, error: &app::choices::RecordsError) -> Response {
        tracing::error!(%error, "the records of cases do not answer");
        let (title, lead) = self.words.unavailable;
        let mut response = self.told(StatusCode::SERVICE_UNAVAILABLE, title, lead.to_owned());
        response.headers_mut().insert("retry-after", HeaderValue::from(60));
        response
    }

    /// A page that says one thing.
    fn told(&self, status: StatusCode, title: &'static str, lead: String) -> Response {
        crate::pages::html(status, &form::ToldPage { back: self.path(), door: self.words.title, frame: self.frame(), title, lead })
    }

    /// The form's own path, in the language that was asked for by name.
    fn path(&self) -> String {
        let frame = self.frame();
        format!("{}/requests{}", frame.prefix, frame.keep_language)
    }
}

fn forged() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "not-our-form", |words| words.forged, WayOut::Policy)
}
