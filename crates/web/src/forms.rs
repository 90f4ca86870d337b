//! What is common to all forms of ours, and to the answers to them.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

pub(crate) const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
pub(crate) const CACHE: HeaderValue = HeaderValue::from_static("\"cache\"");

/// Named values of a form that its reader does not see.
pub(crate) type Hidden = Vec<(&'static str, String)>;

/// What a form of ours says.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

/// Why what was sent is no form of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    NoForm,
    /// Longer than any of ours.
    TooMuch,
}

impl Form {
    /// Reads a form; an empty one where it is none.
    pub(crate) fn read(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Self {
        Self::read_or_say(headers, body).unwrap_or_default()
    }

    /// Reads a form, or says why it cannot be read.
    pub(crate) fn read_or_say(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Self, Unreadable> {
        let body = body.map_err(|_| Unreadable::TooMuch)?;
        if !body.is_empty() && !is_of_type(headers, "application/x-www-form-urlencoded") {
            return Err(Unreadable::NoForm);
        }
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }

    /// What a field says. One that is there twice says nothing: whoever reads the other one would see something else than we do.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Whether what was sent says that it is of this type, whatever else it says.
pub(crate) fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}

/// The value of a cookie; none where there are several, since a neighbouring host may have set one of them.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut values = headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

pub(crate) fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

pub(crate) fn setting(mut response: Response, set_cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(set_cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// For a page at an address that is a secret: no other page is told where it was.
pub(crate) fn secret_address(mut response: Response) -> Response {
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
