use std::collections::BTreeMap;

use axum::extract;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use policy::model::Purpose;

use crate::headers::PERSONAL;
use crate::{Asker, State};

const SCRIPT: &str = include_str!("../../assets/candor.js");
const STATE: &str = "__STATE__";

/// The script that the site's own pages ask what is permitted. It says what one person chose, so no other site may load it.
pub(crate) async fn script(extract::State(state): extract::State<State>, asker: Asker, headers: HeaderMap) -> Response {
    let asked_from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    if asked_from_elsewhere {
        return StatusCode::FORBIDDEN.into_response();
    }
    let name = |purpose: policy::Index<Purpose>| asker.policy.purpose(purpose).id.to_string();
    let known = serde_json::json!({
        "choices": format!("{}/choices", state.settings.prefix),
        "allowed": asker.purposes.iter().map(name).collect::<Vec<_>>(),
        "version": asker.policy.version,
        "gpc": asker.gpc,
        "preferences": asker.preferences().iter().map(|(id, value)| (id.to_string(), value)).collect::<BTreeMap<_, _>>(),
        "returned": asker.has_returned(),
    });
    let mut response = Response::new(SCRIPT.replacen(STATE, &known.to_string(), 1).into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}
