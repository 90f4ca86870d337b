//! How every answer leaves: as a page, and with the headers that keep a browser on the safe side.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::visit::Visit;

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const SAFE: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// What the frame around every page needs.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// The entry of the navigation that is lit.
    pub(crate) section: &'static str,
    pub(crate) username: Option<String>,
}

impl Frame {
    pub(crate) fn new(section: &'static str, visit: &Visit) -> Self {
        Self { section, username: visit.username() }
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    NotFound,
    TakenDown,
    NotFromHere,
    TooFast,
    /// Something of ours broke: the reason goes to the log, never to the visitor.
    Broken(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

pub(crate) type Page = Result<Response, Failure>;

/// Renders a page. What it shows depends on who asks, so nothing in between may keep it.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Page {
    let html = template.render()?;
    Ok((status, [(header::CACHE_CONTROL, "private, no-store")], Html(html)).into_response())
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) frame: Frame,
    pub(crate) heading: &'static str,
    pub(crate) text: &'static str,
    pub(crate) link: Option<(&'static str, &'static str)>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let board = Some(("/board", "To the community board"));
        let home = Some(("/", "To the front page"));
        let (status, heading, text, link) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "This page is not here", "It may have moved, or the address has a typo.", home),
            Self::TakenDown => (StatusCode::GONE, "This post was taken down", "Nobody can read it here any more.", board),
            Self::NotFromHere => (
                StatusCode::FORBIDDEN,
                "This did not come from our form",
                "To protect you, we only take posts that were written on this site. Please open the form here and send it again.",
                board,
            ),
            Self::TooFast => (
                StatusCode::TOO_MANY_REQUESTS,
                "That was very fast",
                "Please wait a minute before you post again. What you wrote was not saved.",
                board,
            ),
            Self::Broken(error) => {
                tracing::error!(error = format!("{error:#}"), "a page could not be made");
                let text = "Something broke on our side. Please try again in a moment, or call us at (530) 555-0142.";
                (StatusCode::INTERNAL_SERVER_ERROR, "We are sorry", text, home)
            }
        };
        let message = Message { frame: Frame::default(), heading, text, link };
        page(status, &message).unwrap_or_else(|_| (StatusCode::INTERNAL_SERVER_ERROR, heading).into_response())
    }
}

pub(crate) async fn not_found(address: Uri, visit: Visit) -> Page {
    let is_candors = ["/privacy", "/account"]
        .iter()
        .any(|prefix| address.path().strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let text = if is_candors {
        "Candor answers this address when it stands in front of the site. You have reached the site itself."
    } else {
        "It may have moved, or the address has a typo."
    };
    let frame = Frame::new("", &visit);
    page(StatusCode::NOT_FOUND, &Message { frame, heading: "This page is not here", text, link: Some(("/", "To the front page")) })
}

/// Adds the safe headers where a page has not set its own.
pub(crate) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in SAFE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The policy of a page that shows the street map.
pub(crate) fn allow_map(response: &mut Response) {
    let with_map = format!("{CONTENT_SECURITY_POLICY}; frame-src https://www.openstreetmap.org");
    if let Ok(with_map) = HeaderValue::from_str(&with_map) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, with_map);
    }
}
