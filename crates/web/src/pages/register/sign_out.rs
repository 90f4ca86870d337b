use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderValue;
use axum::response::Response;

use super::here::{CLEAR_SITE_DATA, Here};

/// What the site put into the browser may be about whoever was signed in. Cookies are not in the list: ours keeps the choices, and a no that is
/// forgotten would be none.
const CACHE_AND_STORAGE: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

/// Ends the session, and with it what the browser kept of it.
pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let form = match here.posted(body) {
        Ok(form) => form,
        Err(response) => return response,
    };
    match here.state.accounts.say_goodbye(here.browser()).await {
        Ok(parts) => {
            let to = here.return_to(Some(&form)).unwrap_or_else(|| here.path("/sign-in", &[("signed-out", "1")]));
            let mut response = here.sent_on(&parts, Some(to));
            response.headers_mut().insert(CLEAR_SITE_DATA, CACHE_AND_STORAGE);
            response
        }
        Err(error) => here.unavailable(&error),
    }
}
