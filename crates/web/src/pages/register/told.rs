use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::here::{Here, Hidden};
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::phrases::TitledPage;

#[derive(Template)]
#[template(path = "account_told.html")]
struct ToldPage<'t> {
    frame: Frame,
    title: &'t str,
    lead: &'t str,
    more: Option<&'static str>,
    button: Option<Button>,
    ways: Vec<(String, &'static str)>,
    /// What every form here carries.
    hidden: Hidden,
}

struct Button {
    action: String,
    says: &'static str,
    fields: Hidden,
}

/// A way on.
#[derive(Debug)]
pub(in crate::pages) struct Way {
    path: String,
    says: &'static str,
}

impl Way {
    pub(in crate::pages) const fn new(path: String, says: &'static str) -> Self {
        Self { path, says }
    }
}

/// A page that says one thing, and what can be done next.
#[derive(Debug)]
pub(in crate::pages) struct Told {
    status: StatusCode,
    title: &'static str,
    lead: String,
    more: Option<&'static str>,
    button: Option<Way>,
    fields: Hidden,
    ways: Vec<Way>,
    signed_out: bool,
}

impl Told {
    pub(in crate::pages) const fn new(title: &'static str, lead: String) -> Self {
        Self { status: StatusCode::OK, title, lead, more: None, button: None, fields: Vec::new(), ways: Vec::new(), signed_out: false }
    }

    pub(in crate::pages) fn of(page: TitledPage) -> Self {
        Self::new(page.title, page.lead.to_owned())
    }

    pub(in crate::pages) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(in crate::pages) fn more(self, more: &'static str) -> Self {
        Self { more: Some(more), ..self }
    }

    /// One button, which posts these fields.
    pub(in crate::pages) fn button(self, button: Way, fields: Hidden) -> Self {
        Self { button: Some(button), fields, ..self }
    }

    /// Whoever reads it is not signed in any more, whatever their cookie still says.
    pub(in crate::pages) fn signed_out(self) -> Self {
        Self { signed_out: true, ..self }
    }

    pub(in crate::pages) fn way(mut self, way: Way) -> Self {
        self.ways.push(way);
        self
    }

    pub(in crate::pages) fn shown(self, here: &Here) -> Response {
        let Self { status, title, lead, more, button, fields, ways, signed_out } = self;
        let ways: Vec<(String, &'static str)> = ways.into_iter().map(|way| (way.path, way.says)).collect();
        let mut frame = here.frame();
        if signed_out {
            frame.sign_out = None;
        }
        let has_form = button.is_some() || frame.sign_out.is_some();
        let button = button.map(|Way { path: action, says }| Button { action, says, fields });
        let page = |hidden| ToldPage { frame, title, lead: &lead, more, button, ways, hidden };
        if has_form { here.with_form(status, page) } else { html(status, &page(Vec::new())) }
    }
}
