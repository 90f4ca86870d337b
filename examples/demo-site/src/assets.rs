//! Styles, the one script and the icon, carried in the program.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::Site;

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/assets/site.css", get(|| asset("text/css; charset=utf-8", include_str!("../assets/site.css"))))
        .route("/assets/permissions.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../assets/permissions.js"))))
        .route("/assets/thistle.svg", get(|| asset("image/svg+xml", include_str!("../assets/thistle.svg"))))
        .route("/robots.txt", get(|| asset("text/plain; charset=utf-8", "User-agent: *\nAllow: /\n")))
}

async fn asset(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], body)
}
