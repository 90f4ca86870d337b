use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, Tab};
use crate::PrivateState;
use crate::pages::html;

#[derive(Template)]
#[template(path = "console/told.html")]
struct ToldPage {
    frame: Frame,
    title: &'static str,
    lead: String,
    way: Option<(String, &'static str)>,
}

/// A page that says one thing, and what can be done next.
pub(crate) struct Told {
    status: StatusCode,
    title: &'static str,
    lead: String,
    way: Option<(String, &'static str)>,
}

impl Told {
    pub(crate) fn new(title: &'static str, lead: impl Into<String>) -> Self {
        Self { status: StatusCode::OK, title, lead: lead.into(), way: None }
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn way(self, path: impl Into<String>, says: &'static str) -> Self {
        Self { way: Some((path.into(), says)), ..self }
    }

    /// To somebody who may be anybody.
    pub(crate) fn shown(self, state: &PrivateState) -> Response {
        self.shown_in(Frame::new(state, Tab::Elsewhere, None, Vec::new()))
    }

    pub(crate) fn shown_in(self, frame: Frame) -> Response {
        let Self { status, title, lead, way } = self;
        html(status, &ToldPage { frame, title, lead, way })
    }
}
